import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startFlow } from '../shared/start-flow.ts';
import { SecondFactorForm } from './second-factor-form.tsx';

const flow = await startFlow();
createRoot(document.getElementById('app') as HTMLElement).render(
  <StrictMode>
    <SecondFactorForm flow={flow} />
  </StrictMode>,
);
