import { isKind, type Json } from '../show.ts';
import { el } from './dom.ts';
import type { Part } from './json.ts';

/** Names whose contents are open from the start. */
const OPEN = new Set(['event', 'context', 'error', 'output']);

/** Makes a function that shows data as a tree, marks what changed and keeps open what was opened. */
export function createTree(): (now: Part, before: Part) => HTMLElement[] {
  const toggled = new Map<string, boolean>();

  const show = (name: string, value: Json, before: Json | undefined, path: string): HTMLElement => {
    const isChanged = before !== undefined && JSON.stringify(before) !== JSON.stringify(value);
    const label = el('span', { class: 'name' }, name);
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
      const kind = isKind(value) ? 'hidden' : typeof value;
      const text = el('span', { class: kind }, JSON.stringify(value));
      return el('div', { class: `leaf${isChanged ? ' changed' : ''}` }, label, ': ', text);
    }
    const size = Object.keys(value).length;
    const hint = Array.isArray(value) ? ` [${size}]` : ` {${size}}`;
    const isOpen = toggled.get(path) ?? OPEN.has(name);
    const summary = el('summary', { class: isChanged && !isOpen ? 'changed' : '' }, label, hint);
    const details = el('details', { open: isOpen }, summary);
    const fill = () => {
      if (details.childElementCount > 1) return;
      const past = typeof before === 'object' && before !== null ? before : {};
      for (const [key, inner] of Object.entries(value)) {
        details.append(show(key, inner, (past as Part)[key], `${path}/${key}`));
      }
    };
    // What is closed is not built: a context may be large.
    if (isOpen) fill();
    details.addEventListener('toggle', () => {
      if (details.open) fill();
      if (details.isConnected) toggled.set(path, details.open);
    });
    return details;
  };

  return (now, before) =>
    Object.entries(now).map(([name, value]) => show(name, value, before[name], name));
}
