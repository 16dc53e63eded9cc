import * as fc from 'fast-check';
import type { SecondFactor } from '../../machines/factors.ts';
import { factorKey, factorParams } from '../../machines/factors.ts';
import { normalizeCode } from '../../machines/one-time-code.ts';
import { findStrategy, knownStrategies, type Strategies } from '../../machines/strategies.ts';
import type { SandboxFault } from '../sandbox/index.ts';
import { faults as faultArbitrary, tellFault } from './arbitraries.ts';
import { checkTrace } from './invariants.ts';
import { settlePromises } from './time.ts';
import { tellTrace } from './trace.ts';
import { type CallResult, type SecondFactorWorld, type WatchedCall, watch } from './world.ts';

/**
 * What a run believes of a flow. It is simpler than the machine: it knows what was asked for, and
 * nothing of states, replies or deadlines but the cooldown.
 */
export interface SecondFactorModel {
  /** By factor key, when the last prepare was sent, in ms since the epoch. */
  readonly sentAt: Map<string, number>;
  /** Whether a fault, a refusal or an overlap has made the backend's answers unforeseeable. */
  isHazy: boolean;
  /** Calls that are under way. */
  readonly open: { readonly told: string; readonly call: WatchedCall }[];
  /** What was done so far, for the story of a failure. */
  readonly story: string[];
}

/** A command of `fc.asyncModelRun`. */
export type SecondFactorCommand = fc.AsyncCommand<SecondFactorModel, SecondFactorWorld>;

/** What {@link secondFactorCommands} may be given. */
export interface CommandOptions {
  /** The factors of the sign-in. */
  readonly factors: readonly SecondFactor[];
  /** What the host has registered beside the strategies that are built in. */
  readonly strategies?: Strategies | undefined;
  /** Whether requests go wrong. `@defaultValue` true; without effect on a world that has no `fault` */
  readonly faults?: boolean | undefined;
  /** Whether a fault may end the flow, or take a factor away. `@defaultValue` false */
  readonly finalFaults?: boolean | undefined;
  /** Whether flows are left and resumed. `@defaultValue` true; only where the driver has `reload` */
  readonly reloads?: boolean | undefined;
  /** `@defaultValue` 20 */
  readonly maxCommands?: number | undefined;
  /** Replays a failure: the `replayPath` that fast-check printed. */
  readonly replayPath?: string | undefined;
}

/** The model at the start of a run. */
export function secondFactorModel(): SecondFactorModel {
  return { sentAt: new Map(), isHazy: false, open: [], story: [] };
}

/** The cooldown that the model reckons with, in ms: the default of the machine. */
const COOLDOWN_MS = 30_000;
/** A code that is well formed and, with all but certainty, not the right one. */
const MALFORMED = ['', '12', 'abcdef', '12345678'];

/**
 * Commands for `fc.asyncModelRun`: prepare, attempt with a right, a wrong, an old or a malformed
 * code, let time pass, make a request go wrong, reload, cancel. Each checks what must be so at once;
 * {@link runSecondFactor} checks what must be so in the end.
 */
export function secondFactorCommands(
  options: CommandOptions,
): fc.Arbitrary<Iterable<SecondFactorCommand>> {
  const factor = fc.constantFrom(...options.factors);
  const strategies = knownStrategies(options.strategies);
  const final = options.finalFaults;
  const commands: fc.Arbitrary<SecondFactorCommand>[] = [
    factor.map((one) => new Prepare(one, strategies)),
    factor.map((one) => new Prepare(one, strategies)),
    fc
      .tuple(factor, fc.constantFrom<CodeKind>('right', 'right', 'wrong', 'malformed', 'spaced'))
      .map(([one, kind]) => new Attempt(one, strategies, kind)),
    fc
      .tuple(factor, fc.constantFrom<CodeKind>('right', 'wrong'))
      .map(([one, kind]) => new Attempt(one, strategies, kind)),
    fc.constantFrom(500, 5_000, 10_000, 30_000, 60_000, 600_000).map((ms) => new Wait(ms)),
    ...(options.faults === false
      ? []
      : [faultArbitrary({ final }).map((fault) => new Fault(fault))]),
    ...(options.reloads === false ? [] : [fc.constant(new Reload())]),
    // Now and then: whatever comes after it is refused.
    fc.integer({ min: 0, max: 4 }).map((luck) => (luck === 0 ? new Cancel() : new Wait(1_000))),
  ];
  return fc.commands(commands, {
    maxCommands: options.maxCommands ?? 20,
    ...(options.replayPath !== undefined && { replayPath: options.replayPath }),
  });
}

type CodeKind = 'right' | 'wrong' | 'malformed' | 'spaced';

function isOver(world: SecondFactorWorld): boolean {
  return ['complete', 'halted'].includes(world.driver.state());
}

/** A command with its story: it fails with everything that led to it. */
abstract class Command implements SecondFactorCommand {
  check(_model: Readonly<SecondFactorModel>): boolean {
    return true;
  }

  async run(model: SecondFactorModel, world: SecondFactorWorld): Promise<void> {
    model.story.push(String(this));
    const before = { ...world.requests() }; // a world may count in place
    const wasBusy = /preparing|attempting/.test(world.driver.state());
    const wasOver = isOver(world);
    const problem = await this.act(model, world, { wasBusy, wasOver });
    const after = world.requests();
    const made = after.prepare + after.attempt - before.prepare - before.attempt;
    if (problem) fail(model, world, problem(made));
  }

  abstract act(
    model: SecondFactorModel,
    world: SecondFactorWorld,
    before: { readonly wasBusy: boolean; readonly wasOver: boolean },
  ): Promise<((requests: number) => string | null) | null>;

  abstract toString(): string;
}

function fail(model: SecondFactorModel, world: SecondFactorWorld, problem: string | null): void {
  if (problem === null) return;
  const told = world.traces?.().map(tellTrace).join('\n— reload —\n') ?? '';
  throw new Error(`${problem}\n\n${model.story.join(' → ')}\n\n${told}`);
}

/** Refused without a request: by us, for this reason. */
function refused(call: WatchedCall, code: CallResult): (requests: number) => string | null {
  return (requests) => {
    if (call.result !== code) return `expected ${code}, and it was ${call.result}`;
    return requests === 0 ? null : `refused with ${code}, and ${requests} requests were made`;
  };
}

/** A command that is about a factor. */
abstract class FactorCommand extends Command {
  readonly factor: SecondFactor;
  readonly strategies: Strategies;

  constructor(factor: SecondFactor, strategies: Strategies) {
    super();
    this.factor = factor;
    this.strategies = strategies;
  }

  get key(): string {
    return factorKey(this.factor, this.strategies);
  }

  get needsPreparation(): boolean {
    return findStrategy(this.strategies, this.factor.strategy)?.needsPreparation === true;
  }
}

class Prepare extends FactorCommand {
  async act(
    model: SecondFactorModel,
    world: SecondFactorWorld,
    { wasBusy, wasOver }: { wasBusy: boolean; wasOver: boolean },
  ) {
    const { key } = this;
    const before = world.requests().prepare;
    const { result } = world.driver.state() === 'preparing' ? { result: null } : { result: 'new' };
    const call = watch(
      world.driver.prepareSecondFactor(factorParams(this.factor, this.strategies)),
    );
    await settlePromises();
    model.open.push({ told: String(this), call });
    const made = world.requests().prepare - before;
    if (made > 0) {
      const last = model.sentAt.get(key);
      model.sentAt.set(key, world.now());
      if (!this.needsPreparation) return () => `${key} was prepared`;
      if (last !== undefined && !model.isHazy && world.now() < last + COOLDOWN_MS) {
        return () => `${key} was prepared again after ${world.now() - last} ms`;
      }
    }
    if (wasOver) return refused(call, 'not_accepted');
    if (wasBusy || result === null) return null; // joined, replaced or refused: the trace tells
    if (!this.needsPreparation) {
      // A factor that the backend has refused to serve is gone.
      return (requests: number) =>
        requests === 0 && (call.result === 'ok' || model.isHazy)
          ? null
          : `preparing ${key} made ${requests} requests and was ${call.result}`;
    }
    return (requests: number) =>
      requests > 0 || call.result !== 'ok' ? null : `${key} was prepared without a request`;
  }

  toString(): string {
    return `PREPARE ${this.key}`;
  }
}

class Attempt extends FactorCommand {
  readonly kind: CodeKind;

  constructor(factor: SecondFactor, strategies: Strategies, kind: CodeKind) {
    super(factor, strategies);
    this.kind = kind;
  }

  async act(
    model: SecondFactorModel,
    world: SecondFactorWorld,
    { wasBusy, wasOver }: { wasBusy: boolean; wasOver: boolean },
  ) {
    const { key } = this;
    const code = this.#code(world);
    // An earlier attempt was right, and its reply was lost: any attempt, a wrong one too, finds it out.
    const wasVerified = world.isVerified();
    const params = { ...factorParams(this.factor, this.strategies), code };
    const call = watch(world.driver.attemptSecondFactor(params));
    await settlePromises();
    model.open.push({ told: String(this), call });
    if (wasOver) return refused(call, 'not_accepted');
    if (wasBusy) return null;
    if (this.needsPreparation && !model.sentAt.has(key)) {
      return model.isHazy ? null : refused(call, 'not_prepared');
    }
    if (this.kind === 'malformed' && !this.#isWellFormed(code)) {
      if (call.result === 'ok') return () => 'a malformed code was accepted';
      return (requests: number) =>
        requests === 0 ? null : 'a malformed code was sent to the backend';
    }
    if (this.kind === 'wrong' && !wasVerified) {
      return () => (call.result === 'ok' ? 'a wrong code was accepted' : null);
    }
    return null;
  }

  #isWellFormed(code: string): boolean {
    const strategy = findStrategy(this.strategies, this.factor.strategy);
    return strategy !== undefined && normalizeCode(strategy, code) !== null;
  }

  #code(world: SecondFactorWorld): string {
    const right = world.codeFor(this.factor) ?? '000000';
    const ones = '1'.repeat(right.length);
    switch (this.kind) {
      case 'malformed':
        return MALFORMED[world.now() % MALFORMED.length] ?? '';
      case 'wrong':
        return right === ones ? '2'.repeat(right.length) : ones;
      case 'spaced':
        return ` ${right.slice(0, 3)} ${right.slice(3)} `;
      default:
        return right;
    }
  }

  toString(): string {
    return `ATTEMPT ${this.key} ${this.kind} code`;
  }
}

class Wait extends Command {
  readonly ms: number;

  constructor(ms: number) {
    super();
    this.ms = ms;
  }

  async act(_model: SecondFactorModel, world: SecondFactorWorld) {
    await world.advance(this.ms);
    return null;
  }

  toString(): string {
    return `WAIT ${this.ms / 1_000} s`;
  }
}

class Fault extends Command {
  readonly fault: SandboxFault;

  constructor(fault: SandboxFault) {
    super();
    this.fault = fault;
  }

  async act(model: SecondFactorModel, world: SecondFactorWorld) {
    if (world.fault) {
      model.isHazy = true;
      world.fault(this.fault);
    }
    return null;
  }

  toString(): string {
    return `(next: ${tellFault(this.fault)})`;
  }
}

class Reload extends Command {
  async act(model: SecondFactorModel, world: SecondFactorWorld) {
    if (!world.driver.reload || isOver(world)) return null;
    model.isHazy = true;
    world.driver.reload();
    await settlePromises();
    return null;
  }

  toString(): string {
    return 'RELOAD';
  }
}

class Cancel extends Command {
  async act(_model: SecondFactorModel, world: SecondFactorWorld) {
    if (isOver(world)) return null;
    world.driver.cancel();
    await settlePromises();
    return () => (isOver(world) ? null : `cancelled, and the state is ${world.driver.state()}`);
  }

  toString(): string {
    return 'CANCEL';
  }
}

/** Longer than any request, hold or lock of the sandbox but the lock of the account, in ms. */
const LONG_MS = 11 * 60_000;

/**
 * Runs commands on a fresh world, then waits until everything has had its time, and checks what must
 * be so in the end: every call has settled with a typed error or a SignIn, nothing is busy, no
 * success ends as a failure, and every invariant holds on the whole trace.
 */
export async function runSecondFactor(
  world: SecondFactorWorld,
  commands: Iterable<SecondFactorCommand>,
): Promise<void> {
  const model = secondFactorModel();
  await fc.asyncModelRun(() => ({ model, real: world }), commands);
  await world.advance(LONG_MS);
  world.heal?.();
  for (const { told, call } of model.open) {
    if (call.result === 'pending') fail(model, world, `${told} never settled`);
    if (call.result === 'thrown') fail(model, world, `${told} threw ${String(call.value)}`);
  }
  const state = world.driver.state();
  if (/preparing|attempting/.test(state)) fail(model, world, `still ${state} after ${LONG_MS} ms`);
  if (state === 'complete' && !world.isVerified()) {
    fail(model, world, 'complete, and the backend has verified nothing');
  }
  const [violation] = (world.traces?.() ?? []).flatMap((trace) => checkTrace(trace));
  if (violation) {
    const { invariant, says, problem, step } = violation;
    fail(model, world, `${invariant}: ${problem} (step ${step ?? '–'})\n${says}`);
  }
}
