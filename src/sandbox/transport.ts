import { apiError, codeForStatus, SandboxApiError } from './api-error.ts';
import type { Backend } from './backend.ts';
import { type SandboxClock, wait } from './clock.ts';
import type { SandboxFault } from './faults.ts';
import type { Json } from './http-shape.ts';
import { abortError, networkError } from './network-error.ts';
import type { RawParams } from './params.ts';
import type { RequestLog, SandboxRequest } from './requests.ts';
import type { SignInView } from './sign-in-record.ts';

/** A call of the SignIn API, on its way from a client to the backend. */
export type SandboxCall =
  | { method: 'create'; params: RawParams }
  | { method: 'step_up'; sessionId: string; params: RawParams }
  | { method: 'prepare'; signInId: string; params: RawParams; origin?: string }
  | { method: 'attempt'; signInId: string; params: RawParams }
  | { method: 'reload'; signInId: string };

/** What a client gets when it is not refused: a sign-in, or something that makes no sense. */
export type SandboxAnswer =
  | { kind: 'sign_in'; request: SandboxRequest; view: SignInView; unknownFields: Json }
  | { kind: 'garbage'; request: SandboxRequest; status: number; value: unknown };

/** The page that a broken proxy answers with. */
const GARBAGE_PAGE = '<!doctype html><html><title>502 Bad Gateway</title></html>';

/** What a later version of the API may answer with too. */
const UNKNOWN_FIELDS: Json = { a_field_of_tomorrow: { nested: [1, null] }, another_one: 'text' };

type Outcome = { view: SignInView } | { refusal: SandboxApiError };
/** Checking a passkey takes time; everything else is decided as it arrives. */
type Decision = Outcome | Promise<Outcome>;

/** How a call is made. */
interface Sending {
  signal: AbortSignal;
  via: 'services' | 'http';
  /**
   * Says that calls with this key are one: it takes effect once, and each of them gets the one
   * answer.
   */
  idempotencyKey?: string | undefined;
  /** Is told of the log entry, for whoever has to answer a refusal with its number. */
  onOpen?: (request: SandboxRequest) => void;
}

/** What a transport carries between. */
interface TransportWorld {
  backend: Backend;
  clock: SandboxClock;
  now: () => number;
  log: RequestLog;
  takeFault: (request: SandboxRequest) => SandboxFault;
  isOffline: () => boolean;
}

/** Carries calls to the backend and answers back, with whatever goes wrong on the way. */
export class Transport {
  readonly #world: TransportWorld;
  /** What calls with an idempotency key were answered, by that key. */
  readonly #answered = new Map<string, { content: string; decision: Decision }>();

  constructor(world: TransportWorld) {
    this.#world = world;
  }

  /**
   * Carries one call. Without a delay on the way there it takes effect before this returns.
   *
   * @throws `SandboxApiError` for a refusal, `TypeError` for a lost request or reply, `AbortError`
   * once the signal is aborted; a call whose signal was aborted from the start is not made, and not
   * logged
   */
  async send(call: SandboxCall, sending: Sending): Promise<SandboxAnswer> {
    const { signal, via, onOpen } = sending;
    if (signal.aborted) throw abortError(signal);
    const { log, now } = this.#world;
    const request = log.open({
      method: call.method,
      signInId: 'signInId' in call ? call.signInId : null,
      params: call.method === 'reload' ? {} : call.params,
      via,
      at: now(),
    });
    onOpen?.(request);
    try {
      const answer = await this.#carry(call, request, sending);
      log.close(request.number, answer.kind === 'garbage' ? 'garbage' : 'ok');
      return answer;
    } catch (error) {
      log.close(request.number, describeFailure(error));
      throw error;
    }
  }

  async #carry(
    call: SandboxCall,
    request: SandboxRequest,
    { signal, idempotencyKey }: Sending,
  ): Promise<SandboxAnswer> {
    const { clock, isOffline, takeFault } = this.#world;
    if (isOffline()) throw networkError();
    const fault = takeFault(request);
    if (fault.requestDelayMs) await wait(clock, fault.requestDelayMs, signal);
    if (fault.dropRequest || isOffline()) throw networkError();

    const injected = injectedRefusal(fault);
    const isGarbage = Object.hasOwn(fault, 'garbage');
    const takesEffect = injected === null || fault.takesEffect === true || isGarbage;
    const decision = takesEffect ? this.#reach(call, request, fault, idempotencyKey) : null;
    const outcome = decision instanceof Promise ? await decision : decision;

    if (fault.neverSettles) await wait(clock, Number.POSITIVE_INFINITY, signal);
    if (fault.delayMs) await wait(clock, fault.delayMs, signal);
    // An abort right after the call stops the answer, as with fetch. A request that has arrived keeps its
    // effect.
    await Promise.resolve();
    if (signal.aborted) throw abortError(signal);
    if (fault.dropReply || isOffline()) throw networkError();
    if (isGarbage) {
      const value = fault.garbage === true ? GARBAGE_PAGE : fault.garbage;
      return { kind: 'garbage', request, status: fault.status ?? 200, value };
    }
    if (injected) throw injected;
    if (!outcome) throw networkError();
    if ('refusal' in outcome) throw outcome.refusal;
    const unknownFields = fault.unknownFields ? UNKNOWN_FIELDS : {};
    return { kind: 'sign_in', request, view: outcome.view, unknownFields };
  }

  #reach(
    call: SandboxCall,
    request: SandboxRequest,
    fault: SandboxFault,
    key: string | undefined,
  ): Decision {
    const first = this.#arrive(call, request, key);
    if (!fault.duplicate) return first;
    const last = this.#arrive(call, request, key);
    return fault.duplicate === 'last' ? last : first;
  }

  #arrive(call: SandboxCall, request: SandboxRequest, key: string | undefined): Decision {
    this.#world.log.arrive(request.number);
    if (key === undefined) return this.#handle(call, request);
    const content = JSON.stringify(call);
    const known = this.#answered.get(key);
    if (known && known.content !== content) return { refusal: apiError('idempotency_key_reused') };
    const decision = known?.decision ?? this.#handle(call, request);
    this.#answered.set(key, { content, decision });
    return decision;
  }

  #handle(call: SandboxCall, request: SandboxRequest): Decision {
    const { backend } = this.#world;
    // Clients of the HTTP shape write names as the form has them.
    const spelling = request.via === 'http' ? 'snake_case' : 'camelCase';
    try {
      switch (call.method) {
        case 'create':
          return { view: backend.create(call.params, spelling) };
        case 'step_up':
          return { view: backend.startStepUp(call.sessionId, call.params, spelling) };
        case 'prepare':
          return { view: backend.prepare(call.signInId, call.params, spelling, call.origin) };
        case 'attempt': {
          const verified = backend.attempt(call.signInId, call.params, spelling);
          if (!(verified instanceof Promise)) return { view: verified };
          return verified.then((view) => ({ view }), refusalOf);
        }
        case 'reload':
          return { view: backend.read(call.signInId) };
      }
    } catch (error) {
      return refusalOf(error);
    }
  }
}

function refusalOf(error: unknown): Outcome {
  if (error instanceof SandboxApiError) return { refusal: error };
  throw error;
}

function injectedRefusal(fault: SandboxFault): SandboxApiError | null {
  if (fault.status === undefined && fault.code === undefined) return null;
  return apiError(fault.code ?? codeForStatus(fault.status ?? 500), {
    ...(fault.status !== undefined && { status: fault.status }),
    ...(fault.message !== undefined && { message: fault.message }),
    ...(fault.retryAfter !== undefined && { retryAfter: fault.retryAfter }),
  });
}

function describeFailure(error: unknown): string {
  if (error instanceof SandboxApiError) return error.errors[0]?.code ?? String(error.status);
  return error instanceof DOMException ? 'aborted' : 'lost';
}
