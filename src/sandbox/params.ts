import { apiError } from './api-error.ts';

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

/** How each strategy of the sandbox is served. */
export const SANDBOX_STRATEGIES: Readonly<
  Record<string, { idField?: 'phoneNumberId' | 'emailAddressId'; delivered: boolean }>
> = {
  phone_code: { idField: 'phoneNumberId', delivered: true },
  email_code: { idField: 'emailAddressId', delivered: true },
  totp: { delivered: false },
  backup_code: { delivered: false },
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

function need(params: KnownParams, name: string): string {
  const value = params[name];
  if (value === undefined || value === '') throw apiError('form_param_nil', { paramName: name });
  return value;
}

function strategyOf({ params }: Reader): string {
  const value = params.strategy;
  if (value === undefined || value === '') {
    throw apiError('form_param_nil', { paramName: 'strategy' });
  }
  if (typeof value !== 'string' || !Object.hasOwn(SANDBOX_STRATEGIES, value)) {
    throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  }
  return value;
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
  return { identifier: need(known, 'identifier'), password: need(known, 'password') };
}

/**
 * Reads the parameters of a prepare: `strategy`, which must be one that delivers, and the id field
 * of that strategy.
 */
export function readPrepareParams(
  params: RawParams,
  spelling: Spelling,
): { strategy: string; targetId: string | undefined } {
  const strategy = strategyOf({ params, spelling });
  const { idField, delivered } = SANDBOX_STRATEGIES[strategy] ?? { delivered: false };
  if (!delivered) throw apiError('form_param_value_invalid', { paramName: 'strategy' });
  const known = allow({ params, spelling }, idField ? ['strategy', idField] : ['strategy']);
  return { strategy, targetId: idField ? known[idField] : undefined };
}

/** Reads the parameters of an attempt: `strategy` and `code`. */
export function readAttemptParams(
  params: RawParams,
  spelling: Spelling,
): { strategy: string; code: string } {
  const strategy = strategyOf({ params, spelling });
  const known = allow({ params, spelling }, ['strategy', 'code']);
  return { strategy, code: need(known, 'code') };
}

/** Reads the parameters of a step-up: `level`, of which the sandbox knows one. */
export function readStepUpParams(params: RawParams, spelling: Spelling): void {
  const known = allow({ params, spelling }, ['level']);
  if (need(known, 'level') !== 'second_factor') {
    throw apiError('form_param_value_invalid', { paramName: 'level' });
  }
}
