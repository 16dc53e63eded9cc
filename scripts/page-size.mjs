// What `size-limit` takes for a whole page: the example without a framework, with the machine, the view
// and XState. The sandbox's client is left out: in its place stands what calls your backend.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default {
  entryPoints: ['docs/examples/vanilla/main.ts'],
  external: ['second-factor/sandbox'],
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: join(tmpdir(), 'second-factor-page-size'),
};
