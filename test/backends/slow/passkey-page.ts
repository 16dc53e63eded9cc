import { createHttpSignIn, SandboxApiError, sandboxServices } from 'second-factor/sandbox';

// The page of passkey.test.ts: a sign-in with a passkey, on the browser's own prompt.

type Services = ReturnType<typeof sandboxServices>;
let services: Services;
let signal = new AbortController();
let challenge = '';
let answered: string | undefined;

const outcomeOf = async (step: Promise<{ status: string }>) => {
  try {
    return (await step).status;
  } catch (error) {
    if (error instanceof SandboxApiError) return error.errors[0]?.code ?? String(error.status);
    return error instanceof DOMException ? error.name : String(error);
  }
};

/** Keeps what was sent, so that it can be sent again. */
const keeping: typeof fetch = async (url, init) => {
  if (init?.body instanceof URLSearchParams) {
    answered = init.body.get('public_key_credential') ?? answered;
  }
  return await fetch(url, init);
};

export const api = {
  async begin(baseUrl: string, identifier: string, password: string) {
    const { id } = await createHttpSignIn({ identifier, password }, { baseUrl });
    services = sandboxServices({ baseUrl, signInId: id, fetch: keeping });
    return id;
  },
  async ask() {
    const { secondFactorVerification } = await services.prepareSecondFactor({
      strategy: 'passkey',
    });
    challenge = secondFactorVerification?.challenge ?? '';
  },
  answer() {
    signal = new AbortController();
    const request = { challenge, signal: signal.signal };
    return outcomeOf(services.attemptSecondFactor({ strategy: 'passkey' }, request));
  },
  /** Sends the last credential again. */
  replay() {
    const publicKeyCredential = answered ?? '';
    return outcomeOf(services.attemptSecondFactor({ strategy: 'passkey', publicKeyCredential }));
  },
  abort() {
    signal.abort();
  },
};
Object.assign(window, { api });
