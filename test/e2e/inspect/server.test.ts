import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { createActor } from 'xstate';
import { inspectWithXState, type XStateInspection } from '../../../src/inspect/index.ts';
import { toyMachine } from '../../unit/inspect/toy-machine.ts';
import { eventually, type Harness, lit, openHarness } from './harness.ts';

interface Said {
  readonly type: string;
  readonly sessionId: string;
  readonly state?: string;
  readonly event?: string;
}

let harness: Harness;
let server: WebSocketServer;
let inspection: XStateInspection;
const sockets: WebSocket[] = [];

// It builds the bundle of @xstate/inspect that is tested here.
beforeAll(async () => {
  harness = await openHarness();
}, 60_000);
afterEach(() => {
  inspection.stop();
  for (const socket of sockets.splice(0)) socket.terminate();
  server.close();
});

/** A toy in this process, and a server through which it is inspected. */
async function served(origins?: readonly string[], port = 0) {
  server = new WebSocketServer({ port, host: '127.0.0.1' });
  inspection = inspectWithXState({ server, ...(origins && { origins }) });
  await Promise.all([inspection.ready, once(server, 'listening')]);
  const actor = createActor(toyMachine, { inspect: inspection.inspect }).start();
  return { actor, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** A viewer that says hello and keeps what it hears. */
async function connected(address: string, origin?: string) {
  const socket = new WebSocket(`ws://${address}`, origin === undefined ? {} : { origin });
  sockets.push(socket);
  const heard: Said[] = [];
  let closed: number | null = null;
  socket.on('message', (data) => heard.push(JSON.parse(String(data)) as Said));
  socket.on('close', (code) => {
    closed = code;
  });
  await new Promise((resolve) => socket.on('open', resolve));
  socket.send(JSON.stringify({ type: 'xstate.inspecting' }));
  return { socket, heard, closed: () => closed };
}

const states = (heard: readonly Said[]): unknown[] =>
  heard.flatMap(({ state }) => (state === undefined ? [] : [JSON.parse(state).value]));

it('tells a viewer that comes late everything once, and then what happens', async () => {
  const { actor, address } = await served();
  actor.send({ type: 'SUBMIT', code: 'badkitten1' });
  await new Promise((resolve) => setTimeout(resolve, 10));
  const first = await connected(address);
  await expect
    .poll(() => states(first.heard))
    .toEqual(['code', 'active', { busy: 'checking' }, 'code', 'error']);
  const before = first.heard.length;
  const second = await connected(address);
  await eventually(() => second.heard).toEqual(first.heard);
  actor.send({ type: 'CANCEL' });
  await eventually(() => states(first.heard).at(-1)).toBe('gone');
  await eventually(() => states(second.heard).at(-1)).toBe('gone');
  expect(first.heard.slice(before)).toEqual(second.heard.slice(before));
  expect(JSON.stringify(first.heard)).not.toContain('kitten');
});

it('sends what a viewer asks for', async () => {
  const { actor, address } = await served();
  const { socket, heard } = await connected(address);
  await eventually(() => heard.length).toBeGreaterThan(0);
  const event = {
    name: 'SUBMIT',
    data: { type: 'SUBMIT', code: 'kitten1' },
    origin: heard[0]?.sessionId,
  };
  socket.send(JSON.stringify({ type: 'xstate.event', event: JSON.stringify(event) }));
  await eventually(() => actor.getSnapshot().value).toBe('end');
  expect(JSON.stringify(heard)).not.toContain('kitten');
});

it('refuses a page from elsewhere, and takes one that is named', async () => {
  const { address } = await served(['https://viewer.example']);
  const stranger = await connected(address, 'https://evil.example');
  await eventually(() => stranger.closed()).toBe(1008);
  expect(stranger.heard).toEqual([]);
  const opaque = await connected(address, 'null');
  await eventually(() => opaque.closed()).toBe(1008);
  const named = await connected(address, 'https://viewer.example');
  const local = await connected(address, 'http://localhost:5173');
  await eventually(() => named.heard.length * local.heard.length).toBeGreaterThan(0);
});

it('survives junk', async () => {
  const { actor, address } = await served();
  const { socket, heard } = await connected(address);
  for (const junk of [
    '',
    '{',
    'null',
    '[]',
    '{"type":"xstate.event","event":"{"}',
    '{"type":"xstate.event"}',
  ]) {
    socket.send(junk);
  }
  socket.send(Buffer.from([0, 1, 2]));
  const event = { name: 'xstate.stop', data: { type: 'xstate.stop' }, origin: 'x:0' };
  socket.send(JSON.stringify({ type: 'xstate.event', event: JSON.stringify(event) }));
  actor.send({ type: 'CANCEL' });
  await eventually(() => states(heard).at(-1)).toBe('gone');
});

it('is shown by our viewer, whose page may talk to this computer alone', async () => {
  const { actor, address } = await served();
  const page = await harness.newPage();
  onTestFinished(() => page.close());
  const refused: string[] = [];
  page.on('console', (message) => refused.push(message.text()));
  await page.goto(`${harness.origin}/viewer/server.html?server=${address}`);
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.code']);
  await page.locator('#offers').getByText('CANCEL').click();
  await eventually(() => actor.getSnapshot().value).toBe('gone');
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.gone']);
  await page.evaluate(`new WebSocket('ws://192.0.2.1:80').close()`);
  await eventually(() => refused.join()).toMatch(/Content Security Policy/);
});

it('is shown anew by our viewer when the process comes again', async () => {
  const first = await served();
  const page = await harness.newPage();
  onTestFinished(() => page.close());
  await page.goto(`${harness.origin}/viewer/server.html?server=${first.address}`);
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.code']);
  first.actor.send({ type: 'CANCEL' });
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.gone']);
  await page.click('#back'); // what is looked at is gone as well
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.code']);
  const { port } = server.address() as AddressInfo;
  inspection.stop();
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
  await eventually(() => page.locator('#status').innerText()).toMatch(/^\d+ of/);
  expect(await lit(page.mainFrame())).toEqual(['toy', 'toy.code']);
  await served(undefined, port);
  await eventually(() => lit(page.mainFrame())).toEqual(['toy', 'toy.code']);
  await eventually(() => page.locator('#status').innerText()).toMatch(/^live/);
  expect(await page.locator('#log li').count()).toBe(1);
});

it('goes on when a socket breaks, or the port is taken', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const { actor, address } = await served();
  const { socket, heard } = await connected(address);
  await eventually(() => heard.length).toBeGreaterThan(0);
  // A frame that no client may send ends the socket with an error on our side.
  (socket as unknown as { _socket: Socket })._socket.write(Buffer.from([0xff, 0xff, 0xff]));
  await once(socket, 'close');
  const taken = new WebSocketServer({ port: Number(address.split(':')[1]), host: '127.0.0.1' });
  const second = inspectWithXState({ server: taken });
  await eventually(() => warn.mock.calls.join()).toContain('server of the inspector failed');
  second.stop();
  actor.send({ type: 'CANCEL' });
  expect(actor.getSnapshot().value).toBe('gone');
  warn.mockRestore();
});
