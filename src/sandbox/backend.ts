import { apiError } from './api-error.ts';
import { type Delivery, drawCode, drawToken, statusOf } from './delivery.ts';
import type { SandboxMessage } from './inbox.ts';
import type { SandboxLimits } from './limits.ts';
import { fail, refuseLocked } from './lock.ts';
import {
  type RawParams,
  readAttemptParams,
  readCreateParams,
  readPrepareParams,
  readStepUpParams,
  SANDBOX_STRATEGIES,
  type Spelling,
  spell,
} from './params.ts';
import type { RandomSource } from './random.ts';
import { Records } from './records.ts';
import {
  acceptCredential,
  readCredential,
  type SandboxPasskeyOptions,
  writeChallenge,
} from './relying-party.ts';
import {
  type SandboxSession,
  type SignInPlan,
  type SignInRecord,
  type SignInView,
  showSession,
  showSignIn,
  targetsOf,
} from './sign-in-record.ts';
import type { Target, UserRecord } from './users.ts';

/** What the backend lives in. */
interface BackendWorld {
  now: () => number;
  random: RandomSource;
  limits: SandboxLimits;
  users: readonly UserRecord[];
  /** How a sign-in goes that says nothing else. */
  plan: SignInPlan;
  /** Who checks passkeys; nobody where no user has one. */
  relyingParty: SandboxPasskeyOptions | undefined;
  deliver: (message: SandboxMessage) => void;
  /** Is told of a sign-in that was verified by no request of its own. */
  changed: (view: SignInView) => void;
}

/** The path of a link, as the SignIn API has it. */
export const LINK_PATH = '/v1/verify';
/** Where links of a sandbox lead that no server serves. */
const NOWHERE = 'http://sandbox.invalid';

/**
 * The rules of the SignIn API's second factor, synchronous and without a network. Refusals are
 * thrown as `SandboxApiError`.
 */
export class Backend {
  readonly #world: BackendWorld;
  readonly #records: Records;

  constructor(world: BackendWorld) {
    this.#world = world;
    this.#records = new Records(world.now, world.limits);
  }

  /** Checks identifier and password and starts a sign-in. */
  create(params: RawParams, spelling: Spelling): SignInView {
    const { identifier, password } = readCreateParams(params, spelling);
    const user = this.#world.users.find((candidate) => candidate.identifier === identifier);
    if (!user) throw apiError('form_identifier_not_found', { paramName: 'identifier' });
    refuseLocked(user, this.#world.now());
    // A wrong password does not count towards the lock: a stranger could lock the user out with it.
    if (user.password !== password)
      throw apiError('form_password_incorrect', { paramName: 'password' });
    return this.start(user);
  }

  /** Starts a sign-in past its first factor. */
  start(user: UserRecord, plan: Partial<SignInPlan> = {}): SignInView {
    return this.#show(this.#records.addSignIn(user, { ...this.#world.plan, ...plan }));
  }

  /**
   * Starts to verify the user of a session anew, by a second factor. It takes the place of an older
   * step-up of that session.
   */
  startStepUp(sessionId: string, params: RawParams, spelling: Spelling): SignInView {
    const session = this.#records.findSession(sessionId);
    readStepUpParams(params, spelling);
    const record = this.#records.addStepUp(session);
    if (targetsOf(record).length === 0) throw apiError('no_second_factors');
    return this.#show(record);
  }

  /** The id of the step-up of a session that was started last. */
  stepUpOf(sessionId: string): string {
    const { stepUpId } = this.#records.findSession(sessionId);
    if (stepUpId === null) throw apiError('verification_missing');
    return stepUpId;
  }

  /**
   * Sends a code or a link for a factor, or asks for a passkey. It takes the place of any older one.
   *
   * @param origin - of the request, for a link that leads back to where it came from
   */
  prepare(signInId: string, params: RawParams, spelling: Spelling, origin = NOWHERE): SignInView {
    const { now, limits, deliver } = this.#world;
    const record = this.#records.find(signInId);
    const { strategy, targetId, redirectUrl } = readPrepareParams(params, spelling);
    this.#refuseUnlessWaiting(record);
    const target = this.#chooseTarget(record, strategy, targetId, spelling);
    const sentAt = now();
    this.#refuseTooSoon(record, target, sentAt);

    const secret = this.#drawSecret(record, strategy);
    record.delivery = {
      target,
      secret,
      challenge: strategy === 'passkey' ? this.#challenge(record, secret) : null,
      redirectUrl,
      sentAt,
      expireAt: sentAt + limits.codeLifetimeMs,
      attempts: 0,
      wrongProofs: 0,
    };
    record.sent.set(target, record.delivery);
    const { address: to, factor } = target;
    if (to !== null) {
      const content =
        strategy === 'email_link'
          ? { link: `${origin}${LINK_PATH}?token=${secret}` }
          : { code: secret };
      deliver({ to, factor: { ...factor }, ...content, sentAt, signInId });
    }
    return this.#show(record);
  }

  /**
   * Holds a code or a credential against what is expected; the right one verifies the second factor.
   * Only a credential takes time.
   */
  attempt(
    signInId: string,
    params: RawParams,
    spelling: Spelling,
  ): SignInView | Promise<SignInView> {
    const record = this.#records.find(signInId);
    const waitMs = record.user.attempts.take(this.#world.now());
    if (waitMs > 0) {
      throw apiError('too_many_requests', { retryAfter: Math.ceil(waitMs / 1_000) });
    }
    const { strategy, proof } = readAttemptParams(params, spelling);
    this.#refuseUnlessWaiting(record);
    if (!targetsOf(record).some(({ factor }) => factor.strategy === strategy)) {
      throw apiError('strategy_for_user_invalid', { paramName: 'strategy' });
    }
    if (!SANDBOX_STRATEGIES[strategy]?.prepared) {
      return this.#attemptDirect(record, strategy, proof);
    }
    const delivery = this.#liveDelivery(record, strategy);
    delivery.attempts += 1;
    return strategy === 'passkey'
      ? this.#attemptCredential(record, delivery, proof)
      : this.#attemptCode(record, delivery, proof);
  }

  /**
   * Opens a link that was sent, which verifies the second factor of its sign-in.
   *
   * @throws `verification_failed` for a link that was replaced or never sent, `verification_expired`,
   * `verification_already_verified`, `user_locked`
   */
  openLink(token: string): SignInView {
    const record = this.#records.findLinked(token);
    const delivery = record?.delivery;
    if (!record || !delivery) {
      throw apiError('verification_failed', { longMessage: 'A newer link took its place.' });
    }
    this.#refuseUnlessWaiting(record);
    this.#liveDelivery(record, 'email_link');
    const view = this.#verify(record, delivery);
    this.#world.changed(view);
    return view;
  }

  /** The page that a link leads to, whether or not it can still be opened. */
  redirectOf(token: string): string | undefined {
    return this.#records.findLinked(token)?.delivery?.redirectUrl;
  }

  /** The user who signs in. */
  userOf(signInId: string): UserRecord {
    return this.#records.find(signInId).user;
  }

  /** Shows a sign-in as it stands, a finished one too. */
  read(signInId: string): SignInView {
    return this.#show(this.#records.find(signInId));
  }

  /** Shows a session that has not ended. */
  session(sessionId: string): SandboxSession {
    return showSession(this.#records.findSession(sessionId));
  }

  /** Ends a session: the user signs out. */
  endSession(sessionId: string): void {
    this.#records.findSession(sessionId).ended = true;
  }

  /** The id of the sign-in that was begun last. */
  newestSignInId(): string | undefined {
    return this.#records.newestSignInId();
  }

  /** The last delivery, where it is of a strategy and can still be answered. */
  #liveDelivery({ delivery }: SignInRecord, strategy: string): Delivery {
    const { limits, now } = this.#world;
    if (!delivery) throw apiError('verification_missing');
    const status = statusOf(delivery, now(), limits.maxWrongCodes);
    if (delivery.target.factor.strategy !== strategy) {
      throw apiError(
        status === 'unverified' ? 'verification_strategy_invalid' : 'verification_missing',
      );
    }
    if (status !== 'unverified') throw apiError(`verification_${status}`);
    return delivery;
  }

  #attemptCode(record: SignInRecord, delivery: Delivery, code: string): SignInView {
    const { limits, now } = this.#world;
    if (code !== delivery.secret) {
      delivery.wrongProofs += 1;
      fail(record.user, now(), limits);
    }
    return this.#verify(record, delivery);
  }

  /** Nobody guesses a signature: one that is wrong counts for the challenge, not towards the lock. */
  async #attemptCredential(
    record: SignInRecord,
    delivery: Delivery,
    proof: string,
  ): Promise<SignInView> {
    const { passkey } = record.user;
    const { relyingParty } = this.#world;
    const credential = readCredential(proof);
    if (!credential)
      throw apiError('form_param_format_invalid', { paramName: 'publicKeyCredential' });
    const isKnown = credential.id === passkey?.passkey.id;
    const isRight =
      isKnown &&
      relyingParty !== undefined &&
      (await acceptCredential(credential, delivery.secret, passkey, relyingParty));
    if (!isRight) {
      delivery.wrongProofs += 1;
      throw apiError(isKnown ? 'passkey_authentication_failure' : 'passkey_not_registered');
    }
    // Time has passed: another attempt may have been first, or another delivery have taken its place.
    this.#refuseUnlessWaiting(record);
    if (record.delivery !== delivery) throw apiError('verification_missing');
    return this.#verify(record, delivery);
  }

  #attemptDirect(record: SignInRecord, strategy: string, code: string): SignInView {
    const { user } = record;
    const { limits, now } = this.#world;
    if (strategy === 'backup_code' && user.backupCodes?.remaining().length === 0) {
      throw apiError('backup_codes_not_available');
    }
    const before = record.direct?.strategy === strategy ? record.direct.attempts : 0;
    record.direct = { strategy, attempts: before + 1 };
    const accepted =
      strategy === 'totp' ? user.totp?.accept(code, now()) : user.backupCodes?.accept(code);
    if (accepted !== true) fail(user, now(), limits);
    return this.#verify(record, record.direct);
  }

  #verify(
    record: SignInRecord,
    proven: Delivery | NonNullable<SignInRecord['direct']>,
  ): SignInView {
    const [strategy, expireAt] =
      'target' in proven
        ? [proven.target.factor.strategy, proven.expireAt]
        : [proven.strategy, null];
    const { attempts } = proven;
    // Only a verified second factor ends the run of failures. If a new sign-in ended it, somebody who
    // knows the password could guess for ever.
    record.user.failures = 0;
    record.verified = { status: 'verified', strategy, attempts, expireAt, error: null };
    record.status = record.plan.afterwards;
    if (record.stepUpOf) record.stepUpOf.verifiedAt = this.#world.now();
    else if (record.status === 'complete')
      record.session = this.#records.openSession(record, strategy);
    return this.#show(record);
  }

  #drawSecret({ delivery }: SignInRecord, strategy: string): string {
    const { random } = this.#world;
    return SANDBOX_STRATEGIES[strategy]?.proof === 'code'
      ? drawCode(random, delivery?.secret)
      : drawToken(random);
  }

  #challenge({ user }: SignInRecord, secret: string): string {
    return writeChallenge(secret, this.#world.relyingParty, user.passkey?.passkey.id ?? '');
  }

  #refuseUnlessWaiting(record: SignInRecord): void {
    if (record.verified) throw apiError('verification_already_verified');
    if (record.status !== record.plan.status) throw apiError('client_state_invalid');
    refuseLocked(record.user, this.#world.now());
  }

  #refuseTooSoon(record: SignInRecord, target: Target, at: number): void {
    const { maxWrongCodes, resendCooldownMs } = this.#world.limits;
    const last = record.sent.get(target);
    // A code that wrong attempts or time have spent is no reason to wait. A code that another factor's
    // code replaced still is.
    if (!last || statusOf(last, at, maxWrongCodes) !== 'unverified') return;
    const leftMs = last.sentAt + resendCooldownMs - at;
    if (leftMs > 0) {
      throw apiError('verification_code_too_many_requests', {
        retryAfter: Math.ceil(leftMs / 1_000),
      });
    }
  }

  #chooseTarget(
    record: SignInRecord,
    strategy: string,
    targetId: string | undefined,
    spelling: Spelling,
  ): Target {
    const ofStrategy = targetsOf(record).filter(({ factor }) => factor.strategy === strategy);
    const idField = SANDBOX_STRATEGIES[strategy]?.idField;
    const chosen =
      targetId === undefined
        ? (ofStrategy.find(({ factor }) => factor.default) ?? ofStrategy[0])
        : ofStrategy.find(({ factor }) => idField !== undefined && factor[idField] === targetId);
    if (!chosen) {
      const paramName = spell(
        targetId === undefined ? 'strategy' : (idField ?? 'strategy'),
        spelling,
      );
      throw apiError('strategy_for_user_invalid', { paramName });
    }
    return chosen;
  }

  #show(record: SignInRecord): SignInView {
    return showSignIn(record, this.#world.now(), this.#world.limits.maxWrongCodes);
  }
}
