import { describe, expect, it } from 'vitest';
import {
  connect,
  passkey,
  SecondFactorError,
  type SecondFactorEvent,
  type SecondFactorServices,
  type SecondFactorView,
} from '../../src/index.ts';
import { settle, startFlow, type TestFlow } from '../support/flow.ts';
import { CODE, PHONE, sent, signIn, TOTP } from '../support/sign-ins.ts';

const LINK = { strategy: 'email_link', emailAddressId: 'idn_3', safeIdentifier: 'n*****@x.com' };
const PASSKEY = { strategy: 'passkey' };
const look = (flow: TestFlow) =>
  connect(flow.actor.getSnapshot(), flow.actor.send, { now: flow.now });

/** A flow whose one factor was prepared, and whose proof is no code. */
async function prepared(factor: typeof LINK | typeof PASSKEY): Promise<TestFlow> {
  const flow = startFlow({
    signIn: signIn({ supportedSecondFactors: [factor] }),
    options: { strategies: { passkey, email_link: { ...passkey, proof: 'elsewhere' } } },
  });
  look(flow).choose(factor);
  await flow.last().resolve(sent(factor.strategy));
  return flow;
}

/** The events that a view sends. */
function eventsOf(flow: TestFlow, act: (view: SecondFactorView) => void) {
  const events: SecondFactorEvent[] = [];
  act(connect(flow.actor.getSnapshot(), (event) => events.push(event), { now: flow.now }));
  return events;
}

describe('a factor whose proof is a credential', () => {
  it('has a button in place of a field', async () => {
    const view = look(await prepared(PASSKEY));
    expect(view).toMatchObject({ proof: 'credential', can: { attempt: true }, focus: 'submit' });
    expect(view.codeInputProps()).toMatchObject({ hidden: true, disabled: true });
    expect(view.labelProps().hidden).toBe(true);
    expect(view.submitButtonProps()).toMatchObject({ disabled: false, hidden: false });
    expect([view.announcement, view.labels.submit]).toEqual([
      'Your passkey can be used now. Continue with it.',
      'Continue with your passkey',
    ]);
  });

  it('is attempted without a code', async () => {
    const flow = await prepared(PASSKEY);
    expect(eventsOf(flow, (view) => view.attempt())).toEqual([{ type: 'ATTEMPT' }]);
    const form = { elements: {} };
    const events = eventsOf(flow, (view) => view.formProps().onSubmit({ currentTarget: form }));
    expect(events).toEqual([{ type: 'ATTEMPT' }]);
  });

  it('says what to do while the browser asks, and after its prompt was closed', async () => {
    const flow = await prepared(PASSKEY);
    look(flow).attempt();
    expect(look(flow)).toMatchObject({
      announcement: 'Follow the steps of your browser…',
      focus: 'status',
    });
    await flow.last().reject(new SecondFactorError('proof_dismissed'));
    expect(look(flow)).toMatchObject({
      announcement: 'That was not finished. Try again, or choose another way.',
      focus: 'submit',
      can: { attempt: true },
    });
  });
});

describe('a factor whose proof is given elsewhere', () => {
  it('has neither field nor button, and waits', async () => {
    const view = look(await prepared(LINK));
    expect(view).toMatchObject({ proof: 'elsewhere', can: { attempt: false }, focus: 'status' });
    expect(view.codeInputProps().hidden).toBe(true);
    expect(view.submitButtonProps().hidden).toBe(true);
    expect(view.announcement).toMatch(/^A link was sent to n\*{5}@x\.com\. This page goes on/);
    expect(view.labels.resend).toBe('Send a new link in 30 seconds');
  });
});

describe('a factor whose backend sends once', () => {
  const once = { needsPreparation: true, proof: 'code', length: 6, resends: false } as const;

  it('has no button to send again, and is chosen without sending', async () => {
    const flow = startFlow({
      signIn: signIn({ supportedSecondFactors: [{ strategy: 'phone_code' }, TOTP] }),
      options: { strategies: { phone_code: once }, resendCooldownMs: 0 },
    });
    look(flow).choose({ strategy: 'phone_code' });
    await flow.last().resolve(sent());
    expect(look(flow).resendButtonProps().hidden).toBe(true);
    look(flow).choose(TOTP);
    look(flow).choose({ strategy: 'phone_code' });
    expect(flow.requests).toHaveLength(1);
    expect(flow.state()).toBe('prepared');
  });
});

describe('the checkbox to trust this device', () => {
  const form = (checked: boolean) => ({
    elements: { code: { value: CODE }, trustDevice: { checked } },
  });

  it.each([true, false])('reaches the request as %s', async (checked) => {
    const asked: (boolean | undefined)[] = [];
    const flow = startFlow({
      signIn: signIn({ supportedSecondFactors: [TOTP, PHONE] }),
      services: {
        attemptSecondFactor: async (_, { trustDevice }) => {
          asked.push(trustDevice);
          return signIn();
        },
      } as Partial<SecondFactorServices> as SecondFactorServices,
    });
    expect(look(flow).trustDeviceProps()).toEqual({
      type: 'checkbox',
      name: 'trustDevice',
      disabled: false,
    });
    look(flow)
      .formProps()
      .onSubmit({ currentTarget: form(checked) });
    await settle();
    expect(asked).toEqual([checked || undefined]);
  });

  it('counts too if a whole code submits itself', () => {
    const field = { value: CODE, form: form(true) };
    const events = eventsOf(startFlow(), (view) =>
      view.codeInputProps().onInput({ currentTarget: field }),
    );
    expect(events).toMatchObject([{ type: 'ATTEMPT', trustDevice: true }]);
  });
});
