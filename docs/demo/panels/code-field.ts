import { element } from '../dom.ts';

/** The code field of whoever draws the form: the page, or the page in its frame. */
function input(): HTMLInputElement | null {
  const frame = document.querySelector<HTMLIFrameElement>('#framed iframe');
  const drawnBy = frame ? frame.contentDocument : document;
  // SAFETY: the id is the field's own. A frame has its own classes, so `instanceof` is of no use.
  return (drawnBy?.getElementById('second-factor-code') ?? null) as HTMLInputElement | null;
}

/** Whether the sign-in waits for a code. */
export function isCodeFieldOpen(): boolean {
  const field = input();
  return !element('second-factor').hidden && field !== null && !field.disabled && !field.readOnly;
}

/** Tells whether the sign-in waits for a code, now and whenever that changes. */
export function watchCodeField(listener: (isOpen: boolean) => void): void {
  const place = element('second-factor');
  const look = () => listener(isCodeFieldOpen());
  const observer = new MutationObserver(look);
  const watch = (root: Node) =>
    observer.observe(root, {
      subtree: true,
      childList: true,
      attributeFilter: ['disabled', 'readonly', 'hidden'],
    });
  watch(place);
  // `load` does not bubble. What a frame had before is gone with its document.
  place.addEventListener(
    'load',
    ({ target }) => {
      // SAFETY: nothing but the frame loads in there.
      const page = (target as HTMLIFrameElement).contentDocument;
      if (page) watch(page);
      look();
    },
    true,
  );
  look();
}

/** Types a code as a person does; a complete numeric one is submitted by the form itself. */
export function typeCode(code: string): void {
  const field = input();
  if (!field || !isCodeFieldOpen()) return;
  field.value = code;
  field.focus();
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
