import { type ComponentType, createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SecondFactorFlow } from '../../src/index.ts';
import { startFlow } from '../support/flow.ts';
import { PHONE, sent } from '../support/sign-ins.ts';

// A variable, so that the page is type-checked with its own JSX settings and not with those of the tests.
const example = '../../docs/examples/react/second-factor-form.tsx';
const { SecondFactorForm }: { SecondFactorForm: ComponentType<{ flow: SecondFactorFlow }> } =
  await import(example);

const render = (flow: SecondFactorFlow) =>
  renderToString(createElement(StrictMode, null, createElement(SecondFactorForm, { flow })));

describe('the React example on a server', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('renders without a warning, and sends nothing', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const flow = startFlow({ factor: PHONE });
    const html = render(flow);
    expect([...warn.mock.calls, ...error.mock.calls]).toEqual([]);
    expect(flow.requests).toHaveLength(0);
    expect(html).toContain('Have a code sent to +30********90.');
    expect(html).toContain('autoComplete="one-time-code"');
    expect(html).toMatch(/<label for="second-factor-code">6-digit code<\/label>/);
  });

  it('renders the step that the flow is at', async () => {
    const flow = startFlow({ factor: PHONE, now: Date.now });
    flow.send({ type: 'PREPARE', at: Date.now() });
    await flow.last().resolve(sent('phone_code', Date.now() + 600_000));
    expect(render(flow)).toContain('A code was sent to +30********90. Enter it here.');
  });
});
