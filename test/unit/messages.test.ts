import { describe, expect, it } from 'vitest';
import { germanMessages } from '../../docs/examples/shared/messages-de.ts';
import { ERROR_CODES } from '../../machines/errors.ts';
import {
  englishMessages,
  formatCount,
  formatDuration,
  type Message,
  type MessageFacts,
} from '../../src/messages.ts';

const facts = (patch: Partial<MessageFacts> = {}): MessageFacts => ({
  factor: { strategy: 'phone_code', phoneNumberId: 'idn_1', safeIdentifier: '+1*****00' },
  target: '+1*****00',
  length: 6,
  proof: 'code',
  waitMs: undefined,
  attemptsLeft: undefined,
  ...patch,
});
const say = (message: Message, patch?: Partial<MessageFacts>) =>
  typeof message === 'string' ? message : message(facts(patch));

describe.each([
  ['english', englishMessages],
  ['german', germanMessages],
])('the %s messages', (_name, messages) => {
  it('have a text for every error code', () => {
    for (const code of ERROR_CODES) expect(say(messages[code]), code).toMatch(/\w.+[.!]$/);
  });

  const STRATEGIES = ['totp', 'phone_code', 'email_code', 'email_link', 'backup_code', 'passkey'];
  const SAID = ['factor', 'code_label', 'submit', 'send', 'resend', 'sending', 'sent'] as const;

  it.each(['code', 'elsewhere', 'credential', null] as const)(
    'have a text for every factor, known or not, whose proof is %s',
    (proof) => {
      for (const strategy of [...STRATEGIES, 'carrier_pigeon']) {
        for (const target of [undefined, '+1*****00']) {
          const patch = { factor: { strategy }, target, proof };
          for (const key of SAID) expect(say(messages[key], patch), key).toMatch(/\w/);
          for (const key of [...SAID, 'hint'] as const) {
            expect(say(messages[key], patch), key).not.toMatch(/undefined|null|NaN/);
          }
        }
      }
    },
  );

  it('say how long to wait, then that the wait is over', () => {
    expect(say(messages.rate_limited, { waitMs: 7_001 })).toMatch(/\b8 se[ck]/i);
    expect(say(messages.rate_limited, { waitMs: 0 })).not.toMatch(/\d/);
    expect(say(messages.rate_limited)).not.toMatch(/undefined/);
  });
});

describe('englishMessages', () => {
  it('calls an unknown factor by its strategy', () => {
    const factor = { strategy: 'carrier_pigeon' };
    expect(say(englishMessages.factor, { factor, target: 'roof' })).toBe('carrier_pigeon roof');
    expect(say(englishMessages.factor, { factor: null, target: undefined })).toBe('');
  });

  it('counts the tries that are left', () => {
    expect(say(englishMessages.code_incorrect, { attemptsLeft: 1 })).toMatch(/1 try left\.$/);
    expect(say(englishMessages.code_incorrect, { attemptsLeft: 2 })).toMatch(/2 tries left\.$/);
    expect(say(englishMessages.code_incorrect)).not.toMatch(/left/);
  });

  it('says how long a lock lasts, if that is known', () => {
    const text = 'Your account is locked. You can try again in 5 minutes.';
    expect(say(englishMessages.locked, { waitMs: 300_000 })).toBe(text);
    expect(say(englishMessages.locked)).toBe('Your account is locked.');
  });

  it('counts down on the resend button', () => {
    expect(say(englishMessages.resend, { waitMs: 1_000 })).toBe('Send a new code in 1 second');
    expect(say(englishMessages.resend, { waitMs: 0 })).toBe('Send a new code');
  });
});

describe('formatDuration', () => {
  it('rounds up, in the unit that people would use', () => {
    expect(formatDuration(-5, 'en')).toBe('0 seconds');
    expect(formatDuration(1, 'en')).toBe('1 second');
    expect(formatDuration(90_000, 'en')).toBe('90 seconds');
    expect(formatDuration(90_001, 'en')).toBe('2 minutes');
    expect(formatDuration(3_600_000, 'en')).toBe('60 minutes');
    expect(formatDuration(5_401_000, 'en')).toBe('2 hours');
  });

  it('speaks the language that it is told to', () => {
    expect(formatDuration(8_000, 'de')).toBe('8 Sekunden');
    expect(formatDuration(2_000, 'ar')).toMatch(/ثان/);
  });
});

describe('formatCount', () => {
  it('takes the plural category of the language, and `other` for want of one', () => {
    const forms = { one: 'próba', few: 'próby', many: 'prób', other: 'próby' };
    expect([1, 3, 5].map((count) => formatCount(count, 'pl', forms))).toEqual([
      '1 próba',
      '3 próby',
      '5 prób',
    ]);
    expect(formatCount(1, 'en', { other: 'tries' })).toBe('1 tries');
  });
});
