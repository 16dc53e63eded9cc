import { createNormalizer, type NormalizeProps, type PropTypes } from '@zag-js/types';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { connect } from '../../src/connect.ts';
import { startFlow } from '../support/flow.ts';

interface OwnProps extends PropTypes {
  readonly input: { readonly own: 'input' };
  readonly button: { readonly own: 'button' };
}

describe('connect with a normaliser of Zag', () => {
  // Zag's package for each framework makes its `normalizeProps` by this very function.
  const normalizeProps: NormalizeProps<OwnProps> = createNormalizer<OwnProps>((props) =>
    Object.fromEntries(Object.entries(props).map(([name, value]) => [name.toLowerCase(), value])),
  );
  const view = connect(startFlow().actor.getSnapshot(), () => {}, { normalize: normalizeProps });

  it('returns what that framework takes', () => {
    expect(view.codeInputProps()).toMatchObject({ inputmode: 'numeric', maxlength: 256 });
    expect(view.statusProps()).toMatchObject({ role: 'status', tabindex: -1 });
    expect(view.submitButtonProps()).toMatchObject({ type: 'submit', disabled: false });
  });

  it('has the types of that framework', () => {
    expectTypeOf(view.codeInputProps()).toEqualTypeOf<{ readonly own: 'input' }>();
    expectTypeOf(view.cancelButtonProps()).toEqualTypeOf<{ readonly own: 'button' }>();
  });
});
