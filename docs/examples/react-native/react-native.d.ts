/**
 * The part of React Native's types that the example uses, so that it is checked here without
 * installing React Native, which is 180 MB with what it depends on. In an app its own types take the
 * place of this file; `npm run check -- react-native` checks the example against those.
 */
declare module 'react-native' {
  import type { ComponentType, ReactNode, Ref } from 'react';

  interface ViewProps {
    readonly children?: ReactNode;
    readonly accessibilityRole?: 'alert' | 'radiogroup' | undefined;
    readonly accessibilityLiveRegion?: 'none' | 'polite' | 'assertive' | undefined;
  }
  interface TextInputProps {
    readonly ref?: Ref<TextInputHandle>;
    readonly accessibilityLabel?: string | undefined;
    readonly autoComplete?: 'off' | 'one-time-code' | 'sms-otp' | undefined;
    readonly textContentType?: 'none' | 'oneTimeCode' | undefined;
    readonly inputMode?: 'numeric' | 'text' | undefined;
    readonly editable?: boolean | undefined;
    readonly value?: string | undefined;
    onChangeText?(text: string): void;
    onSubmitEditing?(): void;
  }
  interface TextInputHandle {
    focus(): void;
  }
  interface PressableProps {
    readonly children?: ReactNode;
    readonly disabled?: boolean | undefined;
    readonly accessibilityRole?: 'button' | 'radio' | undefined;
    readonly accessibilityState?: { readonly disabled?: boolean; readonly selected?: boolean };
    onPress?(): void;
  }
  export type TextInput = TextInputHandle;

  export const View: ComponentType<ViewProps>;
  export const Text: ComponentType<ViewProps>;
  export const TextInput: ComponentType<TextInputProps>;
  export const Pressable: ComponentType<PressableProps>;
}
