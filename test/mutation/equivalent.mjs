/**
 * Mutants that no test can tell from the real code: a part of the line that they are in, what stood
 * there, what they make of it, and the reason. `npm run test:mutation` fails for one that survives and
 * is not listed, and for one that is listed and does not survive.
 */
export const EQUIVALENT = [
  {
    file: 'machines/errors.ts',
    line: '} catch {',
    was: '{ return undefined; // null, or a getter or a proxy threw }',
    becomes: '{}',
    why: 'A function that ends without a `return` returns `undefined` too.',
  },
  {
    file: 'machines/second-factor.machine.ts',
    line: "SELECT: { guard: 'canSelect', target: 'needs_second_factor', actions: 'chooseFactor' }",
    was: "'needs_second_factor'",
    becomes: '""',
    why: 'In `needs_second_factor` itself: whether the state is left and entered again or not, it has no entry, and its `always` are looked at either way.',
  },
  {
    file: 'src/connect.ts',
    line: "if (completeCode(event.clipboardData?.getData('text') ?? ''))",
    was: "''",
    becomes: '"Stryker was here!"',
    why: 'Neither is a whole code.',
  },
  {
    file: 'src/create-second-factor.ts',
    line: "const isPrepared = request !== undefined && snapshot.matches('prepared');",
    was: "request !== undefined && snapshot.matches('prepared')",
    becomes: "request !== undefined || snapshot.matches('prepared')",
    why: 'It fails closed: no way of today leaves a request without an error, with the same factor, and for another state than `prepared` or `complete`.',
  },
  {
    file: 'src/create-second-factor.ts',
    line: "const isPrepared = request !== undefined && snapshot.matches('prepared');",
    was: 'request !== undefined',
    becomes: 'true',
    why: 'As above.',
  },
  {
    file: 'src/web-otp.ts',
    line: "snapshot.context.factor?.strategy === 'phone_code' &&",
    was: 'snapshot.context.factor?.strategy',
    becomes: 'snapshot.context.factor.strategy',
    why: 'A flow that is active has a factor: without one it has halted.',
  },
  {
    file: 'src/web-otp.ts',
    line: 'code: specimen(strategy?.length) }',
    was: 'strategy?.length',
    becomes: 'strategy.length',
    why: 'Text messages are a strategy that every flow knows.',
  },
];
