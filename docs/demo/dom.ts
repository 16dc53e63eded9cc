/**
 * Finds an element of the page.
 *
 * @throws Error where there is none, or one of another kind
 */
export function element<Kind extends Element = HTMLElement>(
  id: string,
  kind: abstract new () => Kind = HTMLElement as never,
): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no #${id} of that kind.`);
  return found;
}

/**
 * Puts the props of a prop getter on an element: handlers, properties and attributes. What has not
 * changed is not touched, so that focus, selection and the live region stay as they are.
 */
export function apply(target: HTMLElement, props: object): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') {
      // One handler a kind of event, replaced by the next call: `onCompositionEnd` has no property.
      listen(target, name.slice(2).toLowerCase(), value as EventListener);
      continue;
    }
    const attribute = name === 'htmlFor' ? 'for' : name.toLowerCase();
    const text = attributeText(name, value);
    if (text === null) target.removeAttribute(attribute);
    else if (target.getAttribute(attribute) !== text) target.setAttribute(attribute, text);
  }
}

/** ARIA, `data-` and the enumerated attributes spell `false` out; other attributes are left away. */
function attributeText(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') return String(value);
  if (/^(aria-|data-|spellCheck)/.test(name)) return String(value);
  return value ? '' : null;
}

const handlers = new WeakMap<EventTarget, Map<string, EventListener>>();

function listen(target: EventTarget, type: string, handler: EventListener): void {
  let own = handlers.get(target);
  if (!own) {
    own = new Map();
    handlers.set(target, own);
  }
  if (!own.has(type))
    target.addEventListener(type, (event) => handlers.get(target)?.get(type)?.(event));
  own.set(type, handler);
}

/** Sets the text of an element, unless it is the same: a live region would speak again. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes an element with attributes and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A code in two halves, as it is read out: `123 456`. */
export function spaced(code: string): string {
  return /^\d{6}$/.test(code) ? `${code.slice(0, 3)} ${code.slice(3)}` : code;
}

/** A duration as a clock shows it: `9:07`. @param ms - the duration, in ms, rounded up */
export function clock(ms: number): string {
  const seconds = Math.ceil(Math.max(ms, 0) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
