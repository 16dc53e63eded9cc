import type { AnyMachineSnapshot, EventObject } from 'xstate';
import { factorKey, type SecondFactor } from '../../machines/factors.ts';
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
    const { proof, length = 6 } = (factor && findStrategy(strategies, factor.strategy)) ?? {};
    const at = Date.now();
    const event = (sent: SecondFactorEvent, label?: string): Suggestion =>
      label === undefined ? { event: sent } : { event: sent, label };
    // A backend may answer with anything in place of a strategy.
    const shape = secondFactorShape(strategies);
    const keyOf = (one: SecondFactor) => factorKey(one, strategies);
    const others = signIn.supportedSecondFactors.filter(
      (one) => !factor || keyOf(one) !== keyOf(factor),
    );
    const code = oneTimeCode('0'.repeat(length));
    // Sent as it is, it says that nothing is new; somebody edits it first.
    const change: SecondFactorEvent = { type: 'SIGN_IN.CHANGED', signIn, at };
    return [
      event({ type: 'PREPARE', at }),
      proof === 'credential'
        ? event({ type: 'ATTEMPT' })
        : {
            event: { type: 'ATTEMPT', code: '' } as EventObject,
            probe: { type: 'ATTEMPT', code } as EventObject,
          },
      ...others.map((one) =>
        event({ type: 'SELECT', factor: one }, `SELECT ${show(keyOf(one), shape.key)}`),
      ),
      event({ type: 'CANCEL' }),
      { event: change, probe: change },
      ...Object.keys(deadlines).map((name) =>
        event({ type: 'DEADLINE.PASSED', name }, `DEADLINE.PASSED ${show(name, shape.name)}`),
      ),
    ];
  },
  revive(event) {
    const { code } = event as { code?: unknown };
    return typeof code === 'string'
      ? Object.assign({ ...event }, { code: oneTimeCode(code) })
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
    switch (event.type) {
      case 'DEADLINE.PASSED':
        return fact('no such deadline is in force');
      case 'SIGN_IN.CHANGED':
        return fact('it is old, or no news of this sign-in');
      case 'SELECT':
        return fact(factor ? `${key} is chosen already` : 'no such factor can be used');
      case 'PREPARE': {
        const until = factor ? cooldownOf(context, factor) : undefined;
        if (until !== undefined) return fact(`resend:${key}`, until);
        const isNeeded = needsPreparation(context, factor);
        return fact(isNeeded ? 'it is under way, or never sent again' : `${key} is not prepared`);
      }
    }
    switch (attemptRefusal(context, factor, readEvent(context, event).code)) {
      case 'no_factor':
        return fact('no such factor can be used');
      case 'not_accepted':
        return fact(`${key} is proven elsewhere`);
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

/** Somebody else's machine may have the same id; then its snapshots look different. */
function contextOf(snapshot: AnyMachineSnapshot): SecondFactorContext | null {
  const context = snapshot.context as Partial<SecondFactorContext> | undefined;
  const isOurs =
    typeof context?.signIn === 'object' &&
    typeof context.deadlines === 'object' &&
    typeof context.options?.strategies === 'object';
  return isOurs ? (context as SecondFactorContext) : null;
}
