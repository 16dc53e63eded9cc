import { isSecondFactorError, type SecondFactorFlow } from 'second-factor';

/**
 * Waits for a step of a flow and tells in one line how it ended and where the flow is now:
 * `ok @ prepared`, `code_incorrect @ failed.code_rejected`, `locked @ halted: locked`.
 */
export async function tell(flow: SecondFactorFlow, step: Promise<unknown>): Promise<string> {
  return `${await step.then(() => 'ok', codeOf)} @ ${whereIs(flow)}`;
}

/** The state of a flow as text; a flow that has halted says why. */
export function whereIs({ actor }: SecondFactorFlow): string {
  const { output, value } = actor.getSnapshot();
  return output?.outcome === 'halted' ? `halted: ${output.reason}` : path(value);
}

function path(value: string | object): string {
  return typeof value === 'string'
    ? value
    : Object.entries(value)
        .map(([state, child]) => `${state}.${path(child)}`)
        .join();
}

function codeOf(error: unknown): string {
  if (isSecondFactorError(error)) return error.code;
  throw error;
}
