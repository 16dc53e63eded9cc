import type { SignIn, Verification } from '../../machines/sign-in.ts';
import { type Delivery, showDelivery } from './delivery.ts';
import type { Target, UserRecord } from './users.ts';

/** A session that a finished sign-in created. */
export interface SandboxSession {
  /** `sess_1` and so on. */
  readonly id: string;
  readonly userId: string;
  readonly signInId: string;
  /** The strategy that verified the second factor; `null` where none was needed. */
  readonly strategy: string | null;
  /** In ms since the epoch. */
  readonly createdAt: number;
  /**
   * When the second factor was verified last, by the sign-in or by a step-up, in ms since the epoch;
   * `null` where none was needed.
   */
  readonly verifiedAt: number | null;
}

/** A session as the backend keeps it. */
export interface SessionRecord extends SandboxSession {
  verifiedAt: number | null;
  /** The step-up under way: each new one takes the place of the one before. */
  stepUpId: string | null;
  /** Whether its user has signed out. */
  ended: boolean;
}

/** How a new sign-in is meant to go. */
export interface SignInPlan {
  /** The status in which it waits for the second factor. */
  readonly status: 'needs_second_factor' | 'needs_client_trust';
  /** The status that follows the second factor. */
  readonly afterwards: 'complete' | 'needs_new_password';
}

/** A sign-in as the backend keeps it. */
export interface SignInRecord {
  /** `sia_1` and so on; of a step-up `sver_1` and so on. */
  readonly id: string;
  readonly user: UserRecord;
  readonly plan: SignInPlan;
  readonly createdAt: number;
  readonly abandonAt: number;
  status: string;
  /** The one code that was sent last. */
  delivery: Delivery | null;
  /** What was sent last to each target, for the pause between two. */
  readonly sent: Map<Target, Delivery>;
  /** Codes of a strategy to which nothing is delivered; shown while no delivery is there. */
  direct: { readonly strategy: string; readonly attempts: number } | null;
  verified: Verification | null;
  /** The session that it created. */
  session: SessionRecord | null;
  /** The session whose user is verified anew; `null` for a sign-in. */
  readonly stepUpOf: SessionRecord | null;
}

/** All that the backend says about a sign-in in one answer. Fresh plain data, without secrets. */
export interface SignInView {
  signIn: SignIn;
  /** Its own id; of a step-up, the id of the sign-in that created the session. */
  rootId: string;
  identifier: string;
  createdAt: number;
  abandonAt: number;
  /** The session that it created, until that ends; of a step-up, the session that it is about. */
  session: SandboxSession | null;
}

/**
 * The factors that serve a sign-in: trust in a client is proved with what is delivered, and with
 * nothing else.
 */
export function targetsOf({ user, plan }: SignInRecord): readonly Target[] {
  return plan.status === 'needs_client_trust'
    ? user.targets.filter(({ address }) => address !== null)
    : user.targets;
}

/** Shows a sign-in as it stands at a time. */
export function showSignIn(record: SignInRecord, at: number, maxWrongCodes: number): SignInView {
  const session = record.stepUpOf ?? record.session;
  return {
    signIn: {
      id: record.id,
      status: record.status,
      supportedSecondFactors: targetsOf(record).map(({ factor }) => ({ ...factor })),
      secondFactorVerification: showVerification(record, at, maxWrongCodes),
      createdSessionId: record.session?.id ?? null,
    },
    rootId: record.stepUpOf?.signInId ?? record.id,
    identifier: record.user.identifier,
    createdAt: record.createdAt,
    abandonAt: record.abandonAt,
    session: session && !session.ended ? showSession(session) : null,
  };
}

/** Shows a session, as fresh plain data. */
export function showSession(session: SessionRecord): SandboxSession {
  const { stepUpId: _stepUpId, ended: _ended, ...shown } = session;
  return shown;
}

function showVerification(
  { verified, delivery, direct }: SignInRecord,
  at: number,
  maxWrongCodes: number,
): Verification | null {
  if (verified) return { ...verified };
  if (delivery) return showDelivery(delivery, at, maxWrongCodes);
  return direct && { status: 'unverified', ...direct, expireAt: null, error: null };
}
