import { SecondFactorError, type SecondFactorErrorCode } from '../../machines/errors.ts';
import type { SecondFactorOptions } from '../../machines/second-factor.types.ts';
import type { SecondFactorServices } from '../services.ts';
import { defaultToError, type ToError } from '../to-error.ts';

/** A second factor as Clerk lists it. */
interface ClerkFactor {
  readonly strategy: string;
  readonly phoneNumberId?: string | undefined;
  readonly emailAddressId?: string | undefined;
}

/** What Clerk's objects of a sign-in and of a step-up say. */
interface ClerkState {
  readonly id?: string | undefined;
  readonly status: string | null;
  readonly supportedSecondFactors: readonly ClerkFactor[] | null;
  readonly secondFactorVerification: {
    readonly status: string | null;
    readonly strategy: string | null;
  };
}

/** The part of Clerk's `SignInResource` that is used: `clerk.client.signIn`. */
export interface ClerkSignIn extends ClerkState {
  readonly createdSessionId: string | null;
  prepareSecondFactor(params: object): Promise<unknown>;
  attemptSecondFactor(params: object): Promise<unknown>;
  authenticateWithPasskey(): Promise<unknown>;
  reload(): Promise<unknown>;
}

/** What each method of the Future API answers. */
interface ClerkAnswer {
  readonly error: unknown;
}

interface ClerkCode {
  readonly code: string;
}

/** The part of Clerk's `SignInFutureResource` that is used: the `signIn` of `useSignIn()`. */
export interface ClerkSignInFuture extends ClerkState {
  readonly createdSessionId: string | null;
  readonly mfa: {
    sendPhoneCode(): Promise<ClerkAnswer>;
    verifyPhoneCode(params: ClerkCode): Promise<ClerkAnswer>;
    sendEmailCode(): Promise<ClerkAnswer>;
    verifyEmailCode(params: ClerkCode): Promise<ClerkAnswer>;
    verifyTOTP(params: ClerkCode): Promise<ClerkAnswer>;
    verifyBackupCode(params: ClerkCode): Promise<ClerkAnswer>;
    passkey(): Promise<ClerkAnswer>;
  };
}

/** What Clerk says of a session: how many minutes ago each factor was verified; -1 for never. */
interface ClerkAges {
  readonly factorVerificationAge: readonly number[] | null;
}

/** The part of Clerk's `SessionVerificationResource` that is used. */
export interface ClerkVerification extends ClerkState {
  readonly session: ClerkAges;
}

/** The part of Clerk's `SessionResource` that is used: `clerk.session`. */
export interface ClerkSession {
  readonly id: string;
  prepareSecondFactorVerification(params: object): Promise<ClerkVerification>;
  attemptSecondFactorVerification(params: object): Promise<ClerkVerification>;
  verifyWithPasskey(params: { readonly level: 'second_factor' }): Promise<ClerkVerification>;
  reload(): Promise<ClerkAges>;
}

/** What is made of a sign-in or a step-up of Clerk: spread it into `createSecondFactor`. */
export interface ClerkFlow {
  readonly signIn: object;
  readonly services: SecondFactorServices;
  readonly toError: ToError;
  /** Registers passkeys. */
  readonly options: SecondFactorOptions;
}

/** What {@link clerkSignIn} is made of. */
export interface ClerkSignInOptions {
  /** The sign-in, of the classic API or of the Future API. */
  readonly signIn: ClerkSignIn | ClerkSignInFuture;
  /** Beside a sign-in of the Future API: the same one as `clerk.client.signIn`, for what that API lacks. */
  readonly classic?: ClerkSignIn | undefined;
  /** Where the link of a mail leads, an absolute URL. Without it, and without the classic API, there are no links. */
  readonly redirectUrl?: string | undefined;
}

/** What {@link clerkStepUp} is made of. */
export interface ClerkStepUpOptions {
  /** The session of whoever is signed in: `clerk.session`. */
  readonly session: ClerkSession;
  /** What `session.startVerification({ level: 'second_factor' })` resolved with. */
  readonly verification: ClerkVerification;
}

/** How often to look for news. clerk-js itself looks as often whether a link was opened. */
const WATCH_EVERY_MS = 1_000;

const SEND: Readonly<Record<string, 'sendPhoneCode' | 'sendEmailCode'>> = {
  phone_code: 'sendPhoneCode',
  email_code: 'sendEmailCode',
};

const VERIFY = {
  phone_code: 'verifyPhoneCode',
  email_code: 'verifyEmailCode',
  totp: 'verifyTOTP',
  backup_code: 'verifyBackupCode',
} as const;

// clerk-js asks for a challenge, shows the prompt and hands over the credential in one call.
const OPTIONS: SecondFactorOptions = {
  strategies: { passkey: { needsPreparation: false, proof: 'credential' } },
};

/**
 * Makes services of a sign-in of clerk-js. The classic API serves all factors. The Future API alone sends
 * to the first phone and the first address, has no links, and can't look up what became of an attempt
 * whose answer was lost; with the classic resource beside it, it can.
 *
 * @throws TypeError where `signIn` and `classic` are not the same sign-in
 * @see https://clerk.com/docs/reference/objects/sign-in-future
 */
export function clerkSignIn({ signIn, classic, redirectUrl }: ClerkSignInOptions): ClerkFlow {
  const mfa = 'mfa' in signIn ? signIn.mfa : undefined;
  const full = 'mfa' in signIn ? classic : signIn;
  if (full && full.id !== signIn.id) throw new TypeError('`classic` is another sign-in.');
  const hasLinks = full && redirectUrl;

  const isFirst = ({ strategy, phoneNumberId, emailAddressId }: ClerkFactor) => {
    const first = signIn.supportedSecondFactors?.find((factor) => factor.strategy === strategy);
    return first?.phoneNumberId === phoneNumberId && first?.emailAddressId === emailAddressId;
  };
  /** What the sign-in says now, as plain data: the object changes in place. */
  const read = () => {
    const { id, status, secondFactorVerification, createdSessionId } = signIn;
    const supportedSecondFactors = signIn.supportedSecondFactors?.filter((factor) =>
      factor.strategy === 'email_link' ? hasLinks : full || isFirst(factor),
    );
    return { id, status, supportedSecondFactors, secondFactorVerification, createdSessionId };
  };

  return {
    signIn: read(),
    toError: clerkToError,
    options: OPTIONS,
    services: {
      async prepareSecondFactor(params) {
        const before = signIn.secondFactorVerification;
        const send = SEND[params.strategy];
        if (mfa && send && isFirst(params)) await ask(mfa[send]());
        else await full?.prepareSecondFactor(withLink(params, redirectUrl));
        // clerk-js also resolves while it is offline. Each answer brings another object.
        if (signIn.secondFactorVerification === before) throw new SecondFactorError('network');
        return read();
      },
      async attemptSecondFactor({ strategy, code = '' }) {
        if (strategy === 'passkey') await (full?.authenticateWithPasskey() ?? ask(mfa?.passkey()));
        // SAFETY: no other strategy of a sign-in of Clerk is proven by a code.
        else if (mfa) await ask(mfa[VERIFY[strategy as keyof typeof VERIFY]]({ code }));
        else await full?.attemptSecondFactor({ strategy, code });
        return read();
      },
      ...(full && {
        async reloadSignIn() {
          await full.reload();
          return read();
        },
      }),
      // Nothing aborts a request of clerk-js, and a captcha or a prompt may hold one for longer than the
      // flow waits: what its answer changes is seen here.
      watchSignIn(changed, { signal }) {
        let timer: ReturnType<typeof setTimeout>;
        const look = async () => {
          const { strategy, status } = signIn.secondFactorVerification;
          const isOpen = strategy === 'email_link' && status === 'unverified';
          if (hasLinks && isOpen) await full.reload().catch(() => {}); // the next look asks again
          const now = read();
          if (now.status === 'complete' || now.secondFactorVerification.status === 'verified') {
            changed(now);
          }
          if (!signal.aborted) wait();
        };
        const wait = () => {
          timer = setTimeout(look, WATCH_EVERY_MS);
        };
        wait();
        return () => clearTimeout(timer);
      },
    },
  };
}

/** A link is sent with the page that it leads to. */
function withLink(params: ClerkFactor, redirectUrl: string | undefined): object {
  return params.strategy === 'email_link' ? { ...params, redirectUrl } : params;
}

async function ask(answer: Promise<ClerkAnswer> | undefined): Promise<void> {
  const error = (await answer)?.error;
  if (error) throw error;
}

/**
 * Makes services of a step-up: somebody who is signed in verifies a second factor once more. After a lost
 * answer it asks how long ago the session was verified. Where it had been verified in the minute before the
 * step-up began, nobody can tell.
 *
 * @see https://clerk.com/docs/guides/secure/reverification
 */
export function clerkStepUp({ session, verification }: ClerkStepUpOptions): ClerkFlow {
  const read = ({ id = session.id, ...answer }: ClerkVerification) => {
    const { status, supportedSecondFactors, secondFactorVerification } = answer;
    return { id, status, supportedSecondFactors, secondFactorVerification };
  };
  const readAnswer = (answer: ClerkVerification) => {
    // What clerk-js resolves with while it is offline.
    if (!answer.status) throw new SecondFactorError('network');
    return read(answer);
  };
  const ageBefore = ageOf(verification.session);
  return {
    signIn: read(verification),
    toError: clerkToError,
    options: OPTIONS,
    services: {
      prepareSecondFactor: async (params) =>
        readAnswer(await session.prepareSecondFactorVerification(params)),
      attemptSecondFactor: async ({ strategy, code }) =>
        readAnswer(
          strategy === 'passkey'
            ? await session.verifyWithPasskey({ level: 'second_factor' })
            : await session.attemptSecondFactorVerification({ strategy, code }),
        ),
      // To start the verification again would spend a code that was sent.
      reloadSignIn: async () =>
        ageOf(await session.reload()) < ageBefore
          ? { ...read(verification), status: 'complete' }
          : null,
    },
  };
}

/** How many minutes ago the second factor was verified. */
function ageOf({ factorVerificationAge }: ClerkAges): number {
  const age = factorVerificationAge?.[1] ?? -1;
  return age < 0 ? Number.POSITIVE_INFINITY : age;
}

/**
 * What clerk-js and Clerk's backend say beyond the words that every flow knows, by how it begins. The
 * first that fits counts.
 *
 * @see https://clerk.com/docs/guides/development/errors/overview
 */
const CODES: readonly (readonly [SecondFactorErrorCode, RegExp])[] = [
  ['proof_dismissed', /^passkey_(retrieval|operation)_/],
  ['strategy_unavailable', /^(passkey_|missing_public_key|factor_not_found)/],
  ['sign_in_expired', /^(dev_browser_|session_reverification_missing|invalid_action_for_session)/],
  ['superseded', /^session_creation_not_allowed/],
  ['protect_check_required', /^(captcha_|protect_check_(?!already)|requires_device_)/],
  [
    'integration_fault',
    /^(csrf_|host_|(multiple_)?origin_|api_version_|unsupported_content|malformed_request)/,
  ],
];

/** Reads what clerk-js rejects with or answers as `error`; the rest goes to `defaultToError`. */
export const clerkToError: ToError = (value, at) => {
  const { code, errors } = Object(value);
  const theirs = Object(errors?.[0]).code ?? code;
  const [ours] = CODES.find(([, begins]) => begins.test(theirs)) ?? [];
  return ours ? new SecondFactorError(ours, { cause: value }) : defaultToError(value, at);
};
