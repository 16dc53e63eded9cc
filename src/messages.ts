import type { SecondFactorErrorCode } from '../machines/errors.ts';
import type { SecondFactor } from '../machines/factors.ts';
import type { Strategy } from '../machines/strategies.ts';

/** The facts that a message may use: plain data, and never the code. */
export interface MessageFacts {
  /** The factor that the message is about; `null` if the flow has none. */
  readonly factor: SecondFactor | null;
  /** Where its code goes, as the backend masks it; `undefined` if the backend did not say. */
  readonly target: string | undefined;
  /** The number of digits of its code; `undefined` for free text. */
  readonly length: number | undefined;
  /** What proves it; `null` if the flow has no factor. */
  readonly proof: Strategy['proof'] | null;
  /** How long to wait, in ms: all of it at the time of the refusal, 0 once it is over. */
  readonly waitMs: number | undefined;
  /** How many attempts are left; `undefined` if the backend does not say. */
  readonly attemptsLeft: number | undefined;
}

/** A text, or a function that makes one from facts. */
export type Message = string | ((facts: MessageFacts) => string);

/** The texts of the view that are no errors. */
export type ViewMessageKey =
  /** The name of a factor, for its button. */
  | 'factor'
  /** What to do next, if there is nothing else to say. */
  | 'hint'
  | 'code_label'
  | 'submit'
  | 'send'
  /** `waitMs` is what is left of the cooldown. This text may count down. */
  | 'resend'
  | 'trust_device'
  | 'cancel'
  | 'sending'
  | 'sent'
  | 'checking'
  | 'reconciling'
  | 'complete'
  /** 20 s before the code expires. It must not count down: a live region would speak each second. */
  | 'expiring'
  | 'expired';

/** Every text of the view: one for each error code, and one for each {@link ViewMessageKey}. */
export type Messages = Readonly<Record<SecondFactorErrorCode | ViewMessageKey, Message>>;

/**
 * Says a duration in words: seconds up to a minute and a half, else minutes, else hours. It rounds up, so that
 * nobody comes back too early.
 *
 * @param ms - the duration, in ms
 * @param locale - a BCP 47 tag
 */
export function formatDuration(ms: number, locale: string): string {
  const seconds = Math.ceil(Math.max(ms, 0) / 1_000);
  const [value, unit] =
    seconds <= 90
      ? [seconds, 'second']
      : seconds <= 5_400
        ? [Math.ceil(seconds / 60), 'minute']
        : [Math.ceil(seconds / 3_600), 'hour'];
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
}

/**
 * Says how many there are, in the plural form that the language wants.
 *
 * @param count - how many
 * @param locale - a BCP 47 tag
 * @param forms - the word for each plural category; `other` for a category without one
 */
export function formatCount(
  count: number,
  locale: string,
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string },
): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return `${new Intl.NumberFormat(locale).format(count)} ${form}`;
}

const LOCALE = 'en';
const after = (ms: number) => `in ${formatDuration(ms, LOCALE)}`;
const withAttempts = (text: string) => (facts: MessageFacts) =>
  facts.attemptsLeft === undefined
    ? text
    : `${text} ${formatCount(facts.attemptsLeft, LOCALE, { one: 'try', other: 'tries' })} left.`;
const to = ({ target }: MessageFacts) => (target ? ` to ${target}` : '');
const wait = (text: string) => (facts: MessageFacts) =>
  facts.waitMs === undefined
    ? `${text} Try again a little later.`
    : facts.waitMs > 0
      ? `${text} Try again ${after(facts.waitMs)}.`
      : 'You can try again now.';
const START_OVER = 'Start the sign-in again.';

/** What is sent to a factor, in words. */
const SENT_THING: Readonly<Record<Strategy['proof'], string>> = {
  code: 'code',
  elsewhere: 'message',
  credential: 'request',
};
const thing = ({ factor, proof }: MessageFacts) =>
  factor?.strategy === 'email_link' ? 'link' : SENT_THING[proof ?? 'code'];

/** The English texts, the default of `connect`. Spread them to replace some. */
export const englishMessages = {
  factor: ({ factor, target }) => {
    const suffix = target ? ` to ${target}` : '';
    switch (factor?.strategy) {
      case 'totp':
        return `Authenticator app${target ? ` ${target}` : ''}`;
      case 'phone_code':
        return `Text message${suffix}`;
      case 'email_code':
        return `Email${suffix}`;
      case 'email_link':
        return `Email link${suffix}`;
      case 'passkey':
        return 'Passkey';
      case 'backup_code':
        return 'Backup code';
      default:
        return `${factor?.strategy ?? ''}${target ? ` ${target}` : ''}`;
    }
  },
  hint: (facts) => {
    switch (facts.factor?.strategy) {
      case 'totp':
        return `Enter the ${facts.length}-digit code from your authenticator app.`;
      case 'phone_code':
      case 'email_code':
      case 'email_link':
        return `Have a ${thing(facts)} sent${to(facts)}.`;
      case 'passkey':
        return 'Use your passkey.';
      case 'backup_code':
        return 'Enter one of your backup codes.';
      default:
        return facts.proof === 'code' ? 'Enter the code.' : '';
    }
  },
  code_label: ({ length }) => (length === undefined ? 'Code' : `${length}-digit code`),
  submit: ({ factor }) =>
    factor?.strategy === 'passkey' ? 'Continue with your passkey' : 'Continue',
  send: (facts) =>
    facts.proof === 'credential'
      ? 'Get ready'
      : `Send a ${thing(facts)}${facts.waitMs ? ` ${after(facts.waitMs)}` : ''}`,
  resend: (facts) =>
    facts.proof === 'credential'
      ? 'Start again'
      : `Send a new ${thing(facts)}${facts.waitMs ? ` ${after(facts.waitMs)}` : ''}`,
  trust_device: 'Trust this device',
  cancel: 'Cancel',
  sending: (facts) =>
    facts.proof === 'credential' ? 'One moment…' : `Sending a ${thing(facts)}${to(facts)}…`,
  sent: (facts) => {
    switch (facts.proof) {
      case 'credential':
        return facts.factor?.strategy === 'passkey'
          ? 'Your passkey can be used now. Continue with it.'
          : 'Continue.';
      case 'elsewhere':
        return `A ${thing(facts)} was sent${to(facts)}. This page goes on by itself once you have confirmed it.`;
      default:
        return `A code was sent${to(facts)}. Enter it here.`;
    }
  },
  checking: ({ proof }) =>
    proof === 'credential' ? 'Follow the steps of your browser…' : 'Checking the code…',
  reconciling: 'No answer came. Checking whether the code went through…',
  complete: 'Verified.',
  expiring: (facts) =>
    `The ${thing(facts)} expires in less than 20 seconds. You can have a new one sent.`,
  expired: (facts) => `The ${thing(facts)} has probably expired. You can have a new one sent.`,

  code_malformed: ({ length }) =>
    length === undefined ? 'Enter the code.' : `Enter all ${length} digits.`,
  not_prepared: 'Have a code sent first.',
  resend_cooldown: wait('It is too soon for another code.'),
  attempt_in_flight: 'The last code is still being checked.',
  no_factor: 'This way is not available. Choose another one.',
  not_accepted: 'This is not possible now.',
  rate_limited: wait('There were too many tries.'),
  code_incorrect: withAttempts('That code is not correct.'),
  code_expired: 'The code has expired. Have a new one sent.',
  attempts_exhausted:
    'There were too many wrong codes. Have a new one sent, or choose another way.',
  code_superseded: 'A newer code has taken its place. Enter that one, or have a new one sent.',
  delivery_failed: 'The code could not be sent. Try again, or choose another way.',
  proof_dismissed: 'That was not finished. Try again, or choose another way.',
  network: 'No answer came. Check your connection and try again.',
  timeout: 'The server took too long to answer. Try again.',
  server_error: 'Something went wrong on our side. Try again.',
  malformed_reply: 'Something went wrong on our side. Try again.',
  service_not_provided: 'This is not set up. Choose another way.',
  strategy_unavailable: 'This way is not available. Choose another one.',
  already_verified: 'This is verified already.',
  locked: ({ waitMs }) =>
    `Your account is locked.${waitMs ? ` You can try again ${after(waitMs)}.` : ''}`,
  sign_in_expired: `The sign-in has expired. ${START_OVER}`,
  superseded: 'The sign-in goes on in another place.',
  protect_check_required: 'Another check has to be passed first.',
  unexpected_status: `Something unexpected happened. ${START_OVER}`,
  no_usable_factor: 'There is no second factor that can be used here.',
  enrolment_required: 'A second factor has to be set up first.',
  not_applicable: 'This sign-in needs no second factor.',
  integration_fault: 'This does not work here. Please tell the people who run this site.',
  cancelled: 'Cancelled.',
} satisfies Messages;
