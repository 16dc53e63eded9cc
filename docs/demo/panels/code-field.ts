import { element } from '../dom.ts';

const input = () => element('second-factor-code', HTMLInputElement);

/** Whether the sign-in waits for a code. */
export function isCodeFieldOpen(): boolean {
  return !element('second-factor').hidden && !input().disabled && !input().readOnly;
}

/** Tells whether the sign-in waits for a code, now and whenever that changes. */
export function watchCodeField(listener: (isOpen: boolean) => void): void {
  const observer = new MutationObserver(() => listener(isCodeFieldOpen()));
  observer.observe(input(), { attributeFilter: ['disabled', 'readonly'] });
  observer.observe(element('second-factor'), { attributeFilter: ['hidden'] });
  listener(isCodeFieldOpen());
}

/** Types a code as a person does; a complete numeric one is submitted by the form itself. */
export function typeCode(code: string): void {
  if (!isCodeFieldOpen()) return;
  const field = input();
  field.value = code;
  field.focus();
  field.dispatchEvent(new Event('input', { bubbles: true }));
}
