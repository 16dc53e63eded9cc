import type { SignIn } from '../../machines/sign-in.ts';
import type { PrepareSecondFactorParams, ServiceRequest } from '../services.ts';

/** What the services are told of a request, all of it optional for tests that call them by hand. */
export type SandboxServiceRequest = Partial<ServiceRequest>;

/** An attempt with a code, or with the credential of a passkey as JSON. */
export interface SandboxAttemptParams {
  readonly strategy: string;
  readonly code?: string;
  readonly publicKeyCredential?: string;
}

/**
 * `SecondFactorServices` that resolve with fresh plain data. A passkey's attempt makes its credential
 * by itself, where the request has the challenge.
 */
export interface SandboxServices {
  prepareSecondFactor(
    params: PrepareSecondFactorParams,
    request?: SandboxServiceRequest,
  ): Promise<SignIn>;
  attemptSecondFactor(
    params: SandboxAttemptParams,
    request?: SandboxServiceRequest,
  ): Promise<SignIn>;
  reloadSignIn(request?: SandboxServiceRequest): Promise<SignIn>;
  /**
   * Tells of a sign-in that was verified elsewhere. It is there where a user takes links, and over HTTP
   * where `watchEveryMs` says how often to look.
   *
   * @returns a function that ends it
   */
  watchSignIn?(changed: (signIn: SignIn) => void, request?: SandboxServiceRequest): () => void;
}
