export { SandboxApiError, type SandboxApiErrorEntry } from './api-error.ts';
export type { Authenticate as SandboxAuthenticate } from './authenticate.ts';
export type { SandboxAuthenticator } from './authenticator.ts';
export type { SandboxClock } from './clock.ts';
export type { SandboxFault, SandboxFaultRule, SandboxFaults } from './faults.ts';
export {
  createHttpSignIn,
  type SandboxConnection,
  type SandboxFetch,
  sandboxServices,
} from './http-client.ts';
export type { SandboxInbox, SandboxMessage } from './inbox.ts';
export { DEFAULT_LIMITS, type SandboxLimits } from './limits.ts';
export type { SandboxCredential, SandboxPasskey } from './passkey.ts';
export { type RandomSource, seededRandom } from './random.ts';
export type { SandboxPasskeyOptions } from './relying-party.ts';
export type { SandboxMethod, SandboxRequest, SandboxRequests } from './requests.ts';
export {
  createSandbox,
  type Sandbox,
  type SandboxCredentials,
  type SandboxOptions,
  type SandboxSignInOptions,
} from './sandbox.ts';
export type { SandboxServices } from './sandbox-services.ts';
export type { SandboxSession } from './sign-in-record.ts';
export { DEFAULT_PASSWORD, DEFAULT_USER, type SandboxUser, type SandboxUserInit } from './users.ts';
