import type {
  Delivery,
  RequestInFlight,
  SecondFactorContext,
} from '../machines/second-factor.types.ts';
import { factorKey } from './strategies.ts';

/**
 * What survives a reload: plain data for `sessionStorage`, without a secret and without personal
 * data. Times are ms since the epoch.
 */
export interface Bookmark {
  readonly v: 1;
  readonly signInId: string;
  readonly factorKey: string | null;
  readonly deliveries: Readonly<Record<string, Delivery>>;
  readonly deadlines: Readonly<Record<string, number>>;
  /** What has no answer: to the flow that resumes, its reply is lost. */
  readonly inFlight: RequestInFlight | null;
  /** Keys of factors that the backend refused to serve; absent where there are none. */
  readonly unavailable?: readonly string[];
}

/** The part of a snapshot that a bookmark is made of. */
export interface BookmarkableSnapshot {
  readonly context: SecondFactorContext;
  readonly value: unknown;
}

/**
 * Makes the bookmark of a flow. XState's persisted snapshots do not serve here: they lose the
 * delayed transitions and start an in-flight request again.
 */
export function bookmark({ context, value }: BookmarkableSnapshot): Bookmark {
  const { signIn, factor, deliveries, deadlines, unavailable, unanswered, options } = context;
  return {
    v: 1,
    signInId: signIn.id,
    factorKey: factor && factorKey(factor, options.strategies),
    deliveries: { ...deliveries },
    deadlines: { ...deadlines },
    inFlight: value === 'preparing' ? 'prepare' : unanswered > 0 ? 'attempt' : null,
    ...(unavailable.length > 0 && { unavailable: [...unavailable] }),
  };
}

/** What a bookmark is held against before it is believed. */
interface Expected {
  readonly signInId: string;
  /** Keys of the factors that can be used. */
  readonly factorKeys: readonly string[];
  /** Those of them that are prepared before they are attempted. */
  readonly preparedKeys: readonly string[];
  /** The time of the resume; deadlines before it have passed. In ms since the epoch. */
  readonly at: number;
  /** A deadline after it comes from a wrong clock or a wrong hand. In ms since the epoch. */
  readonly latest: number;
}

/** Reads a bookmark back. What makes no sense in it is left out; never throws. */
export function readBookmark(value: unknown, expected: Expected): Required<Bookmark> | null {
  if (typeof value !== 'object' || value === null) return null;
  try {
    const saved = value as Partial<Record<keyof Bookmark, unknown>>;
    if (saved.v !== 1 || saved.signInId !== expected.signInId) return null;
    const isKnown = (key: unknown): key is string => expected.factorKeys.includes(key as string);
    const isPrepared = (key: unknown) => expected.preparedKeys.includes(key as string);
    const key = isKnown(saved.factorKey) ? saved.factorKey : null;
    return {
      v: 1,
      signInId: expected.signInId,
      factorKey: key,
      deliveries: select(
        saved.deliveries,
        (name, entry) => isPrepared(name) && readDelivery(entry),
      ),
      deadlines: select(
        saved.deadlines,
        (name, until) => isDeadline(name, expected) && isAhead(until, expected) && until,
      ),
      inFlight:
        saved.inFlight === 'attempt' || (saved.inFlight === 'prepare' && isPrepared(key))
          ? saved.inFlight
          : null,
      unavailable: Array.isArray(saved.unavailable) ? saved.unavailable.filter(isKnown) : [],
    };
  } catch {
    return null; // a getter or a proxy threw
  }
}

function readDelivery(value: unknown): Delivery | false {
  const { sentAt, expiresAt, confirmed } = value as Delivery;
  const isFit = Number.isFinite(sentAt) && typeof confirmed === 'boolean';
  if (expiresAt === undefined) return isFit && { sentAt, confirmed };
  return isFit && Number.isFinite(expiresAt) && { sentAt, expiresAt, confirmed };
}

function isDeadline(name: string, { preparedKeys }: Expected): boolean {
  if (name === 'hold') return true;
  const [, kind, key] = /^(resend|expiry):(.+)$/s.exec(name) ?? [];
  return kind !== undefined && preparedKeys.includes(key as string);
}

function isAhead(until: unknown, { at, latest }: Expected): until is number {
  return typeof until === 'number' && until > at && until <= latest;
}

/** The entries that could be read. */
function select<T>(record: unknown, read: (name: string, entry: unknown) => T | false) {
  const entries = Object.entries(Object(record)).flatMap(([name, entry]) => {
    const fit = read(name, entry);
    return fit === false ? [] : [[name, fit] as const];
  });
  return Object.fromEntries(entries);
}
