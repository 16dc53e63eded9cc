// A page that is built when it is asked for, and again after an edit: it loads at once, runs under a
// strict policy, needs no second server and never reloads by itself.
import { stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, isAbsolute } from 'node:path';
import { build, type InlineConfig, mergeConfig, type Rolldown } from 'vite';
import { contentTypeOf } from './content-type.ts';

// Vite builds for production where nobody says otherwise; the frameworks' warnings are wanted here.
process.env.NODE_ENV ??= 'development';

/** What was built, by the path below the page's own. */
type Files = ReadonlyMap<string, string | Uint8Array>;

/** A page, and the files that it asks for. */
export interface BuiltPage {
  /** Sends the page itself where no file is named, and an answer that says so where it can't. */
  send(response: ServerResponse, file?: string): Promise<void>;
}

interface Built {
  readonly files: Files;
  /** What it was built from, without its dependencies. */
  readonly sources: readonly string[];
  /** When the build began, in ms since the epoch. */
  readonly builtAt: number;
}

/**
 * @param input - the path of the page's HTML
 * @param config - what is Vite's to know beside that
 */
export function builtPage(input: string, config: InlineConfig): BuiltPage {
  let page: Promise<Built> | undefined;

  const open = async (): Promise<Files> => {
    const last = page;
    // A build that failed was logged when it did; this one tries again.
    const built = await last?.catch(() => undefined);
    const isStale = !built || (await isEdited(built));
    // Of several who ask at once the first one has it built.
    if (isStale && page === last) page = buildPage(input, config);
    // SAFETY: it is stale as long as there is none.
    return filesOf(await (page as Promise<Built>));
  };

  return {
    async send(response, file) {
      try {
        const files = await (file === undefined || !page ? open() : page.then(filesOf));
        const isPage = (name: string) => extname(name) === '.html';
        const name = file ?? [...files.keys()].find(isPage) ?? '';
        const content = files.get(name);
        if (content === undefined) return refuse(response, 404);
        response.setHeader('content-type', contentTypeOf(name));
        // The names of all other files hold a hash of what is in them.
        const caching = isPage(name) ? 'no-store' : 'max-age=31536000, immutable';
        response.setHeader('cache-control', caching);
        response.end(content);
      } catch (error) {
        console.error(error);
        refuse(response, 500);
      }
    },
  };
}

/** Says that there is no such page, or that it could not be built. */
export function refuse(response: ServerResponse, status: 404 | 500): void {
  response.statusCode = status;
  response.end(status === 404 ? 'There is no such page.' : 'The page could not be built.');
}

const filesOf = ({ files }: Built): Files => files;

/** Whether a source was written, renamed or removed since. */
async function isEdited({ sources, builtAt }: Built): Promise<boolean> {
  const edits = sources.map((source) =>
    stat(source).then(
      ({ mtimeMs }) => mtimeMs > builtAt,
      () => true,
    ),
  );
  return (await Promise.all(edits)).includes(true);
}

async function buildPage(input: string, config: InlineConfig): Promise<Built> {
  const builtAt = Date.now();
  const built = await build(
    mergeConfig(config, {
      logLevel: 'error',
      mode: 'development',
      build: {
        write: false,
        modulePreload: false,
        chunkSizeWarningLimit: 4_000,
        rolldownOptions: { input },
      },
    } satisfies InlineConfig),
  );
  // SAFETY: one build that is not watched has one output.
  const { output } = built as Rolldown.RolldownOutput;
  const files = new Map(
    output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  );
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  const paths = modules.map((one) => one.replace(/\?.*/, ''));
  const sources = paths.filter((one) => isAbsolute(one) && !one.includes('node_modules'));
  return { files, sources: [...new Set([input, ...sources])], builtAt };
}
