import { describe, expect, it } from 'vitest';
import { enter, refusalOf, rejectionOf, simulate } from './support.ts';

/** Calls a service with what its type does not allow. */
function call(method: 'prepareSecondFactor' | 'attemptSecondFactor', params: unknown) {
  const { sandbox } = simulate();
  const services = sandbox.services(sandbox.signIn().id);
  // SAFETY: what arrives over a network has no type either.
  return services[method](params as never);
}

describe('the parameters of a prepare', () => {
  it.each([
    [{}, '422 form_param_nil'],
    [{ strategy: '' }, '422 form_param_nil'],
    [{ strategy: 'pigeon' }, '422 form_param_value_invalid'],
    [{ strategy: 'constructor' }, '422 form_param_value_invalid'],
    [{ strategy: 'backup_code' }, '422 form_param_value_invalid'],
    [{ strategy: 7 }, '422 form_param_value_invalid'],
    [{ strategy: 'phone_code', safeIdentifier: '+1' }, '422 form_param_unknown'],
    [{ strategy: 'phone_code', emailAddressId: 'idn_email_1' }, '422 form_param_unknown'],
    [{ strategy: 'phone_code', phone_number_id: 'idn_phone_1' }, '422 form_param_unknown'],
    [{ strategy: 'phone_code', phoneNumberId: 1 }, '422 form_param_format_invalid'],
    [{ strategy: 'phone_code', phoneNumberId: 'idn_phone_9' }, '400 strategy_for_user_invalid'],
    [JSON.parse('{"strategy":"phone_code","__proto__":"x"}'), '422 form_param_unknown'],
  ])('are refused: %j', async (params, refusal) => {
    expect(await refusalOf(call('prepareSecondFactor', params))).toBe(refusal);
  });

  it('may be undefined', async () => {
    await expect(
      call('prepareSecondFactor', { strategy: 'phone_code', phoneNumberId: undefined }),
    ).resolves.toBeTruthy();
  });

  it('are named when they are unknown', async () => {
    const rejection = call('prepareSecondFactor', { strategy: 'email_code', channel: 'sms' });
    expect(await rejectionOf(rejection)).toMatchObject({
      errors: [{ meta: { paramName: 'channel' } }],
    });
  });
});

describe('a very long name', () => {
  it('is cut where it is named', async () => {
    const name = 'x'.repeat(10_000);
    const error = await rejectionOf(
      call('prepareSecondFactor', { strategy: 'email_code', [name]: '' }),
    );
    expect(error).toMatchObject({ errors: [{ meta: { paramName: 'x'.repeat(64) } }] });
  });
});

describe('the parameters of an attempt', () => {
  it.each([
    [{ code: '123456' }, '422 form_param_nil'],
    [{ strategy: 'totp' }, '422 form_param_nil'],
    [{ strategy: 'totp', code: '' }, '422 form_param_nil'],
    [{ strategy: 'totp', code: 123_456 }, '422 form_param_format_invalid'],
    [{ strategy: 'totp', code: '123456', password: 'x' }, '422 form_param_unknown'],
    [
      { strategy: 'phone_code', code: '123456', phoneNumberId: 'idn_phone_1' },
      '422 form_param_unknown',
    ],
    [{ strategy: 'constructor', code: '123456' }, '422 form_param_value_invalid'],
    [{ code: undefined, strategy: 'totp' }, '422 form_param_nil'],
    [{ strategy: 'passkey', code: '123456' }, '422 form_param_unknown'],
    [{ strategy: 'passkey' }, '422 form_param_nil'],
    [{ strategy: 'passkey', publicKeyCredential: '{}' }, '400 strategy_for_user_invalid'],
    [{ strategy: 'email_link' }, '422 form_param_value_invalid'],
  ])('are refused: %j', async (params, refusal) => {
    expect(await refusalOf(call('attemptSecondFactor', params))).toBe(refusal);
  });

  it('are not repeated in the refusal', async () => {
    const { sandbox } = simulate();
    const rejection = await rejectionOf(enter(sandbox).attempt('totp', '31415926'));
    expect(JSON.stringify(rejection) + String((rejection as Error).stack)).not.toContain(
      '31415926',
    );
  });
});
