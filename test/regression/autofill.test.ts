/**
 * Code fields of other libraries cut or changed a code that the browser filled in, and refused one that
 * was pasted with spaces or over a full field.
 *
 * @see https://github.com/clerk/javascript/issues/6421
 * @see https://github.com/chakra-ui/zag/issues/2118
 * @see https://github.com/mui/base-ui/pull/4690
 * @see https://github.com/pkovzz/ngx-otp-input/issues/29
 */
import { expect, it } from 'vitest';
import { connect } from '../../src/index.ts';
import { startFlow, type TestFlow } from '../support/flow.ts';
import { signIn, TOTP } from '../support/sign-ins.ts';

/** A code field as a browser has it: text goes where the selection is, or at the end. */
function codeField(flow: TestFlow) {
  const look = () =>
    connect(flow.actor.getSnapshot(), flow.actor.send, { now: flow.now }).codeInputProps();
  let isSelected = false;
  const element = {
    value: '',
    select: () => {
      isSelected = true;
    },
  };
  return {
    element,
    look,
    paste(text: string) {
      look().onPaste({ currentTarget: element, clipboardData: { getData: () => text } });
      const { maxLength, onInput } = look();
      element.value = `${isSelected ? '' : element.value}${text}`.slice(0, maxLength);
      isSelected = false;
      onInput({ currentTarget: element });
    },
  };
}
const attempts = (flow: TestFlow) =>
  flow.requests
    .filter(({ name }) => name === 'attemptSecondFactor')
    .map(({ params }) => (params as { code: string }).code);
/** Fails the last attempt for another reason than the code, so that the field keeps its text. */
async function failToCheck(flow: TestFlow) {
  await flow.last().reject({ status: 503, errors: [] });
  await flow.last().resolve(signIn());
  expect(flow.state()).toBe('failed.outcome_unknown');
}

it('submits a full code that is pasted over a full one, and submits it once', async () => {
  const flow = startFlow({ factor: TOTP });
  const field = codeField(flow);
  field.paste('111111');
  await failToCheck(flow);
  field.paste('424 242');
  field.look().onInput({ currentTarget: field.element }); // some browsers report one paste twice
  await failToCheck(flow);
  field.look().onInput({ currentTarget: field.element });
  expect(attempts(flow)).toEqual(['111111', '424242']);
  flow.stop();
});

it('does not submit the same full code again when it is pasted over itself', async () => {
  const flow = startFlow({ factor: TOTP });
  const field = codeField(flow);
  field.paste('424242');
  await failToCheck(flow);
  field.paste('424-242');
  expect(field.element.value).toBe('424-242');
  expect(attempts(flow)).toEqual(['424242']);
  flow.stop();
});

it.each([
  ['digit by digit', ['5', '53', '534', '5344', '53441', '534418']],
  ['first digit first', ['5', '534418']],
  ['behind what was typed', ['53', '53534418', '534418']],
  ['several times', ['534418', '534418', '534 418']],
  ['with its first digit as the last one afterwards', ['53441', '534418', '534415']],
])('submits an autofilled code whole, right and once when it comes %s', async (_, values) => {
  const flow = startFlow({ factor: TOTP });
  const { element, look } = codeField(flow);
  const early = look(); // autofill does not wait for the page to be drawn again
  for (const value of values) {
    element.value = value;
    early.onInput({ currentTarget: element });
  }
  await failToCheck(flow);
  look().onInput({ currentTarget: element }); // and some of it comes late
  expect(attempts(flow)).toEqual(['534418']);
  flow.stop();
});
