import { useSelector } from '@xstate/react';
import { useEffect, useReducer, useRef, useState } from 'react';
import { Pressable, Text, TextInput, View } from 'react-native';
import { connect, type SecondFactorFlow } from 'second-factor';

/** The same flow without a DOM: facts and actions, and no props of HTML. */
export function SecondFactorScreen({ flow }: { flow: SecondFactorFlow }) {
  const snapshot = useSelector(flow.actor, (current) => current);
  const [malformed, onMalformed] = useState<string | null>(null);
  const view = connect(snapshot, flow.actor.send, { now: Date.now, malformed, onMalformed });
  const [code, setCode] = useState('');
  const input = useRef<TextInput>(null);

  const [, tick] = useReducer((ticks: number) => ticks + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, 1_000);
    return () => clearInterval(timer);
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once a step, not whenever a fact changes
  useEffect(() => {
    if (view.clearsCode) setCode('');
    if (view.focus === 'code') input.current?.focus();
  }, [view.step]);

  const isNumeric = view.factor?.strategy !== 'backup_code';
  return (
    <View>
      <Text accessibilityLiveRegion="polite">{view.announcement}</Text>
      <TextInput
        ref={input}
        accessibilityLabel={view.labels.code}
        autoComplete={isNumeric ? 'one-time-code' : 'off'}
        textContentType={isNumeric ? 'oneTimeCode' : 'none'}
        inputMode={isNumeric ? 'numeric' : 'text'}
        editable={!view.busy}
        value={code}
        onChangeText={(text) => {
          setCode(text);
          onMalformed(null);
        }}
        onSubmitEditing={() => view.attempt(code)}
      />
      <Button
        label={view.labels.submit}
        disabled={!view.can.attempt}
        onPress={() => view.attempt(code)}
      />
      <Button label={view.labels.resend} disabled={!view.can.resend} onPress={view.resend} />
      <View accessibilityRole="radiogroup">
        {view.factors.map((factor) => (
          <Pressable
            key={factor.key}
            accessibilityRole="radio"
            accessibilityState={{ selected: factor.current, disabled: !view.can.select }}
            disabled={!view.can.select}
            onPress={() => view.choose(factor)}
          >
            <Text>{factor.label}</Text>
          </Pressable>
        ))}
      </View>
      <Button label={view.labels.cancel} disabled={!view.can.cancel} onPress={view.cancel} />
    </View>
  );
}

interface ButtonProps {
  readonly label: string;
  readonly disabled: boolean;
  onPress(): void;
}

function Button({ label, disabled, onPress }: ButtonProps) {
  return (
    <Pressable
      accessibilityRole="button"
      accessibilityState={{ disabled }}
      disabled={disabled}
      onPress={onPress}
    >
      <Text>{label}</Text>
    </Pressable>
  );
}
