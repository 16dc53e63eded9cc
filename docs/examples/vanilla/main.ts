import { startFlow } from '../shared/start-flow.ts';
import { showSecondFactor } from './second-factor-form.ts';

showSecondFactor(document.getElementById('app') as HTMLElement, await startFlow());
