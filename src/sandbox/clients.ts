/** One browser or one native app. The sandbox knows it by its id alone. */
export interface ClientRecord {
  /** `client_1` and so on; also the token by which the client says who it is. */
  readonly id: string;
  /** In ms since the epoch. */
  readonly createdAt: number;
  /** The sign-ins that it began, oldest first. */
  readonly signInIds: string[];
}

/** Keeps the clients of one sandbox. */
export class Clients {
  readonly #now: () => number;
  readonly #clients: ClientRecord[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The client that has a token. */
  find(token: string | undefined): ClientRecord | undefined {
    return this.#clients.find(({ id }) => id === token);
  }

  /** The client that began a sign-in; none for one that was made in the sandbox's own process. */
  ownerOf(signInId: string): ClientRecord | undefined {
    return this.#clients.find(({ signInIds }) => signInIds.includes(signInId));
  }

  /** Makes a client. */
  add(): ClientRecord {
    const id = `client_${this.#clients.length + 1}`;
    const client = { id, createdAt: this.#now(), signInIds: [] };
    this.#clients.push(client);
    return client;
  }
}
