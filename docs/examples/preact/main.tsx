/** @jsxImportSource preact */
import { render } from 'preact';
import { startFlow } from '../shared/start-flow.ts';
import { SecondFactorForm } from './second-factor-form.tsx';

const flow = await startFlow();
render(<SecondFactorForm flow={flow} />, document.getElementById('app') as HTMLElement);
