import type { WorldMessage, WorldState } from '../backend/world-state.ts';
import type { Backstage } from '../backstage.ts';
import { element, make, setText, spaced } from '../dom.ts';
import { isCodeFieldOpen, typeCode, watchCodeField } from './code-field.ts';

const TOTP_PERIOD_MS = 30_000;
const STANDINGS: Readonly<Record<WorldMessage['standing'], string>> = {
  current: 'newest',
  replaced: 'replaced by a newer one',
  used: 'used',
  expired: 'expired',
};

/** Shows the phone, the mailbox and the authenticator app of the person who signs in. */
export function showDevices(backstage: Backstage): void {
  const authenticator = makeAuthenticator();
  let shown = '';
  backstage.subscribe((state) => {
    authenticator.update(state);
    const texts = JSON.stringify([state.messages, state.backupCodes]);
    if (texts === shown) return; // nothing new: what has the focus stays where it is
    shown = texts;
    showMessages(state.messages);
    showBackupCodes(state.backupCodes);
  });
  watchCodeField((isOpen) => {
    for (const button of document.querySelectorAll<HTMLButtonElement>('.devices button')) {
      button.disabled = !isOpen;
    }
  });
  const tick = () => authenticator.tick(backstage.state, backstage.now());
  tick();
  setInterval(tick, 250);
}

function makeAuthenticator() {
  const code = make('p', { class: 'big-code' });
  const left = make('span', { class: 'hint' });
  const meter = make('span', { class: 'meter', 'aria-hidden': 'true' }, make('span'));
  const secret = make('code');
  let current = '';
  const qrCode = make('img', {
    src: '/demo/qr.svg',
    width: '128',
    height: '128',
    alt: 'QR code: scan it with a real authenticator app to add Ada’s account.',
  });
  element('authenticator').append(
    qrCode,
    make(
      'div',
      { class: 'stack tight' },
      code,
      meter,
      left,
      codeButton('Type it', () => current, 'Type it: the code of the authenticator app'),
    ),
    make(
      'details',
      {},
      make('summary', {}, 'Use an app of your own'),
      make('p', { class: 'hint' }, 'Scan the QR code, or enter this key by hand:'),
      secret,
    ),
  );
  return {
    update({ authenticator }: WorldState) {
      current = authenticator.code;
      setText(code, spaced(authenticator.code));
      setText(secret, authenticator.secret.replaceAll(/(.{4})(?!$)/g, '$1 '));
      code.toggleAttribute('data-spent', authenticator.isSpent);
    },
    tick({ authenticator }: WorldState, now: number) {
      const leftMs = Math.max(authenticator.changesAt - now, 0);
      const seconds = `${Math.ceil(leftMs / 1_000)} s`;
      setText(
        left,
        authenticator.isSpent ? `Used. A new one in ${seconds}` : `Changes in ${seconds}`,
      );
      meter.style.setProperty('--left', String(leftMs / TOTP_PERIOD_MS));
    },
  };
}

function showMessages(messages: readonly WorldMessage[]): void {
  element('inbox-empty').hidden = messages.length > 0;
  element('inbox').replaceChildren(
    ...messages.map(({ to, channel, code, sentAt, standing }) =>
      make(
        'li',
        { class: 'message', 'data-standing': standing },
        make('p', { class: 'message-to' }, `${channel === 'sms' ? 'SMS' : 'Email'} to ${to}`),
        make('p', {}, 'Your code is ', make('strong', {}, spaced(code)), '.'),
        make(
          'div',
          { class: 'message-foot' },
          make(
            'span',
            { class: 'hint' },
            make('time', { datetime: new Date(sentAt).toISOString() }, timeOfDay(sentAt)),
            `, ${STANDINGS[standing]}`,
          ),
          codeButton('Type it', () => code, `Type it: the code sent at ${timeOfDay(sentAt)}`),
        ),
      ),
    ),
  );
}

function showBackupCodes(codes: readonly string[]): void {
  element('backup-codes').replaceChildren(
    ...codes.map((code) =>
      make(
        'li',
        {},
        codeButton(code, () => code, `Type ${code}`),
      ),
    ),
  );
}

function codeButton(label: string, code: () => string, name = label): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'small', 'aria-label': name }, label);
  button.disabled = !isCodeFieldOpen();
  button.onclick = () => typeCode(code());
  return button;
}

function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}
