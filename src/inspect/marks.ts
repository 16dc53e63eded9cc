/** What stands where a secret or a personal detail was. */
export const REDACTED = '[redacted]';
