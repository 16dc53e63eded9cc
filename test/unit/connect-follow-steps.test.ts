import { beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../src/connect.ts';
import { followSteps } from '../../src/follow-steps.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import { CODE, PHONE, sent } from '../support/sign-ins.ts';

describe('followSteps', () => {
  let flow: TestFlow;
  let focused: string[];
  let field: { value: string; focus(): void };
  let page: { activeElement: object | null; getElementById(id: string): object | null };

  beforeEach(() => {
    flow = startFlow();
    focused = [];
    field = { value: '', focus: () => focused.push('code') };
    page = {
      activeElement: { tagName: 'BODY' },
      getElementById: (id) =>
        id === 'second-factor-code' ? field : { focus: () => focused.push(id) },
    };
  });
  const view = () => connect(flow.actor.getSnapshot(), flow.actor.send, { now: flow.now });

  it('moves focus once a step, however often it is called', () => {
    const follow = followSteps(page);
    follow(view());
    follow(view());
    expect(focused).toEqual(['code']);
    view().cancel();
    follow(view());
    follow(view());
    expect(focused).toEqual(['code', 'second-factor-status']);
  });

  it('leaves focus at first if the user has put it somewhere', () => {
    page.activeElement = { tagName: 'A' };
    const follow = followSteps(page);
    follow(view());
    expect(focused).toEqual([]);
    view().choose(PHONE);
    follow(view());
    expect(focused).toEqual(['code']);
  });

  it('ignores focus on something that was just hidden', () => {
    page.activeElement = { tagName: 'BUTTON', checkVisibility: () => false };
    followSteps(page)(view());
    expect(focused).toEqual(['code']);
  });

  it('empties the field after a rejection and with another factor', async () => {
    const follow = followSteps(page);
    follow(view());
    field.value = CODE;
    view().attempt(CODE);
    follow(view());
    expect(field.value).toBe(CODE);
    await flow.last().reject({ status: 422, errors: [{ code: 'form_code_incorrect' }] });
    follow(view());
    expect(field.value).toBe('');
    field.value = '12';
    view().select({ strategy: 'backup_code' });
    follow(view());
    expect(field.value).toBe('');
  });

  it('keeps a code that was typed before the reply came, and one that nobody has judged', async () => {
    const follow = followSteps(page);
    view().choose(PHONE);
    follow(view());
    field.value = CODE;
    await flow.last().resolve(sent());
    follow(view());
    expect(field.value).toBe(CODE);
    view().attempt(CODE);
    await flow.last().reject({ status: 429, errors: [], retryAfter: 8 });
    follow(view());
    expect(field.value).toBe(CODE);
  });

  it('takes the focus if nothing has it', () => {
    page.activeElement = null;
    followSteps(page)(view());
    expect(focused).toEqual(['code']);
  });

  it.each([
    ['without the elements', null],
    ['whose elements take no focus', {}],
  ])('accepts a page %s', (_, element) => {
    const getElementById = vi.fn(() => element);
    followSteps({ getElementById })(view());
    expect(getElementById).toHaveBeenCalled();
  });
});
