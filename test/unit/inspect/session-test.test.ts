import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as library from '../../../src/index.ts';
import { createSecondFactor, SecondFactorError } from '../../../src/index.ts';
import { recordSession, sessionTest } from '../../../src/inspect/index.ts';
import { createSandbox } from '../../../src/sandbox/index.ts';
import * as kit from '../../../src/testing/index.ts';

/** Runs what was written, as vitest would; `null` where it passes. */
async function run(text: string): Promise<string | null> {
  const tests: (() => Promise<void>)[] = [];
  const modules = {
    'second-factor': library,
    'second-factor/testing': kit,
    vitest: { expect, it: (_: string, test: () => Promise<void>) => tests.push(test) },
  };
  const plain = ts.transpile(text, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    verbatimModuleSyntax: true,
  });
  const script = plain.replace(/^import (.*) from ('.*');$/gm, 'const $1 = modules[$2];');
  new Function('modules', script)(modules);
  expect(tests).toHaveLength(1);
  try {
    for (const test of tests) await test();
    return null;
  } catch (error) {
    return String((error as Error).message);
  }
}

/** A flow of the sandbox, recorded. */
function recorded() {
  const { inspect, session } = recordSession();
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({ signIn, services: sandbox.services(signIn.id), inspect });
  return { flow, sandbox, written: () => sessionTest(session()) };
}

const PHONE = { strategy: 'phone_code', phoneNumberId: 'idn_phone_1' };

describe('the test that a session becomes', () => {
  it('passes where the flow came to its end, with a wrong code on the way', async () => {
    const { flow, sandbox, written } = recorded();
    await flow.prepareSecondFactor(PHONE);
    await flow.attemptSecondFactor({ ...PHONE, code: '000000' }).catch(() => {});
    await flow.attemptSecondFactor({ ...PHONE, code: sandbox.inbox.code() });
    const text = written();
    expect(text).toContain('it("completes as it did"');
    expect(text).toContain('new SecondFactorError("code_incorrect"');
    expect(text).not.toContain(sandbox.inbox.code());
    expect(await run(text)).toBeNull();
  });

  it('fails where the flow got stuck', async () => {
    const { flow, sandbox, written } = recorded();
    await flow.prepareSecondFactor(PHONE);
    sandbox.faults.next('attempt', { status: 500 });
    sandbox.faults.next('reload', { status: 500 });
    await flow.attemptSecondFactor({ ...PHONE, code: sandbox.inbox.code() }).catch(() => {});
    expect(flow.actor.getSnapshot().value).toEqual({ failed: 'outcome_unknown' });
    const text = written();
    expect(text).toContain('// It went wrong here: server_error');
    expect(await run(text)).toContain(
      "'failed.outcome_unknown' not to be 'failed.outcome_unknown'",
    );
    flow.stop();
  });

  it('fails where an event was refused, and says why', async () => {
    const { flow, written } = recorded();
    await flow.prepareSecondFactor(PHONE);
    flow.actor.send({ type: 'PREPARE', factor: PHONE, at: Date.now() });
    const text = written();
    expect(text).toMatch(/canPrepare said no: resend:phone_code\/idn_phone_1 until \d{4}-/);
    expect(await run(text)).toContain("'prepared' not to be 'prepared'");
    flow.stop();
  });

  it('fails at the end where nothing came after', async () => {
    const { flow, written } = recorded();
    await flow.prepareSecondFactor(PHONE);
    expect(await run(written())).toContain("expected 'prepared' to be 'complete'");
    flow.stop();
  });

  it('waits as long as the flow waited', async () => {
    const { inspect, session } = recordSession();
    const flow = createSecondFactor({
      signIn: createSandbox().signIn(),
      services: {
        prepareSecondFactor: () => new Promise(() => {}),
        attemptSecondFactor: () => Promise.reject(new SecondFactorError('network')),
      },
      options: { requestTimeoutMs: 1 },
      inspect,
    });
    void flow.prepareSecondFactor(PHONE).catch(() => {});
    await expect.poll(() => flow.actor.getSnapshot().value).toEqual({ failed: 'not_sent' });
    expect(await run(sessionTest(session()))).toContain("not to be 'failed.not_sent'");
    flow.stop();
  });

  it('is none of a session without a flow', () => {
    const { session } = recordSession();
    expect(() => sessionTest(session())).toThrow('No second-factor flow');
  });
});

it('turns nothing of a session into a program', async () => {
  const { flow, written } = recorded();
  await flow.prepareSecondFactor(PHONE);
  expect(written()).not.toContain('pwned');
  const evil = `'); globalThis.pwned = 1; ('\n`;
  const { inspect, session } = recordSession();
  const other = createSecondFactor({
    signIn: createSandbox().signIn(),
    services: { prepareSecondFactor: async () => ({}), attemptSecondFactor: async () => ({}) },
    inspect,
  });
  const spoilt = JSON.parse(
    JSON.stringify(session()).replaceAll('"needs_second_factor"', JSON.stringify(evil)),
  );
  await run(sessionTest(spoilt));
  expect('pwned' in globalThis).toBe(false);
  other.stop();
  flow.stop();
});
