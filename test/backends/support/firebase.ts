import { deleteApp, initializeApp } from '@firebase/app';

/** What `firebase/auth` is. */
export type FirebaseAuth = typeof import('@firebase/auth');

/**
 * Loads the SDK's build for browsers: the one for Node refuses phones.
 */
export function loadFirebaseAuth(): Promise<FirebaseAuth> {
  const build = '../node_modules/@firebase/auth/dist/esm/index.js';
  return import(/* @vite-ignore */ new URL(build, import.meta.url).href);
}

export const PASSWORD = 'passw0rd';

/** Stands in for a `RecaptchaVerifier`, which needs a page. */
export const verifier = { type: 'recaptcha', verify: async () => 'a token', _reset() {} };

/**
 * Signs in with a password, and gives what the SDK has then: a resolver of the second factor.
 *
 * @param url - where the auth server is, without a slash at the end
 */
export async function openFirebase(sdk: FirebaseAuth, url: string, email: string) {
  const app = initializeApp(
    { apiKey: 'a-key', projectId: 'demo-test', appId: '1:1:web:1' },
    crypto.randomUUID(),
  );
  const auth = sdk.initializeAuth(app, { persistence: sdk.inMemoryPersistence });
  sdk.connectAuthEmulator(auth, url, { disableWarnings: true });
  auth.settings.appVerificationDisabledForTesting = true;
  const signIn = async () => {
    const required = await sdk.signInWithEmailAndPassword(auth, email, PASSWORD).then(
      () => {
        throw new Error('The sign-in asked for no second factor.');
      },
      // SAFETY: of a user with a second factor this is the one error that the SDK has here.
      (error) => error as Parameters<FirebaseAuth['getMultiFactorResolver']>[1],
    );
    return sdk.getMultiFactorResolver(auth, required);
  };
  return { auth, signIn, close: () => deleteApp(app) };
}
