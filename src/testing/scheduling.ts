import type * as fc from 'fast-check';
import type { SecondFactorServices } from '../services.ts';
import { settlePromises } from './time.ts';

/** Services whose replies wait until a scheduler of fast-check releases them. */
export interface ScheduledServices {
  readonly services: SecondFactorServices;
  /** Releases one reply that waits, whichever the scheduler picks, and lets it take effect. */
  releaseOne(): Promise<void>;
  /** Releases all of them, in the order that the scheduler picks. */
  releaseAll(): Promise<void>;
  /** How many replies wait. */
  readonly waiting: number;
}

/**
 * Wraps services so that `fc.scheduler()` decides in which order their replies arrive. The requests
 * reach the backend at once and in order, and an aborted one is answered all the same, as by a
 * client that does not know aborts: what must not matter is when.
 */
export function scheduledServices(
  scheduler: fc.Scheduler,
  services: SecondFactorServices,
): ScheduledServices {
  const deaf = new AbortController().signal;
  let count = 0;
  const hold = async <Result>(name: string, sent: Promise<Result>): Promise<Result> => {
    count += 1;
    const told = `the reply to ${name} #${count}`;
    // The outcome is taken now, so that a rejection that waits is not an unhandled one.
    const outcome = sent.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    return (await scheduler.schedule(outcome, told))();
  };
  const release = async (all: boolean) => {
    await settlePromises();
    while (scheduler.count() > 0) {
      await scheduler.waitOne();
      await settlePromises();
      if (!all) return;
    }
  };
  return {
    services: {
      prepareSecondFactor: (params, request) =>
        hold(
          'prepareSecondFactor',
          services.prepareSecondFactor(params, { ...request, signal: deaf }),
        ),
      attemptSecondFactor: (params, request) =>
        hold(
          'attemptSecondFactor',
          services.attemptSecondFactor(params, { ...request, signal: deaf }),
        ),
      ...(services.reloadSignIn && {
        reloadSignIn: (request) =>
          hold(
            'reloadSignIn',
            services.reloadSignIn?.({ ...request, signal: deaf }) ?? Promise.resolve({}),
          ),
      }),
    },
    releaseOne: () => release(false),
    releaseAll: () => release(true),
    get waiting() {
      return scheduler.count();
    },
  };
}
