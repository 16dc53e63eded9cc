import type { Part } from '../json.ts';
import { isKind, type Json } from '../show.ts';
import { el } from './dom.ts';

/** Names whose contents are open from the start. */
const OPEN = new Set(['event', 'context', 'error', 'output']);

/** Makes a function that shows data as a tree, and keeps open what was opened. */
export function createTree(): (now: Part) => HTMLElement[] {
  const toggled = new Map<string, boolean>();

  const show = (name: string, value: Json, path: string): HTMLElement => {
    const label = el('span', { class: 'name' }, name);
    if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) {
      const kind = isKind(value) ? 'hidden' : typeof value;
      const text = isKind(value) ? String(value) : JSON.stringify(value);
      return el('div', { class: 'leaf' }, label, ': ', el('span', { class: kind }, text));
    }
    const size = Object.keys(value).length;
    const isOpen = toggled.get(path) ?? OPEN.has(name);
    const hint = Array.isArray(value) ? ` [${size}]` : ` {${size}}`;
    const details = el('details', { open: isOpen }, el('summary', {}, label, hint));
    const fill = () => {
      if (details.childElementCount > 1) return;
      for (const [key, one] of Object.entries(value))
        details.append(show(key, one, `${path}/${key}`));
    };
    // What is closed is not built: a context may be large.
    if (isOpen) fill();
    details.addEventListener('toggle', () => {
      if (details.open) fill();
      if (details.isConnected) toggled.set(path, details.open);
    });
    return details;
  };
  return (now) => Object.entries(now).map(([name, value]) => show(name, value, name));
}
