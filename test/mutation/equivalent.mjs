/**
 * Mutants that no test can tell from the real code: a part of the line or of the code that they change,
 * what they make of it, and the reason. `npm run test:mutation` fails for one that survives and is not
 * listed, and for one that is listed and does not survive.
 */
export const EQUIVALENT = [
  {
    file: 'machines/second-factor.machine.ts',
    code: "SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' }",
    becomes: '""',
    why: 'In `needs_second_factor` itself: whether the state is left and entered again or not, it has no entry, and its `always` are looked at either way.',
  },
  {
    file: 'machines/second-factor.updates.ts',
    code: "strategyOf(context.options.strategies, live ?? '')",
    becomes: '"Stryker was here!"',
    why: 'No strategy has either name.',
  },
  {
    file: 'src/connect.ts',
    code: "if (completeCode(event.clipboardData?.getData('text') ?? ''))",
    becomes: '"Stryker was here!"',
    why: 'Neither is a whole code.',
  },
  {
    file: 'src/errors.ts',
    code: 'return undefined; // null, or a getter or a proxy threw',
    becomes: '{}',
    why: 'A function that ends without a `return` returns `undefined` too.',
  },
  {
    file: 'src/services.ts',
    code: "const field = factorIdField(strategies, strategy) ?? '';",
    becomes: '"Stryker was here!"',
    why: 'No factor has a field of either name.',
  },
  {
    file: 'src/sign-in.ts',
    code: "factorIdField(strategies, strategy) ?? 'safeIdentifier'",
    becomes: '""',
    why: 'It is a field that is read anyway, and `` is one that no factor has.',
  },
  {
    file: 'src/strategies.ts',
    code: "const id = factor[factorIdField(strategies, factor.strategy) ?? ''];",
    becomes: '"Stryker was here!"',
    why: 'No factor has a field of either name.',
  },
  {
    file: 'src/to-error.ts',
    code: 'Array.isArray(errors) ? errors.map(Object) : [];',
    becomes: '["Stryker was here"]',
    why: 'A text has no code and no message: it is looked at, and nothing is found.',
  },
  {
    file: 'src/to-error.ts',
    code: 'return Date.parse(/GMT$/.test(text)',
    becomes: '/GMT/',
    why: 'Only a text that goes on after `GMT` is read differently, and none is a date of HTTP.',
  },
  {
    file: 'src/web-otp.ts',
    code: "snapshot.context.factor?.strategy === 'phone_code' &&",
    becomes: 'snapshot.context.factor.strategy',
    why: 'A flow that is active has a factor: without one it has halted.',
  },
];
