import {
  ERROR_CODES,
  type ErrorEffect,
  effectOf,
  SecondFactorError,
} from '../../machines/errors.ts';

/** Where an effect leads when it answers a prepare or an attempt, and what the user may do there. */
const EFFECTS: Record<ErrorEffect, { prepare: string; attempt: string; userMay: string }> = {
  code_rejected: {
    prepare: '`failed.not_sent`',
    attempt: '`failed.code_rejected`',
    userMay: 'type another code',
  },
  code_spent: {
    prepare: '`failed.not_sent`',
    attempt: '`failed.code_spent`',
    userMay: 'prepare again at once, or choose another factor',
  },
  not_sent: {
    prepare: '`failed.not_sent`',
    attempt: 'reconciling → `failed.outcome_unknown`',
    userMay: 'prepare again at once, or choose another factor',
  },
  dismissed: {
    prepare: '`failed.not_sent`',
    attempt: '`failed.not_sent`',
    userMay: 'try again, or choose another factor',
  },
  not_provided: {
    prepare: '`failed.not_sent`',
    attempt: '`failed.outcome_unknown`',
    userMay: 'prepare again at once, or choose another factor',
  },
  lost: {
    prepare: '`failed.not_sent`',
    attempt: 'reconciling → `failed.outcome_unknown`',
    userMay: 'attempt, choose another factor, or prepare again after the cooldown',
  },
  throttled: {
    prepare: '`failed.throttled`',
    attempt: '`failed.throttled`',
    userMay: 'wait until `retryAt`, or choose another factor',
  },
  factor_gone: {
    prepare: '`needs_second_factor`, or `halted` after the last factor',
    attempt: '`needs_second_factor`, or `halted` after the last factor',
    userMay: 'choose another factor',
  },
  already_verified: {
    prepare: 'reconciling; `halted` where nothing can be reloaded',
    attempt: 'reconciling; `halted` where nothing can be reloaded',
    userMay: 'wait: it is most likely `complete`',
  },
  halted: { prepare: '`halted`', attempt: '`halted`', userMay: 'leave, and sign in again' },
};

/** The table of all error codes: message, where each leads, and what the user may do then. */
export function errorTable(): string {
  const rows = ERROR_CODES.map((code) => {
    const effect = EFFECTS[effectOf(code)];
    return [
      `\`${code}\``,
      new SecondFactorError(code).message,
      effect.prepare,
      effect.attempt,
      effect.userMay,
    ];
  });
  return table(
    ['code', 'default message', 'answers a prepare', 'answers an attempt', 'the user may'],
    rows,
  );
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
