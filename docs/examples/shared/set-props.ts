const listeners = new WeakMap<Element, Map<string, unknown>>();

/**
 * Puts JSX-style props on an element, for code without a framework that does it. Handlers are
 * replaced, never added twice.
 */
export function setProps(element: Element, props: object): void {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) listen(element, name.slice(2).toLowerCase(), value);
    else setAttribute(element, htmlNames[name] ?? name.toLowerCase(), value);
  }
}

/** The same props under HTML's names, for templates that spread attributes. */
export function htmlProps(props: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(props).map(([name, value]) => [htmlNames[name] ?? name.toLowerCase(), value]),
  );
}

const htmlNames: Readonly<Record<string, string>> = { htmlFor: 'for' };
/** `false` is a value of these, and the absence of the others. */
const isEnumerated = (name: string) => name.startsWith('aria-') || name === 'spellcheck';

function setAttribute(element: Element, name: string, value: unknown): void {
  const isAbsent = value === undefined || (value === false && !isEnumerated(name));
  if (isAbsent) element.removeAttribute(name);
  else element.setAttribute(name, value === true && !isEnumerated(name) ? '' : String(value));
}

function listen(element: Element, type: string, handler: unknown): void {
  const own = listeners.get(element) ?? new Map<string, unknown>();
  listeners.set(element, own);
  if (!own.has(type)) {
    element.addEventListener(type, (event) => {
      const current = own.get(type);
      if (typeof current === 'function') current(event);
    });
  }
  own.set(type, handler);
}
