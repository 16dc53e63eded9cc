import { setFlagsFromString } from 'node:v8';

import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createSecondFactor } from '../../src/index.ts';
import { seededRandom } from '../../src/sandbox/index.ts';
import { SimulatedTime, settlePromises } from '../../src/testing/index.ts';
import { CODE, completed, PHONE, sent, signIn, TOTP } from '../support/sign-ins.ts';
import { LONGEST_MS } from './runs.ts';

/** 100,000 flows in the slow lane. */
const FLOWS = process.env.SLOW === '1' ? 100_000 : 1_500;
/**
 * What a flow may leave behind, in bytes: its share of the noise of the measured heap. An actor that is kept costs
 * more than 6,000.
 */
const MOST_BYTES_LEFT = process.env.SLOW === '1' ? 200 : 1_500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

interface Held {
  readonly time: SimulatedTime;
  readonly open: Set<AbortSignal>;
  listeners: number;
}

/** A flow that stops at a random point: at the start, in flight, prepared, at the end. */
async function liveOneFlow(held: Held, random: () => number): Promise<WeakRef<object>> {
  const { time, open } = held;
  const serve = (reply: object) => (signal: AbortSignal) =>
    new Promise<object>((resolve, reject) => {
      open.add(signal);
      held.listeners += 1;
      const end = (settle: () => void) => {
        open.delete(signal);
        held.listeners -= 1;
        settle();
      };
      const timer = time.setTimeout(() => {
        signal.removeEventListener('abort', abort);
        end(() => resolve(reply));
      }, 100);
      const abort = () => {
        time.clearTimeout(timer);
        end(() => reject(new DOMException('aborted', 'AbortError')));
      };
      signal.addEventListener('abort', abort, { once: true });
    });
  const [prepare, attempt] = [serve(sent()), serve(completed())];
  const flow = createSecondFactor({
    signIn: signIn({ supportedSecondFactors: [PHONE, TOTP] }),
    clock: time,
    now: time.now,
    services: {
      prepareSecondFactor: (_, request) => prepare(request.signal),
      attemptSecondFactor: (_, request) => attempt(request.signal),
    },
  });
  const steps = [
    () => void flow.prepareSecondFactor({ strategy: 'phone_code' }).catch(() => {}),
    () => time.advance(100),
    () => void flow.attemptSecondFactor({ strategy: 'phone_code', code: CODE }).catch(() => {}),
    () => time.advance(100),
  ];
  for (const step of steps.slice(0, Math.floor(random() * 5))) await step();
  if (random() < 0.3) flow.actor.send({ type: 'CANCEL' });
  flow.stop();
  await settlePromises();
  return new WeakRef(flow.actor);
}

it(`leaves nothing behind after ${FLOWS} flows`, { timeout: LONGEST_MS }, async () => {
  const held: Held = { time: new SimulatedTime(), open: new Set(), listeners: 0 };
  const random = seededRandom(3);
  const warn = console.warn;
  console.warn = () => {}; // XState warns of a CANCEL that comes after the end
  const references: WeakRef<object>[] = [];
  const measure = async (flows: number) => {
    for (let count = 0; count < flows; count += 1) {
      const reference = await liveOneFlow(held, random);
      if (count % 100 === 0) references.push(reference);
    }
    // A WeakRef keeps its object for the rest of this turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
    return process.memoryUsage().heapUsed;
  };
  await measure(FLOWS / 5); // until everything is compiled and cached
  const before = await measure(FLOWS / 5);
  const after = await measure(FLOWS);
  console.warn = warn;

  expect(held.time.timers).toBe(0);
  expect(held.open.size).toBe(0);
  expect(held.listeners).toBe(0);
  expect(references.filter((reference) => reference.deref()).length).toBeLessThanOrEqual(1);
  const left = (after - before) / FLOWS;
  console.info(`${FLOWS} flows left ${left.toFixed(1)} bytes each`);
  expect(left).toBeLessThan(MOST_BYTES_LEFT);
});
