import {
  createSecondFactor,
  isSecondFactorError,
  passkey,
  type SecondFactorFlow,
} from 'second-factor';
import { createHttpSignIn, SandboxApiError, sandboxServices } from 'second-factor/sandbox';

// The page of passkey.test.ts: a flow with a passkey, on the browser's own prompt.

let services: ReturnType<typeof sandboxServices>;
let flow: SecondFactorFlow;
let answered: string | undefined;

/** Keeps the credential that was sent, so that it can be sent again. */
const keeping: typeof fetch = async (url, init) => {
  if (init?.body instanceof URLSearchParams) {
    answered = init.body.get('public_key_credential') ?? answered;
  }
  return await fetch(url, init);
};

export const api = {
  /** Begins a sign-in, and asks for the challenge of its passkey. */
  async begin(baseUrl: string, identifier: string, password: string) {
    const signIn = await createHttpSignIn({ identifier, password }, { baseUrl });
    services = sandboxServices({ baseUrl, signInId: signIn.id, fetch: keeping });
    flow = createSecondFactor({ signIn, services, options: { strategies: { passkey } } });
    await flow.prepareSecondFactor({ strategy: 'passkey' });
    return signIn.id;
  },
  /** Attempts the passkey. @returns the status, or the code of the error */
  async attempt(): Promise<string> {
    try {
      return (await flow.attemptSecondFactor({ strategy: 'passkey' })).status;
    } catch (error) {
      if (isSecondFactorError(error)) return error.code;
      throw error;
    }
  },
  cancel() {
    flow.actor.send({ type: 'CANCEL' });
  },
  state: () => JSON.stringify(flow.actor.getSnapshot().value),
  /** Sends the last credential again, past the flow. @returns the status, or the backend's code */
  async replay() {
    try {
      const params = { strategy: 'passkey', publicKeyCredential: answered ?? '' };
      return (await services.attemptSecondFactor(params)).status;
    } catch (error) {
      if (error instanceof SandboxApiError) return error.errors[0]?.code;
      throw error;
    }
  },
};
Object.assign(window, { api });
