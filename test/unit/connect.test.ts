import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../src/connect.ts';
import type { ConnectOptions } from '../../src/connect.types.ts';
import { SecondFactorError, type SecondFactorEvent } from '../../src/index.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import { BACKUP, CODE, OTHER_PHONE, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';

const look = (flow: TestFlow, options: ConnectOptions = {}) =>
  connect(flow.actor.getSnapshot(), flow.actor.send, { now: flow.now, ...options });
/** The events that `act` sends. Nobody receives them. */
const eventsOf = (flow: TestFlow, act: (view: ReturnType<typeof look>) => void, now = flow.now) => {
  const send = vi.fn<(event: SecondFactorEvent) => void>();
  act(connect(flow.actor.getSnapshot(), send, { now }));
  return send.mock.calls.map(([event]) => event);
};
const refused = (code: string, more: object = {}) => ({ status: 422, errors: [{ code }], ...more });

/** A flow that has an SMS code, valid until ten minutes after the start. */
async function withSms(): Promise<TestFlow> {
  const flow = startFlow({ factor: PHONE });
  look(flow).prepare();
  await flow.last().resolve(sent());
  return flow;
}
const submit = async (flow: TestFlow, reason: unknown) => {
  look(flow).attempt(CODE);
  await flow.last().reject(reason);
};

describe('the facts', () => {
  it('have a way to choose each factor', () => {
    const flow = startFlow();
    look(flow).factors[1]?.select();
    expect(look(flow)).toMatchObject({ state: 'needs_second_factor', factor: PHONE });
    expect(flow.requests).toEqual([]);
  });

  it('send the focus to the status if nothing can be typed and nothing sent', async () => {
    const flow = startFlow({ factor: PHONE });
    look(flow).prepare();
    await flow.last().reject(refused('too_many_requests', { status: 429, retryAfter: 9 }));
    expect(look(flow)).toMatchObject({ state: 'failed.throttled', focus: 'status' });
    flow.clock.increment(9_000);
    expect(look(flow).focus).toBe('resend');
  });

  it('name the state with its parents', async () => {
    const flow = startFlow();
    expect(look(flow).state).toBe('needs_second_factor');
    look(flow).attempt(CODE);
    expect(look(flow)).toMatchObject({ state: 'attempting.sending', busy: true });
    await flow.last().reject(refused('form_code_incorrect'));
    expect(look(flow)).toMatchObject({ state: 'failed.code_rejected', busy: false });
  });

  it('list the factors by their labels, and mark the chosen one', () => {
    expect(
      look(startFlow()).factors.map(({ key, label, current }) => [key, label, current]),
    ).toEqual([
      ['totp', 'Authenticator app', true],
      ['phone_code/idn_1', 'Text message to +30********90', false],
      ['phone_code/idn_2', 'Text message to +30********91', false],
      ['email_code/idn_3', 'Email to n*****@example.com', false],
      ['backup_code', 'Backup code', false],
    ]);
  });

  it('count down to the resend and to the expiry, and stop at 0', async () => {
    const flow = await withSms();
    expect(look(flow)).toMatchObject({ resendInMs: 30_000, codeExpiresInMs: 600_000 });
    flow.clock.increment(29_000);
    expect(look(flow).resendInMs).toBe(1_000);
    flow.clock.increment(600_000);
    expect(look(flow)).toMatchObject({ resendInMs: 0, codeExpiresInMs: 0 });
  });

  it('know no expiry if the backend told none', async () => {
    const flow = startFlow({ factor: PHONE });
    expect(look(flow).codeExpiresInMs).toBeNull();
    look(flow).prepare();
    await flow.last().resolve(sent('phone_code', null));
    expect(look(flow).codeExpiresInMs).toBeNull();
  });

  it('stand still without a clock, so that a server renders what a browser does', async () => {
    const flow = await withSms();
    flow.clock.increment(5_000);
    expect(look(flow, { now: undefined }).resendInMs).toBe(30_000);
  });

  it('tell how long the backend wants us to wait, and refuse attempts until then', async () => {
    const flow = startFlow();
    await submit(flow, { status: 429, errors: [{ code: 'too_many_requests' }], retryAfter: 8 });
    expect(look(flow)).toMatchObject({ holdInMs: 8_000, can: { attempt: false, select: true } });
    flow.clock.increment(8_000);
    expect(look(flow)).toMatchObject({ holdInMs: 0, can: { attempt: true } });
  });

  it('give an error the text of its code, and the field that it is about', async () => {
    const flow = startFlow();
    expect(look(flow).error).toBeNull();
    await submit(flow, refused('form_code_incorrect'));
    const message = 'That code is not correct.';
    expect(look(flow).error).toEqual({ code: 'code_incorrect', message, field: 'code' });
    await submit(flow, new TypeError('Failed to fetch'));
    await flow.last().reject(new TypeError('Failed to fetch'));
    expect(look(flow).error).toMatchObject({ code: 'network', field: null });
  });

  it('replace texts one by one', async () => {
    const flow = startFlow();
    await submit(flow, refused('form_code_incorrect'));
    const { error, labels } = look(flow, { messages: { code_incorrect: 'Nope.', submit: 'Go' } });
    expect(error?.message).toBe('Nope.');
    expect(labels).toMatchObject({ submit: 'Go', cancel: 'Cancel' });
  });
});

describe('the announcement', () => {
  it('follows a text message from the request to the end', async () => {
    const flow = startFlow({ factor: PHONE });
    const said = [look(flow).announcement];
    look(flow).prepare();
    said.push(look(flow).announcement);
    await flow.last().resolve(sent());
    said.push(look(flow).announcement);
    look(flow).attempt(CODE);
    said.push(look(flow).announcement);
    await flow.last().resolve(signIn({ status: 'complete' }));
    said.push(look(flow).announcement);
    expect(said).toEqual([
      'Have a code sent to +30********90.',
      'Sending a code to +30********90…',
      'A code was sent to +30********90. Enter it here.',
      'Checking the code…',
      'Verified.',
    ]);
  });

  it('does not count, or a live region would speak each second', async () => {
    const flow = startFlow();
    await submit(flow, { status: 429, errors: [{ code: 'too_many_requests' }], retryAfter: 8 });
    const texts = new Set<string>();
    for (let seconds = 0; seconds < 7; seconds += 1) {
      texts.add(look(flow).announcement);
      flow.clock.increment(1_000);
    }
    expect([...texts]).toEqual(['There were too many tries. Try again in 8 seconds.']);
    flow.clock.increment(1_000);
    expect(look(flow).announcement).toBe('You can try again now.');
  });

  it.each([
    ['the first text message', () => startFlow({ factor: PHONE })],
    ['another one', withSms],
  ])('offers the same again once the wait for %s is over', async (_, start) => {
    const flow = await start();
    flow.clock.increment(30_000);
    look(flow).prepare();
    await flow.last().reject({ status: 429, errors: [], retryAfter: 8 });
    expect(look(flow).announcement).toBe('There were too many tries. Try again in 8 seconds.');
    flow.clock.increment(8_000);
    expect(look(flow).announcement).toBe('You can try again now.');
  });

  it('warns 20 s before the code expires and no sooner, and then says that it has', async () => {
    const flow = await withSms();
    flow.clock.increment(579_999);
    expect(look(flow).announcement).toMatch(/^A code was sent/);
    flow.clock.increment(1);
    expect(look(flow).announcement).toMatch(/^The code expires in less than 20 seconds/);
    flow.clock.increment(20_000);
    expect(look(flow).announcement).toMatch(/has probably expired/);
  });

  it('keeps the error when it warns of the expiry', async () => {
    const flow = await withSms();
    flow.clock.increment(585_000);
    await submit(flow, refused('form_code_incorrect'));
    expect(look(flow).announcement).toMatch(/^That code is not correct\. The code expires in/);
  });
});

describe('the actions', () => {
  it('choose sends a code if the factor needs one', () => {
    const flow = startFlow();
    expect(eventsOf(flow, (view) => view.choose(PHONE))).toEqual([
      { type: 'PREPARE', factor: PHONE, at: T0 },
    ]);
    expect(eventsOf(flow, (view) => view.choose(TOTP))).toEqual([{ type: 'SELECT', factor: TOTP }]);
  });

  it('choose sends nothing if the factor has a live code', async () => {
    const flow = await withSms();
    look(flow).select(TOTP);
    flow.clock.increment(60_000);
    look(flow).choose(PHONE);
    expect(flow.state()).toBe('prepared');
    expect(flow.requests).toHaveLength(1);
  });

  it('choose sends again if the code has expired', async () => {
    const flow = await withSms();
    look(flow).select(TOTP);
    flow.clock.increment(600_000);
    look(flow).choose(PHONE);
    expect(flow.state()).toBe('preparing');
  });

  it('choose sends again if the code expired while the timers slept', async () => {
    const flow = await withSms();
    look(flow).select(TOTP);
    look(flow, { now: () => T0 + 600_000 }).choose(PHONE);
    expect(flow.state()).toBe('preparing');
  });

  it('choose only chooses while the factor is cooling down', async () => {
    const flow = startFlow();
    look(flow).choose(PHONE);
    look(flow).choose(TOTP);
    look(flow).choose(PHONE);
    expect(flow.requests).toHaveLength(1);
    expect(look(flow)).toMatchObject({ factor: PHONE, state: 'needs_second_factor' });
  });

  it('choose ignores a factor that the sign-in does not offer, and one that is being prepared', () => {
    const flow = startFlow();
    expect(eventsOf(flow, (view) => view.choose({ strategy: 'passkey' }))).toEqual([]);
    look(flow).choose(PHONE);
    expect(eventsOf(flow, (view) => view.choose(PHONE))).toEqual([]);
    expect(eventsOf(flow, (view) => view.choose(OTHER_PHONE))).toHaveLength(1);
  });

  it('tell the machine first which deadlines passed while its timers slept', async () => {
    const flow = await withSms();
    const later = () => T0 + 31_000;
    expect(eventsOf(flow, (view) => view.resend(), later)).toEqual([
      { type: 'DEADLINE.PASSED', name: 'resend:phone_code/idn_1' },
      { type: 'PREPARE', at: T0 + 31_000 },
    ]);
    expect(eventsOf(flow, (view) => view.catchUp())).toEqual([]);
    look(flow, { now: later }).resend();
    expect(flow.state()).toBe('preparing');
  });

  it('send nothing once the flow was stopped, whatever is due', async () => {
    const flow = await withSms();
    flow.stop();
    const later = () => T0 + 31_000;
    expect(eventsOf(flow, (view) => view.catchUp(), later)).toEqual([]);
    expect(eventsOf(flow, (view) => view.resend(), later)).toEqual([]);
  });

  it('send nothing once the flow has ended', () => {
    const flow = startFlow();
    look(flow).cancel();
    expect(look(flow).can).toMatchObject({ cancel: false });
    const events = eventsOf(flow, (view) => {
      view.attempt(CODE);
      view.cancel();
      view.prepare();
    });
    expect(events).toEqual([]);
  });

  it('attempt wraps the code, so that nothing shows it', () => {
    const events = eventsOf(startFlow(), (view) => view.attempt(CODE));
    expect(JSON.stringify(events)).toBe('[{"type":"ATTEMPT","code":"[redacted]"}]');
  });
});

describe('what is said', () => {
  it("shows the backend's unlock time, or says only that the account is locked", async () => {
    const flow = startFlow();
    await submit(flow, new SecondFactorError('locked'));
    expect(look(flow).error?.message).toBe('Your account is locked.');
    const other = startFlow();
    const errors = [{ code: 'user_locked', longMessage: 'Try again in 1 hour.' }];
    await submit(other, { status: 403, errors });
    expect(look(other).error?.message).toBe(
      'Your account is locked. You can try again in 60 minutes.',
    );
  });

  it('after a lost reply is that the backend is asked', async () => {
    const flow = startFlow();
    await submit(flow, new TypeError('Failed to fetch'));
    expect(look(flow).state).toBe('attempting.reconciling');
    expect(look(flow).announcement).toMatch(/^No answer came\. Checking/);
  });

  it('after a throttled resend is how long to wait, although the older code may be submitted', async () => {
    const flow = await withSms();
    flow.clock.increment(30_000);
    look(flow).resend();
    await flow.last().reject(refused('too_many_requests', { status: 429, retryAfter: 9 }));
    expect(look(flow).can.attempt).toBe(true);
    expect(look(flow).announcement).toMatch(/Try again in 9 seconds\.$/);
  });

  it('after a wrong code is that it is wrong, also if it may be tried again at once', async () => {
    const flow = startFlow();
    await submit(flow, new SecondFactorError('code_incorrect', { retryAt: T0 }));
    expect(look(flow).announcement).toBe('That code is not correct.');
  });
});

describe('the code field', () => {
  /** A field of the page, with what was typed. */
  const field = (value: string) => ({ value, select: vi.fn() });
  const type = (flow: TestFlow, currentTarget: object, more: object = {}) =>
    look(flow)
      .codeInputProps()
      .onInput({ currentTarget, ...more });

  it('is one field for one-time codes', () => {
    expect(look(startFlow()).codeInputProps()).toMatchObject({
      autoComplete: 'one-time-code',
      inputMode: 'numeric',
      type: 'text',
      name: 'code',
      required: true,
      autoCapitalize: 'none',
      autoCorrect: 'off',
      spellCheck: false,
      enterKeyHint: 'go',
      'aria-describedby': 'second-factor-status',
    });
    expect(look(startFlow({ factor: BACKUP })).codeInputProps()).toMatchObject({
      autoComplete: 'off',
      inputMode: 'text',
      pattern: '.*',
    });
  });

  it.each(['424242', '424 242', ' 424-242\n', '４２４２４２', '٤٢٤٢٤٢', '4​2–42 42'])(
    'has room for %j, and a pattern that accepts it',
    (text) => {
      const { maxLength, pattern } = look(startFlow()).codeInputProps();
      expect(text.length).toBeLessThanOrEqual(maxLength);
      expect(text).toMatch(new RegExp(`^(?:${pattern})$`, 'v'));
    },
  );

  it.each(['', '42424', '4242424', 'abcdef', '424 24x'])(
    'has a pattern that refuses %j',
    (text) => {
      const { pattern } = look(startFlow()).codeInputProps();
      expect(text).not.toMatch(new RegExp(`^(?:${pattern})$`, 'v'));
    },
  );

  it('submits a complete code by itself, and no incomplete one', () => {
    const flow = startFlow();
    type(flow, field('42424'));
    expect(flow.requests).toHaveLength(0);
    type(flow, field('424 242'));
    expect(flow.last().params).toEqual({ strategy: 'totp', code: CODE });
  });

  it('submits each distinct code once', async () => {
    const flow = startFlow();
    const same = field(CODE);
    type(flow, same);
    await flow.last().reject(refused('form_code_incorrect'));
    same.value = '42-42-42';
    type(flow, same);
    expect(flow.requests).toHaveLength(1);
    same.value = '111111';
    type(flow, same);
    expect(flow.requests).toHaveLength(2);
  });

  it('submits the same digits for another factor', async () => {
    const flow = startFlow();
    const same = field(CODE);
    type(flow, same);
    await flow.last().reject(refused('form_code_incorrect'));
    look(flow).choose(PHONE);
    await flow.last().resolve(sent());
    type(flow, same);
    expect(flow.last()).toMatchObject({ params: { strategy: 'phone_code', code: CODE } });
  });

  it('does not use up a code that could not be submitted when it was typed', async () => {
    const flow = startFlow({ factor: PHONE });
    const same = field(CODE);
    look(flow).prepare();
    type(flow, same);
    await flow.last().resolve(sent());
    type(flow, same);
    expect(flow.requests).toHaveLength(2);
  });

  it('waits for the end of a composition, in React too', () => {
    const flow = startFlow();
    type(flow, field(CODE), { isComposing: true });
    type(flow, field(CODE), { nativeEvent: { isComposing: true } });
    expect(flow.requests).toHaveLength(0);
    look(flow)
      .codeInputProps()
      .onCompositionEnd({ currentTarget: field(CODE) });
    expect(flow.requests).toHaveLength(1);
  });

  it('never submits a backup code by itself: nobody knows how long it is', () => {
    const flow = startFlow({ factor: BACKUP });
    type(flow, field('abcd-efgh'));
    expect(flow.requests).toHaveLength(0);
  });

  it('lets a whole code that is pasted replace what is there, and stops no paste', () => {
    const props = look(startFlow()).codeInputProps();
    const paste = (text: string) => {
      const currentTarget = field(CODE);
      const preventDefault = vi.fn();
      const getData = (format: string) => (format === 'text' ? text : '');
      props.onPaste({ currentTarget, preventDefault, clipboardData: { getData } });
      expect(preventDefault).not.toHaveBeenCalled();
      return currentTarget.select;
    };
    expect(paste('111 111')).toHaveBeenCalled();
    expect(paste('1')).not.toHaveBeenCalled();
    props.onPaste({ currentTarget: field(CODE), clipboardData: null });
    const clipboardData = { getData: () => CODE };
    props.onPaste({ currentTarget: {}, clipboardData });
    props.onPaste({ currentTarget: null, clipboardData });
  });

  it('is disabled until a code was sent, and keeps its focus while one is checked', async () => {
    const flow = startFlow({ factor: PHONE });
    expect(look(flow)).toMatchObject({ focus: 'resend' });
    expect(look(flow).codeInputProps().disabled).toBe(true);
    look(flow).prepare();
    expect(look(flow)).toMatchObject({ focus: 'code' });
    await flow.last().resolve(sent());
    expect(look(flow).codeInputProps()).toMatchObject({ disabled: false, readOnly: false });
    look(flow).attempt(CODE);
    expect(look(flow).codeInputProps()).toMatchObject({ disabled: false, readOnly: true });
  });

  it('is marked invalid only by a rejected code', async () => {
    const flow = startFlow();
    await submit(flow, refused('form_code_incorrect'));
    expect(look(flow).codeInputProps()['aria-invalid']).toBe(true);
    await submit(flow, { status: 429, errors: [], retryAfter: 8 });
    expect(look(flow).codeInputProps()['aria-invalid']).toBe(false);
  });
});

describe('an incomplete code', () => {
  /** A page that remembers `malformed`, as every page should. */
  const pageOf = (flow: TestFlow) => {
    const page = {
      malformed: null as string | null,
      field: { value: '', focus: vi.fn() },
      view: (options: ConnectOptions = {}) =>
        look(flow, {
          malformed: page.malformed,
          onMalformed: (step) => {
            page.malformed = step;
          },
          ...options,
        }),
      submit(value: string) {
        page.field.value = value;
        page
          .view()
          .formProps()
          .onSubmit({ currentTarget: { elements: { code: page.field } } });
      },
      type(value: string) {
        page.field.value = value;
        page.view().codeInputProps().onInput({ currentTarget: page.field });
      },
    };
    return page;
  };
  const ALL_DIGITS = 'Enter all 6 digits.';

  it('is refused aloud, marked invalid and kept, and nothing is sent', () => {
    const flow = startFlow();
    const page = pageOf(flow);
    const before = flow.actor.getSnapshot();
    page.submit('42 42');
    expect(page.view()).toMatchObject({
      error: { code: 'code_malformed', message: ALL_DIGITS, field: 'code' },
      announcement: ALL_DIGITS,
      clearsCode: false,
      focus: 'code',
    });
    expect(page.view().codeInputProps()['aria-invalid']).toBe(true);
    expect(page.view().statusProps()['data-error']).toBe('code_malformed');
    expect(page.field.value).toBe('42 42');
    expect(page.field.focus).toHaveBeenCalled();
    expect(flow.actor.getSnapshot()).toBe(before);
    expect(flow.requests).toHaveLength(0);
  });

  it('is refused by `attempt` too, in the words of the page', () => {
    const page = pageOf(startFlow({ factor: BACKUP }));
    page.view().attempt('  ');
    expect(page.view({ messages: { code_malformed: 'Nothing?' } }).announcement).toBe('Nothing?');
  });

  it('is reported to the page once, and not while nothing changes', () => {
    const onMalformed = vi.fn();
    const view = look(startFlow(), { onMalformed });
    view.codeInputProps().onInput({ currentTarget: { value: '4' } });
    expect(onMalformed).not.toHaveBeenCalled();
    const code = { value: '4' }; // a field that can not be given the focus
    view.formProps().onSubmit({ currentTarget: { elements: { code } } });
    expect(onMalformed).toHaveBeenCalledOnce();
  });

  it('stays in the view until the user types', () => {
    const page = pageOf(startFlow());
    page.submit('42');
    page.type('424');
    expect(page.view()).toMatchObject({ error: null, announcement: expect.stringMatching('app') });
    expect(page.view().codeInputProps()['aria-invalid']).toBe(false);
  });

  it('stays in the view until the user does something else', async () => {
    const flow = startFlow();
    const page = pageOf(flow);
    page.submit('42');
    page.view().choose(PHONE);
    await flow.last().resolve(sent());
    page.view().choose(TOTP);
    expect(page.view().error).toBeNull();
  });

  it('gives way to the result of a code from elsewhere', async () => {
    const flow = startFlow();
    const page = pageOf(flow);
    page.submit('42');
    look(flow).attempt(CODE);
    expect(page.view().error).toBeNull();
    await flow.last().reject(refused('form_code_incorrect'));
    expect(page.view().error?.code).toBe('code_incorrect');
  });

  it('takes the place of the last rejection, and gives it back', async () => {
    const flow = startFlow();
    const page = pageOf(flow);
    page.submit(CODE);
    await flow.last().reject(refused('form_code_incorrect'));
    page.submit('42');
    expect(page.view().announcement).toBe(ALL_DIGITS);
    page.type('424');
    expect(page.view().error?.code).toBe('code_incorrect');
  });

  it('is ignored while no code is accepted', () => {
    const page = pageOf(startFlow({ factor: PHONE }));
    page.submit('42');
    expect(page.malformed).toBeNull();
    expect(page.view().error).toBeNull();
  });

  it('is left to the browser if the page remembers nothing', () => {
    const flow = startFlow();
    expect(look(flow).formProps().noValidate).toBe(false);
    expect(pageOf(flow).view().formProps().noValidate).toBe(true);
    look(flow).attempt('42');
    expect(look(flow).error).toBeNull();
  });
});

describe('the other props', () => {
  it('read the code from the form that was submitted, and keep the page', () => {
    const flow = startFlow();
    const preventDefault = vi.fn();
    const form = { elements: { code: { value: CODE } } };
    look(flow).formProps().onSubmit({ currentTarget: form, preventDefault });
    expect(preventDefault).toHaveBeenCalled();
    expect(flow.last().params).toEqual({ strategy: 'totp', code: CODE });
    const other = startFlow({ factor: BACKUP });
    for (const currentTarget of [null, {}, { elements: {} }]) {
      look(other).formProps().onSubmit({ currentTarget });
    }
    expect(other.requests).toEqual([]);
  });

  it('exist without a factor, and do nothing', () => {
    const flow = startFlow({ signIn: signIn({ supportedSecondFactors: [] }) });
    const view = look(flow);
    expect(view).toMatchObject({ state: 'halted', factor: null, factors: [] });
    expect(view.codeInputProps()).toMatchObject({
      autoComplete: 'off',
      inputMode: 'text',
      pattern: '.*',
      disabled: true,
    });
    view.codeInputProps().onInput({ currentTarget: { value: CODE } });
    expect(view.error?.message).toBe('There is no second factor that can be used here.');
    expect(look(flow, { messages: { submit: ({ target }) => `to ${target}` } }).labels.submit).toBe(
      'to undefined',
    );
  });

  it('make only one submit button', () => {
    const view = look(startFlow());
    expect(view.submitButtonProps().type).toBe('submit');
    const others = [view.resendButtonProps(), view.cancelButtonProps()];
    expect(others.map(({ type }) => type)).toEqual(['button', 'button']);
  });

  it('make a live region that is polite and atomic', () => {
    expect(look(startFlow()).statusProps()).toMatchObject({
      role: 'status',
      'aria-live': 'polite',
      'aria-atomic': true,
      tabIndex: -1,
    });
  });

  it('hide the resend button if the factor needs no preparation', () => {
    expect(look(startFlow()).resendButtonProps()).toMatchObject({ hidden: true, disabled: true });
    expect(look(startFlow({ factor: PHONE })).resendButtonProps()).toMatchObject({
      hidden: false,
      disabled: false,
    });
  });

  it('press the button of the chosen factor', () => {
    const view = look(startFlow());
    const pressed = view.factors.map((one) => view.factorButtonProps(one)['aria-pressed']);
    expect(pressed).toEqual([true, false, false, false, false]);
    expect(view.factorButtonProps({ strategy: 'passkey' })).toMatchObject({ disabled: true });
  });

  it('take ids of their own, for two forms on a page', () => {
    const view = look(startFlow(), { id: 'a' });
    expect(view.labelProps().htmlFor).toBe(view.codeInputProps().id);
    expect(view.statusProps().id).toBe('a-status');
    expect(view.ids[view.focus]).toBe('a-code');
    expect(view.ids.resend).toBe('a-resend');
    expect(view.resendButtonProps().id).toBe('a-resend');
  });

  it('go through a normaliser for each kind of element, as those of Zag are', () => {
    const kinds: string[] = [];
    const as = (kind: string) => (props: object) => {
      kinds.push(kind);
      return { kind, keys: Object.keys(props) };
    };
    const view = connect(startFlow().actor.getSnapshot(), () => {}, {
      normalize: {
        element: as('element'),
        label: as('label'),
        input: as('input'),
        button: as('button'),
      },
    });
    expect(view.codeInputProps().keys).toContain('inputMode');
    view.formProps();
    view.statusProps();
    view.labelProps();
    view.submitButtonProps();
    view.resendButtonProps();
    view.cancelButtonProps();
    view.factorButtonProps(TOTP);
    expect(kinds.join()).toBe('input,element,element,label,button,button,button,button');
  });

  it('go through a normaliser that is one function', () => {
    const normalize = (props: object) => Object.keys(props).length;
    const view = connect(startFlow().actor.getSnapshot(), () => {}, { normalize });
    expect(view.labelProps()).toBe(2);
  });
});
