/**
 * The threat: a bookmark lies in session storage. A script of the page, an old version or another tab
 * may have written it. The flow believes it field by field, and only what makes sense. Each test changes
 * one thing of a real bookmark.
 */
import { describe, expect, it } from 'vitest';
import { readBookmark } from '../../machines/bookmark.ts';
import type { Bookmark } from '../../src/index.ts';
import { firstSnapshot, possibleSteps, stateName } from '../../src/testing/index.ts';
import { startFlow } from '../support/flow.ts';
import { PHONE, sent, signIn, T0, TOTP, trap } from '../support/sign-ins.ts';

const KEY = 'phone_code/idn_1';

/** A bookmark of a flow in which a code was sent, as it comes back from storage. */
async function realBookmark(): Promise<Bookmark> {
  const flow = startFlow({ factor: PHONE });
  flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await flow.last().resolve(sent());
  const saved = flow.bookmark();
  flow.stop();
  return JSON.parse(JSON.stringify(saved)) as Bookmark;
}

/** The first snapshot of a flow that resumes a bookmark, changed by one thing. */
async function resume(change: object | ((saved: Bookmark) => unknown), offer = {}) {
  const saved = await realBookmark();
  const changed = typeof change === 'function' ? change(saved) : { ...saved, ...change };
  return firstSnapshot({ signIn: signIn(offer), at: T0, resume: changed });
}

it('a bookmark that nobody changed resumes as it was', async () => {
  const snapshot = await resume({});
  expect(stateName(snapshot)).toBe('prepared');
  expect(snapshot.context.deadlines).toEqual({
    [`resend:${KEY}`]: T0 + 30_000,
    [`expiry:${KEY}`]: T0 + 600_000,
  });
});

describe('a bookmark', () => {
  it.each<[string, (saved: Bookmark) => unknown]>([
    ['of another version', (saved) => ({ ...saved, v: 2 })],
    ['without a version', ({ v: _, ...saved }) => saved],
    ['of another sign-in', (saved) => ({ ...saved, signInId: 'sia_2' })],
    ['that is text', (saved) => JSON.stringify(saved)],
    ['that is a list', (saved) => [saved]],
    ['that is null', () => null],
    ['that throws', trap],
    ['in a prototype', () => JSON.parse('{"__proto__":{"v":1,"signInId":"sia_1"}}')],
  ])('%s is ignored', async (_, change) => {
    const snapshot = await resume(change);
    expect(stateName(snapshot)).toBe('needs_second_factor');
    expect(snapshot.context).toMatchObject({ deliveries: {}, deadlines: {}, factor: TOTP });
  });

  it('is null if nothing can be read', () => {
    for (const junk of [null, undefined, 'junk', trap()]) {
      expect(readBookmark(junk, 'sia_1', new Map(), T0)).toBeNull();
    }
  });
});

describe('the factor key', () => {
  it.each<[string, unknown]>([
    ['of an unknown factor', 'carrier_pigeon'],
    ['of a factor of another user', 'phone_code/idn_9'],
    ['that is no text', 7],
    ['__proto__', '__proto__'],
  ])('%s leaves the default factor, and the delivery', async (_, factorKey) => {
    const { context } = await resume({ factorKey });
    expect(context.factor).toEqual(TOTP);
    expect(Object.keys(context.deliveries)).toEqual([KEY]);
  });
});

describe('a delivery', () => {
  const delivery = { sentAt: T0, expiresAt: T0 + 600_000, confirmed: true };

  it.each<[string, unknown]>([
    ['of a factor that is not offered', { 'phone_code/idn_9': delivery }],
    ['of a factor that needs none', { totp: delivery }],
    ['without a time', { [KEY]: { confirmed: true } }],
    ['sent at a text', { [KEY]: { ...delivery, sentAt: String(T0) } }],
    ['sent at no time', { [KEY]: { ...delivery, sentAt: Number.NaN } }],
    ['sent at an infinite time', { [KEY]: { ...delivery, sentAt: Number.POSITIVE_INFINITY } }],
    ['that is confirmed by a text', { [KEY]: { ...delivery, confirmed: 'yes' } }],
    ['that expires at a text', { [KEY]: { ...delivery, expiresAt: 'soon' } }],
    ['that is null', { [KEY]: null }],
    ['in a list', [[KEY, delivery]]],
    ['in a text', 'junk'],
  ])('%s is left out', async (_, deliveries) => {
    const snapshot = await resume({ deliveries });
    expect(snapshot.context.deliveries).toEqual({});
    expect(stateName(snapshot)).toBe('needs_second_factor');
    expect(possibleSteps(snapshot)).not.toContain(`ATTEMPT ${KEY}`);
  });

  it('without an end stays without an end', async () => {
    const deliveries = { [KEY]: { sentAt: T0, confirmed: true } };
    const snapshot = await resume({ deliveries });
    expect(snapshot.context.deliveries).toStrictEqual(deliveries);
    expect(stateName(snapshot)).toBe('prepared');
  });

  it('that was not confirmed may be attempted, and is not shown as sent', async () => {
    const snapshot = await resume({ deliveries: { [KEY]: { sentAt: T0, confirmed: false } } });
    expect(stateName(snapshot)).toBe('needs_second_factor');
    expect(possibleSteps(snapshot)).toContain(`ATTEMPT ${KEY}`);
  });
});

describe('a deadline', () => {
  it.each<[string, Record<string, unknown>]>([
    ['of an unknown name', { 'snooze:totp': T0 + 1_000 }],
    ['of an unknown name for a factor', { [`launch:${KEY}`]: T0 + 1_000 }],
    ['of a factor that is not offered', { 'resend:phone_code/idn_9': T0 + 1_000 }],
    ['of a factor that needs no preparation', { 'resend:totp': T0 + 1_000 }],
    ['that has passed', { hold: T0 }],
    ['that is too far for a timer', { hold: T0 + 2 ** 31 }],
    ['that is text', { hold: String(T0 + 1_000) }],
    ['that is NaN', { hold: Number.NaN }],
    ['that is null', { hold: null }],
  ])('%s is left out', async (_, deadlines) => {
    expect((await resume({ deadlines })).context.deadlines).toEqual({});
  });

  it('is kept up to the very edge', async () => {
    const deadlines = { hold: T0 + 2 ** 31 - 1, [`resend:${KEY}`]: T0 + 1 };
    expect((await resume({ deadlines })).context.deadlines).toEqual(deadlines);
  });

  it('is recognised by the beginning of its name', async () => {
    const phone = { strategy: 'phone_code', phoneNumberId: 'resend:idn_1' };
    const deadlines = { 'launch:phone_code/resend:idn_1': T0 + 1_000 };
    const { context } = await resume({ deadlines }, { supportedSecondFactors: [phone] });
    expect(context.deadlines).toEqual({});
  });
});

describe('what was in flight', () => {
  it.each<[string, object, string]>([
    ['an attempt', { inFlight: 'attempt' }, 'attempting.reconciling'],
    ['a prepare', { inFlight: 'prepare' }, 'failed.not_sent'],
    [
      'a prepare of a factor that needs none',
      { inFlight: 'prepare', factorKey: 'totp' },
      'needs_second_factor',
    ],
    ['a prepare of no factor', { inFlight: 'prepare', factorKey: null }, 'needs_second_factor'],
    ['something unknown', { inFlight: 'reload' }, 'prepared'],
  ])('%s leads to the right state', async (_, change, state) => {
    const snapshot = await resume(change);
    expect(stateName(snapshot)).toBe(state);
    expect(snapshot.context.error === null).toBe(/^(needs|prepared)/.test(state));
  });
});

describe('the unavailable factors', () => {
  const own = Object.assign(['totp'], { filter: () => [{ junk: true }] });

  it.each<[string, unknown, readonly string[]]>([
    ['that are offered are believed', ['totp'], ['totp']],
    ['that are not offered are left out', ['carrier_pigeon', 'phone_code/idn_9', 7, null], []],
    ['in a list with a method of its own are read all the same', own, ['totp']],
    ['that are text are none', 'totp', []],
    ['that are null are none', null, []],
  ])('%s', async (_, unavailable, expected) => {
    expect((await resume({ unavailable })).context.unavailable).toEqual(expected);
  });
});
