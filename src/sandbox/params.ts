import { apiError } from './api-error.ts';
import { isLoopback } from './loopback.ts';

/** Parameters as they arrive: nothing is known about them. */
export type RawParams = Readonly<Record<string, unknown>>;

/** The white-listed parameters of a call; all of them are strings. */
type KnownParams = Partial<Record<string, string>>;

/** How names of parameters are written: as the methods have them, or as the HTTP form has them. */
export type Spelling = 'camelCase' | 'snake_case';

/** Writes the name of a parameter as a request has it. */
export function spell(name: string, spelling: Spelling): string {
  return spelling === 'camelCase'
    ? name
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** How the sandbox serves a strategy. */
interface SandboxStrategy {
  readonly idField?: 'phoneNumberId' | 'emailAddressId';
  /** Whether an attempt has to be prepared. */
  readonly prepared: boolean;
  /** What an attempt carries: a typed code or a passkey's credential; a link is opened elsewhere. */
  readonly proof: 'code' | 'publicKeyCredential' | 'elsewhere';
}

/** The strategies of the sandbox. */
export const SANDBOX_STRATEGIES: Readonly<Record<string, SandboxStrategy>> = {
  phone_code: { idField: 'phoneNumberId', prepared: true, proof: 'code' },
  email_code: { idField: 'emailAddressId', prepared: true, proof: 'code' },
  email_link: { idField: 'emailAddressId', prepared: true, proof: 'elsewhere' },
  passkey: { prepared: true, proof: 'publicKeyCredential' },
  totp: { prepared: false, proof: 'code' },
  backup_code: { prepared: false, proof: 'code' },
};

const LONGEST_NAME_SHOWN = 64;

/** The parameters of one request, and how it writes their names. */
interface Reader {
  readonly params: RawParams;
  readonly spelling: Spelling;
}

/**
 * Lets the listed parameters through, all of them strings.
 *
 * @throws `form_param_unknown` for any other, `form_param_format_invalid` for one that is not a
 * string
 */
function allow({ params, spelling }: Reader, names: readonly string[]): KnownParams {
  const known: KnownParams = {};
  for (const [written, value] of Object.entries(params)) {
    if (value === undefined) continue; // clients drop those before they send
    const name = names.find((candidate) => spell(candidate, spelling) === written);
    if (name === undefined) {
      throw apiError('form_param_unknown', { paramName: written.slice(0, LONGEST_NAME_SHOWN) });
    }
    if (typeof value !== 'string') {
      throw apiError('form_param_format_invalid', { paramName: written });
    }
    known[name] = value;
  }
  return known;
}

function need(params: KnownParams, name: string, spelling: Spelling): string {
  const value = params[name];
  if (value === undefined || value === '') {
    throw apiError('form_param_nil', { paramName: spell(name, spelling) });
  }
  return value;
}

function strategyOf({ params }: Reader): [name: string, strategy: SandboxStrategy] {
  const value = params.strategy;
  if (value === undefined || value === '') {
    throw apiError('form_param_nil', { paramName: 'strategy' });
  }
  const strategy =
    typeof value === 'string' && Object.hasOwn(SANDBOX_STRATEGIES, value)
      ? SANDBOX_STRATEGIES[value]
      : undefined;
  if (!strategy) throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  return [String(value), strategy];
}

/**
 * Reads the parameters of a new sign-in: `identifier`, `password` and, at most, `strategy:
 * 'password'`. Browsers say their `locale` and `timezone` too, which change nothing here.
 */
export function readCreateParams(
  params: RawParams,
  spelling: Spelling,
): { identifier: string; password: string } {
  const known = allow({ params, spelling }, [
    'identifier',
    'password',
    'strategy',
    'locale',
    'timezone',
  ]);
  if (known.strategy !== undefined && known.strategy !== 'password') {
    throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  }
  return {
    identifier: need(known, 'identifier', spelling),
    password: need(known, 'password', spelling),
  };
}

/**
 * Reads the parameters of a prepare: `strategy`, which must be one that is prepared, and the id field
 * of that strategy. A link may say with `redirectUrl` where it leads; that is a page of this computer.
 */
export function readPrepareParams(
  params: RawParams,
  spelling: Spelling,
): { strategy: string; targetId: string | undefined; redirectUrl: string | undefined } {
  const [strategy, { idField, prepared, proof }] = strategyOf({ params, spelling });
  if (!prepared) throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  const names = ['strategy', ...(idField ? [idField] : [])];
  const known = allow(
    { params, spelling },
    proof === 'elsewhere' ? [...names, 'redirectUrl'] : names,
  );
  const { redirectUrl } = known;
  if (redirectUrl !== undefined && !isLoopback(redirectUrl)) {
    throw apiError('form_param_value_invalid', { paramName: spell('redirectUrl', spelling) });
  }
  return { strategy, targetId: idField && known[idField], redirectUrl };
}

/** Reads the parameters of an attempt: `strategy`, and its proof, which is a code or a credential. */
export function readAttemptParams(
  params: RawParams,
  spelling: Spelling,
): { strategy: string; proof: string } {
  const [strategy, { proof }] = strategyOf({ params, spelling });
  if (proof === 'elsewhere') throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  const known = allow({ params, spelling }, ['strategy', proof]);
  return { strategy, proof: need(known, proof, spelling) };
}

/** Reads the parameters of a step-up: `level`, of which the sandbox knows one. */
export function readStepUpParams(params: RawParams, spelling: Spelling): void {
  const known = allow({ params, spelling }, ['level']);
  if (need(known, 'level', spelling) !== 'second_factor') {
    throw apiError('form_param_value_invalid', { paramName: 'level' });
  }
}
