import { createSecondFactor, passkey } from 'second-factor';
import { createHttpSignIn, sandboxServices } from 'second-factor/sandbox';
import { showSecondFactor } from '../../../docs/examples/vanilla/second-factor-form.ts';

// The page of vanilla.test.ts: the example without a framework, for somebody with a link and a passkey.

export const api = {
  async begin(baseUrl: string, identifier: string, password: string) {
    const signIn = await createHttpSignIn({ identifier, password }, { baseUrl });
    const services = sandboxServices({ signInId: signIn.id, baseUrl, watchEveryMs: 200 });
    const options = { strategies: { passkey } };
    const app = document.body.appendChild(document.createElement('main'));
    showSecondFactor(app, createSecondFactor({ signIn, services, options }));
  },
};
Object.assign(window, { api });
