import type { SnapshotFrom } from 'xstate';
import {
  canPrepare as canPrepareNext,
  chosenKey,
  deadlineOf,
  deliveryOf,
  isDelivered,
  keyOf,
  needsPreparation,
  resolveFactor,
  strategyFor,
  usableFactors,
} from '../machines/second-factor.facts.ts';
import type { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type { Delivery, SecondFactorEvent } from '../machines/second-factor.types.ts';
import { effectOf, type SecondFactorError, type SecondFactorErrorCode } from './errors.ts';
import { englishMessages, type MessageFacts, type Messages } from './messages.ts';
import { type OneTimeCode, oneTimeCode, specimen } from './one-time-code.ts';
import type { SecondFactor } from './sign-in.ts';
import { normalizeCode, type Strategy } from './strategies.ts';

/** How long before its expiry a code is announced to expire, in ms. WCAG 2.2 2.2.1: 20 seconds. */
const EXPIRY_WARNING_MS = 20_000;
/** Room for a pasted sentence: a `maxlength` that fits the digits would cut `424 242` to `424 24`. */
const LONGEST_INPUT = 256;

/** A snapshot of the machine, from an actor, a framework's hook or `transition()`. */
export type SecondFactorSnapshot = SnapshotFrom<typeof secondFactorMachine>;

/** A state of the machine with its parents, dotted. */
export type SecondFactorState =
  | 'needs_second_factor'
  | 'preparing'
  | 'prepared'
  | `attempting.${'sending' | 'reconciling'}`
  | `failed.${'code_rejected' | 'code_spent' | 'not_sent' | 'throttled' | 'outcome_unknown'}`
  | 'complete'
  | 'halted';

/** One factor that can be chosen. */
export interface FactorView {
  /** `totp`, or `phone_code/idn_1` where there can be several: for lists that want a key. */
  readonly key: string;
  readonly factor: SecondFactor;
  readonly label: string;
  /** Whether it is the chosen one. */
  readonly current: boolean;
  /** Chooses it and sends nothing. See {@link SecondFactorView.choose} for the usual button. */
  select(): void;
}

/** Why the last step did not work, for people. */
export interface ErrorView {
  readonly code: SecondFactorErrorCode;
  readonly message: string;
  /** The field it is about: `code`, or another parameter that the backend named. */
  readonly field: string | null;
}

/** The ids of the elements. They start with `options.id`. */
export interface ElementIds {
  readonly code: string;
  readonly resend: string;
  readonly status: string;
}

/** What {@link connect} may be given. */
export interface ConnectOptions<Normalize extends PropNormalizer | undefined = undefined> {
  /**
   * The time, in ms since the epoch: give it `Date.now` for countdowns.
   *
   * @defaultValue the latest time that the machine was told, so that the view is a function of the
   * snapshot alone, on a server too
   */
  readonly now?: (() => number) | undefined;
  /** Texts in place of the English ones, some or all. */
  readonly messages?: Partial<Messages> | undefined;
  /** Turns the JSX-style props into a framework's own, as Zag's `normalizeProps` do. */
  readonly normalize?: Normalize | undefined;
  /** What the ids of the elements start with; one per view on a page. `@defaultValue 'second-factor'` */
  readonly id?: string | undefined;
  /**
   * The step at which the last attempt was no code at all, as {@link ConnectOptions.onMalformed} told.
   * The machine refuses such an attempt by changing nothing, so that the page has to remember it.
   */
  readonly malformed?: string | null | undefined;
  /**
   * Is told the step at which an incomplete code was submitted, and `null` once something else is
   * done. Keep it and pass it as `malformed`, and the view says what is wrong. Without it the browser
   * does, by the field's `pattern`.
   */
  readonly onMalformed?: ((step: string | null) => void) | undefined;
}

/**
 * A function from JSX-style props to a framework's own, or one for each kind of element. What Zag
 * ships for React, Vue, Svelte, Solid and Preact fits.
 */
export type PropNormalizer =
  | ((props: never) => unknown)
  | { readonly [Kind in PropKind]: (props: never) => unknown };

type PropKind = 'element' | 'label' | 'input' | 'button';

/** The props of one kind of element, after the normaliser; JSX-style without one. */
export type Normalized<Normalize, Kind extends PropKind, Props> = Normalize extends (
  props: never,
) => infer Result
  ? Result
  : Normalize extends { readonly [_ in Kind]: (props: never) => infer Result }
    ? Result
    : Props;

/** The part of a form's, an input's or a clipboard's event that the handlers look at. */
export interface ViewEvent {
  readonly currentTarget: unknown;
  preventDefault?(): void;
  readonly isComposing?: boolean;
  readonly nativeEvent?: object;
  readonly clipboardData?: { getData(type: string): string } | null;
}

/** The props of the form around the code field. */
export interface FormProps {
  /** Where the view says itself what is wrong with a code, the browser need not. */
  readonly noValidate: boolean;
  readonly 'aria-busy': boolean;
  readonly 'data-state': SecondFactorState;
  onSubmit(event: ViewEvent): void;
}

/** The props of the label of the code field. */
export interface LabelProps {
  readonly htmlFor: string;
}

/** The props of the code field: one real input, so that paste, autofill and screen readers work. */
export interface CodeInputProps {
  readonly id: string;
  readonly name: 'code';
  readonly type: 'text';
  readonly autoComplete: 'one-time-code' | 'off';
  readonly inputMode: 'numeric' | 'text';
  readonly maxLength: number;
  /** Lets a browser refuse an incomplete code in its own words, unless the form is `noValidate`. */
  readonly pattern: string;
  readonly title: string;
  readonly required: true;
  readonly autoCapitalize: 'none';
  readonly autoCorrect: 'off';
  readonly spellCheck: false;
  readonly enterKeyHint: 'go';
  /** While a code is checked: unlike a disabled field it keeps the focus. */
  readonly readOnly: boolean;
  readonly disabled: boolean;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
  onInput(event: ViewEvent): void;
  onCompositionEnd(event: ViewEvent): void;
  onPaste(event: ViewEvent): void;
}

/** The props of a button. `disabled` exactly where the machine would refuse the click. */
export interface ButtonProps {
  readonly id?: string;
  readonly type: 'button' | 'submit';
  readonly disabled: boolean;
  readonly hidden?: boolean;
  readonly 'aria-pressed'?: boolean;
  onClick?(): void;
}

/** The props of the live region: show `announcement` in it, visibly. */
export interface StatusProps {
  readonly id: string;
  readonly role: 'status';
  readonly 'aria-live': 'polite';
  readonly 'aria-atomic': true;
  /** Focus goes there at the end of a flow. */
  readonly tabIndex: -1;
  /** The error code, for styles. */
  readonly 'data-error': SecondFactorErrorCode | undefined;
}

/** Facts, actions and prop getters of one snapshot at one moment. */
export interface SecondFactorView<Normalize = undefined> {
  readonly state: SecondFactorState;
  /** The chosen factor. */
  readonly factor: SecondFactor | null;
  readonly factors: readonly FactorView[];
  /** Whether a request is under way. */
  readonly busy: boolean;
  /** What the machine accepts now: always what `snapshot.can` says. */
  readonly can: {
    /** A `SELECT` of at least one factor. */
    readonly select: boolean;
    /** A `PREPARE` of the chosen factor. */
    readonly prepare: boolean;
    /** An `ATTEMPT` of the chosen factor with a well-formed code. */
    readonly attempt: boolean;
    /** The same event as `prepare`; `delivery` tells which of the two it is. */
    readonly resend: boolean;
    readonly cancel: boolean;
  };
  /** What was sent to the chosen factor and is not spent; `null` where nothing was. */
  readonly delivery: Delivery | null;
  /** How long until the chosen factor may be prepared again, in ms; 0 for at once. */
  readonly resendInMs: number;
  /** How long until the code expires, in ms; 0 once it has, `null` where nobody said. */
  readonly codeExpiresInMs: number | null;
  /** How long the backend wants us to wait with attempts, in ms; 0 for not at all. */
  readonly holdInMs: number;
  /** How many attempts are left, where the backend told. */
  readonly attemptsLeft: number | undefined;
  readonly error: ErrorView | null;
  /** What the live region says. It changes by what happens, and 20 s before the code expires. */
  readonly announcement: string;
  /** Where focus belongs after this step: the element with the id `ids[focus]`. */
  readonly focus: keyof ElementIds;
  readonly ids: ElementIds;
  /** Changes with each step of the flow and not with time alone: move focus when it changes. */
  readonly step: string;
  /** Whether what was typed is of no more use at this step, and the field should be emptied. */
  readonly clearsCode: boolean;
  /** The texts of the page's own elements. */
  readonly labels: {
    readonly code: string;
    readonly submit: string;
    /** Send or send again, with the countdown. */
    readonly resend: string;
    readonly cancel: string;
  };
  /** Chooses a factor, and prepares it where that is needed and nothing live was sent to it. */
  choose(factor: SecondFactor | FactorView): void;
  /** Chooses a factor and sends nothing. */
  select(factor: SecondFactor | FactorView): void;
  prepare(): void;
  resend(): void;
  /**
   * Submits a code. One that is incomplete is refused, and {@link ConnectOptions.onMalformed} is told.
   *
   * @param text - as typed; the strategy normalises it
   */
  attempt(text: string): void;
  cancel(): void;
  /** Tells the machine which deadlines have passed. Each action does; call it on a timer's tick too. */
  catchUp(): void;
  formProps(): Normalized<Normalize, 'element', FormProps>;
  labelProps(): Normalized<Normalize, 'label', LabelProps>;
  codeInputProps(): Normalized<Normalize, 'input', CodeInputProps>;
  submitButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  resendButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  factorButtonProps(
    factor: SecondFactor | FactorView,
  ): Normalized<Normalize, 'button', ButtonProps>;
  cancelButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  statusProps(): Normalized<Normalize, 'element', StatusProps>;
}

/** The part of the code field, as the form knows it, that is looked at. */
interface CodeField {
  readonly value?: unknown;
  focus?(): void;
}

/** The last code that each field submitted by itself. Held by the field alone, and gone with it. */
const submitted = /* @__PURE__ */ new WeakMap<object, { key: string; code: OneTimeCode }>();

/**
 * Turns a snapshot into what a view needs, for any framework: plain facts, actions, and accessible
 * props. A pure function of snapshot, time and texts: call it again for each snapshot, and once a
 * second where countdowns are shown. It never throws, and every refusal is the machine's.
 *
 * A complete numeric code is submitted as it is typed, pasted or filled in, once per field and
 * distinct code: after a rejection the same code is submitted by the button only.
 *
 * @param snapshot - the latest one
 * @param send - sends an event to the same actor
 */
export function connect<Normalize extends PropNormalizer | undefined = undefined>(
  snapshot: SecondFactorSnapshot,
  send: (event: SecondFactorEvent) => void,
  options: ConnectOptions<Normalize> = {},
): SecondFactorView<Normalize> {
  const { context } = snapshot;
  const { factor, error } = context;
  const {
    now = () => context.now,
    normalize,
    id = 'second-factor',
    malformed,
    onMalformed,
  } = options;
  const texts: Messages = { ...englishMessages, ...options.messages };
  const at = now();
  const state = stateOf(snapshot.value);
  const busy = snapshot.hasTag('busy');
  const isOver = snapshot.status !== 'active';
  const key = chosenKey(context);
  const strategy = strategyFor(context, factor);
  const delivery = deliveryOf(context, factor) ?? null;
  const canPrepare = snapshot.can({ type: 'PREPARE' });
  const canAttempt = snapshot.can({ type: 'ATTEMPT', code: specimen(strategy?.length) });
  const canCancel = snapshot.can({ type: 'CANCEL' });
  const canSelect = (one: SecondFactor) => snapshot.can({ type: 'SELECT', factor: one });

  const left = (until: number | undefined) => Math.max((until ?? at) - at, 0);
  const resendInMs = left(deadlineOf(context, `resend:${key}`));
  const expiresAt = delivery?.expiresAt;
  const codeExpiresInMs = expiresAt === undefined ? null : left(expiresAt);
  const needsCode = !isOver && needsPreparation(context, {}) && !delivery && !busy;
  const step = `${state} ${key}`;
  const ids = { code: `${id}-code`, resend: `${id}-resend`, status: `${id}-status` };

  const say = (name: keyof Messages, about = factor, waitMs?: number): string => {
    const text = texts[name];
    if (typeof text === 'string') return text;
    const facts: MessageFacts = {
      factor: about,
      target: about?.safeIdentifier,
      length: strategyFor(context, about)?.length,
      waitMs,
      attemptsLeft: error?.attemptsLeft,
      detail: error?.message ?? '',
    };
    return text(facts);
  };

  // As of the last event and not of this moment: a text that counts would be spoken each second.
  const waitMs = error?.retryAt && Math.max(error.retryAt - context.now, 0);
  const isMalformed = malformed === step && canAttempt;
  const fault: Pick<SecondFactorError, 'code' | 'field'> | null = isMalformed
    ? { code: 'code_malformed' }
    : error;
  const isRejected = fault !== null && effectOf(fault.code) === 'code_rejected';
  const problem = fault && {
    code: fault.code,
    message: say(fault.code, factor, waitMs),
    field: fault.field ?? (isRejected ? 'code' : null),
  };

  const announcement = (): string => {
    if (state === 'complete') return say('complete');
    if (state === 'preparing') return say('sending');
    if (state === 'attempting.sending') return say('checking');
    if (state === 'attempting.reconciling') return say('reconciling');
    const isEnding = !isOver && codeExpiresInMs !== null && codeExpiresInMs <= EXPIRY_WARNING_MS;
    const ending = isEnding ? say(codeExpiresInMs ? 'expiring' : 'expired') : '';
    const text = problem?.message ?? (ending || say(delivery?.confirmed ? 'sent' : 'hint'));
    return problem && ending ? `${text} ${ending}` : text;
  };

  const due = () => {
    const moment = now();
    const passed = Object.entries(context.deadlines).filter(([, until]) => until <= moment);
    return passed.map(([name]) => name);
  };
  const catchUp = () => {
    if (isOver) return;
    for (const name of due()) send({ type: 'DEADLINE.PASSED', name });
  };
  const noteMalformed = (where: string | null) => {
    if (where !== (malformed ?? null)) onMalformed?.(where);
  };
  const act = (event: SecondFactorEvent, malformedAt: string | null = null) => {
    catchUp();
    if (!isOver) send(event); // an ended actor would only warn
    noteMalformed(malformedAt);
  };
  const select = (asked: SecondFactor | FactorView) =>
    act({ type: 'SELECT', factor: plainFactor(asked) });
  const prepare = () => act({ type: 'PREPARE', at: now() });
  /** Whether the text is a code; where it is none, the machine refuses it and nothing is sent. */
  const submit = (text: string): boolean => {
    const event = { type: 'ATTEMPT' as const, code: oneTimeCode(text) };
    const isCode = !canAttempt || snapshot.can(event);
    act(event, isCode ? null : step);
    return isCode;
  };
  const choose = (asked: SecondFactor | FactorView) => {
    const chosen = resolveFactor(context, plainFactor(asked));
    if (!chosen || !canSelect(chosen)) return;
    const passed = due();
    const inForce = Object.entries(context.deadlines).filter(([name]) => !passed.includes(name));
    const then = { ...context, factor: chosen, deadlines: Object.fromEntries(inForce) };
    const selects = isDelivered(then) || !canPrepareNext(then, {});
    act(
      selects ? { type: 'SELECT', factor: chosen } : { type: 'PREPARE', factor: chosen, at: now() },
    );
  };

  /** A whole numeric code, normalised; `null` for less, and for free text, of which nobody knows the end. */
  const completeCode = (text: string) =>
    strategy?.length === undefined ? null : normalizeCode(strategy, text);
  const submitOnce = (event: ViewEvent) => {
    const field = event.currentTarget as { value: string } | null;
    const text = field && completeCode(field.value);
    if (!text || !canAttempt) return;
    const code = oneTimeCode(text);
    const last = submitted.get(field);
    if (last?.key === key && last.code.reveal() === code.reveal()) return;
    submitted.set(field, { key, code });
    submit(field.value);
  };

  const props = <Props>(kind: PropKind, plain: Props): never => {
    const shape = (typeof normalize === 'function' ? normalize : normalize?.[kind]) as
      | ((props: Props) => unknown)
      | undefined;
    // SAFETY: `Normalized` is what the normaliser returns, and the plain props without one.
    return (shape ? shape(plain) : plain) as never;
  };
  const button = (plain: Omit<ButtonProps, 'type'>) =>
    props<ButtonProps>('button', { type: 'button', ...plain });
  const factors = usableFactors(context).map(
    (one): FactorView => ({
      key: keyOf(context, one),
      factor: one,
      label: say('factor', one),
      current: keyOf(context, one) === key,
      select: () => select(one),
    }),
  );

  return {
    state,
    factor,
    factors,
    busy,
    can: {
      select: factors.some((one) => canSelect(one.factor)),
      prepare: canPrepare,
      attempt: canAttempt,
      resend: canPrepare,
      cancel: canCancel,
    },
    delivery,
    resendInMs,
    codeExpiresInMs,
    holdInMs: left(deadlineOf(context, 'hold')),
    attemptsLeft: error?.attemptsLeft,
    error: problem,
    announcement: announcement(),
    focus: isOver ? 'status' : !needsCode ? 'code' : canPrepare ? 'resend' : 'status',
    ids,
    step,
    clearsCode: isOver || /preparing|rejected|spent/.test(state),
    labels: {
      code: say('code_label'),
      submit: say('submit'),
      resend: say(delivery ? 'resend' : 'send', factor, resendInMs),
      cancel: say('cancel'),
    },
    choose,
    select,
    prepare,
    resend: prepare,
    attempt: (text) => void submit(text),
    cancel: () => act({ type: 'CANCEL' }),
    catchUp,
    formProps: () =>
      props<FormProps>('element', {
        noValidate: onMalformed !== undefined,
        'aria-busy': busy,
        'data-state': state,
        onSubmit: (event) => {
          event.preventDefault?.();
          const form = event.currentTarget as { elements?: { code?: CodeField } } | null;
          const field = form?.elements?.code;
          if (!submit(String(field?.value ?? ''))) field?.focus?.();
        },
      }),
    labelProps: () => props<LabelProps>('label', { htmlFor: ids.code }),
    codeInputProps: () =>
      props<CodeInputProps>('input', {
        id: ids.code,
        name: 'code',
        type: 'text',
        autoComplete: strategy?.length === undefined ? 'off' : 'one-time-code',
        inputMode: strategy?.length === undefined ? 'text' : 'numeric',
        maxLength: LONGEST_INPUT,
        pattern: patternOf(strategy),
        title: say('code_malformed'),
        required: true,
        autoCapitalize: 'none',
        autoCorrect: 'off',
        spellCheck: false,
        enterKeyHint: 'go',
        readOnly: state.startsWith('attempting'),
        disabled: isOver || needsCode,
        'aria-invalid': isRejected,
        'aria-describedby': ids.status,
        onInput: (event) => {
          noteMalformed(null);
          const { isComposing } = (event.nativeEvent ?? event) as { isComposing?: boolean };
          if (!isComposing) submitOnce(event);
        },
        onCompositionEnd: submitOnce,
        // A whole code replaces what is there, wherever the caret is; the paste itself goes on.
        onPaste: (event) => {
          const field = event.currentTarget as { select?(): void } | null;
          if (completeCode(event.clipboardData?.getData('text') ?? '')) field?.select?.();
        },
      }),
    submitButtonProps: () =>
      props<ButtonProps>('button', { type: 'submit', disabled: !canAttempt }),
    resendButtonProps: () =>
      button({
        id: ids.resend,
        disabled: !canPrepare,
        hidden: !needsPreparation(context, {}),
        onClick: prepare,
      }),
    factorButtonProps: (asked) => {
      const one = plainFactor(asked);
      return button({
        disabled: !canSelect(one),
        'aria-pressed': keyOf(context, one) === key,
        onClick: () => choose(one),
      });
    },
    cancelButtonProps: () =>
      button({ disabled: !canCancel, onClick: () => act({ type: 'CANCEL' }) }),
    statusProps: () =>
      props<StatusProps>('element', {
        id: ids.status,
        role: 'status',
        'aria-live': 'polite',
        'aria-atomic': true,
        tabIndex: -1,
        'data-error': problem?.code,
      }),
  };
}

function stateOf(value: SecondFactorSnapshot['value']): SecondFactorState {
  // SAFETY: the machine's own values; only `attempting` and `failed` have children.
  return (
    typeof value === 'string' ? value : Object.entries(value).flat().join('.')
  ) as SecondFactorState;
}

function plainFactor(asked: SecondFactor | FactorView): SecondFactor {
  return typeof asked.factor === 'object' ? asked.factor : (asked as SecondFactor);
}

/** What `normalizeCode` accepts, as the `pattern` of an input: digits of any script, spaces, dashes. */
function patternOf(strategy: Strategy | undefined): string {
  if (strategy?.length === undefined) return '.*'; // where it was set once, none at all may be left as ''
  const between = '[\\s\\p{Cf}\\p{Pd}\\u2212]*';
  return `${between}(?:\\p{Nd}${between}){${strategy.length}}`;
}
