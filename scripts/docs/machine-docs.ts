import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { descriptions } from '../../machines/second-factor.descriptions.ts';
import { table } from './error-table.ts';

interface Edge {
  readonly source: AnyStateNode;
  readonly target: AnyStateNode | undefined;
  /** The event as people call it: `PREPARE`, `reply`, `error`, `time-out`, `always`. */
  readonly event: string;
  readonly guard: string;
  readonly actions: readonly string[];
}

/** The picture of the README: top-level states, and what the user and the backend do. */
export function overview(machine: AnyStateMachine): string {
  const edges = statesOf(machine.root)
    .flatMap(edgesOf)
    .filter(
      ({ source, target, event }) =>
        source.path.length > 0 && event !== 'always' && source !== target,
    );
  return ['stateDiagram-v2', ...start(machine), ...draw(edges, [], ({ event }) => event)].join(
    '\n',
  );
}

/** The whole machine, with the children of its states; the guards are in the tables. */
export function stateDiagram(machine: AnyStateMachine): string {
  const edges = statesOf(machine.root).flatMap(edgesOf);
  const composites = childrenOf(machine.root).filter((node) => childrenOf(node).length > 0);
  return [
    'stateDiagram-v2',
    ...start(machine),
    ...composites.flatMap((node) => [
      `  state ${node.key} {`,
      ...childrenOf(node).map((child) => `    ${child.key}`),
      ...draw(edges, node.path, label).map((line) => `  ${line}`),
      '  }',
    ]),
    ...draw(
      edges.filter(({ source }) => source.path.length > 0),
      [],
      label,
    ),
  ].join('\n');
}

/** Every state with its description, and every transition out of it. */
export function transitionTables(machine: AnyStateMachine): string {
  const sections = statesOf(machine.root).map((node) => {
    const isRoot = node.path.length === 0;
    const rows = edgesOf(node).map(({ event, guard, target, actions }) => [
      event === event.toUpperCase() ? `\`${event}\`` : event,
      guard && `\`${guard}\``,
      target ? `\`${target.path.join('.')}\`` : 'stays',
      actions.map((action) => `\`${action}\``).join(', '),
    ]);
    return [
      `## ${isRoot ? 'Every state but the final ones' : `\`${node.path.join('.')}\``}`,
      [
        ...(descriptions[node.id] ? [descriptions[node.id]] : []),
        ...(node.tags.length > 0 ? [`Tagged \`${node.tags.join('`, `')}\`.`] : []),
        ...node.invoke.map(({ id }: { id: string }) => `Invokes \`${id}\`.`),
        ...(node.type === 'final' ? ['Final.'] : []),
      ].join(' '),
      rows.length > 0 ? table(['event', 'guard', 'to', 'actions'], rows) : '',
    ].filter(Boolean);
  });
  const legend =
    'The first row whose guard holds is taken. *reply*, *error* and *time-out* are those of the request that the state invokes; *always* is taken without an event.';
  return [legend, ...sections.flat()].join('\n\n');
}

function start(machine: AnyStateMachine): string[] {
  return [`  [*] --> ${machine.root.initial?.target[0]?.key}`];
}

/**
 * One arrow for each pair of states, labelled with all that leads from one to the other. Mermaid can't
 * draw arrows between the children of two states, so an arrow joins the parents, and the label
 * names the children.
 */
function draw(
  edges: readonly Edge[],
  level: readonly string[],
  label: (edge: Edge, level: readonly string[]) => string,
): string[] {
  const arrows = new Map<string, Set<string>>();
  for (const edge of edges) {
    const { source, target } = edge;
    if (!target || !isInside(source, level) || !isInside(target, level)) continue;
    const [from, to] = [source.path[level.length], target.path[level.length]];
    const staysInside =
      from === to && Math.max(source.path.length, target.path.length) > level.length + 1;
    if (staysInside) continue; // drawn inside that state
    const arrow = `  ${from} --> ${to}`;
    arrows.set(arrow, (arrows.get(arrow) ?? new Set()).add(label(edge, level)));
  }
  return [...arrows].map(([arrow, labels]) => `${arrow} : ${[...labels].join('<br>')}`);
}

function label({ target, event }: Edge, level: readonly string[]): string {
  const child = target?.path.slice(level.length + 1).join('.');
  return child ? `${event} → ${child}` : event;
}

function isInside(node: AnyStateNode, level: readonly string[]): boolean {
  return node.path.length > level.length && level.every((key, index) => node.path[index] === key);
}

function statesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...childrenOf(node).flatMap(statesOf)];
}

function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values(node.states);
}

function edgesOf(node: AnyStateNode): Edge[] {
  const own = [...node.transitions.values()].flat();
  return [...own, ...(node.always ?? [])].map((transition: AnyTransitionDefinition) => ({
    source: node,
    target: transition.target?.[0],
    event: nameOf(transition.eventType),
    guard: transition.guard === undefined ? '' : implementationOf(transition.guard),
    actions: transition.actions.map(implementationOf),
  }));
}

function nameOf(eventType: string): string {
  if (eventType === '') return 'always';
  const [, kind] = /^xstate\.(done|error|after)\./.exec(eventType) ?? [];
  const names: Record<string, string> = { done: 'reply', error: 'error', after: 'time-out' };
  return (kind && names[kind]) ?? eventType;
}

/** The name of a guard or an action, with those of its parameters that are plain words. */
function implementationOf(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const { type, params } = reference as { type: string; params?: unknown };
  // The event only fills in parameters that it carries; the words are there without it.
  const values = typeof params === 'function' ? params({ context: {}, event: {} }) : params;
  const words = Object.values(values ?? {}).filter((value) => typeof value === 'string');
  return words.length > 0 ? `${type}(${words.join(', ')})` : type;
}
