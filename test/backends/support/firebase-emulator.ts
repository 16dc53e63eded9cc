import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { PASSWORD } from './firebase.ts';

const PROJECT = 'demo-test';

/** The Auth emulator of `firebase-tools`, in this process. */
export interface FirebaseEmulator {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Makes a user with two phones, each with a number of its own. */
  createUser(email: string): Promise<{ readonly localId: string }>;
  disableUser(localId: string): Promise<void>;
  /** The codes that were sent, in the order in which they were. */
  sent(): Promise<readonly { readonly phoneNumber: string; readonly code: string }[]>;
  close(): Promise<void>;
}

/** Starts the emulator on a free port of the loopback interface, without Java, in 3 to 50 s. */
export async function startFirebaseEmulator(): Promise<FirebaseEmulator> {
  const require = createRequire(new URL('../slow/', import.meta.url));
  const { createApp } = require('firebase-tools/lib/emulator/auth/server');
  const app: { listen(port: number, host: string, done: () => void): Server } =
    await createApp(PROJECT);
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  // SAFETY: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', authorization: 'Bearer owner' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  };
  const accounts = `/identitytoolkit.googleapis.com/v1/projects/${PROJECT}/accounts`;
  let phones = 0;

  return {
    url,
    createUser(email) {
      const mfaInfo = [0, 1].map(() => ({ phoneInfo: `+1555555${1_000 + phones++}` }));
      return ask(accounts, { email, password: PASSWORD, emailVerified: true, mfaInfo });
    },
    disableUser: (localId) => ask(`${accounts}:update`, { localId, disableUser: true }),
    sent: async () =>
      (await ask(`/emulator/v1/projects/${PROJECT}/verificationCodes`)).verificationCodes,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
