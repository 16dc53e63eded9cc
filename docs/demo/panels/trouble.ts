import type { WorldState, WorldTrouble } from '../backend/world-state.ts';
import type { Backstage } from '../backstage.ts';
import { element, make } from '../dom.ts';
import { typeCode, watchCodeField } from './code-field.ts';

const SWITCHES: readonly { name: keyof WorldTrouble; label: string; hint: string }[] = [
  {
    name: 'losesReply',
    label: 'Lose the next reply',
    hint: 'The request takes effect, its answer never comes.',
  },
  { name: 'slow', label: 'Slow replies', hint: 'Long enough to watch what is under way.' },
  { name: 'offline', label: 'Offline', hint: 'Nothing reaches the backend.' },
  {
    name: 'locked',
    label: 'Lock the account',
    hint: 'The next code, even the right one, ends it.',
  },
];

/** Lets a visitor provoke what goes wrong in real life. */
export function showTrouble(backstage: Backstage, steps: { startAgain(): void }): void {
  const wrongCode = button('A wrong code', () => typeCode(unlikelyCode(backstage.state)));
  const olderCode = button('An older code', () => typeCode(olderCodeOf(backstage.state) ?? ''));
  const skip = (label: string, ms: number) =>
    button(label, () => void backstage.act({ type: 'skip', ms }));

  const switches = SWITCHES.map(({ name, label, hint }) => {
    const input = make('input', {
      type: 'checkbox',
      role: 'switch',
      id: `trouble-${name}`,
      'aria-describedby': `trouble-${name}-hint`,
    });
    input.onchange = () => void backstage.act({ type: 'trouble', name, on: input.checked });
    const row = make(
      'div',
      { class: 'switch' },
      make('label', { for: input.id }, label),
      input,
      make('p', { class: 'hint', id: `trouble-${name}-hint` }, hint),
    );
    return { name, input, row };
  });

  element('trouble').append(
    group('Type', 'trouble-code', wrongCode, olderCode),
    group('Let time pass', 'trouble-time', skip('30 seconds', 30_000), skip('10 minutes', 600_000)),
    make('div', { class: 'switches' }, ...switches.map(({ row }) => row)),
    button('Start all over', async () => {
      steps.startAgain();
      await backstage.act({ type: 'reset' });
    }),
  );

  let isOpen = false;
  const update = () => {
    wrongCode.disabled = !isOpen;
    olderCode.disabled = !isOpen || olderCodeOf(backstage.state) === undefined;
  };
  watchCodeField((open) => {
    isOpen = open;
    update();
  });
  backstage.subscribe(({ trouble }) => {
    update();
    for (const { name, input } of switches) input.checked = trouble[name];
  });
}

function group(label: string, id: string, ...buttons: HTMLButtonElement[]): HTMLElement {
  return make(
    'div',
    { class: 'button-row', role: 'group', 'aria-labelledby': id },
    make('h3', { id }, label),
    ...buttons,
  );
}

function button(label: string, action: () => unknown): HTMLButtonElement {
  const made = make('button', { type: 'button', class: 'small' }, label);
  made.onclick = () => void action();
  return made;
}

let tries = 0;

/** A code that no device shows; another one each time, since the same one is not submitted twice. */
function unlikelyCode(state: WorldState): string {
  const shown = [state.authenticator.code, ...state.messages.map(({ code }) => code)];
  tries += 1;
  const code = String((tries * 111_111) % 1_000_000).padStart(6, '0');
  return shown.includes(code) ? unlikelyCode(state) : code;
}

function olderCodeOf({ messages }: WorldState): string | undefined {
  return messages.find(({ standing }) => standing === 'replaced')?.code;
}
