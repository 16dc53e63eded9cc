import { mount } from 'svelte';
import { startFlow } from '../shared/start-flow.ts';
import SecondFactorForm from './SecondFactorForm.svelte';

const flow = await startFlow();
mount(SecondFactorForm, { target: document.getElementById('app') as HTMLElement, props: { flow } });
