import { effectOf, type SecondFactorError } from '../machines/errors.ts';
import type { SecondFactor } from '../machines/factors.ts';
import {
  normalizeCode,
  type OneTimeCode,
  oneTimeCode,
  specimen,
} from '../machines/one-time-code.ts';
import {
  cooldownOf,
  deadlineOf,
  deliveryOf,
  dueDeadlines,
  findFactor,
  hasNoDelivery,
  isDelivered,
  isSentForGood,
  keyOf,
  needsPreparation,
  stateName,
  strategyOf,
  usableFactors,
} from '../machines/second-factor.facts.ts';
import type { SecondFactorEvent } from '../machines/second-factor.types.ts';
import type { Strategy } from '../machines/strategies.ts';
import type {
  ButtonProps,
  CodeInputProps,
  ConnectOptions,
  ElementIds,
  FactorView,
  FormProps,
  LabelProps,
  PropKind,
  PropNormalizer,
  SecondFactorSnapshot,
  SecondFactorState,
  SecondFactorView,
  StatusProps,
  TrustDeviceProps,
  ViewEvent,
} from './connect.types.ts';
import { englishMessages, type MessageFacts, type Messages } from './messages.ts';

/** How long before a code expires the view says so, in ms. WCAG 2.2 2.2.1: 20 seconds. */
const EXPIRY_WARNING_MS = 20_000;
/** Room for a pasted sentence. A `maxlength` that fits the digits would cut `424 242` to `424 24`. */
const LONGEST_INPUT = 256;

/** What is read of the code field of a form. */
interface CodeField {
  readonly value?: unknown;
  focus?(): void;
}

/** What is read of a form. */
interface CodeForm {
  readonly elements?: { readonly code?: CodeField; readonly trustDevice?: { checked?: unknown } };
}

function isTrusted(form: CodeForm | null | undefined): boolean {
  return form?.elements?.trustDevice?.checked === true;
}

/** The last code that each field submitted by itself. It is gone with the field. */
const submitted = /* @__PURE__ */ new WeakMap<object, { key: string; code: OneTimeCode }>();

/**
 * Turns a snapshot into what a view needs, for any framework: plain facts, actions, and accessible
 * props. It is a pure function of snapshot, time and texts: call it again for each snapshot, and once a
 * second if you show countdowns. It never throws, and only the machine refuses.
 *
 * A complete numeric code submits itself when it is typed, pasted or filled in, once per field and
 * distinct code. After a rejection only the button submits the same code again.
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
  // SAFETY: the names of the machine's own states.
  const state = stateName(snapshot) as SecondFactorState;
  const busy = snapshot.hasTag('busy');
  const isOver = snapshot.status !== 'active';
  const key = keyOf(context);
  const strategy = strategyOf(context);
  const delivery = deliveryOf(context) ?? null;
  const canPrepare = snapshot.can({ type: 'PREPARE' });
  const proof = strategy?.proof ?? null;
  const isTyped = proof !== 'credential' && proof !== 'elsewhere';
  const canAttempt = snapshot.can(
    isTyped ? { type: 'ATTEMPT', code: specimen(strategy?.length) } : { type: 'ATTEMPT' },
  );
  const canCancel = snapshot.can({ type: 'CANCEL' });
  const canSelect = (one: SecondFactor) => snapshot.can({ type: 'SELECT', factor: one });

  const left = (until: number | undefined) => Math.max((until ?? at) - at, 0);
  const resendInMs = left(cooldownOf(context));
  const expiresAt = delivery?.expiresAt;
  const codeExpiresInMs = expiresAt === undefined ? null : left(expiresAt);
  const needsCode = !isOver && needsPreparation(context) && hasNoDelivery(context) && !busy;
  const step = `${state} ${key}`;
  const ids = {
    code: `${id}-code`,
    submit: `${id}-submit`,
    resend: `${id}-resend`,
    status: `${id}-status`,
  };

  const say = (name: keyof Messages, about = factor, waitMs?: number): string => {
    const text = texts[name];
    if (typeof text === 'string') return text;
    const facts: MessageFacts = {
      factor: about,
      target: about?.safeIdentifier,
      length: strategyOf(context, about)?.length,
      proof: strategyOf(context, about)?.proof ?? null,
      waitMs,
      attemptsLeft: error?.attemptsLeft,
    };
    return text(facts);
  };

  // At the time of the last event: a text that counts down would be spoken each second.
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

  const focus = ((): keyof ElementIds => {
    if (isOver) return 'status';
    if (needsCode) return canPrepare ? 'resend' : 'status';
    if (isTyped) return 'code';
    return canAttempt ? 'submit' : 'status'; // a disabled button can't have the focus
  })();

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

  const catchUp = () => {
    if (isOver) return;
    for (const name of dueDeadlines(context, now())) send({ type: 'DEADLINE.PASSED', name });
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
  /** Submits a text, and says whether it is a code. If it is none, the machine refuses it. */
  const submit = (text: string, trustDevice: boolean): boolean => {
    const event = {
      type: 'ATTEMPT' as const,
      ...(isTyped && { code: oneTimeCode(text) }),
      ...(trustDevice && { trustDevice }),
    };
    const isProof = !canAttempt || snapshot.can(event);
    act(event, isProof ? null : step);
    return isProof;
  };
  const choose = (asked: SecondFactor | FactorView) => {
    const chosen = findFactor(context, plainFactor(asked));
    if (!chosen || !canSelect(chosen)) return;
    const moment = now();
    const mayPrepare =
      needsPreparation(context, chosen) &&
      !isSentForGood(context, chosen) &&
      (cooldownOf(context, chosen) ?? 0) <= moment;
    act(
      mayPrepare && !isDelivered(context, chosen, moment)
        ? { type: 'PREPARE', factor: chosen, at: moment }
        : { type: 'SELECT', factor: chosen },
    );
  };

  /** A whole numeric code, normalised; `null` for less. Nobody knows when a free text is complete. */
  const completeCode = (text: string) =>
    strategy?.length === undefined ? null : normalizeCode(strategy, text);
  const submitOnce = (event: ViewEvent) => {
    const field = event.currentTarget as { value: string; form?: CodeForm | null } | null;
    const text = field && completeCode(field.value);
    if (!text || !canAttempt) return;
    const code = oneTimeCode(text);
    const last = submitted.get(field);
    if (last?.key === key && last.code.reveal() === code.reveal()) return;
    submitted.set(field, { key, code });
    submit(field.value, isTrusted(field.form));
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
    proof,
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
    focus,
    ids,
    step,
    clearsCode: isOver || /preparing|rejected|spent/.test(state),
    labels: {
      code: say('code_label'),
      submit: say('submit'),
      resend: say(delivery ? 'resend' : 'send', factor, resendInMs),
      trustDevice: say('trust_device'),
      cancel: say('cancel'),
    },
    choose,
    select,
    prepare,
    resend: prepare,
    attempt: (text = '', trustDevice = false) => void submit(text, trustDevice),
    cancel: () => act({ type: 'CANCEL' }),
    catchUp,
    formProps: () =>
      props<FormProps>('element', {
        noValidate: onMalformed !== undefined,
        'aria-busy': busy,
        'data-state': state,
        onSubmit: (event) => {
          event.preventDefault?.();
          const form = event.currentTarget as CodeForm | null;
          const field = form?.elements?.code;
          if (!submit(String(field?.value ?? ''), isTrusted(form))) field?.focus?.();
        },
      }),
    labelProps: () => props<LabelProps>('label', { htmlFor: ids.code, hidden: !isTyped }),
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
        disabled: isOver || needsCode || !isTyped,
        hidden: !isTyped,
        'aria-invalid': isRejected,
        'aria-describedby': ids.status,
        onInput: (event) => {
          noteMalformed(null);
          const { isComposing } = (event.nativeEvent ?? event) as { isComposing?: boolean };
          if (!isComposing) submitOnce(event);
        },
        onCompositionEnd: submitOnce,
        // A whole code replaces what is there, wherever the caret is. The paste itself goes on.
        onPaste: (event) => {
          const field = event.currentTarget as { select?(): void } | null;
          if (completeCode(event.clipboardData?.getData('text') ?? '')) field?.select?.();
        },
      }),
    trustDeviceProps: () =>
      props<TrustDeviceProps>('input', {
        type: 'checkbox',
        name: 'trustDevice',
        disabled: isOver || busy,
      }),
    submitButtonProps: () =>
      props<ButtonProps>('button', {
        id: ids.submit,
        type: 'submit',
        disabled: !canAttempt,
        hidden: proof === 'elsewhere',
      }),
    resendButtonProps: () =>
      button({
        id: ids.resend,
        disabled: !canPrepare,
        hidden: !needsPreparation(context) || isSentForGood(context),
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

function plainFactor(asked: SecondFactor | FactorView): SecondFactor {
  return typeof asked.factor === 'object' ? asked.factor : (asked as SecondFactor);
}

/** The `pattern` of an input that accepts what `normalizeCode` does: digits of any script, spaces, dashes. */
function patternOf(strategy: Strategy | undefined): string {
  if (strategy?.length === undefined) return '.*'; // some frameworks leave a pattern that is taken away as ''
  const between = '[\\s\\p{Cf}\\p{Pd}\\u2212]*';
  return `${between}(?:\\p{Nd}${between}){${strategy.length}}`;
}
