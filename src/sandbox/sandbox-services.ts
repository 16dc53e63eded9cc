import type { SignIn } from '../../machines/sign-in.ts';
import type {
  AttemptSecondFactorParams,
  PrepareSecondFactorParams,
  ServiceRequest,
} from '../services.ts';

/**
 * `SecondFactorServices`, all three of them, that resolve with fresh plain data. The signal may be
 * left out, for tests that call them by hand.
 */
export interface SandboxServices {
  prepareSecondFactor(
    params: PrepareSecondFactorParams,
    request?: Partial<ServiceRequest>,
  ): Promise<SignIn>;
  attemptSecondFactor(
    params: AttemptSecondFactorParams,
    request?: Partial<ServiceRequest>,
  ): Promise<SignIn>;
  reloadSignIn(request?: Partial<ServiceRequest>): Promise<SignIn>;
}
