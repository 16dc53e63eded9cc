import '@angular/compiler'; // compiles the templates here; a build with the Angular CLI does it ahead
import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { startFlow } from '../shared/start-flow.ts';
import { FLOW, SecondFactorForm } from './second-factor-form.ts';

const flow = await startFlow();
await bootstrapApplication(SecondFactorForm, {
  providers: [provideZonelessChangeDetection(), { provide: FLOW, useValue: flow }],
});
