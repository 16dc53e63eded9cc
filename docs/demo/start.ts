import { DEFAULT_PORT, startDemo } from './server.ts';

// `PORT=8080 npm start`, or `npm start -- 8080`.
const asked = Number(process.argv[2] ?? process.env.PORT ?? DEFAULT_PORT);
const port = Number.isInteger(asked) && asked >= 0 && asked < 65_536 ? asked : DEFAULT_PORT;
const host = process.env.HOST;

const demo = await startDemo({ port, ...(host && { host }) });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void demo.close().then(() => process.exit(0)));
}

if (port !== 0 && demo.port !== port) {
  console.log(`Port ${port} is taken, so this is port ${demo.port}.`);
}
console.log(`The demo is at ${demo.url}/ (Ctrl-C ends it)`);
