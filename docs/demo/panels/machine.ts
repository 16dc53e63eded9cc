import { connect, type SecondFactorSnapshot } from 'second-factor';
import type { AnyEventObject, InspectionEvent } from 'xstate';
import { descriptions } from '../../../machines/second-factor.descriptions.ts';
import type { Backstage } from '../backstage.ts';
import { clock, element, make, setText } from '../dom.ts';
import { drawChart } from './chart.ts';
import { arrowFor } from './chart-layout.ts';

const MOST_LOG_ENTRIES = 50;
const IDLE_TEXT = 'It starts once the password is right.';
const EVENTS = {
  SELECT: 'select',
  PREPARE: 'prepare',
  ATTEMPT: 'attempt',
  CANCEL: 'cancel',
} as const;

/** Shows the machine at work: the lit diagram, what it accepts now, and what happened. */
export function showMachine(backstage: Backstage): { inspect(event: InspectionEvent): void } {
  const chart = drawChart();
  const state = make('code', { class: 'state-name' });
  const about = make('p', { class: 'hint state-about' });
  const chips = Object.entries(EVENTS).map(([name, can]) => {
    const verdict = make('span', { class: 'unseen' });
    return { can, verdict, chip: make('li', { class: 'chip' }, make('code', {}, name), verdict) };
  });
  const deadlines = make('ul', { class: 'deadlines', 'aria-label': 'Deadlines' });
  const requests = make('p', { class: 'hint requests' });
  const log = make('ol');
  let current: SecondFactorSnapshot | null = null;

  const showDeadlines = () => {
    const entries = Object.entries(current?.context.deadlines ?? {});
    const texts = entries.map(([name, at]) => `${name} in ${clock(at - backstage.now())}`);
    if (deadlines.childElementCount !== texts.length) {
      deadlines.replaceChildren(...texts.map(() => make('li')));
    }
    for (const [index, text] of texts.entries()) {
      const item = deadlines.children[index];
      if (item) setText(item, text);
    }
  };

  const show = (snapshot: SecondFactorSnapshot | null, arrow: string | null) => {
    current = snapshot;
    const view = snapshot && connect(snapshot, () => {});
    chart.light(view?.state ?? null, arrow);
    setText(state, view?.state ?? 'not running');
    state.toggleAttribute('data-idle', !view);
    setText(about, view ? describe(view.state) : IDLE_TEXT);
    for (const { can, chip, verdict } of chips) {
      const isAccepted = view?.can[can] === true;
      chip.toggleAttribute('data-accepted', isAccepted);
      setText(verdict, isAccepted ? ': yes' : ': no');
    }
    showDeadlines();
  };

  const note = (event: AnyEventObject, result: string, kind: string) => {
    log.prepend(
      make(
        'li',
        { 'data-kind': kind },
        make('time', {}, new Date(backstage.now()).toLocaleTimeString('en-GB')),
        make('span', {}, nameOf(event, current), ' ', make('span', { class: 'result' }, result)),
      ),
    );
    while (log.childElementCount > MOST_LOG_ENTRIES) log.lastElementChild?.remove();
  };

  element('machine-title-row').append(state);
  element('machine').append(
    about,
    chart.svg,
    make(
      'div',
      { class: 'stack tight' },
      make('h3', { id: 'accepted-title' }, 'Accepted now'),
      make(
        'ul',
        { class: 'chips', 'aria-labelledby': 'accepted-title' },
        ...chips.map(({ chip }) => chip),
      ),
      deadlines,
    ),
    make(
      'div',
      { class: 'stack tight' },
      make('h3', { id: 'log-title' }, 'What happened'),
      requests,
      // It has no live region: the sign-in has the one that speaks.
      make(
        'div',
        { class: 'log', role: 'region', 'aria-labelledby': 'log-title', tabindex: '0' },
        log,
      ),
    ),
  );
  show(null, null);
  setInterval(showDeadlines, 250);
  backstage.subscribe(({ requests: { prepare, attempt, reload } }) =>
    setText(requests, `Requests so far: prepare ${prepare}, attempt ${attempt}, reload ${reload}.`),
  );

  return {
    inspect(event) {
      if (event.type !== '@xstate.snapshot' || event.actorRef.sessionId !== event.rootId) return;
      // SAFETY: the root of the system is the flow's own actor.
      const snapshot = event.snapshot as SecondFactorSnapshot;
      if ((snapshot.status as string) === 'stopped') return show(null, null);
      const isStart = event.event.type === 'xstate.init';
      const before = isStart || !current ? null : stateOf(current);
      const after = stateOf(snapshot);
      if (isStart) log.replaceChildren();
      const isRefused = !isStart && snapshot === current;
      if (!isRefused) show(snapshot, (before && arrowFor(before, after)?.path) ?? null);
      if (isRefused) note(event.event, 'not accepted', 'refused');
      else note(event.event, before === after ? '' : `→ ${after}`, 'step');
    },
  };
}

function stateOf(snapshot: SecondFactorSnapshot): string {
  return connect(snapshot, () => {}).state;
}

function describe(state: string): string {
  const path = state.split('.');
  const nodes = path.map((_, index) => `secondFactor.${path.slice(0, index + 1).join('.')}`);
  const texts = nodes.map((id) => descriptions[id]);
  return texts.findLast((text) => text !== undefined) ?? '';
}

/** An event in words, from its type, its factor and its deadline alone. */
function nameOf(event: AnyEventObject, snapshot: SecondFactorSnapshot | null): string {
  const [, how, name] = /^xstate\.(done|error)\.actor\.(.+)$/.exec(event.type) ?? [];
  if (how === 'done') return `${name} resolved`;
  if (how === 'error') return `${name} rejected: ${snapshot?.context.error?.code ?? ''}`;
  if (event.type === 'xstate.init') return 'start';
  if (event.type.startsWith('xstate.after')) return 'requestTimeout';
  if (event.type === 'DEADLINE.PASSED') return `${event.type} ${event.name}`;
  const strategy = event.factor?.strategy;
  return typeof strategy === 'string' ? `${event.type} ${strategy}` : event.type;
}
