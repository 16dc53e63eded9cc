const REDACTED = '[redacted]';
/** XState counts its actors: after a hundred thousand an id has the digits of a code, by chance. */
const ACTOR_ID = /^x:\d+$/;

/**
 * Looks for secrets in everything that can be reached from the given values: own properties of any
 * kind, also those that JSON leaves out, entries of maps and sets, texts of errors and their causes.
 *
 * @param observed - what each value is, and the value
 * @param secrets - the texts to look for
 * @returns where they were seen; never the secret itself
 */
export function findSecrets(
  observed: readonly (readonly [what: string, value: unknown])[],
  secrets: readonly string[],
): string[] {
  if (secrets.length === 0) return [];
  const seen = new Set<object>();
  const found = new Set<string>();
  const hide = (text: string) =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, REDACTED), text);

  for (const [what, root] of observed) {
    const queue: [path: string, value: unknown][] = [[what, root]];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [path, value] = next;
      if (typeof value === 'string') {
        const holds = secrets.some((secret) => value.includes(secret));
        if (holds && !ACTOR_ID.test(value)) found.add(hide(path));
      } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
        seen.add(value);
        for (const [key, inner] of partsOf(value)) queue.push([`${path}.${key}`, inner]);
      }
    }
  }
  return [...found];
}

function partsOf(value: object): [string, unknown][] {
  const entries: [string, unknown][] = Reflect.ownKeys(value).flatMap((key) => {
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    // A getter is not called: it may do something, and what it reads is reached in another way.
    return descriptor && 'value' in descriptor
      ? ([
          [String(key), descriptor.value],
          [`key ${String(key)}`, String(key)],
        ] as [string, unknown][])
      : [];
  });
  if (value instanceof Map || value instanceof Set) {
    for (const entry of value) entries.push(['entry', entry]);
  }
  return entries;
}
