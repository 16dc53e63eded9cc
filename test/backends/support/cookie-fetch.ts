/** A `fetch` for Node that keeps cookies as the page of one site does, and those cookies. */
export interface CookieFetch {
  readonly fetch: typeof fetch;
  /** The cookies that are in force, by name. */
  cookies(): ReadonlyMap<string, string>;
}

/** A test may put one with cookies in the place of the global one. */
const send = globalThis.fetch;

interface Cookie {
  readonly value: string;
  /** In ms since the epoch. */
  readonly expiresAt: number;
}

/**
 * Makes a `fetch` with a jar of its own. Like a browser it keeps a cookie as soon as the headers have
 * come, whether or not the body follows. It knows one site: neither domains nor paths are compared.
 */
export function createCookieFetch({ now = Date.now } = {}): CookieFetch {
  const jar = new Map<string, Cookie>();
  const live = () =>
    new Map(
      [...jar].flatMap(([name, { value, expiresAt }]) =>
        expiresAt > now() ? [[name, value] as const] : [],
      ),
    );

  return {
    cookies: live,
    async fetch(input, init) {
      const request = new Request(input, init);
      const cookie = [...live()].map(([name, value]) => `${name}=${value}`).join('; ');
      if (cookie) request.headers.set('cookie', cookie);
      // A browser says it of each POST, and servers refuse one that has none.
      if (!request.headers.has('origin')) {
        request.headers.set('origin', new URL(request.url).origin);
      }
      const response = await send(request);
      for (const line of response.headers.getSetCookie()) keep(jar, line, now());
      return response;
    },
  };
}

/** RFC 6265 §5.2: `Max-Age` counts before `Expires`; a time that has passed takes the cookie away. */
function keep(jar: Map<string, Cookie>, line: string, at: number): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const [name = '', value = ''] = split(pair);
  const attribute = (wanted: string) =>
    attributes.map(split).find(([key]) => key?.toLowerCase() === wanted)?.[1];
  const maxAge = attribute('max-age');
  const expires = attribute('expires');
  const expiresAt =
    maxAge !== undefined
      ? at + Number(maxAge) * 1_000
      : expires !== undefined
        ? Date.parse(expires)
        : Number.POSITIVE_INFINITY;
  if (expiresAt > at) jar.set(name, { value, expiresAt });
  else jar.delete(name);
}

/** Splits at the first `=`: values may hold others. */
function split(text: string): string[] {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
