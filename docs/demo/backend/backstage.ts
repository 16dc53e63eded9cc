import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { World, WorldClock } from './world.ts';
import type { WorldAction, WorldTrouble } from './world-state.ts';

const TROUBLES: readonly string[] = [
  'offline',
  'losesReply',
  'slow',
  'locked',
] satisfies readonly (keyof WorldTrouble)[];

/**
 * Makes what the panels beside the sign-in talk to; no part of it exists in a real application.
 *
 * - `GET /demo/state`: the world as JSON
 * - `GET /demo/events`: the same, as server-sent events, now and whenever it changes
 * - `GET /demo/qr.svg`: the key URI of the authenticator
 * - `POST /demo/actions`: does something to the world
 */
export function createBackstageApp(world: World, clock: WorldClock): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.get('/demo/state', (context) => context.json(world.state()));
  app.get('/demo/qr.svg', (context) =>
    context.body(world.qrCode(), 200, { 'content-type': 'image/svg+xml' }),
  );
  app.post('/demo/actions', async (context) => {
    const action = readAction(await context.req.json().catch(() => null));
    if (!action) return context.text('This is no action.', 400);
    world.act(action);
    return context.json(world.state());
  });
  app.get('/demo/events', (context) =>
    streamSSE(context, async (stream) => {
      let close = () => {};
      const closed = new Promise<void>((resolve) => {
        close = resolve;
      });
      const push = () => {
        void stream.writeSSE({ data: JSON.stringify(world.state()) });
      };
      // The authenticator shows another code without anything having happened.
      let timer: unknown;
      const pushNowAndLater = () => {
        push();
        const { clockOffsetMs, authenticator } = world.state();
        const changesInMs = authenticator.changesAt - clockOffsetMs - clock.now();
        timer = clock.setTimeout(pushNowAndLater, Math.max(0, changesInMs) + 5);
      };
      const unsubscribe = world.subscribe(() => {
        clock.clearTimeout(timer);
        pushNowAndLater();
      });
      stream.onAbort(close);
      pushNowAndLater();
      await closed;
      clock.clearTimeout(timer);
      unsubscribe();
    }),
  );
  return app;
}

function readAction(value: unknown): WorldAction | null {
  if (typeof value !== 'object' || value === null) return null;
  const { type, name, on, ms } = value as Record<string, unknown>;
  if (type === 'reset') return { type };
  if (type === 'skip' && typeof ms === 'number') return { type, ms };
  if (type === 'trouble' && isTrouble(name) && typeof on === 'boolean') return { type, name, on };
  return null;
}

function isTrouble(name: unknown): name is keyof WorldTrouble {
  return typeof name === 'string' && TROUBLES.includes(name);
}
