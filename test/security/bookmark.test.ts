/**
 * The threat: a bookmark lies in session storage, where any script of the page, an old version or
 * another tab may have written it. What it says is believed field by field, and only where it makes
 * sense; each test starts from a real bookmark and changes one thing.
 */
import { describe, expect, it } from 'vitest';
import type { Bookmark } from '../../src/index.ts';
import { firstSnapshot, possibleSteps, stateName } from '../../src/testing/index.ts';
import { startFlow } from '../support/flow.ts';
import { BACKUP, MAIL, OTHER_PHONE, PHONE, sent, signIn, T0, TOTP } from '../support/sign-ins.ts';

const KEY = 'phone_code/idn_1';

async function realBookmark(): Promise<Bookmark> {
  const flow = startFlow({ factor: PHONE });
  flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {});
  await flow.last().resolve(sent());
  const saved = flow.bookmark();
  flow.stop();
  return JSON.parse(JSON.stringify(saved)) as Bookmark;
}

/** Resumes a bookmark with one field changed. */
async function resume(change: (saved: Bookmark) => unknown) {
  const saved = await realBookmark();
  return firstSnapshot({
    signIn: signIn({ supportedSecondFactors: [PHONE, OTHER_PHONE, MAIL, TOTP, BACKUP] }),
    at: T0,
    resume: change(saved),
  });
}

describe('a bookmark', () => {
  it('resumes as it was when nothing is changed', async () => {
    const snapshot = await resume((saved) => saved);
    expect(stateName(snapshot)).toBe('prepared');
    expect(snapshot.context.deadlines).toEqual({
      [`resend:${KEY}`]: T0 + 30_000,
      [`expiry:${KEY}`]: T0 + 600_000,
    });
  });

  it.each<[string, (saved: Bookmark) => unknown]>([
    ['of another version', (saved) => ({ ...saved, v: 2 })],
    ['without a version', ({ v: _, ...saved }) => saved],
    ['of another sign-in', (saved) => ({ ...saved, signInId: 'sia_2' })],
    ['that is text', (saved) => JSON.stringify(saved)],
    ['that is a list', (saved) => [saved]],
    ['that is null', () => null],
    [
      'that is a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error();
            },
          },
        ),
    ],
  ])('%s is ignored', async (_, change) => {
    const snapshot = await resume(change);
    expect(stateName(snapshot)).toBe('needs_second_factor');
    expect(snapshot.context).toMatchObject({ deliveries: {}, deadlines: {}, factor: TOTP });
  });

  it.each<[string, unknown]>([
    ['an unknown factor', 'carrier_pigeon'],
    ['a factor of another user', 'phone_code/idn_9'],
    ['no text', 7],
    ['__proto__', '__proto__'],
  ])('with %s as factorKey starts with the default factor', async (_, factorKey) => {
    const snapshot = await resume((saved) => ({ ...saved, factorKey }));
    expect(snapshot.context.factor).toEqual(TOTP);
  });

  it.each<[string, unknown]>([
    [
      'for a factor that the sign-in has not',
      { 'phone_code/idn_9': { sentAt: T0, confirmed: true } },
    ],
    ['for a factor that needs none', { totp: { sentAt: T0, confirmed: true } }],
    ['without a time', { [KEY]: { confirmed: true } }],
    ['with a time that is text', { [KEY]: { sentAt: '2026', confirmed: true } }],
    ['with an infinite time', { [KEY]: { sentAt: Number.POSITIVE_INFINITY, confirmed: true } }],
    ['with a confirmation that is text', { [KEY]: { sentAt: T0, confirmed: 'yes' } }],
    ['with an expiry that is text', { [KEY]: { sentAt: T0, confirmed: true, expiresAt: 'soon' } }],
    ['that is null', { [KEY]: null }],
    ['in a list', [[KEY, { sentAt: T0, confirmed: true }]]],
  ])('with a delivery %s has none', async (_, deliveries) => {
    const snapshot = await resume((saved) => ({ ...saved, deliveries }));
    expect(snapshot.context.deliveries).toEqual({});
    expect(possibleSteps(snapshot)).not.toContain(`ATTEMPT ${KEY}`);
  });

  it.each<[string, Record<string, unknown>]>([
    ['with an unknown name', { 'snooze:totp': T0 + 1_000 }],
    ['for a factor that the sign-in has not', { 'resend:phone_code/idn_9': T0 + 1_000 }],
    ['for a factor that needs no preparation', { 'resend:totp': T0 + 1_000 }],
    ['that has passed', { hold: T0 }],
    ['that is too far for a timer', { hold: T0 + 2 ** 31 }],
    ['that is text', { hold: String(T0 + 1_000) }],
    ['that is not a number', { hold: Number.NaN }],
  ])('with a deadline %s has none', async (_, deadlines) => {
    const snapshot = await resume((saved) => ({ ...saved, deadlines }));
    expect(snapshot.context.deadlines).toEqual({});
  });

  it('keeps a hold and a deadline at the very edge', async () => {
    const deadlines = { hold: T0 + 2 ** 31 - 1, [`resend:${KEY}`]: T0 + 1 };
    const snapshot = await resume((saved) => ({ ...saved, deadlines }));
    expect(snapshot.context.deadlines).toEqual(deadlines);
  });

  it.each<[string, Partial<Record<keyof Bookmark, unknown>>, string]>([
    ['an attempt', { inFlight: 'attempt' }, 'attempting.reconciling'],
    ['a prepare', { inFlight: 'prepare' }, 'failed.not_sent'],
    [
      'a prepare of a factor that needs none',
      { inFlight: 'prepare', factorKey: 'totp' },
      'needs_second_factor',
    ],
    ['nonsense', { inFlight: 'reload' }, 'prepared'],
  ])('with %s in flight starts in the right state', async (_, patch, state) => {
    expect(stateName(await resume((saved) => ({ ...saved, ...patch })))).toBe(state);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['known keys', ['totp'], ['totp']],
    ['unknown keys', ['carrier_pigeon', 7, null], []],
    ['text', 'totp', []],
  ])('with %s as unavailable takes over what it knows', async (_, unavailable, expected) => {
    const snapshot = await resume((saved) => ({ ...saved, unavailable }));
    expect(snapshot.context.unavailable).toEqual(expected);
  });

  it('takes nothing over from a prototype', async () => {
    const snapshot = await resume(() => JSON.parse('{"__proto__":{"v":1,"signInId":"sia_1"}}'));
    expect(stateName(snapshot)).toBe('needs_second_factor');
  });
});
