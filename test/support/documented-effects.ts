import type { ErrorEffect, SecondFactorErrorCode } from '../../machines/errors.ts';

/** The error table once more, written from the documentation and not from the code. */
export const DOCUMENTED: Record<ErrorEffect, readonly SecondFactorErrorCode[]> = {
  code_rejected: ['code_malformed', 'code_incorrect'],
  code_spent: ['not_prepared', 'code_expired', 'attempts_exhausted', 'code_superseded'],
  not_sent: ['attempt_in_flight', 'not_accepted', 'delivery_failed'],
  dismissed: ['proof_dismissed'],
  not_provided: ['service_not_provided'],
  lost: ['network', 'timeout', 'server_error', 'malformed_reply'],
  throttled: ['resend_cooldown', 'rate_limited'],
  factor_gone: ['no_factor', 'strategy_unavailable'],
  already_verified: ['already_verified'],
  halted: [
    'locked',
    'sign_in_expired',
    'superseded',
    'protect_check_required',
    'unexpected_status',
    'no_usable_factor',
    'enrolment_required',
    'not_applicable',
    'integration_fault',
    'cancelled',
  ],
};
