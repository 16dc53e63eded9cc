import { Listeners } from './listeners.ts';
import type { RawParams } from './params.ts';

/** The calls of the SignIn API that the sandbox serves. */
export type SandboxMethod = 'create' | 'prepare' | 'attempt' | 'reload' | 'step_up';

/** A request that a client made. Plain data; never holds a code or a password. */
export interface SandboxRequest {
  /** 1 for the first request, and so on. Over HTTP it is in `clerk_trace_id`. */
  readonly number: number;
  readonly method: SandboxMethod;
  /** `sver_1` and so on for a step-up; `null` for `create` and `step_up`, which begin one. */
  readonly signInId: string | null;
  /** `strategy`, `level` and the ids in clear, `[redacted]` for everything else. */
  readonly params: Readonly<Record<string, string>>;
  /** Whether it came through `sandbox.services()` or over the HTTP app. */
  readonly via: 'services' | 'http';
  /** When it was made, in ms since the epoch by the sandbox's `now`. */
  readonly at: number;
  /** How often it reached the backend: 0 when it was lost on the way, 2 when it was duplicated. */
  readonly arrivals: number;
  /**
   * What the client saw: `ok`, an error code, `lost`, `aborted` or `garbage`; `pending` until then.
   */
  readonly answer: string;
}

/** The requests that clients made, oldest first. */
export interface SandboxRequests {
  /** All requests as they stand now; a fresh array each time. */
  readonly all: readonly SandboxRequest[];
  /** How many requests were made, of one method or of all; lost ones count too. */
  count(method?: SandboxMethod): number;
  /** The newest request, or the newest one of a method. */
  latest(method?: SandboxMethod): SandboxRequest | undefined;
  /**
   * Tells of each request as it is made and again as it is answered.
   *
   * @returns a function that unsubscribes
   */
  subscribe(listener: (request: SandboxRequest) => void): () => void;
  /** Forgets the requests; numbers go on. */
  clear(): void;
}

// Under one name, however the request wrote it.
const SHOWN_PARAMS: Readonly<Record<string, string>> = {
  strategy: 'strategy',
  level: 'level',
  phoneNumberId: 'phoneNumberId',
  phone_number_id: 'phoneNumberId',
  emailAddressId: 'emailAddressId',
  email_address_id: 'emailAddressId',
};
const LONGEST_VALUE_SHOWN = 64;
const MOST_PARAMS_SHOWN = 20;

function redactParams(params: RawParams): Record<string, string> {
  const shown = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .slice(0, MOST_PARAMS_SHOWN)
    .map(([written, value]) => {
      const name = Object.hasOwn(SHOWN_PARAMS, written) ? SHOWN_PARAMS[written] : undefined;
      return name !== undefined && typeof value === 'string'
        ? [name, value.slice(0, LONGEST_VALUE_SHOWN)]
        : [written.slice(0, LONGEST_VALUE_SHOWN), '[redacted]'];
    });
  return Object.fromEntries(shown);
}

/** The log as the transport writes it. */
export interface RequestLog {
  requests: SandboxRequests;
  /** Notes a request. */
  open(request: {
    method: SandboxMethod;
    signInId: string | null;
    params: RawParams;
    via: 'services' | 'http';
    at: number;
  }): SandboxRequest;
  /** Notes that it reached the backend once more. */
  arrive(number: number): void;
  /** Notes what the client saw. */
  close(number: number, answer: string): void;
}

/** Makes an empty log. */
export function createRequestLog(): RequestLog {
  const entries = new Map<number, SandboxRequest>();
  const listeners = new Listeners<SandboxRequest>();
  let count = 0;
  const ofMethod = (method?: SandboxMethod) =>
    [...entries.values()].filter((entry) => method === undefined || entry.method === method);
  const change = (number: number, patch: Partial<SandboxRequest>) => {
    const entry = entries.get(number);
    if (!entry) return undefined; // the log was cleared meanwhile
    const changed = { ...entry, ...patch };
    entries.set(number, changed);
    return changed;
  };
  return {
    open(request) {
      count += 1;
      const entry: SandboxRequest = {
        ...request,
        number: count,
        params: redactParams(request.params),
        arrivals: 0,
        answer: 'pending',
      };
      entries.set(entry.number, entry);
      listeners.tell(entry);
      return entry;
    },
    arrive(number) {
      change(number, { arrivals: (entries.get(number)?.arrivals ?? 0) + 1 });
    },
    close(number, answer) {
      const changed = change(number, { answer });
      if (changed) listeners.tell(changed);
    },
    requests: {
      get all() {
        return ofMethod();
      },
      count: (method) => ofMethod(method).length,
      latest: (method) => ofMethod(method).at(-1),
      subscribe: (listener) => listeners.add(listener),
      clear: () => entries.clear(),
    },
  };
}
