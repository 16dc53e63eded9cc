import { element, make, setText } from '../dom.ts';
import { FRAMEWORKS, type Framework } from '../frameworks.ts';

/** Where a reload finds the framework again: `?framework=react`. */
const PARAMETER = 'framework';
const KEYS: Readonly<Record<string, (index: number) => number>> = {
  ArrowRight: (index) => index + 1,
  ArrowLeft: (index) => index - 1,
  Home: () => 0,
  End: () => -1,
};

/** The framework that the address names; the page itself where it names none. */
export function chosenFramework(): Framework {
  const id = new URLSearchParams(location.search).get(PARAMETER);
  return FRAMEWORKS.find((one) => one.id === id) ?? FRAMEWORKS[0];
}

/**
 * Shows a tab for each framework, and the code of the chosen one. The arrow keys move between the
 * tabs, Enter and Space choose: a form that takes its time to load must not come up in passing.
 *
 * @param choose - told of each choice of the visitor
 */
export function showFrameworks(choose: (framework: Framework) => void): void {
  const panel = element('sign-in');
  const tabs = FRAMEWORKS.map((framework) => {
    const tab = make('button', { type: 'button', role: 'tab', 'aria-controls': panel.id });
    tab.id = `framework-${framework.id || 'none'}`;
    tab.textContent = framework.name;
    tab.onclick = () => {
      if (tab.ariaSelected === 'true') return;
      remember(framework);
      mark(framework);
      choose(framework);
    };
    return tab;
  });

  const mark = (framework: Framework) => {
    for (const [index, tab] of tabs.entries()) {
      const isChosen = FRAMEWORKS[index] === framework;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen) panel.setAttribute('aria-labelledby', tab.id);
    }
    void showCode(framework);
  };

  const list = element('frameworks');
  list.append(...tabs);
  list.onkeydown = (event) => {
    const index = tabs.indexOf(event.target as HTMLButtonElement);
    const next = KEYS[event.key]?.(index);
    if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    tabs.at(next % tabs.length)?.focus();
  };
  element('code-copy', HTMLButtonElement).onclick = () => void copyCode();
  mark(chosenFramework());
}

function remember({ id }: Framework): void {
  const url = new URL(location.href);
  if (id) url.searchParams.set(PARAMETER, id);
  else url.searchParams.delete(PARAMETER);
  history.replaceState(null, '', url);
}

async function showCode({ file, read }: Framework): Promise<void> {
  const copy = element('code-copy', HTMLButtonElement);
  copy.disabled = true;
  setText(element('code-copied'), '');
  setText(element('code-file'), file);
  setText(element('code-link'), file.split('/').at(-1) ?? '');
  const { default: text } = await read();
  if (element('code-file').textContent !== file) return; // another one was chosen meanwhile
  setText(element('code'), text);
  copy.disabled = false;
}

async function copyCode(): Promise<void> {
  const code = element('code');
  const said = element('code-copied');
  setText(said, ''); // so that it is heard each time
  try {
    await navigator.clipboard.writeText(code.textContent ?? '');
    setText(said, 'Copied.');
  } catch {
    getSelection()?.selectAllChildren(code);
    setText(said, 'The browser does not allow it. The code is selected: copy it by keyboard.');
  }
}
