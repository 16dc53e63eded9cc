import type { SnapshotFrom } from 'xstate';
import type { SecondFactorErrorCode } from '../machines/errors.ts';
import type { SecondFactor } from '../machines/factors.ts';
import type { secondFactorMachine } from '../machines/second-factor.machine.ts';
import type { Delivery } from '../machines/second-factor.types.ts';
import type { Strategy } from '../machines/strategies.ts';
import type { Messages } from './messages.ts';

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
  /** `totp`, or `phone_code/idn_1` if there can be several: for lists that want a key. */
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
  readonly submit: string;
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
   * The step at which an incomplete code was submitted, as {@link ConnectOptions.onMalformed} told. The machine
   * refuses such a code, and a refused event leaves the snapshot as it is: the page has to remember it.
   */
  readonly malformed?: string | null | undefined;
  /**
   * Gets the step at which an incomplete code was submitted, and `null` once the user does something else.
   * Keep it and pass it as `malformed`: then the view says what is wrong. Without it the browser says so, by
   * the field's `pattern`.
   */
  readonly onMalformed?: ((step: string | null) => void) | undefined;
}

/**
 * A function from JSX-style props to a framework's own, or one for each kind of element. The normalisers
 * that Zag ships for React, Vue, Svelte, Solid and Preact fit.
 */
export type PropNormalizer =
  | ((props: never) => unknown)
  | { readonly [Kind in PropKind]: (props: never) => unknown };

/** The kinds of elements that have props. */
export type PropKind = 'element' | 'label' | 'input' | 'button';

/** The props of one kind of element: what the normaliser returns, or JSX-style props without one. */
export type Normalized<Normalize, Kind extends PropKind, Props> = Normalize extends (
  props: never,
) => infer Result
  ? Result
  : Normalize extends { readonly [_ in Kind]: (props: never) => infer Result }
    ? Result
    : Props;

/** What the handlers read of an event of a form, an input or a clipboard. */
export interface ViewEvent {
  readonly currentTarget: unknown;
  preventDefault?(): void;
  readonly isComposing?: boolean;
  readonly nativeEvent?: object;
  readonly clipboardData?: { getData(type: string): string } | null;
}

/** The props of the form around the code field. */
export interface FormProps {
  /** `true` if the view says what is wrong with a code, so the browser need not. */
  readonly noValidate: boolean;
  readonly 'aria-busy': boolean;
  readonly 'data-state': SecondFactorState;
  onSubmit(event: ViewEvent): void;
}

/** The props of the label of the code field. */
export interface LabelProps {
  readonly htmlFor: string;
  /** `true` if the user types no code. */
  readonly hidden: boolean;
}

/** The props of the checkbox "trust this device". The form reads it when it is submitted. */
export interface TrustDeviceProps {
  readonly type: 'checkbox';
  readonly name: 'trustDevice';
  readonly disabled: boolean;
}

/** The props of the code field: one real input, so that paste, autofill and screen readers work. */
export interface CodeInputProps {
  readonly id: string;
  readonly name: 'code';
  readonly type: 'text';
  readonly autoComplete: 'one-time-code' | 'off';
  readonly inputMode: 'numeric' | 'text';
  readonly maxLength: number;
  /** A browser refuses an incomplete code by it, unless the form is `noValidate`. */
  readonly pattern: string;
  readonly title: string;
  readonly required: true;
  readonly autoCapitalize: 'none';
  readonly autoCorrect: 'off';
  readonly spellCheck: false;
  readonly enterKeyHint: 'go';
  /** `true` while a code is checked. A disabled field would lose the focus. */
  readonly readOnly: boolean;
  readonly disabled: boolean;
  /** `true` if the user types no code. */
  readonly hidden: boolean;
  readonly 'aria-invalid': boolean;
  readonly 'aria-describedby': string;
  onInput(event: ViewEvent): void;
  onCompositionEnd(event: ViewEvent): void;
  onPaste(event: ViewEvent): void;
}

/** The props of a button. It is disabled if the machine would refuse the click, and only then. */
export interface ButtonProps {
  readonly id?: string;
  readonly type: 'button' | 'submit';
  readonly disabled: boolean;
  readonly hidden?: boolean;
  readonly 'aria-pressed'?: boolean;
  onClick?(): void;
}

/** The props of the live region. Show `announcement` in it, visibly. */
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
  /**
   * What proves the chosen factor: the user types a `code`, a button has the service make a `credential`, or
   * the page waits for what the user does `elsewhere`. `null` if there is no factor.
   */
  readonly proof: Strategy['proof'] | null;
  /** Whether a request is under way. */
  readonly busy: boolean;
  /** What the machine accepts now. It always agrees with `snapshot.can`. */
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
  /** The delivery to the chosen factor, if it is not spent; else `null`. */
  readonly delivery: Delivery | null;
  /** How long until the chosen factor may be prepared again, in ms; 0 if at once. */
  readonly resendInMs: number;
  /** How long until the code expires, in ms; 0 once it has expired, `null` if the backend did not say. */
  readonly codeExpiresInMs: number | null;
  /** How long the backend wants us to wait with attempts, in ms; 0 if not at all. */
  readonly holdInMs: number;
  /** How many attempts are left, if the backend told. */
  readonly attemptsLeft: number | undefined;
  readonly error: ErrorView | null;
  /** What the live region says. It changes when something happens, and 20 s before the code expires. */
  readonly announcement: string;
  /** Where focus belongs after this step: the element with the id `ids[focus]`. */
  readonly focus: keyof ElementIds;
  readonly ids: ElementIds;
  /** Changes with each step of the flow, and not with time alone. Move focus when it changes. */
  readonly step: string;
  /** Whether this step has no more use for the typed code, so that the page should empty the field. */
  readonly clearsCode: boolean;
  /** The texts of the page's own elements. */
  readonly labels: {
    readonly code: string;
    readonly submit: string;
    /** Send or send again, with the countdown. */
    readonly resend: string;
    readonly trustDevice: string;
    readonly cancel: string;
  };
  /** Chooses a factor. Also prepares it, if it needs that and has no live delivery. */
  choose(factor: SecondFactor | FactorView): void;
  /** Chooses a factor and sends nothing. */
  select(factor: SecondFactor | FactorView): void;
  prepare(): void;
  resend(): void;
  /**
   * Submits a code. The machine refuses an incomplete one, and {@link ConnectOptions.onMalformed} gets the step.
   * If the proof is a `credential`, the service makes it.
   *
   * @param text - as typed; the strategy normalises it
   * @param trustDevice - whether the user wants this device to be trusted from now on
   */
  attempt(text?: string, trustDevice?: boolean): void;
  cancel(): void;
  /** Tells the machine which deadlines have passed. Each action does so. Call it on a timer's tick too. */
  catchUp(): void;
  formProps(): Normalized<Normalize, 'element', FormProps>;
  labelProps(): Normalized<Normalize, 'label', LabelProps>;
  codeInputProps(): Normalized<Normalize, 'input', CodeInputProps>;
  trustDeviceProps(): Normalized<Normalize, 'input', TrustDeviceProps>;
  submitButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  resendButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  factorButtonProps(
    factor: SecondFactor | FactorView,
  ): Normalized<Normalize, 'button', ButtonProps>;
  cancelButtonProps(): Normalized<Normalize, 'button', ButtonProps>;
  statusProps(): Normalized<Normalize, 'element', StatusProps>;
}
