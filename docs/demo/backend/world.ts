import type { Hono } from 'hono';
import { renderSVG } from 'uqr';
import { createSandboxApp } from '../../../src/sandbox/app.ts';
import { realClock } from '../../../src/sandbox/clock.ts';
import {
  createSandbox,
  DEFAULT_LIMITS,
  DEFAULT_USER,
  type Sandbox,
  type SandboxClock,
  type SandboxFault,
  type SandboxMethod,
  type SandboxRequest,
} from '../../../src/sandbox/index.ts';
import type { WorldAction, WorldMessage, WorldState, WorldTrouble } from './world-state.ts';

/** Long enough to see a busy state, in ms. */
const SLOW_REPLY_MS = 1_500;
/** How long a lost reply stays away, and the question what became of it takes, in ms. */
const LOST_REPLY_MS = 800;
/** How long the demo's lock lasts, in ms. */
const LOCK_MS = 5 * 60_000;
/** The time step of TOTP (RFC 6238 §4.1), in ms. */
const TOTP_PERIOD_MS = 30_000;
/** The longest time that may be skipped at once, in ms. */
const LONGEST_SKIP_MS = 60 * 60_000;

type MutableTrouble = { -readonly [Name in keyof WorldTrouble]: boolean };

/** The clock of a world: it tells the time, and late answers wait on it. */
export interface WorldClock extends SandboxClock {
  /** The time, in ms since the epoch. */
  now(): number;
}

/** The real clock. */
export const REAL_TIME: WorldClock = { ...realClock, now: Date.now };

/** The backend, the phone and the authenticator of one visitor. */
export interface World {
  /** The HTTP shape of this world's backend. Rejects where an answer is lost. */
  fetch(request: Request): Response | Promise<Response>;
  state(): WorldState;
  /** The QR code that an authenticator app scans, as SVG. */
  qrCode(): string;
  act(action: WorldAction): void;
  /** Tells when the state has changed. @returns a function that unsubscribes */
  subscribe(listener: () => void): () => void;
}

/** Makes a world with one user, `DEFAULT_USER`, whose authenticator keeps its secret over resets. */
export function createWorld(clock: WorldClock): World {
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  let secret: string | null = null;
  let clockOffsetMs = 0;
  let spentTotp: string | null = null;
  let sandbox: Sandbox;
  let app: Hono;
  let trouble: Omit<MutableTrouble, 'offline' | 'locked'>;
  let isReconciling = false;

  const start = () => {
    clockOffsetMs = 0;
    spentTotp = null;
    trouble = { losesReply: false, slow: false };
    isReconciling = false;
    sandbox = createSandbox({
      clock,
      now: () => clock.now() + clockOffsetMs,
      users: [{ ...DEFAULT_USER, totp: secret === null ? true : { secret } }],
    });
    secret = sandbox.authenticator.secret;
    sandbox.faults.always('any', faultFor);
    sandbox.inbox.subscribe(tell);
    sandbox.requests.subscribe((request) => {
      noteSpentTotp(request);
      tell();
    });
    app = createSandboxApp(sandbox);
  };

  const faultFor = ({ method }: SandboxRequest): SandboxFault | undefined => {
    if (trouble.losesReply && (method === 'prepare' || method === 'attempt')) {
      trouble.losesReply = false;
      isReconciling = method === 'attempt';
      return { delayMs: LOST_REPLY_MS, dropReply: true };
    }
    if (isReconciling && method === 'reload') {
      isReconciling = false;
      return { delayMs: LOST_REPLY_MS };
    }
    return trouble.slow && method !== 'create' ? { delayMs: SLOW_REPLY_MS } : undefined;
  };

  const noteSpentTotp = ({ method, params, signInId }: SandboxRequest) => {
    if (method !== 'attempt' || params.strategy !== 'totp' || signInId === null) return;
    if (verificationOf(signInId)?.status === 'verified') spentTotp = sandbox.authenticator.code();
  };

  /** `null` also for a sign-in that the backend does not know. */
  const verificationOf = (signInId: string) => {
    try {
      return sandbox.peek(signInId).secondFactorVerification;
    } catch {
      return null;
    }
  };

  const messages = (): WorldMessage[] => {
    const newestFirst = sandbox.inbox.messages.toReversed();
    return newestFirst.map((message, index) => {
      const { to, code = '', sentAt, signInId } = message;
      const isNewest = newestFirst.findIndex((other) => other.signInId === signInId) === index;
      const isVerified = verificationOf(signInId)?.status === 'verified';
      const isExpired = sandbox.now() >= sentAt + DEFAULT_LIMITS.codeLifetimeMs;
      const live = isVerified ? 'used' : isExpired ? 'expired' : 'current';
      const channel = message.factor.strategy === 'email_code' ? 'email' : 'sms';
      return { to, channel, code, sentAt, standing: isNewest ? live : 'replaced' };
    });
  };

  const count = (method: SandboxMethod) => sandbox.requests.count(method);

  start();
  return {
    fetch: (request) => app.fetch(request),
    state() {
      const { authenticator } = sandbox;
      const now = sandbox.now();
      return {
        clockOffsetMs,
        messages: messages(),
        authenticator: {
          account: DEFAULT_USER.identifier,
          code: authenticator.code(),
          secret: authenticator.secret,
          changesAt: now - (now % TOTP_PERIOD_MS) + TOTP_PERIOD_MS,
          isSpent: authenticator.code() === spentTotp,
        },
        backupCodes: sandbox.backupCodes,
        requests: {
          create: count('create'),
          prepare: count('prepare'),
          attempt: count('attempt'),
          reload: count('reload'),
        },
        trouble: {
          ...trouble,
          offline: sandbox.offline,
          locked: sandbox.user().lockedUntil !== null,
        },
      };
    },
    qrCode: () => renderSVG(sandbox.authenticator.uri, { border: 2, ecc: 'L' }),
    act(action) {
      switch (action.type) {
        case 'trouble':
          if (action.name === 'offline') sandbox.offline = action.on;
          else if (action.name !== 'locked') trouble[action.name] = action.on;
          else if (action.on) sandbox.user().lock(sandbox.now() + LOCK_MS);
          else sandbox.user().unlock();
          break;
        case 'skip':
          clockOffsetMs += Math.min(Math.max(action.ms, 0), LONGEST_SKIP_MS);
          break;
        case 'reset':
          start();
      }
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
