import { type Chart, type ChartNode, type ChartTransition, eventLabel } from '../chart.ts';
import type { Json } from '../show.ts';
import { isPart, type Part, partOf } from './json.ts';

/**
 * Reads the chart out of a machine's config, in the words of XState 4 or 5. For inspectors of
 * somebody else: ours send the chart along.
 */
export function chartFromConfig(config: Json): Chart | null {
  if (!isPart(config) || !isPart(config.states) || Object.keys(config.states).length === 0) {
    return null;
  }
  const rootId = textOf(config.id) || '(machine)';
  const nodes: ChartNode[] = [];
  const raw: { node: ChartNode; config: Part }[] = [];

  const visit = (own: Part, key: string, path: readonly string[], parent: string | null): void => {
    const children = isPart(own.states) ? own.states : {};
    const keys = Object.keys(children);
    const id = textOf(own.id) || [rootId, ...path].join('.');
    const idOfChild = (child: string) => textOf(partOf(children[child]).id) || `${id}.${child}`;
    const initial = textOf(own.initial) || textOf(list(partOf(own.initial).target)[0]);
    const initialKey = keys.find((child) => child === initial.replace(/^[#.]?/, '').split('.')[0]);
    const type = textOf(own.type);
    const node: ChartNode = {
      id,
      key,
      parent,
      type: isNodeType(type) ? type : keys.length > 0 ? 'compound' : 'atomic',
      ...(initialKey !== undefined && { initial: idOfChild(initialKey) }),
      ...(own.history && {
        history: own.history === 'deep' ? ('deep' as const) : ('shallow' as const),
      }),
      tags: list(own.tags).map(textOf),
      invoke: list(own.invoke).map((invoke, index) => ({
        id: textOf(partOf(invoke).id) || `${index}.${id}`,
        src: textOf(partOf(invoke).src) || textOf(partOf(partOf(invoke).src).type) || 'inline',
      })),
      entry: list(own.entry).map(nameOf).filter(isShown),
      exit: list(own.exit).map(nameOf).filter(isShown),
      ...(textOf(own.description) && { description: textOf(own.description) }),
    };
    nodes.push(node);
    raw.push({ node, config: own });
    for (const child of keys) visit(partOf(children[child]), child, [...path, child], id);
  };
  visit(config, textOf(config.key) || rootId, [], null);

  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** `#id`, `#id.child`, `.child`, `sibling` and `sibling.child`. */
  const resolve = (target: string, source: ChartNode): string => {
    if (target.startsWith('#')) {
      const id = target.slice(1);
      return byId.has(id) ? id : below(id.split('.')[0] ?? '', id.split('.').slice(1));
    }
    const path = target.split('.').filter(Boolean);
    if (target.startsWith('.') || source.parent === null) return below(source.id, path);
    return below(source.parent, path);
  };
  const below = (id: string, path: readonly string[]): string =>
    path.reduce(
      (at, key) =>
        nodes.find((node) => node.parent === at && node.key === key)?.id ?? `${at}.${key}`,
      id,
    );

  const transitions = raw.flatMap(({ node, config: own }) =>
    transitionsOf(own, node).map(({ event, of }, index): ChartTransition => {
      const guard = nameOf(of.guard ?? of.cond ?? null);
      return {
        id: `${node.id}>${index}`,
        source: node.id,
        targets: list(of.target)
          .map(textOf)
          .filter(Boolean)
          .map((target) => resolve(target, node)),
        ...eventLabel(event),
        ...(guard && { guard }),
        actions: list(of.actions).map(nameOf),
        ...(textOf(of.description) && { description: textOf(of.description) }),
      };
    }),
  );
  return { id: rootId, nodes, transitions };
}

/** An event type of version 4 in the words of version 5. */
export function xstate5Name(type: string): string {
  return type
    .replace(/^done\.invoke\.(.+?):invocation\[(\d+)\]$/, 'xstate.done.actor.$2.$1')
    .replace(/^error\.platform\.(.+?):invocation\[(\d+)\]$/, 'xstate.error.actor.$2.$1')
    .replace(/^done\.invoke\./, 'xstate.done.actor.')
    .replace(/^error\.platform\./, 'xstate.error.actor.')
    .replace(/^done\.state\./, 'xstate.done.state.')
    .replace(/^xstate\.after\((.+?)\)#/, 'xstate.after.$1.');
}

function transitionsOf(own: Part, node: ChartNode): { event: string; of: Part }[] {
  const found: { event: string; of: Part }[] = [];
  const add = (event: string, given: Json | undefined): void => {
    for (const one of list(given)) {
      found.push({ event, of: typeof one === 'string' ? { target: one } : partOf(one) });
    }
  };
  for (const [event, given] of Object.entries(partOf(own.on))) add(xstate5Name(event), given);
  list(own.invoke).forEach((invoke, index) => {
    const id = node.invoke[index]?.id ?? '';
    add(`xstate.done.actor.${id}`, partOf(invoke).onDone);
    add(`xstate.error.actor.${id}`, partOf(invoke).onError);
  });
  add(`xstate.done.state.${node.id}`, own.onDone);
  for (const [delay, given] of Object.entries(partOf(own.after))) {
    add(`xstate.after.${delay}.${node.id}`, given);
  }
  add('', own.always);
  return found;
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function nameOf(value: Json): string {
  return textOf(value) || textOf(partOf(value).type) || textOf(partOf(value).name);
}

/** Version 4 shows the timers behind `after` as actions. */
function isShown(action: string): boolean {
  return action !== '' && !/^xstate\.(?:cancel|raise|send)$/.test(action);
}

function isNodeType(type: string): type is ChartNode['type'] {
  return /^(?:atomic|compound|parallel|final|history)$/.test(type);
}
