import { AuthClient, type GoTrueClient } from '@supabase/auth-js';
import { createSecondFactor, type SecondFactorFlow, type Strategies } from 'second-factor';
import { type SupabaseClient, supabase, supabaseToError } from 'second-factor/supabase';
import { afterEach, describe, expect, it } from 'vitest';
import { describeExamples } from '../support/doc-examples.ts';
import { readErrorTable } from '../support/error-table.ts';
import { REFUSALS, type SupabaseAuth, startSupabaseAuth } from './support/supabase-auth.ts';
import { whereIs } from './support/tell.ts';

// The examples of docs/backends/supabase.md, word for word, and its table of errors.

// example: start
/** `client` is what `createClient()` makes. Its user has signed in, with a password for example. */
async function askForSecondFactor(client: { auth: GoTrueClient }) {
  const { data } = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  if (data?.nextLevel !== 'aal2') return null; // the user has no second factor
  return createSecondFactor(await supabase({ client }));
}

async function verifyPhone(flow: SecondFactorFlow, ask: () => Promise<string>) {
  await flow.prepareSecondFactor({ strategy: 'phone_code' }); // the text message is sent
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: await ask() });
  // From here on the session of the client is `aal2`.
}
// end

// example: options
async function withLongerCodes(client: SupabaseClient, resume: unknown) {
  const phone_code = { needsPreparation: true, proof: 'code', idField: 'phoneNumberId' } as const;
  const strategies: Strategies = { phone_code: { ...phone_code, length: 8 } };
  const made = await supabase({ client });
  return createSecondFactor({ ...made, resume, options: { ...made.options, strategies } });
}
// end

let backend: SupabaseAuth | undefined;
afterEach(() => backend?.close());

async function signIn() {
  backend = await startSupabaseAuth();
  const auth = new AuthClient({ url: backend.url, autoRefreshToken: false, persistSession: false });
  await auth.signInWithPassword({ email: 'ada@example.com', password: 'x' });
  return { auth, outbox: backend.outbox };
}

describe('the examples of docs/backends/supabase.md', () => {
  it('lift a session', async () => {
    const { auth, outbox } = await signIn();
    const flow = await askForSecondFactor({ auth });
    if (!flow) throw new Error('no second factor is asked for');
    await verifyPhone(flow, async () => outbox.at(-1)?.code ?? '');
    const { data } = await auth.mfa.getAuthenticatorAssuranceLevel();
    expect(data?.currentLevel).toBe('aal2');
  });

  it('ask nobody who has no second factor', async () => {
    backend = await startSupabaseAuth({ factors: [] });
    const auth = new AuthClient({
      url: backend.url,
      autoRefreshToken: false,
      persistSession: false,
    });
    await auth.signInWithPassword({ email: 'ada@example.com', password: 'x' });
    expect(await askForSecondFactor({ auth })).toBeNull();
  });

  it('ask for longer codes', async () => {
    const { auth } = await signIn();
    const flow = await withLongerCodes({ auth }, null);
    await flow.prepareSecondFactor({ strategy: 'phone_code' });
    const short = flow.attemptSecondFactor({ strategy: 'phone_code', code: '123456' });
    await expect(short).rejects.toMatchObject({ code: 'code_malformed' });
    expect(whereIs(flow)).toBe('prepared');
  });
});

describe('the table of docs/backends/supabase.md', () => {
  const rows = readErrorTable('backends/supabase.md');

  it.each(rows)('says what %s means: %s', (code, ours) => {
    const status = code.startsWith('over_') ? 429 : 400;
    expect(supabaseToError({ code, status }, 0).code).toBe(ours);
  });

  it('leaves out no code that a client can see and the flow reads', () => {
    const seen = Object.values(REFUSALS).filter(
      ([status, code]) => status < 500 && !code.startsWith('hook_'),
    );
    const listed = rows.map(([code]) => code);
    expect(seen.map(([, code]) => code).filter((code) => !listed.includes(code))).toEqual([]);
    expect(rows.length).toBeGreaterThan(20);
  });
});

describeExamples(import.meta.url, 'backends/supabase.md');
