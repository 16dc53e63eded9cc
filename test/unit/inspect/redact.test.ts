import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { oneTimeCode } from '../../../machines/one-time-code.ts';
import { createRedactor, REDACTED, redact } from '../../../src/inspect/redact.ts';

describe('what is hidden', () => {
  it.each([
    ['code', '424242'],
    ['backupCodes', ['abcd-efgh']],
    ['otp', 424_242],
    ['password', 'hunter2'],
    ['access_token', 'x'],
    ['Authorization', 'Bearer abc'],
    ['secret', { nested: ['JBSWY3DP'] }],
    ['ticket', new Map([['a', 'b']])],
    ['pin', '1234'],
  ])('hides a value under %s', (key, value) => {
    expect(redact({ [key]: value })).toEqual({ [key]: REDACTED });
  });

  it.each([
    ['phoneNumber', '+15551234567'],
    ['phone', 15_551_234_567],
    ['emailAddress', 'somebody'],
    ['email', 'joe@example.com'],
    ['identifier', 'joe'],
    ['username', Object('joe')],
    ['tel', new Date(0)],
    ['phone', [new URL('tel:joe')]],
    ['backup_code', Object('kitten')],
  ])('hides a contact under %s', (key, value) => {
    expect(redact({ [key]: value })).toEqual({ [key]: REDACTED });
  });

  it.each([
    ['sent 424242', `sent ${REDACTED}`],
    ['sent 424 242', `sent ${REDACTED}`],
    ['sent ٤٢٤٢٤٢', `sent ${REDACTED}`],
    ['mail joe.doe+x@mail.example.com now', `mail ${REDACTED} now`],
    ['call +1 (555) 123-4567', `call ${REDACTED}`],
    ['call 0030 210 1234567', `call ${REDACTED}`],
    ['call 0010-00-00 00/00', `call ${REDACTED}`],
    ['call 0019-12-11 22/33', `call ${REDACTED}`],
    ['call 2012-34-56 78 90', `call ${REDACTED}`],
    ['strategy=x&password=correct_horse', `strategy=x&password=${REDACTED}`],
    ['POST /x {"code":{"value":"kitten"}}', `POST /x {"code":${REDACTED}`],
    ['POST /x {"codes":[["abcd"],["efgh"]]}', `POST /x {"codes":${REDACTED}`],
    ['POST /x {"password":"ab\\"cd","x":1}', `POST /x {"password":"${REDACTED}","x":1}`],
    [`code="${'ab cd '.repeat(300)}" end`, `code="${REDACTED}" end`],
    ['password_confirmation=kitten', `password_confirmation=${REDACTED}`],
    ['codeText=kitten&nonce=k2', `codeText=${REDACTED}&nonce=${REDACTED}`],
    ['user[code]=kitten&otp[0]=4', `user[code]=${REDACTED}&otp[0]=${REDACTED}`],
    ["code => 'kitten'; token::k2", `code => '${REDACTED}'; token::${REDACTED}`],
    ['password:     kitten', `password:     ${REDACTED}`],
    ['to sms_15551234567', `to sms_${REDACTED}`],
    ['country_code: +302101234567', `country_code: ${REDACTED}`],
    ['jwt eyJhbGciOiJI.eyJzdWIiOiIx.c2ln', `jwt ${REDACTED}`],
    ['Bearer abcdefgh', `Bearer ${REDACTED}`],
    ['/x?__clerk_ticket=abc&y=1', `/x?__clerk_ticket=${REDACTED}&y=1`],
    ['{"code":"hunter2"}', `{"code":"${REDACTED}"}`],
    ['sk_live_0123456789abcdef', REDACTED],
    ['https://joe:hunter2@example.com/', `https://${REDACTED}@example.com/`],
    ['Authorization: Basic am9lOmh1bnRlcjI=', `Authorization: ${REDACTED}`],
    ['{"code":"two words"}', `{"code":"${REDACTED}"}`],
    ['{"codes":["abcd1","efgh2"]}', `{"codes":"${REDACTED}"}`],
    ['sent {"code":"two words"} to us', `sent {"code":"${REDACTED}"} to us`],
    ['sent {\\"code\\":\\"two words\\"}', `sent {\\"code\\":\\"${REDACTED}\\"}`],
    ['body=%7B%22code%22%3A%22hunter2%22%7D', `body={"code":"${REDACTED}"}`],
    ['q=%257B%2522code%2522%253A%2522hunter2', `q={"code":"${REDACTED}`],
    ['eyJjb2RlIjoiNDI0MjQyIn0=', REDACTED],
    ['mail joe%40example.com', `mail ${REDACTED}`],
    ['mail jöe＠exämple.com', `mail ${REDACTED}`],
    ['mail "joe doe"@example.com', `mail ${REDACTED}`],
    ['call ＋30–210/123·4567', `call ${REDACTED}`],
    ['sent 4 2 4 2 4 2', `sent ${REDACTED}`],
    ['hunter22 came with password=hunter22', `${REDACTED} came with password=${REDACTED}`],
  ])('hides what %s tells', (text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it('hides a OneTimeCode and what it would reveal', () => {
    const shown = redact({
      event: { proof: oneTimeCode('kitten-1x') },
      error: 'kitten-1x is wrong',
    });
    expect(shown).toEqual({ event: { proof: REDACTED }, error: `${REDACTED} is wrong` });
  });

  it('hides a OneTimeCode of another copy of the package', () => {
    class Foreign {
      #text = 'kitten-1x';
      reveal = () => this.#text;
      toJSON = () => REDACTED;
    }
    expect(redact({ proof: new Foreign(), echo: 'kitten-1x' })).toEqual({
      proof: REDACTED,
      echo: REDACTED,
    });
  });

  it('hides an echo that stands before the secret', () => {
    expect(redact(['kitten1x was typed', { code: 'kitten1x' }])).toEqual([
      `${REDACTED} was typed`,
      { code: REDACTED },
    ]);
  });

  it('remembers a secret in later values, grouped, encoded and as a number too', () => {
    const redactor = createRedactor();
    redactor.redact({ code: '４２ 42' });
    redactor.redact({ token: 'a/b c+d' });
    expect(redactor.redact(['4242', '42-42', 4242, 'a%2Fb%20c%2Bd', 'x'])).toEqual([
      REDACTED,
      REDACTED,
      REDACTED,
      REDACTED,
      'x',
    ]);
  });

  it('takes what is hidden already for no secret', () => {
    const redactor = createRedactor();
    expect(redactor.redact('errorCode=token=abc1234')).toBe(`errorCode=token=${REDACTED}`);
    expect(redactor.redact(['errorCode=token=abc1234', `see ${REDACTED}`])).toEqual([
      `errorCode=token=${REDACTED}`,
      `see ${REDACTED}`,
    ]);
  });

  it.each([
    ['pässwörd1', '{"error":"p\\u00e4ssw\\u00f6rd1 is wrong"}'],
    ['ab/cd+ef', '{"error":"ab\\/cd+ef is wrong"}'],
  ])('finds %s where JSON has escaped it', (code, body) => {
    expect(redact({ code, body })).toEqual({
      code: REDACTED,
      body: `{"error":"${REDACTED} is wrong"}`,
    });
  });

  it('learns nothing from a list of two names', () => {
    const supported = ['totp', 'backup_code'];
    expect(redact({ supported, strategy: 'backup_code' })).toEqual({
      supported: ['totp', REDACTED],
      strategy: 'backup_code',
    });
  });

  it('hides passwords that are counted, and keys', () => {
    expect(redact({ password1: 'x', new_password2: 'y', secretKey: 'z' })).toEqual({
      password1: REDACTED,
      new_password2: REDACTED,
      secretKey: REDACTED,
    });
  });

  it.each([[['4', '2', '4', null, null, null]], [['4', undefined, '4', '2']]])(
    'hides boxes that are not all filled',
    (boxes) => {
      expect(redact({ boxes })).toEqual({ boxes: REDACTED });
    },
  );

  it('keeps the code of an error in a copy of it', () => {
    const once = redact(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
    expect(redact(once)).toEqual(once);
  });

  it('leaves no part of a long secret at the end of a text that is cut short', () => {
    const password = 'correct-horse-battery-staple-again-x';
    const text = `0123456789 ${password} tail tail tail`;
    const shown = redact({ text, password }, { maxTextLength: 20 });
    expect(JSON.stringify(shown)).not.toContain('correct');
  });

  it('hides a credential without the scheme that it came with', () => {
    const shown = redact({ authorization: 'Bearer kitten1x', message: 'kitten1x has expired' });
    expect(shown).toEqual({ authorization: REDACTED, message: `${REDACTED} has expired` });
  });

  it('takes no password for the code of an error, whatever error it is in', () => {
    const data = { password: 'correct_horse', code: 'code_incorrect' };
    expect(redact(Object.assign(new Error('422'), { data }))).toMatchObject({
      data: { password: REDACTED, code: 'code_incorrect' },
    });
  });

  it('hides an echo as the backend understood what was typed', () => {
    const redactor = createRedactor();
    redactor.redact({ code: '01 23-45' });
    const echoes = ['012345', '012–345', '01.23.45', '012\u200b345', 12_345, -12_345, 12_345.5];
    expect(redactor.redact(echoes)).toEqual(echoes.map(() => REDACTED));
  });

  it('hides a number that was typed, and no time, size or round limit', () => {
    const typed = { answer: 424_242, to: 15_551_234_567, list: [424_242] };
    expect(redact(typed)).toEqual({ answer: REDACTED, to: REDACTED, list: [REDACTED] });
    const measured = {
      at: 1_764_000_000_123,
      epochSeconds: 1_764_000_000,
      elapsedMs: 123_456,
      deadlines: { hold: 123_456 },
      maxAge: 600_000,
      userId: 123_456,
      price: 12_345.5,
    };
    expect(redact(measured)).toEqual(measured);
  });

  it('takes the last word of a name for a measure, and not its last letters', () => {
    const code = 424_242;
    const named = { items: [code], params: { answer: code }, message: code, chat: { x: code } };
    expect(redact(named)).toEqual({
      items: [REDACTED],
      params: { answer: REDACTED },
      message: REDACTED,
      chat: { x: REDACTED },
    });
  });

  it('comes to an end where a text holds more secrets than are remembered', () => {
    const text = Array.from({ length: 330 }, (_, n) => `pin=a-${1_000 + n}&`).join('');
    expect(redact(text)).not.toMatch(/\d{4}/);
  });

  it('hides a code that is typed bit by bit under a harmless name', () => {
    expect(redact({ value: '4242', boxes: ['4', '2', '', ''], year: '2024' })).toEqual({
      value: REDACTED,
      boxes: REDACTED,
      year: '2024',
    });
  });

  it('hides a secret that was taken apart into letters or bytes', () => {
    const bytes = new TextEncoder().encode('kitten1x');
    const shown = redact({ code: bytes, letters: [...'kitten1x'], bytes: [...bytes], few: [1, 2] });
    expect(shown).toEqual({ code: REDACTED, letters: REDACTED, bytes: REDACTED, few: [1, 2] });
  });

  it('takes the kind of a secret for no secret', () => {
    const shown = redact({ token: { type: 'bearer', value: 'kitten1x' }, say: 'bearer kitten1x' });
    expect(shown).toEqual({ token: REDACTED, say: `bearer ${REDACTED}` });
  });

  it('reads JSON in a text, however deep, and leaves harmless JSON as it was', () => {
    const body = JSON.stringify({ body: JSON.stringify({ otp: [1, 'kitten1x'], ok: true }) });
    expect(redact({ body, echo: 'kitten1x', plain: '{ "a": 1 }' })).toEqual({
      body: JSON.stringify({ body: JSON.stringify({ otp: REDACTED, ok: true }) }),
      echo: REDACTED,
      plain: '{ "a": 1 }',
    });
  });

  it('leaves no part of a secret at the end of a text that is cut', () => {
    const filler = Array.from({ length: 60 }, (_, n) => `code="${'x'.repeat(60)}${n}" `).join('');
    const text = `${filler.slice(0, 3_990)} kitten1x-and-more`;
    const shown = redact({ text, code: 'kitten1x-and-more' });
    expect(JSON.stringify(shown)).not.toContain('kitten');
  });

  it('hides names of properties that are personal', () => {
    expect(redact(new Map([['joe@example.com', 1]]))).toEqual({ [REDACTED]: 1 });
  });

  it('hides what a form or a list of entries spells as a pair', () => {
    const form = new URLSearchParams({ code: 'kitten', strategy: 'totp' });
    expect(redact([form, ['password', 'x'], { name: 'code', value: 'y' }])).toEqual([
      { code: REDACTED, strategy: 'totp' },
      ['password', REDACTED],
      { name: 'code', value: REDACTED },
    ]);
  });

  it('hides a value under a name of the host', () => {
    expect(redact({ 'recovery-word': 'x' }, { secretKeys: ['recoveryWord'] })).toEqual({
      'recovery-word': REDACTED,
    });
  });

  it('hides an error and its causes alike', () => {
    const cause = Object.assign(new Error('422'), { request: { body: { code: 'kitten' } } });
    const error = new Error('kitten was refused', { cause });
    expect(redact(error)).toEqual({
      name: 'Error',
      message: `${REDACTED} was refused`,
      cause: { name: 'Error', message: '422', request: { body: { code: REDACTED } } },
    });
  });
});

describe('what stays', () => {
  it.each([
    [{ strategy: 'phone_code', phoneNumberId: 'idn_1', safeIdentifier: '+30********90' }],
    [{ safeIdentifier: 'j***@example.com' }],
    [{ deadlines: { 'resend:phone_code/idn_1': 1_764_000_000_123, hold: 5 } }],
    [{ deliveries: { phone_code: { sentAt: 1_764_000_000_123, confirmed: true }, totp: {} } }],
    [{ code: null, hasToken: true, status: 429, statusCode: 422 }],
    [{ at: '2026-11-24T06:41:30.123Z', id: '123e4567-e89b-12d3-a456-426614174000' }],
    ['xstate.after.600000.toy.busy'],
    ['the error code: code_incorrect'],
    ['code: EAI_AGAIN, statusCode=422, country_code: GR, for idn_29w83sxmDN'],
  ])('keeps %j', (value) => {
    expect(redact(value)).toEqual(value);
  });

  it('keeps the code of an error, which is nobody’s code', () => {
    expect(
      redact({ error: { code: 'code_incorrect', errors: [{ code: 'form_code_incorrect' }] } }),
    ).toEqual({
      error: { code: 'code_incorrect', errors: [{ code: 'form_code_incorrect' }] },
    });
    expect(redact({ error: { code: 'a1b2c3' } })).toEqual({ error: { code: REDACTED } });
  });

  it('keeps the names of states, whatever they are called', () => {
    const redactor = createRedactor();
    expect(redactor.structure({ code: { password: 'token' } })).toEqual({
      code: { password: 'token' },
    });
  });
});

describe('any value', () => {
  it('becomes JSON', () => {
    const cyclic: Record<string, unknown> = { list: [1] };
    cyclic.self = cyclic;
    const shown = redact({
      cyclic,
      big: 10n,
      nan: Number.NaN,
      set: new Set([1]),
      fn: function named() {},
      signal: AbortSignal.abort(),
      bytes: new Uint8Array(3),
      promise: Promise.resolve(),
      date: new Date(0),
      sym: Symbol('s'),
      nothing: undefined,
    });
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
    expect(shown).toEqual({
      cyclic: { list: [1], self: '[Circular]' },
      big: '10n',
      nan: 'NaN',
      set: [1],
      fn: '[Function named]',
      signal: '[AbortSignal aborted]',
      bytes: '[Uint8Array 3 bytes]',
      promise: '[Promise]',
      date: '1970-01-01T00:00:00.000Z',
      sym: 'Symbol(s)',
    });
  });

  it('survives what throws when it is touched', () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys() {
          throw new Error('no keys');
        },
      },
    );
    const getter = {
      get bad(): string {
        throw new Error('code=hunter2');
      },
    };
    expect(redact(getter)).toEqual({ bad: `[getter threw: code=${REDACTED}]` });
    expect(inspect(redact({ hostile, fine: 1 }))).not.toContain('hunter');
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expect(typeof redact(revoked.proxy)).toBe('string');
  });

  it('shows the rest beside what can’t be read', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const shown = redact({ bad: revoked.proxy, fine: 1 });
    expect(shown).toMatchObject({ bad: expect.stringContaining('unreadable'), fine: 1 });
  });

  it('takes no longer for a large context with many secrets than a frame or two', () => {
    const redactor = createRedactor();
    for (let n = 0; n < 500; n += 1) redactor.learn(`secret-${n}-${n * 7919}`);
    const item = {
      id: 'item_1',
      text: 'some words about a thing '.repeat(4),
      nested: { a: [1, 2] },
    };
    const context = { items: Array.from({ length: 5_000 }, () => item) };
    redactor.redact(context);
    const start = performance.now();
    redactor.redact(context);
    // Generous: it is some 20 ms where nothing else runs.
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('reads each property once', () => {
    let reads = 0;
    redact({
      get value() {
        reads += 1;
        return 'x';
      },
    });
    expect(reads).toBe(1);
  });

  it('is bounded in depth, breadth, length and in all', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 50; level += 1) deep = { deep };
    expect(JSON.stringify(redact(deep)).length).toBeLessThan(300);
    expect(redact(Array.from({ length: 1000 }, (_, i) => i))).toHaveLength(200);
    expect(String(redact('x '.repeat(10_000))).length).toBeLessThan(2010);
    const wide = Array.from({ length: 200 }, () => Array.from({ length: 200 }, () => ({ a: [1] })));
    expect(JSON.stringify(redact(wide)).length).toBeLessThan(500_000);
  });

  it('can’t be made to set a prototype', () => {
    const shown = redact(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(JSON.stringify(shown)).not.toContain('"__proto__"');
  });
});
