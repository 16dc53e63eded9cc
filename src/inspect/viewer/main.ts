import type { Chart } from '../chart.ts';
import type { InspectorMessage, Offer, SnapshotMessage } from '../messages.ts';
import { shortType, statePaths } from '../names.ts';
import type { Json } from '../redact.ts';
import { byId, el } from './dom.ts';
import { type Drawing, draw } from './draw.ts';
import { connect } from './host.ts';
import { type Elk, fingerprint, type Layout, layOut } from './layout.ts';
import { activeIds } from './read.ts';
import { type ActorView, Recording } from './session.ts';
import { createTree } from './tree.ts';

/** Set by the build: the layout of the second-factor machine. */
declare const OWN_LAYOUT: { readonly fingerprint: string; readonly layout: Layout } | null;

const LONGEST_LOG = 400;

let live = new Recording();
let opened: { readonly name: string; readonly recording: Recording } | null = null;
/** The message that is looked at; `null` follows the newest. */
let moment: number | null = null;
let selected: string | null = null;
let drawing: { readonly chart: Chart; readonly drawing: Drawing } | null = null;
let zoom: number | null = null;
let shownActive = '';

const layouts = new Map<string, Promise<Layout>>();
if (OWN_LAYOUT) layouts.set(OWN_LAYOUT.fingerprint, Promise.resolve(OWN_LAYOUT.layout));

const host = connect({
  hear(message) {
    if (live.add(message) && !opened) schedule();
  },
  // Another host, or the same one anew: it tells everything from the start.
  began() {
    live = new Recording();
    if (opened) return;
    selected = null;
    moment = null;
    schedule();
  },
  changed: schedule,
});
/** Why the file that somebody chose is not shown. */
let problem: string | null = null;

// --- what is looked at ---------------------------------------------------------------------------

const recording = (): Recording => opened?.recording ?? live;
const newest = (): number => recording().messages.length - 1;
const index = (): number => moment ?? newest();
const isLive = (): boolean => opened === null && moment === null;

function actorNow(actors: Map<string, ActorView>): ActorView | undefined {
  const chosen = selected === null ? undefined : actors.get(selected);
  // The first machine is the one that people came for.
  return chosen ?? [...actors.values()].find(({ chart }) => chart) ?? [...actors.values()][0];
}

// --- drawing -------------------------------------------------------------------------------------

let isScheduled = false;

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

function render(): void {
  const actors = recording().at(index());
  const actor = actorNow(actors);
  renderStatus(actor);
  void renderChart(actor);
  renderOffers(actor);
  renderDeadlines(actor);
  renderActors(actors, actor);
  renderData(actor);
  renderLog(actors);
}

function renderStatus(actor: ActorView | undefined): void {
  const status = byId('status');
  const total = newest() + 1;
  const mode = opened ? 'file' : moment !== null ? 'past' : host.isConnected() ? 'live' : 'waiting';
  status.dataset.mode = problem === null ? mode : 'problem';
  status.textContent = problem ?? statusText(mode, total);
  byId('title').textContent = actor?.name ?? 'Inspector';
  const cursor = byId('cursor') as HTMLInputElement;
  cursor.max = String(Math.max(newest(), 0));
  cursor.value = String(Math.max(index(), 0));
  byId('live').textContent = opened ? 'Close' : 'Live';
  byId('live').setAttribute('aria-pressed', String(isLive()));
  for (const id of ['back', 'forth', 'cursor', 'save']) {
    (byId(id) as HTMLButtonElement).disabled = total === 0;
  }
}

function statusText(mode: 'file' | 'past' | 'live' | 'waiting', total: number): string {
  const dropped = recording().dropped;
  const older = dropped ? `, ${dropped} older ones dropped` : '';
  switch (mode) {
    case 'file':
      return `${opened?.name}: ${index() + 1} of ${total}${older}`;
    case 'past':
      return `${index() + 1} of ${total}`;
    case 'live':
      return `live, ${total} recorded${older}`;
    case 'waiting':
      return total > 0 ? `connection lost, ${total} recorded` : 'waiting for an actor';
  }
}

async function renderChart(actor: ActorView | undefined): Promise<void> {
  const chart = actor?.chart;
  const note = byId('note');
  if (!chart) {
    drawing = null;
    byId('drawing').replaceChildren();
    note.textContent = actor
      ? `${actor.name} has no chart. It is ${actor.now?.snapshot.status ?? 'active'}.`
      : host.hint;
    return;
  }
  if (drawing?.chart !== chart) {
    const key = fingerprint(chart);
    // The same chart comes again with every session; its drawing stays.
    if (!drawing || fingerprint(drawing.chart) !== key) {
      if (!layouts.has(key)) {
        note.textContent = 'Laying out…';
        layouts.set(key, layOutHere(chart));
      }
      let layout: Layout;
      try {
        layout = await (layouts.get(key) ?? layOutHere(chart));
      } catch {
        layouts.delete(key);
        note.textContent = 'This chart could not be laid out.';
        return;
      }
      // Meanwhile somebody may have looked elsewhere.
      if (actorNow(recording().at(index()))?.chart !== chart) return;
      drawing = { chart, drawing: draw(chart, layout, choose) };
      byId('drawing').replaceChildren(drawing.drawing.element);
      shownActive = '';
      applyZoom();
    } else {
      drawing = { chart, drawing: drawing.drawing };
    }
  }
  note.textContent = '';
  const now = recording().at(index()).get(actor.id)?.now;
  const active = activeIds(chart, now?.snapshot.value);
  drawing.drawing.highlight({
    active,
    trace: new Set(now?.trace),
    offers: offersByType(now?.offers ?? []),
  });
  const key = [...active].join();
  if (key !== shownActive) {
    shownActive = key;
    showActive(active);
  }
}

async function layOutHere(chart: Chart): Promise<Layout> {
  const file = './elk.js';
  const { default: Engine } = (await import(file)) as { default: new () => Elk };
  return layOut(chart, new Engine());
}

/** What a chart's line of that type may do: the best of its offers. */
function offersByType(offers: readonly Offer[]): Map<string, Offer['now']> {
  const best = new Map<string, Offer['now']>();
  const order = ['refused', 'unknown', 'needs_data', 'accepted'];
  for (const { type, now } of offers) {
    if (order.indexOf(now) > order.indexOf(best.get(type) ?? '')) best.set(type, now);
  }
  return best;
}

/** Below this, the lines of a chart can't be read. */
const READABLE = 0.78;

function fitScale(): number {
  if (!drawing) return 1;
  return Math.min(1, (byId('chart').clientWidth - 24) / drawing.drawing.width);
}

function applyZoom(): void {
  if (!drawing) return;
  const { element, width, height } = drawing.drawing;
  const scale = zoom ?? Math.max(fitScale(), READABLE);
  element.setAttribute('width', String(Math.round(width * scale)));
  element.setAttribute('height', String(Math.round(height * scale)));
}

function showActive(active: ReadonlySet<string>): void {
  const box = drawing?.drawing.focus(active);
  if (!drawing || !box) return;
  const area = byId('chart');
  const { element, width } = drawing.drawing;
  const shown = element.getBoundingClientRect();
  const scale = shown.width / width;
  const around = area.getBoundingClientRect();
  const [x, y] = [box[0] + 4, box[1] + 4].map((value) => value * scale) as [number, number];
  const left = shown.left - around.left + area.scrollLeft + x;
  const top = shown.top - around.top + area.scrollTop + y;
  const isSeen = (at: number, size: number, from: number, room: number) =>
    at >= from && at + Math.min(size, room) <= from + room;
  const canSee =
    isSeen(left, box[2] * scale, area.scrollLeft, area.clientWidth) &&
    isSeen(top, box[3] * scale, area.scrollTop, area.clientHeight);
  if (canSee) return;
  area.scrollTo({
    left: left - (area.clientWidth - box[2] * scale) / 2,
    top: top - Math.max((area.clientHeight - box[3] * scale) / 2, 20),
  });
}

// --- sending -------------------------------------------------------------------------------------

let composing: Offer | null = null;

function renderOffers(actor: ActorView | undefined): void {
  const offers = isLive() ? (actor?.now?.offers ?? []) : [];
  const list = byId('offers');
  const isEnded = actor?.now !== undefined && actor.now.snapshot.status !== 'active';
  const empty = !isLive()
    ? 'Only what is live takes events.'
    : isEnded
      ? 'It has ended.'
      : 'Nothing to send.';
  list.replaceChildren(
    ...(offers.length === 0 ? [empty] : []),
    ...offers.map((offer) => {
      const button = el(
        'button',
        { type: 'button', 'data-now': offer.now, title: OFFER_TITLES[offer.now] },
        offer.label,
      );
      button.disabled = offer.now === 'refused' || !host.canSend;
      button.addEventListener('click', () => offerChosen(offer));
      return button;
    }),
  );
  const still = offers.find(({ label, now }) => label === composing?.label && now !== 'refused');
  if (composing && !still) compose(null);
}

const OFFER_TITLES: Readonly<Record<Offer['now'], string>> = {
  accepted: 'Accepted now; a click sends it.',
  needs_data: 'Accepted with the right payload.',
  refused: 'Refused now.',
  unknown: 'Refused without a payload; with one it may be accepted.',
};

/** A line of the chart was clicked: one way to send it is taken, of several people choose. */
function choose(type: string): void {
  if (!isLive() || !host.canSend) return;
  const actor = actorNow(recording().at(index()));
  const offers = actor?.now?.offers.filter(
    (offer) => offer.type === type && offer.now !== 'refused',
  );
  const [offer, another] = offers ?? [];
  if (!offer) return;
  if (another) {
    for (const button of byId('offers').querySelectorAll('button')) {
      if (!button.disabled && button.textContent === offer.label) button.focus();
    }
  } else {
    offerChosen(offer);
  }
}

function offerChosen(offer: Offer): void {
  if (offer.now !== 'accepted') {
    compose(offer);
    return;
  }
  const actor = actorNow(recording().at(index()));
  if (actor) host.send(actor.id, { type: offer.type, ...(offer.id && { $offer: offer.id }) });
}

function compose(offer: Offer | null): void {
  composing = offer;
  const form = byId('composer') as HTMLFormElement;
  form.hidden = offer === null;
  form.replaceChildren();
  if (!offer) return;
  const { type: _, ...fields } = partOf(offer.template);
  const isSimple =
    Object.keys(fields).length > 0 &&
    Object.values(fields).every((value) => typeof value === 'string');
  const problem = el('p');
  const inputs = isSimple
    ? Object.entries(fields).map(([name, value]) => {
        const input = el('input', {
          name,
          value: String(value),
          autocomplete: 'off',
          spellcheck: 'false',
        });
        form.append(el('label', {}, name, input));
        return input;
      })
    : [];
  const area = el('textarea', { spellcheck: 'false', 'aria-label': `${offer.type} as JSON` });
  area.value = JSON.stringify(offer.template, null, 2);
  if (!isSimple) form.append(area);
  const cancel = el('button', { type: 'button' }, 'Cancel');
  cancel.addEventListener('click', () => compose(null));
  form.append(
    problem,
    el('div', {}, el('button', { type: 'submit' }, `Send ${offer.type}`), cancel),
  );
  form.onsubmit = (submitted) => {
    submitted.preventDefault();
    const actor = actorNow(recording().at(index()));
    try {
      const data = isSimple
        ? Object.fromEntries(inputs.map(({ name, value }) => [name, value]))
        : partOf(JSON.parse(area.value) as Json);
      if (actor) host.send(actor.id, { ...data, type: offer.type });
      // What was typed may be a secret: it does not stay on the page.
      compose(null);
    } catch {
      problem.textContent = 'This is not JSON.';
    }
  };
  (inputs[0] ?? area).focus();
}

// --- deadlines -----------------------------------------------------------------------------------

let deadlines: { readonly at: number; readonly output: HTMLOutputElement }[] = [];

function renderDeadlines(actor: ActorView | undefined): void {
  const inForce = Object.entries(partOf(partOf(actor?.now?.snapshot.context).deadlines)).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  byId('deadline-section').hidden = inForce.length === 0;
  deadlines = inForce.map(([, at]) => ({ at, output: el('output', { 'aria-live': 'off' }) }));
  byId('deadlines').replaceChildren(
    ...inForce.map(([name], position) => el('li', {}, name, deadlines[position]?.output ?? '')),
  );
  tick();
}

/** In the past, deadlines are counted from then. */
function tick(): void {
  const looked = recording().messages[index()];
  const now = isLive() || !looked ? Date.now() : Number(looked.createdAt);
  for (const { at, output } of deadlines) {
    const left = at - now;
    output.textContent = left > 0 ? duration(left) : 'passed';
    output.classList.toggle('passed', left <= 0);
  }
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const rest = String(seconds % 60).padStart(2, '0');
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${rest} min`;
}

setInterval(tick, 250);

// --- actors, data, log ---------------------------------------------------------------------------

function stateText({ now }: ActorView): string {
  if (!now) return 'starting';
  return now.snapshot.value === undefined
    ? now.snapshot.status
    : statePaths(now.snapshot.value).join(' & ');
}

function renderActors(actors: Map<string, ActorView>, current: ActorView | undefined): void {
  byId('actors').replaceChildren(
    ...[...actors.values()].map((actor) => {
      const status = actor.now?.snapshot.status ?? 'active';
      const isChild = actor.parentId !== undefined && actors.has(actor.parentId);
      const button = el(
        'button',
        {
          type: 'button',
          class: `${isChild ? 'child' : ''} ${status === 'active' ? '' : 'ended'}`,
          'aria-current': actor.id === current?.id ? 'true' : undefined,
          title: actor.id,
        },
        el('span', { class: 'name' }, actor.name),
        el('span', { 'data-status': status }, stateText(actor)),
      );
      button.addEventListener('click', () => {
        selected = actor.id;
        schedule();
      });
      return el('li', {}, button);
    }),
  );
}

const tree = createTree();

function renderData(actor: ActorView | undefined): void {
  const shown = (message: ActorView['now']) => {
    if (!message) return {};
    const { context, input, output, error } = message.snapshot;
    return {
      event: message.event as Json,
      ...(context !== undefined && { context }),
      ...(input !== undefined && { input }),
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
    };
  };
  byId('data').replaceChildren(...tree(shown(actor?.now), shown(actor?.before)));
}

function renderLog(actors: Map<string, ActorView>): void {
  const { messages } = recording();
  const all = moment === null && !opened ? actors : recording().at(newest());
  const states = new Map<string, string>();
  const lines: LogLine[] = [];
  for (const [position, message] of messages.entries()) {
    if (message.type !== '@xstate.snapshot') continue;
    const actor = all.get(message.sessionId);
    if (!actor) continue;
    const before = states.get(message.sessionId);
    const after = stateText({ ...actor, now: message });
    states.set(message.sessionId, after);
    // A promise or a callback hears nothing but its own start and end.
    if (message.snapshot.value === undefined && before === after) continue;
    lines.push({ position, message, actor, before, after });
  }
  byId('log').replaceChildren(...lines.slice(-LONGEST_LOG).reverse().map(logEntry));
}

interface LogLine {
  readonly position: number;
  readonly message: SnapshotMessage;
  readonly actor: ActorView;
  readonly before: string | undefined;
  readonly after: string;
}

function logEntry({ position, message, actor, before, after }: LogLine): HTMLLIElement {
  const button = el(
    'button',
    {
      type: 'button',
      class: position > index() ? 'later' : '',
      'aria-current': position === index() ? 'true' : undefined,
    },
    el('time', {}, timeOf(message)),
    el('span', { class: 'what' }, ...logText(message, actor, before, after)),
  );
  button.addEventListener('click', () => {
    selected = message.snapshot.value === undefined ? selected : message.sessionId;
    look(position);
  });
  return el('li', {}, button);
}

function logText(
  message: SnapshotMessage,
  actor: ActorView,
  before: string | undefined,
  after: string,
): (Node | string)[] {
  const { status, value } = message.snapshot;
  if (value === undefined) {
    return [
      `${actor.name} `,
      el(
        'span',
        { 'data-status': status },
        before === undefined && status === 'active' ? 'started' : status,
      ),
    ];
  }
  const to = el(
    'span',
    { class: 'to', 'data-status': status === 'active' ? undefined : status },
    after,
  );
  if (before === undefined) return [`${actor.name} `, to];
  const type = shortType(message.event.type);
  if (status === 'active' && before === after && message.trace.length === 0) {
    return [el('span', { class: 'refused' }, `${type} refused`)];
  }
  return before === after && status === 'active' ? [`${type} `] : [`${type} → `, to];
}

function timeOf({ createdAt }: InspectorMessage): string {
  const time = new Date(Number(createdAt));
  return Number.isNaN(time.getTime()) ? '' : time.toTimeString().slice(0, 8);
}

function partOf(value: Json | undefined): { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

// --- time travel and files -----------------------------------------------------------------------

function look(at: number): void {
  const last = newest();
  problem = null;
  moment = !opened && at >= last ? null : Math.min(Math.max(at, 0), last);
  if (composing) compose(null);
  schedule();
}

/** The messages at which something changed. */
function step(direction: 1 | -1): void {
  const { messages } = recording();
  let at = index() + direction;
  while (at > 0 && at < messages.length && messages[at]?.type !== '@xstate.snapshot')
    at += direction;
  look(at);
}

function follow(): void {
  opened = null;
  problem = null;
  moment = null;
  schedule();
}

async function openFile(file: File | undefined): Promise<void> {
  if (!file) return;
  try {
    opened = { name: file.name, recording: Recording.open(await file.text()) };
    selected = null;
    problem = null;
    moment = opened.recording.messages.length - 1;
  } catch (error) {
    problem = `${file.name}: ${error instanceof Error ? error.message : 'can’t be read'}`;
  }
  schedule();
}

function save(): void {
  const text = JSON.stringify(recording().toSession(), null, 1);
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  el('a', { href: url, download: `session-${stamp}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

byId('back').addEventListener('click', () => step(-1));
byId('forth').addEventListener('click', () => step(1));
byId('live').addEventListener('click', follow);
byId('cursor').addEventListener('input', ({ target }) =>
  look(Number((target as HTMLInputElement).value)),
);
byId('save').addEventListener('click', save);
byId('open').addEventListener('click', () => byId('file').click());
byId('file').addEventListener('change', ({ target }) => {
  const input = target as HTMLInputElement;
  void openFile(input.files?.[0]).then(() => {
    input.value = '';
  });
});
byId('clear').addEventListener('click', () => {
  live = new Recording();
  selected = null;
  follow();
});
const scaleBy = (factor: number) => {
  zoom = Math.min(3, Math.max(0.2, (zoom ?? Math.max(fitScale(), READABLE)) * factor));
  applyZoom();
};
byId('in').addEventListener('click', () => scaleBy(1.2));
byId('out').addEventListener('click', () => scaleBy(1 / 1.2));
byId('fit').addEventListener('click', () => {
  const whole = Math.min(
    fitScale(),
    (byId('chart').clientHeight - 60) / (drawing?.drawing.height ?? 1),
  );
  zoom = zoom === whole ? null : whole;
  applyZoom();
});
addEventListener('resize', applyZoom);
addEventListener('keydown', (pressed) => {
  const isTyping = pressed.target instanceof Element && pressed.target.matches('input, textarea');
  if (isTyping || pressed.altKey || pressed.ctrlKey || pressed.metaKey) return;
  if (pressed.key === 'ArrowLeft') step(-1);
  else if (pressed.key === 'ArrowRight') step(1);
  else if (pressed.key === 'End') follow();
  else return;
  pressed.preventDefault();
});
addEventListener('dragover', (dragged) => dragged.preventDefault());
addEventListener('drop', (dropped) => {
  dropped.preventDefault();
  void openFile(dropped.dataTransfer?.files[0]);
});

render();
