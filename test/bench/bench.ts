// `npm run bench`: what the library costs, as ratios, since absolute figures differ from machine to
// machine. Fails where a ratio is over its limit.
import { createActor, createMachine } from 'xstate';
import { createSecondFactor } from '../../src/index.ts';
import { createSandbox } from '../../src/sandbox/index.ts';
import { comparisons, startPrepared } from './flows.ts';

/** A flow through the facade against the same on the bare machine. */
const MOST_TIMES_BARE = 1.5;
/** Heap of an idle prepared flow beyond that of a bare actor, in bytes. */
const MOST_BYTES_PER_FLOW = 6 * 1_024;
const IDLE_FLOWS = 10_000;
const ROUNDS = 15;
const FLOWS_PER_ROUND = 400;

const failures: string[] = [];
const report = (what: string, value: string, isWithin: boolean, limit: string) => {
  console.log(`${isWithin ? 'ok  ' : 'OVER'}  ${what}: ${value} (limit ${limit})`);
  if (!isWithin) failures.push(what);
};

for (const { name, facade, bare } of comparisons) {
  await time(facade); // warms both up: the first rounds are the compiler's
  await time(bare);
  const rounds: { facade: number; bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // In turn, so that what slows the machine slows both.
    rounds.push({ facade: await time(facade), bare: await time(bare) });
  }
  const [facadeTime, bareTime] = [
    median(rounds.map((round) => round.facade)),
    median(rounds.map((round) => round.bare)),
  ];
  const ratio = facadeTime / bareTime;
  const perSecond = (milliseconds: number) => Math.round(1_000 / milliseconds).toLocaleString('en');
  const speeds = `${perSecond(facadeTime)} flows a second of processor time against ${perSecond(bareTime)}`;
  report(
    `${name}, facade to bare machine`,
    `${ratio.toFixed(2)} × the time, ${speeds}`,
    ratio <= MOST_TIMES_BARE,
    `${MOST_TIMES_BARE} ×`,
  );
}

const bareMachine = createMachine({});
const bareBytes = await heapOf(async () => createActor(bareMachine).start());
const flowBytes = await heapOf(startPrepared);
report(
  `heap of an idle prepared flow beyond a bare actor's, over ${IDLE_FLOWS.toLocaleString('en')}`,
  `${kilobytes(flowBytes - bareBytes)} (${kilobytes(flowBytes)} less ${kilobytes(bareBytes)})`,
  flowBytes - bareBytes < MOST_BYTES_PER_FLOW,
  kilobytes(MOST_BYTES_PER_FLOW),
);

for (const [name, expected, play] of [
  ['totp', 1, totp],
  ['sms', 2, sms],
] as const) {
  const sandbox = createSandbox();
  const signIn = sandbox.signIn();
  const flow = createSecondFactor({ signIn, services: sandbox.services(signIn.id) });
  const { status } = await play(sandbox, flow);
  if (status !== 'complete') throw new Error(`${name} ended ${status}.`);
  const count = sandbox.requests.count();
  report(`requests of a ${name} flow`, String(count), count === expected, String(expected));
}

if (failures.length > 0) {
  console.error(`Over the limit: ${failures.join('; ')}.`);
  process.exitCode = 1;
}

type Sandbox = ReturnType<typeof createSandbox>;
type Flow = ReturnType<typeof createSecondFactor>;

function totp(sandbox: Sandbox, flow: Flow) {
  return flow.attemptSecondFactor({ strategy: 'totp', code: sandbox.authenticator.code() });
}

async function sms(sandbox: Sandbox, flow: Flow) {
  await flow.prepareSecondFactor({ strategy: 'phone_code' });
  return flow.attemptSecondFactor({ strategy: 'phone_code', code: sandbox.inbox.code() });
}

/** Milliseconds of processor time that one flow takes: a busy neighbour does not count. */
async function time(flow: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  for (let count = 0; count < FLOWS_PER_ROUND; count += 1) await flow();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / FLOWS_PER_ROUND;
}

/** Bytes of heap that each of many holds. */
async function heapOf(start: () => Promise<{ stop(): unknown }>): Promise<number> {
  (await start()).stop(); // what is made once is not counted
  const before = heapUsed();
  const held: { stop(): unknown }[] = [];
  for (let count = 0; count < IDLE_FLOWS; count += 1) held.push(await start());
  const bytes = (heapUsed() - before) / IDLE_FLOWS;
  for (const one of held) one.stop();
  return bytes;
}

function heapUsed(): number {
  if (!globalThis.gc) throw new Error('Run it by `npm run bench`, which exposes the collector.');
  for (let count = 0; count < 4; count += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(2)} KB`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
