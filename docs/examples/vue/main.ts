import { createApp } from 'vue';
import { startFlow } from '../shared/start-flow.ts';
import SecondFactorForm from './SecondFactorForm.vue';

createApp(SecondFactorForm, { flow: await startFlow() }).mount('#app');
