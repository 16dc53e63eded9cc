import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { factorKey } from '../../machines/factors.ts';
import { oneTimeCode } from '../../machines/one-time-code.ts';
import {
  attemptRefusal,
  cooldownOf,
  deadlineOf,
  factorIn,
  needsPreparation,
} from '../../machines/second-factor.facts.ts';
import { readEvent } from '../../machines/second-factor.replies.ts';
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
    const { key, name: deadlineName } = secondFactorShape(strategies);
    const select = (signIn.supportedSecondFactors ?? [])
      .filter((other) => factorKey(other, strategies) !== chosen)
      .map((other) =>
        suggestion(
          { type: 'SELECT', factor: other },
          { label: `SELECT ${show(factorKey(other, strategies), key)}` },
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
  explain(snapshot, event) {
    const context = contextOf(snapshot);
    if (!context) return {};
    const factor = factorIn(context, event);
    const { strategies } = context.options;
    const key = show(factor && factorKey(factor, strategies), secondFactorShape(strategies).key);
    const fact = (told: string, until?: number) =>
      until === undefined ? { fact: told } : { fact: told, until };
    if (event.type === 'DEADLINE.PASSED') return fact('no such deadline is in force');
    if (event.type === 'SIGN_IN.CHANGED') return fact('it is old, or no news of this sign-in');
    if (!factor) return fact('no such factor can be used');
    if (event.type === 'SELECT') return fact(`${key} is chosen already`);
    if (event.type === 'PREPARE') {
      const until = cooldownOf(context, factor);
      if (until !== undefined) return fact(`resend:${key}`, until);
      return fact(needsPreparation(context, factor) ? 'it is under way' : `${key} is not prepared`);
    }
    switch (attemptRefusal(context, factor, readEvent(context, event).code)) {
      case 'not_prepared':
        return fact(`nothing was sent to ${key}`);
      case 'code_malformed':
        return fact(`the code has not the form that ${key} needs`);
      case 'rate_limited':
        return fact('hold', deadlineOf(context, 'hold'));
      default:
        return {};
    }
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
