import type { ApplicationVerifier, Auth, MultiFactorError } from '@firebase/auth';
import { createSecondFactor, type SecondFactorFlow } from 'second-factor';
import { firebase } from 'second-factor/firebase';
import { describe, expect, it, vi } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';
import { loadFirebaseAuth, openFirebase, PASSWORD, verifier } from './support/firebase.ts';
import { startFirebaseStub } from './support/firebase-stub.ts';

// The examples of docs/backends/firebase.md, word for word.

const firebaseAuth = await loadFirebaseAuth();
const { PhoneAuthProvider, PhoneMultiFactorGenerator, TotpMultiFactorGenerator } = firebaseAuth;
const { getMultiFactorResolver, signInWithEmailAndPassword } = firebaseAuth;

// example: start
const sdk = { PhoneAuthProvider, PhoneMultiFactorGenerator, TotpMultiFactorGenerator };

/** `verifier` is a `RecaptchaVerifier` of the page. */
async function signIn(auth: Auth, email: string, password: string, verifier: ApplicationVerifier) {
  try {
    await signInWithEmailAndPassword(auth, email, password);
    return null; // the user has no second factor
  } catch (reason) {
    const error = reason as MultiFactorError;
    if (error.code !== 'auth/multi-factor-auth-required') throw reason;
    const resolver = getMultiFactorResolver(auth, error);
    return createSecondFactor(firebase({ auth, resolver, sdk, verifier }));
  }
}

async function verifyPhone(flow: SecondFactorFlow, ask: () => Promise<string>) {
  await flow.prepareSecondFactor({ strategy: 'phone_code' }); // the text message is sent
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: await ask() });
  // From here on `auth.currentUser` is the user.
}
// end

describe('the examples of docs/backends/firebase.md', () => {
  it('sign somebody in', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {}); // the SDK writes there that it has no reCAPTCHA
    const server = await startFirebaseStub();
    const { auth, close } = await openFirebase(firebaseAuth, server.url, 'ada@example.com');
    const flow = await signIn(auth, 'ada@example.com', PASSWORD, verifier);
    if (!flow) throw new Error('no second factor is asked for');
    await verifyPhone(flow, async () => server.smsCode);
    expect(auth.currentUser?.email).toBe('ada@example.com');
    await close();
    await server.close();
    vi.restoreAllMocks();
  });
});

describeExamples(import.meta.url, 'backends/firebase.md');
