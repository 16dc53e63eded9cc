/** Who can draw the form for the code: the page itself, or one of the examples. */
export interface Framework {
  /** Its folder in `docs/examples`, and its name in the address; empty for the page itself. */
  readonly id: string;
  readonly name: string;
  /** The file that a reader wants to see, from the root of the repository. */
  readonly file: string;
  /** Reads that file. */
  read(): Promise<{ default: string }>;
}

/** In the order of the tabs. */
export const FRAMEWORKS: readonly [Framework, ...Framework[]] = [
  {
    id: '',
    name: 'No framework',
    file: 'docs/demo/sign-in.ts',
    read: () => import('./sign-in.ts?raw'),
  },
  {
    id: 'react',
    name: 'React',
    file: 'docs/examples/react/second-factor-form.tsx',
    read: () => import('../examples/react/second-factor-form.tsx?raw'),
  },
  {
    id: 'vue',
    name: 'Vue',
    file: 'docs/examples/vue/SecondFactorForm.vue',
    read: () => import('../examples/vue/SecondFactorForm.vue?raw'),
  },
  {
    id: 'svelte',
    name: 'Svelte',
    file: 'docs/examples/svelte/SecondFactorForm.svelte',
    read: () => import('../examples/svelte/SecondFactorForm.svelte?raw'),
  },
  {
    id: 'solid',
    name: 'Solid',
    file: 'docs/examples/solid/second-factor-form.tsx',
    read: () => import('../examples/solid/second-factor-form.tsx?raw'),
  },
  {
    id: 'preact',
    name: 'Preact',
    file: 'docs/examples/preact/second-factor-form.tsx',
    read: () => import('../examples/preact/second-factor-form.tsx?raw'),
  },
  {
    id: 'lit',
    name: 'Lit',
    file: 'docs/examples/lit/second-factor-form.ts',
    read: () => import('../examples/lit/second-factor-form.ts?raw'),
  },
  {
    id: 'angular',
    name: 'Angular',
    file: 'docs/examples/angular/second-factor-form.ts',
    read: () => import('../examples/angular/second-factor-form.ts?raw'),
  },
];
