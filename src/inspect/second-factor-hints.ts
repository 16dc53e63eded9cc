import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { factorKey } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import type { SecondFactorContext, SecondFactorEvent } from '../../machines/second-factor.types.ts';
import { findStrategy } from '../../machines/strategies.ts';
import type { EventHints, Suggestion } from './hints.ts';
import { secondFactorShape } from './second-factor-shapes.ts';
import { show } from './show.ts';

/**
 * The second-factor machine's events as a viewer offers them: one `SELECT` a factor, a code field
 * for `ATTEMPT`, and a button for each deadline, to see it pass now.
 */
export const secondFactorHints: EventHints = {
  suggest(snapshot) {
    const context = contextOf(snapshot);
    if (!context) return [];
    const { signIn, factor, options, deadlines } = context;
    const { strategies } = options;
    const chosen = factor && factorKey(factor, strategies);
    const length = (factor && findStrategy(strategies, factor.strategy)?.length) ?? 6;
    // A backend may answer with anything in place of a strategy.
    const { unavailable, name: deadlineName } = secondFactorShape(strategies);
    const select = (signIn.supportedSecondFactors ?? [])
      .filter((other) => factorKey(other, strategies) !== chosen)
      .map((other) =>
        suggestion(
          { type: 'SELECT', factor: other },
          { label: `SELECT ${show(factorKey(other, strategies), unavailable[0])}` },
        ),
      );
    const passing = Object.keys(deadlines).map((name) =>
      suggestion(
        { type: 'DEADLINE.PASSED', name },
        { label: `DEADLINE.PASSED ${show(name, deadlineName)}` },
      ),
    );
    // Sent as it is, it says that nothing is new; somebody edits it first.
    const change: SecondFactorEvent = { type: 'SIGN_IN.CHANGED', signIn, at: Date.now() };
    const changed = suggestion(change, { probe: change });
    return [
      suggestion({ type: 'PREPARE', at: Date.now() }),
      {
        event: { type: 'ATTEMPT', code: '' } as EventObject,
        probe: { type: 'ATTEMPT', code: oneTimeCode('0'.repeat(length)) } as EventObject,
      },
      ...select,
      suggestion({ type: 'CANCEL' }),
      changed,
      ...passing,
    ];
  },
  revive(event) {
    const { code } = event as { code?: unknown };
    return typeof code === 'string'
      ? ({ ...event, code: oneTimeCode(code) } as EventObject)
      : event;
  },
};

function suggestion(event: SecondFactorEvent, more: Partial<Suggestion> = {}): Suggestion {
  return { event, ...more };
}

/** Somebody else's machine may have the same id; then its snapshots look different. */
function contextOf(snapshot: AnyMachineSnapshot): SecondFactorContext | null {
  const context = snapshot.context as Partial<SecondFactorContext> | undefined;
  const isOurs =
    typeof context?.signIn === 'object' &&
    typeof context.deadlines === 'object' &&
    typeof context.options?.strategies === 'object';
  return isOurs ? (context as SecondFactorContext) : null;
}
