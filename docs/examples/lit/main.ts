import { startFlow } from '../shared/start-flow.ts';
import { SecondFactorForm } from './second-factor-form.ts';

const form = new SecondFactorForm();
form.flow = await startFlow();
document.getElementById('app')?.append(form);
