import type { SignIn } from '../../machines/sign-in.ts';
import { SandboxApiError } from './api-error.ts';
import { type Authenticate, proofOf } from './authenticate.ts';
import type { SandboxAuthenticator } from './authenticator.ts';
import { Backend } from './backend.ts';
import { realClock, type SandboxClock } from './clock.ts';
import { createFaults, type SandboxFaults } from './faults.ts';
import { createInbox, type SandboxInbox } from './inbox.ts';
import { DEFAULT_LIMITS, type SandboxLimits } from './limits.ts';
import { Listeners } from './listeners.ts';
import type { RawParams } from './params.ts';
import type { SandboxPasskey } from './passkey.ts';
import { cryptoRandom, type RandomSource } from './random.ts';
import type { SandboxPasskeyOptions } from './relying-party.ts';
import { createRequestLog, type SandboxRequests } from './requests.ts';
import type { SandboxServices } from './sandbox-services.ts';
import type { SandboxSession, SignInPlan, SignInView } from './sign-in-record.ts';
import { type SandboxAnswer, type SandboxCall, Transport } from './transport.ts';
import {
  createUsers,
  DEFAULT_USER,
  type SandboxUser,
  type SandboxUserInit,
  showUser,
  type UserRecord,
} from './users.ts';

/** What a sandbox is made with; everything has a default. */
export interface SandboxOptions {
  /**
   * The time in ms since the epoch.
   *
   * @defaultValue the clock's own `now` where it has one, else `Date.now`
   */
  now?: () => number;
  /** The timers of injected delays. @defaultValue those of the runtime */
  clock?: SandboxClock;
  /** Where codes and secrets come from, in `[0, 1)`. @defaultValue `crypto.getRandomValues` */
  random?: RandomSource;
  /** The users. @defaultValue one: `DEFAULT_USER` */
  users?: readonly SandboxUserInit[];
  /** What is enforced. @defaultValue `DEFAULT_LIMITS` */
  limits?: Partial<SandboxLimits>;
  /** Who checks the passkeys of the users; needed where one has any. */
  passkeys?: SandboxPasskeyOptions;
  /** How sign-ins go that say nothing else, such as all that begin over HTTP. */
  signIns?: Pick<SandboxSignInOptions, 'status' | 'afterwards'>;
}

/** Which sign-in `sandbox.signIn()` starts. */
export interface SandboxSignInOptions {
  /** Who signs in. @defaultValue the first user */
  identifier?: string;
  /**
   * The status in which it waits. With `needs_client_trust` phone and e-mail codes are its only
   * factors.
   *
   * @defaultValue that of the sandbox's `signIns`, else `needs_second_factor`
   */
  status?: SignInPlan['status'];
  /**
   * The status that follows the second factor; with `needs_new_password` no session is created.
   *
   * @defaultValue that of the sandbox's `signIns`, else `complete`
   */
  afterwards?: SignInPlan['afterwards'];
}

/** Identifier and password of a user. */
export interface SandboxCredentials {
  identifier: string;
  password: string;
}

/** An in-memory backend of the SignIn API's second factor, with real codes, limits and faults. */
export interface Sandbox {
  /** Starts a sign-in past its first factor, at once and without a request. */
  signIn(options?: SandboxSignInOptions): SignIn;
  /**
   * Starts a sign-in by a logged request that faults apply to.
   *
   * @throws `SandboxApiError` with `form_identifier_not_found`, `form_password_incorrect` or
   * `user_locked`; `TypeError` for a lost answer
   */
  createSignIn(
    credentials: SandboxCredentials,
    request?: { signal?: AbortSignal },
  ): Promise<SignIn>;
  /**
   * Serves the second factor of one sign-in. The promises resolve with fresh plain data and reject
   * with `SandboxApiError`, with a `TypeError` for a request or reply that was lost, or with an
   * `AbortError`; an aborted request that had arrived keeps its effect.
   *
   * @param signInId - by default the newest sign-in, or the newest at the first call where there is
   * none yet
   * @param options - `authenticate` makes the credential of a passkey; by default the user's own does,
   * as if its prompt were confirmed at once
   */
  services(signInId?: string, options?: { authenticate?: Authenticate }): SandboxServices;
  /**
   * Opens a link that was sent, as its reader does: the second factor of its sign-in is verified. No
   * request is logged; whoever watches the sign-in hears of it.
   *
   * @param link - `sandbox.inbox.link()`
   * @throws `SandboxApiError` with `verification_failed` (a newer link took its place),
   * `verification_expired`, `verification_already_verified` or `user_locked`
   */
  openLink(link: string): SignIn;
  /**
   * A sign-in as the backend sees it, without a request.
   *
   * @throws `SandboxApiError` with `resource_not_found`
   */
  peek(signInId: string): SignIn;
  /** The session that a sign-in created; `null` until it has. */
  session(signInId: string): SandboxSession | null;
  /**
   * A user.
   *
   * @param identifier - by default the first user.
   * @throws Error where there is no such user
   */
  user(identifier?: string): SandboxUser;
  /** What was delivered. */
  readonly inbox: SandboxInbox;
  /** The authenticator app of the first user. @throws Error for a user without one */
  readonly authenticator: SandboxAuthenticator;
  /** The passkey of the first user. @throws Error for a user without one */
  readonly passkey: SandboxPasskey;
  /** The unused backup codes of the first user. */
  readonly backupCodes: readonly string[];
  /** Injects faults. */
  readonly faults: SandboxFaults;
  /** The requests that were made. */
  readonly requests: SandboxRequests;
  /** While `true`, nothing reaches the backend and no answer comes back. */
  offline: boolean;
  /** The time by which the sandbox goes, in ms since the epoch. */
  now(): number;
}

interface Internals {
  readonly transport: Transport;
  readonly backend: Backend;
}

const internals = new WeakMap<Sandbox, Internals>();

/**
 * What the HTTP app needs of a sandbox.
 *
 * @throws TypeError for anything but a sandbox of this module
 */
export function internalsOf(sandbox: Sandbox): Internals {
  const found = internals.get(sandbox);
  if (!found) throw new TypeError('This was not made by createSandbox().');
  return found;
}

/** What a promise of the services resolves with: a sign-in, or the junk that was injected. */
function settle(answer: SandboxAnswer): SignIn {
  if (answer.kind === 'sign_in') return { ...answer.view.signIn, ...answer.unknownFields };
  if (answer.status >= 400) throw new SandboxApiError(answer.status, []);
  // SAFETY: the one purpose of this fault is a reply that breaks its type.
  return answer.value as SignIn;
}

/**
 * Makes a sandbox.
 *
 * ```ts
 * const sandbox = createSandbox();
 * const signIn = sandbox.signIn();
 * const services = sandbox.services(signIn.id);
 * ```
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const clock = options.clock ?? realClock;
  const now = options.now ?? (() => clock.now?.() ?? Date.now());
  const random = options.random ?? cryptoRandom;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const users = createUsers(options.users ?? [DEFAULT_USER], { now, random, limits });
  const { inbox, deliver } = createInbox();
  const { faults, take } = createFaults();
  const log = createRequestLog();
  const plan: SignInPlan = {
    status: 'needs_second_factor',
    afterwards: 'complete',
    ...options.signIns,
  };
  if (!options.passkeys && users.some(({ passkey }) => passkey)) {
    throw new TypeError('A user has passkeys, and the sandbox was not told who checks them.');
  }
  const changes = new Listeners<SignInView>();
  const sendsLinks = (options.users ?? []).some(({ emailLink }) => emailLink);
  const backend = new Backend({
    now,
    random,
    limits,
    users,
    plan,
    relyingParty: options.passkeys,
    deliver,
    changed: (view) => changes.tell(view),
  });
  let offline = false;
  const transport = new Transport({
    backend,
    clock,
    now,
    log,
    takeFault: take,
    isOffline: () => offline,
  });

  const findUser = (identifier?: string): UserRecord => {
    const user =
      identifier === undefined
        ? users[0]
        : users.find((candidate) => candidate.identifier === identifier);
    if (!user) throw new Error(`The sandbox has no user ${identifier ?? 'at all'}.`);
    return user;
  };

  const send = async (call: SandboxCall, signal = new AbortController().signal): Promise<SignIn> =>
    settle(await transport.send(call, { signal, via: 'services' }));

  const sandbox: Sandbox = {
    signIn({ identifier, ...plan } = {}) {
      return backend.start(findUser(identifier), plan).signIn;
    },
    createSignIn: ({ identifier, password }, request) =>
      send({ method: 'create', params: { identifier, password } }, request?.signal),
    services(signInId = backend.newestSignInId(), options) {
      let pinned = signInId;
      const id = () => {
        pinned ??= backend.newestSignInId();
        return pinned ?? '';
      };
      const authenticate: Authenticate =
        options?.authenticate ??
        ((challenge) => showUser(backend.userOf(id()), now).passkey.sign(challenge));
      return {
        prepareSecondFactor: (params, request) =>
          send({ method: 'prepare', signInId: id(), params: { ...params } }, request?.signal),
        attemptSecondFactor(params, request) {
          const proof = proofOf({ ...params }, request, authenticate);
          const attempt = (proven: RawParams) =>
            send({ method: 'attempt', signInId: id(), params: proven }, request?.signal);
          return proof instanceof Promise ? proof.then(attempt) : attempt(proof);
        },
        reloadSignIn: (request) => send({ method: 'reload', signInId: id() }, request?.signal),
        ...(sendsLinks && {
          watchSignIn: (changed) =>
            changes.add(({ signIn }) => {
              if (signIn.id === id()) changed(signIn);
            }),
        }),
      };
    },
    openLink: (link) => backend.openLink(new URL(link).searchParams.get('token') ?? '').signIn,
    peek: (signInId) => backend.read(signInId).signIn,
    session: (signInId) => backend.read(signInId).session,
    user: (identifier) => showUser(findUser(identifier), now),
    inbox,
    get authenticator() {
      return showUser(findUser(), now).authenticator;
    },
    get passkey() {
      return showUser(findUser(), now).passkey;
    },
    get backupCodes() {
      return showUser(findUser(), now).backupCodes;
    },
    faults,
    requests: log.requests,
    get offline() {
      return offline;
    },
    set offline(value) {
      offline = value;
    },
    now,
  };
  internals.set(sandbox, { transport, backend });
  return sandbox;
}
