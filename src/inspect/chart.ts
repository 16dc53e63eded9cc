import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { descriptions } from '../../machines/second-factor.descriptions.ts';

/** Why a transition is taken. */
export type TransitionKind = 'event' | 'always' | 'after' | 'done' | 'error';

/** One state of a chart. */
export interface ChartNode {
  readonly id: string;
  readonly key: string;
  readonly parent: string | null;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** The id of the child that is entered first. */
  readonly initial?: string;
  readonly history?: 'shallow' | 'deep';
  readonly tags: readonly string[];
  readonly invoke: readonly { readonly id: string; readonly src: string }[];
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly description?: string;
}

/** One transition of a chart; without targets it changes no state. */
export interface ChartTransition {
  readonly id: string;
  readonly source: string;
  readonly targets: readonly string[];
  readonly kind: TransitionKind;
  /** The event type in XState 5's spelling; empty for `always`. */
  readonly event: string;
  /** What people read: `CANCEL`, `after 30 s`, `done`. */
  readonly label: string;
  readonly guard?: string;
  readonly actions: readonly string[];
  readonly reenter?: boolean;
  readonly description?: string;
}

/** A statechart as plain data: what is drawn, and what both wire protocols' configs are made from. */
export interface Chart {
  readonly id: string;
  readonly nodes: readonly ChartNode[];
  readonly transitions: readonly ChartTransition[];
}

/** A chart, and where to find the transition that a machine says it took. */
export interface ReadChart {
  readonly chart: Chart;
  readonly idOf: (transition: object) => string | undefined;
  /** The types of event that it has transitions for. */
  readonly types: ReadonlySet<string>;
}

const read = new WeakMap<object, ReadChart>();

/**
 * Reads the chart of a machine.
 *
 * It walks the resolved state nodes: the `definition` of a machine leaves `always` out, and its
 * `config` has relative targets. What XState adds for itself (the raise and cancel behind `after`)
 * is left out.
 */
export function chartOf(machine: AnyStateMachine): ReadChart {
  const known = read.get(machine.root);
  if (known) return known;
  const nodes: ChartNode[] = [];
  const transitions: ChartTransition[] = [];
  const ids = new WeakMap<object, string>();

  const visit = (node: AnyStateNode): void => {
    const description = node.description ?? descriptions[node.id];
    const initial = node.type === 'compound' ? node.initial?.target?.[0] : undefined;
    nodes.push({
      id: node.id,
      key: node.key,
      parent: node.parent?.id ?? null,
      type: node.type,
      // A deep initial target is shown at the child through which it is reached.
      ...(initial && { initial: childToward(node, initial).id }),
      ...(node.history && { history: node.history }),
      tags: [...node.tags],
      invoke: node.invoke.map(({ id, src }) => ({ id, src: sourceName(src) })),
      entry: node.entry.filter((action) => !isOwnOfXState(action)).map(actionName),
      exit: node.exit.filter((action) => !isOwnOfXState(action)).map(actionName),
      ...(description !== undefined && { description }),
    });
    const all: AnyTransitionDefinition[] = [...node.transitions.values()].flat();
    for (const [index, transition] of [...all, ...(node.always ?? [])].entries()) {
      const event = String(transition.eventType ?? '');
      const guard = guardName(transition.guard);
      const { delay } = transition as { delay?: string | number };
      const id = `${node.id}>${index}`;
      ids.set(transition, id);
      transitions.push({
        id,
        source: node.id,
        targets: transition.target?.map((target) => target.id) ?? [],
        ...eventLabel(event, delay),
        ...(guard !== undefined && { guard }),
        actions: transition.actions.map(actionName),
        ...(transition.reenter && { reenter: true }),
        ...(transition.description !== undefined && { description: transition.description }),
      });
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);

  const result: ReadChart = {
    chart: { id: machine.id, nodes, transitions },
    idOf: (transition) => ids.get(transition),
    types: new Set(transitions.map(({ event }) => event)),
  };
  read.set(machine.root, result);
  return result;
}

/** Kind and label of an event type, in XState 5's spelling. */
export function eventLabel(
  event: string,
  delay?: string | number,
): Pick<ChartTransition, 'kind' | 'event' | 'label'> {
  if (event === '') return { kind: 'always', event, label: 'always' };
  const after = /^xstate\.after\.(.+?)\./.exec(event);
  if (after) return { kind: 'after', event, label: `after ${delayText(delay ?? after[1] ?? '')}` };
  if (event.startsWith('xstate.done.')) return { kind: 'done', event, label: 'done' };
  if (event.startsWith('xstate.error.')) return { kind: 'error', event, label: 'error' };
  return { kind: 'event', event, label: event === '*' ? 'any event' : event };
}

/**
 * The config of a chart in the words of XState 4, as `@xstate/inspect` sends it.
 * @param name renames an event type
 */
export function xstate4Config(chart: Chart, name: (type: string) => string): object {
  return config(chart, name, (t) => {
    const internal = t.targets.length > 0 ? !t.reenter && isWithin(chart, t) : undefined;
    return { cond: t.guard, internal };
  });
}

/** The config of a chart in the words of XState 5, as `@statelyai/inspect` sends it. */
export function xstate5Config(chart: Chart): object {
  const own = ({ guard: type, reenter }: ChartTransition) => ({ guard: type && { type }, reenter });
  return config(chart, (type) => type, own);
}

/** What both versions say alike, with the ends of actors and delays as the events that they are. */
function config(
  chart: Chart,
  name: (type: string) => string,
  own: (transition: ChartTransition) => object,
): object {
  const named = (types: readonly string[]) => types.map((type) => ({ type }));
  const nodeConfig = (node: ChartNode): object => {
    const { id, key, type, history, tags, description } = node;
    const children = chart.nodes.filter(({ parent }) => parent === id);
    const initial = children.find((child) => child.id === node.initial)?.key;
    const on: Record<string, object[]> = {};
    for (const t of chart.transitions) {
      if (t.source !== id) continue;
      const target = t.targets.length > 0 ? t.targets.map((one) => `#${one}`) : undefined;
      const entry = { target, actions: named(t.actions), description: t.description, ...own(t) };
      const event = name(t.event);
      on[event] = [...(on[event] ?? []), entry];
    }
    const { '': always, ...events } = on;
    const order = chart.nodes.indexOf(node);
    const states = Object.fromEntries(children.map((child) => [child.key, nodeConfig(child)]));
    return {
      ...{ id, key, type, order, initial, history, tags, description, always, on: events },
      ...{ entry: named(node.entry), exit: named(node.exit) },
      invoke: node.invoke.map((one) => ({ id: name(`:${one.id}`).slice(1), src: one.src })),
      ...(type !== 'history' && { states }),
    };
  };
  const [root] = chart.nodes;
  return root ? nodeConfig(root) : { id: chart.id, states: {} };
}

/** A transition to a descendant of its source does not leave the source, unless it says so. */
function isWithin(chart: Chart, transition: ChartTransition): boolean {
  const parentOf = new Map(chart.nodes.map((node) => [node.id, node.parent]));
  return transition.targets.every((id) => {
    let at: string | null | undefined = id;
    while (at && at !== transition.source) at = parentOf.get(at);
    return at === transition.source;
  });
}

function childToward(node: AnyStateNode, target: AnyStateNode): AnyStateNode {
  let at = target;
  while (at.parent && at.parent !== node) at = at.parent;
  return at;
}

function delayText(delay: string | number): string {
  const ms = Number(delay);
  if (!Number.isFinite(ms)) return String(delay);
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

function sourceName(src: unknown): string {
  return typeof src === 'string' && !src.startsWith('xstate.invoke.') ? src : 'inline';
}

/** What of an action or a guard that is a function is read: those of XState carry what they do. */
interface BuiltIn {
  readonly type?: string;
  readonly name?: string;
  readonly event?: unknown;
  readonly sendId?: unknown;
  /** Those that `and`, `or` and `not` combine. */
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
}

function typeOf(event: unknown): string {
  const { type } = typeof event === 'object' && event !== null ? (event as BuiltIn) : {};
  return String(type ?? '');
}

/** The raise and the cancel that XState adds to a state for each `after`. */
function isOwnOfXState(action: unknown): boolean {
  if (typeof action !== 'function') return false;
  const { type, event, sendId } = action as BuiltIn;
  const subject = type === 'xstate.raise' ? typeOf(event) : type === 'xstate.cancel' ? sendId : '';
  return typeof subject === 'string' && subject.startsWith('xstate.after.');
}

function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  if (typeof action === 'function') {
    const { type, name, event } = action as BuiltIn;
    if (type === undefined) return name && !/^(?:actions|entry|exit)$/.test(name) ? name : 'inline';
    const sent = typeOf(event);
    const word = type.replace(/^xstate\./, '');
    return sent ? `${word} ${sent}` : word;
  }
  return typeOf(action) || 'inline';
}

function guardName(guard: unknown): string | undefined {
  if (guard === undefined || guard === null) return undefined;
  if (typeof guard === 'string') return guard;
  if (typeof guard === 'function') {
    const { name, guards, stateValue } = guard as BuiltIn;
    if (guards && name === 'not') return `!${guardName(guards[0])}`;
    if (guards) return `(${guards.map(guardName).join(name === 'or' ? ' || ' : ' && ')})`;
    if (stateValue !== undefined) return `in ${JSON.stringify(stateValue)}`;
    return name && name !== 'guard' ? name : 'inline';
  }
  const { params } = guard as { params?: unknown };
  return `${typeOf(guard) || 'inline'}${paramsText(params)}`;
}

/** `(halted)`, `(min: 3, max: 9)`; what params a function would make is not known before it is called. */
function paramsText(params: unknown): string {
  if (params === undefined || params === null || typeof params === 'function') return '';
  if (typeof params !== 'object') return `(${String(params)})`;
  const given = Object.entries(params).filter(([, value]) => typeof value !== 'function');
  const text = (value: unknown) =>
    typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (given.length < 2) return given.map(([, value]) => `(${text(value)})`).join('');
  return `(${given.map(([name, value]) => `${name}: ${text(value)}`).join(', ')})`;
}
