// The steps around the second factor: the password before it, the session after it.
import type { SignIn } from 'second-factor';
import { createHttpSignIn, sandboxServices } from 'second-factor/sandbox';
import { element, make, setText } from './dom.ts';
import {
  forgetBookmark,
  type RunSecondFactor,
  readBookmark,
  type SecondFactorPage,
} from './sign-in.ts';

type Step = 'password' | 'second-factor' | 'ended';

const TITLES: Readonly<Record<Step, string>> = {
  password: 'Sign in',
  'second-factor': 'Confirm it is you',
  ended: 'Not signed in',
};
const WELCOME = 'Sign in as Ada, the only user there is. Everything is filled in.';
/** What a session was opened with, in words. */
const FACTORS: Readonly<Record<string, string>> = {
  totp: 'Authenticator app',
  phone_code: 'Text message',
  email_code: 'Email',
  backup_code: 'Backup code',
};

/** The sign-in from the password to the session. */
export interface Steps {
  /** Forgets the sign-in and asks for the password. */
  startAgain(): void;
  /** Has the second factor shown by somebody else; a flow that is under way goes on there. */
  showWith(run: RunSecondFactor): void;
  /** Passes the password where no code is asked for yet. */
  hurry(): void;
}

/**
 * Runs the sign-in from the password to the session, and goes on where a reload left it.
 *
 * @param run - shows the second factor
 */
export function startSteps(page: Omit<SecondFactorPage, 'onEnd'>, run: RunSecondFactor): Steps {
  let show = run;
  /** `waiting`: for an answer, after which there is a flow. */
  let stage: 'password' | 'waiting' | 'running' | 'ended' = 'password';
  let stop: (() => SignIn) | null = null;

  const end = () => {
    const signIn = stop?.();
    stop = null;
    return signIn;
  };

  const onEnd = (signIn: SignIn, isComplete: boolean) => {
    stage = 'ended';
    if (isComplete) showStep('ended', 'You are signed in');
    else showStep('ended', TITLES.ended, 'second-factor');
    element('second-factor-status').dataset.outcome = isComplete ? 'complete' : 'halted';
    element('session').hidden = !isComplete;
    element('session').replaceChildren(...(isComplete ? sessionFacts(signIn) : []));
    offer(isComplete ? 'Sign out' : 'Start again', () => askForPassword());
    // A reload finds a finished flow again; a halted one is over for good.
    if (!isComplete) forgetBookmark();
  };

  const proceed = (signIn: SignIn) => {
    showStep('second-factor');
    stage = 'running';
    stop = show(signIn, { ...page, onEnd });
  };

  const returnToPassword = (message: string) => {
    end();
    stage = 'password';
    forgetBookmark();
    showStep('password');
    say(message);
  };

  const askForPassword = (message = WELCOME, focus = 'identifier') => {
    returnToPassword(message);
    element(focus).focus();
  };

  const resume = async (signInId: string) => {
    stage = 'waiting';
    try {
      proceed(await sandboxServices({ signInId }).reloadSignIn());
    } catch (error) {
      if (isRefusal(error) && error.status === 404)
        return askForPassword('That sign-in is not known any more.');
      showStep('ended', 'Not connected', 'second-factor');
      element('session').hidden = true;
      say(messageOf(error), 'network');
      offer('Try again', () => resume(signInId));
    }
  };

  const passwordForm = element('password-form', HTMLFormElement);
  passwordForm.onsubmit = async (event) => {
    event.preventDefault();
    const form = new FormData(passwordForm);
    const field = (name: string) => String(form.get(name) ?? '');
    stage = 'waiting';
    say('Checking the password…');
    const button = element('password-submit', HTMLButtonElement);
    button.disabled = true; // one sign-in is enough
    try {
      proceed(
        await createHttpSignIn({ identifier: field('identifier'), password: field('password') }),
      );
    } catch (error) {
      askForPassword('', 'password');
      say(messageOf(error), 'refused');
    } finally {
      button.disabled = false;
    }
  };

  const { signInId } = readBookmark();
  if (signInId === undefined) {
    showStep('password'); // and leaves the focus of a page that was just opened where it is
    say(WELCOME);
  } else void resume(signInId);
  return {
    startAgain: () => askForPassword(),
    showWith(next) {
      show = next;
      const signIn = stage === 'running' && end();
      if (signIn) proceed(signIn);
    },
    hurry() {
      if (stage === 'running' || stage === 'waiting') return;
      returnToPassword(WELCOME);
      passwordForm.requestSubmit();
    },
  };
}

/** @param reached - the step that is marked as the current one */
function showStep(step: Step, title = TITLES[step], reached = step): void {
  setText(element('sign-in-title'), title);
  delete element('second-factor-status').dataset.outcome;
  for (const [id, shown] of [
    ['password-form', 'password'],
    ['second-factor', 'second-factor'],
    ['ended', 'ended'],
  ] as const) {
    element(id).hidden = shown !== step;
  }
  // A field that is not there any more must not keep the focus: the next step would leave it alone.
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && focused.closest('[hidden]')) focused.blur();
  for (const item of document.querySelectorAll('[data-step]')) {
    if (item.getAttribute('data-step') === reached) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
}

/** Says something in the one live region of the page. */
function say(text: string, error?: string): void {
  const status = element('second-factor-status');
  setText(status, text);
  if (error) status.setAttribute('data-error', error);
  else status.removeAttribute('data-error');
}

function offer(label: string, action: () => unknown): void {
  const button = element('start-again', HTMLButtonElement);
  setText(button, label);
  button.onclick = () => void action();
}

function sessionFacts(signIn: SignIn): HTMLElement[] {
  const strategy = signIn.secondFactorVerification?.strategy ?? '';
  const facts = {
    Session: signIn.createdSessionId ?? '',
    'Second factor': FACTORS[strategy] ?? strategy,
  };
  return Object.entries(facts).map(([term, fact]) =>
    make('div', {}, make('dt', {}, term), make('dd', {}, fact)),
  );
}

function isRefusal(error: unknown): error is { status: number; errors: { longMessage: string }[] } {
  return error instanceof Error && 'errors' in error;
}

function messageOf(error: unknown): string {
  const text = isRefusal(error) && error.errors[0]?.longMessage;
  return text || 'No answer came. Check your connection and try again.';
}
