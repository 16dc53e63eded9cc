import { factorKey, MOST_FACTORS } from './factors.ts';
import type { Delivery, RequestInFlight, SecondFactorContext } from './second-factor.types.ts';
import { readChallenge } from './sign-in.ts';
import { isTime, isWaitable } from './time.ts';
import { readList } from './untrusted.ts';

/**
 * What survives a reload: plain data for `sessionStorage`, without a secret and without personal
 * data. Times are ms since the epoch.
 */
export interface Bookmark {
  readonly v: 1;
  readonly signInId: string;
  readonly factorKey: string | null;
  /** The latest time that the flow was told. If the clock is behind it now, somebody put the clock back. */
  readonly savedAt: number;
  readonly deliveries: Readonly<Record<string, Delivery>>;
  readonly deadlines: Readonly<Record<string, number>>;
  /** The request without an answer. The flow that resumes counts its reply as lost. */
  readonly inFlight: RequestInFlight | null;
  /** Keys of factors that the backend refused to serve; absent if there are none. */
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
  const { signIn, factor, deliveries, deadlines, unavailable, unanswered, now, options } = context;
  const key = factor && factorKey(factor, options.strategies);
  const isSending = value === 'preparing';
  return {
    v: 1,
    signInId: signIn.id,
    factorKey: key,
    savedAt: now,
    // The code on its way may arrive, although an attempt has no answer.
    deliveries: { ...(isSending && { [String(key)]: unconfirmed(context) }), ...deliveries },
    deadlines: { ...deadlines },
    inFlight: unanswered > 0 ? 'attempt' : isSending ? 'prepare' : null,
    ...(unavailable.length > 0 && { unavailable: [...unavailable] }),
  };
}

/** A delivery that may or may not have been made. */
export function unconfirmed({ now }: Pick<SecondFactorContext, 'now'>): Delivery {
  return { sentAt: now, confirmed: false };
}

/**
 * Reads a bookmark back, and leaves out what makes no sense. Never throws.
 *
 * @param preparedFirst - the keys of the usable factors, and whether each needs preparation
 * @param at - the time of the resume, in ms since the epoch; deadlines before it have passed
 */
export function readBookmark(
  value: unknown,
  signInId: string,
  preparedFirst: ReadonlyMap<unknown, boolean>,
  at: number,
): Omit<Required<Bookmark>, 'v' | 'signInId' | 'savedAt'> | null {
  try {
    const saved: Partial<Record<keyof Bookmark, unknown>> = Object(value);
    if (saved.v !== 1 || saved.signInId !== signInId) return null;
    const { savedAt } = saved;
    const putBackMs = isTime(savedAt) && savedAt > at ? savedAt - at : 0;
    const isKnown = (key: unknown): key is string => preparedFirst.has(key);
    const isDeadline = (name: string) =>
      name === 'hold' ||
      (/^(resend|expiry):/.test(name) && preparedFirst.get(name.slice(7)) === true);
    const readDeadline = (name: string, until: unknown) =>
      isDeadline(name) &&
      isTime(until) &&
      until - putBackMs > at &&
      isWaitable(until - putBackMs, at) &&
      until - putBackMs;
    const { factorKey, inFlight, unavailable } = saved;
    return {
      factorKey: isKnown(factorKey) ? factorKey : null,
      deliveries: select(
        saved.deliveries,
        (key, entry) => preparedFirst.get(key) === true && readDelivery(entry),
      ),
      deadlines: select(saved.deadlines, readDeadline),
      inFlight:
        inFlight === 'attempt' || (inFlight === 'prepare' && preparedFirst.get(factorKey))
          ? inFlight
          : null,
      unavailable: readList(unavailable, MOST_FACTORS).filter(isKnown),
    };
  } catch {
    return null; // a getter or a proxy threw
  }
}

function readDelivery(value: unknown): Delivery | false {
  const { sentAt, expiresAt, confirmed, challenge } = value as Delivery;
  return (
    isTime(sentAt) &&
    typeof confirmed === 'boolean' &&
    (expiresAt === undefined || isTime(expiresAt)) && {
      sentAt,
      ...(expiresAt !== undefined && { expiresAt }),
      confirmed,
      ...readChallenge(challenge),
    }
  );
}

/** The entries that could be read. */
function select<T>(
  record: unknown,
  read: (name: string, entry: unknown) => T | false,
): Record<string, T> {
  const entries = Object.entries(Object(record)).map(([name, entry]) => [name, read(name, entry)]);
  // SAFETY: what could not be read is `false`, and is left out.
  return Object.fromEntries(entries.filter(([, entry]) => entry !== false));
}
