import type { SandboxMethod, SandboxRequest } from './requests.ts';

/**
 * What goes wrong with one call. The fields can be combined. This is the order in which they happen:
 * `requestDelayMs` → `dropRequest` or `status`/`code` → the backend (`duplicate`) → `neverSettles`
 * → `delayMs` → `dropReply`, `garbage` or the answer.
 */
export interface SandboxFault {
  /** How long the request is on its way, in ms. An abort in the meantime stops it. */
  requestDelayMs?: number;
  /** The request is lost: no effect, a network error for the client. */
  dropRequest?: boolean;
  /**
   * The backend handles the request twice and the client gets the first answer, or the last one.
   */
  duplicate?: boolean | 'last';
  /**
   * The request takes effect and is never answered; the promise settles when its signal is aborted.
   */
  neverSettles?: boolean;
  /**
   * How long the reply is on its way, in ms. An abort in the meantime leaves the effect.
   */
  delayMs?: number;
  /** The reply is lost: the request took effect, and the client gets a network error. */
  dropReply?: boolean;
  /**
   * An HTTP status, 400 to 599, that is answered in place of the backend. The request takes no effect,
   * unless `takesEffect` is set. Without `code` the answer has the usual error code of that status.
   */
  status?: number;
  /**
   * An error code that is answered in place of the backend. Without `status` the answer has the usual
   * status of that code.
   */
  code?: string;
  /** The sentence that comes with it. */
  message?: string;
  /** The `Retry-After` of that answer: seconds, or an HTTP-date. */
  retryAfter?: number | string;
  /** The request takes effect although `status` or `code` says that it failed. */
  takesEffect?: boolean;
  /**
   * The request takes effect, and the answer makes no sense: `true` for an HTML page, or the very
   * value (for services what the promise resolves with, over HTTP the JSON or the text of the
   * body). With `status` the page has that status, and services reject with `{ status, errors: []
   * }`.
   */
  garbage?: unknown;
  /** The answer has fields that no client knows of yet, beside those that it should have. */
  unknownFields?: boolean;
}

/** A fault, or a function that looks at the request and may let it pass. */
export type SandboxFaultRule =
  | SandboxFault
  | ((request: SandboxRequest) => SandboxFault | undefined);

/** Injects faults, per call. */
export interface SandboxFaults {
  /**
   * Queues a fault for the next call of a method, or of any (`'any'`). Each queued fault is used once.
   * The faults of the method come before those of any, and queued faults before standing rules.
   *
   * @returns the same object, for chaining
   */
  next(method: SandboxMethod | 'any', ...faults: readonly SandboxFault[]): SandboxFaults;
  /**
   * Sets a standing rule; the newest one that gives a fault counts.
   *
   * @returns a function that takes it away
   */
  always(method: SandboxMethod | 'any', rule: SandboxFaultRule): () => void;
  /** How many queued faults were not used yet. */
  readonly pending: number;
  /** Takes away all faults, queued and standing. */
  clear(): void;
}

/** Makes the faults of a sandbox and the function that takes the fault of a request. */
export function createFaults(): {
  faults: SandboxFaults;
  take(request: SandboxRequest): SandboxFault;
} {
  let queue: { method: SandboxMethod | 'any'; fault: SandboxFault }[] = [];
  let rules: { method: SandboxMethod | 'any'; rule: SandboxFaultRule }[] = [];

  const takeQueued = (method: SandboxMethod | 'any') => {
    const found = queue.find((entry) => entry.method === method);
    queue = queue.filter((entry) => entry !== found);
    return found?.fault;
  };
  const findStanding = (request: SandboxRequest) => {
    for (const { method, rule } of rules.toReversed()) {
      if (method !== 'any' && method !== request.method) continue;
      const fault = typeof rule === 'function' ? rule(request) : rule;
      if (fault) return fault;
    }
    return undefined;
  };

  const faults: SandboxFaults = {
    next(method, ...added) {
      queue.push(...added.map((fault) => ({ method, fault })));
      return faults;
    },
    always(method, rule) {
      const entry = { method, rule };
      rules.push(entry);
      return () => {
        rules = rules.filter((other) => other !== entry);
      };
    },
    get pending() {
      return queue.length;
    },
    clear() {
      queue = [];
      rules = [];
    },
  };
  return {
    faults,
    take: (request) =>
      takeQueued(request.method) ?? takeQueued('any') ?? findStanding(request) ?? {},
  };
}
