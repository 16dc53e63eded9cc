import { apiError } from './api-error.ts';
import type { SandboxLimits } from './limits.ts';
import {
  type SessionRecord,
  type SignInPlan,
  type SignInRecord,
  targetsOf,
} from './sign-in-record.ts';
import type { UserRecord } from './users.ts';

/** What a sandbox remembers: sign-ins, the sessions that they created, and step-ups of those. */
export class Records {
  readonly #now: () => number;
  readonly #limits: SandboxLimits;
  readonly #signIns = new Map<string, SignInRecord>();
  readonly #stepUps = new Map<string, SignInRecord>();
  readonly #sessions = new Map<string, SessionRecord>();

  constructor(now: () => number, limits: SandboxLimits) {
    this.#now = now;
    this.#limits = limits;
  }

  /** Begins a sign-in. It is complete where its user has no factor that serves it. */
  addSignIn(user: UserRecord, plan: SignInPlan): SignInRecord {
    const record = this.#record(`sia_${this.#signIns.size + 1}`, user, plan, null);
    if (targetsOf(record).length === 0) {
      record.status = 'complete';
      record.session = this.openSession(record, null);
    }
    this.#signIns.set(record.id, record);
    return record;
  }

  /** Begins a step-up of a session, in the place of an older one. */
  addStepUp(session: SessionRecord): SignInRecord {
    const plan = { status: 'needs_second_factor', afterwards: 'complete' } as const;
    const { user } = this.find(session.signInId);
    const record = this.#record(`sver_${this.#stepUps.size + 1}`, user, plan, session);
    this.#stepUps.set(record.id, record);
    session.stepUpId = record.id;
    return record;
  }

  /** Opens the session of a sign-in. @param strategy - what verified the second factor */
  openSession(record: SignInRecord, strategy: string | null): SessionRecord {
    const now = this.#now();
    const session: SessionRecord = {
      id: `sess_${this.#sessions.size + 1}`,
      userId: record.user.id,
      signInId: record.id,
      strategy,
      createdAt: now,
      verifiedAt: strategy === null ? null : now,
      stepUpId: null,
      ended: false,
    };
    this.#sessions.set(session.id, session);
    return session;
  }

  /** A sign-in or a step-up. @throws `resource_not_found`, also for one that is abandoned */
  find(signInId: string): SignInRecord {
    const record = this.#signIns.get(signInId) ?? this.#stepUps.get(signInId);
    const isAbandoned = record && record.status !== 'complete' && this.#now() >= record.abandonAt;
    if (!record || isAbandoned) throw apiError('resource_not_found');
    return record;
  }

  /** A session that has not ended. @throws `resource_not_found` */
  findSession(sessionId: string): SessionRecord {
    const session = this.#sessions.get(sessionId);
    if (!session || session.ended) throw apiError('resource_not_found');
    return session;
  }

  /** The sign-in or step-up whose last delivery is the link with a token. */
  findLinked(token: string): SignInRecord | undefined {
    return [...this.#signIns.values(), ...this.#stepUps.values()].find(
      ({ delivery }) =>
        delivery?.target.factor.strategy === 'email_link' && delivery.secret === token,
    );
  }

  /** The id of the sign-in that was begun last. */
  newestSignInId(): string | undefined {
    return [...this.#signIns.keys()].at(-1);
  }

  #record(
    id: string,
    user: UserRecord,
    plan: SignInPlan,
    stepUpOf: SessionRecord | null,
  ): SignInRecord {
    const now = this.#now();
    return {
      id,
      user,
      plan,
      createdAt: now,
      abandonAt: now + this.#limits.signInLifetimeMs,
      status: plan.status,
      delivery: null,
      sent: new Map(),
      direct: null,
      verified: null,
      session: null,
      stepUpOf,
    };
  }
}
