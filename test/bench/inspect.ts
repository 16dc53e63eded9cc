// `npm run bench -- inspect`: what it costs a flow to be recorded, in processor time and as a ratio.
import { createSecondFactor } from '../../src/index.ts';
import { describe, logTransitions, recordSession } from '../../src/inspect/index.ts';
import { createSandbox } from '../../src/sandbox/index.ts';

const ROUNDS = 15;
const FLOWS_PER_ROUND = 20;
/** In ms of processor time, on a machine on which a flow that nobody records takes up to ten. */
const MOST_MS = 20;

type Flow = ReturnType<typeof createSecondFactor>;
type Inspect = ReturnType<typeof recordSession>['inspect'];

/** A code by SMS that is wrong once, and right then. */
async function play(inspect?: Inspect): Promise<Flow> {
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({ signIn, services: sandbox.services(signIn.id), inspect });
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: '000000' }).catch(() => {});
  await flow.attemptSecondFactor({ strategy: 'phone_code', code: sandbox.inbox.code() });
  return flow;
}

const WAYS: Record<string, () => Inspect | undefined> = {
  'nobody records it': () => undefined,
  'it is recorded': () => recordSession().inspect,
  'its lines are logged': () => logTransitions({ write: () => {} }),
};

async function time(way: () => Inspect | undefined): Promise<number> {
  const start = process.cpuUsage();
  for (let count = 0; count < FLOWS_PER_ROUND; count += 1) await play(way());
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / FLOWS_PER_ROUND;
}

const median = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const rounds: Record<string, number[]> = {};
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, way] of Object.entries(WAYS)) {
    const took = await time(way);
    // The first round is the compiler's.
    if (round > 0) rounds[name] = [...(rounds[name] ?? []), took];
  }
}
const bare = median(rounds['nobody records it'] ?? []);
for (const [name, took] of Object.entries(rounds)) {
  const ms = median(took);
  const isWithin = ms < MOST_MS;
  console.log(
    `${isWithin ? 'ok  ' : 'OVER'}  a flow of which ${name}: ${ms.toFixed(2)} ms, ${(ms / bare).toFixed(1)} × (limit ${MOST_MS} ms)`,
  );
  if (!isWithin) process.exitCode = 1;
}

const snapshot = (await play()).actor.getSnapshot();
const start = process.cpuUsage();
for (let count = 0; count < 1_000; count += 1) describe(snapshot);
const { user } = process.cpuUsage(start);
console.log(`      describe(snapshot): ${Math.round(user / 1_000)} µs`);
