declare module '*.vue' {
  import type { SecondFactorFlow } from 'second-factor';
  import type { DefineComponent } from 'vue';

  const component: DefineComponent<{ flow: SecondFactorFlow }>;
  export default component;
}

declare module '*.svelte' {
  import type { SecondFactorFlow } from 'second-factor';
  import type { Component } from 'svelte';

  const component: Component<{ flow: SecondFactorFlow }>;
  export default component;
}
