import type { SnapshotMessage } from '../../messages.ts';
import type { Json } from '../../show.ts';
import { byId } from '../dom.ts';
import type { Part } from '../json.ts';
import type { Playback } from '../playback.ts';
import { createTree } from '../tree.ts';

/** The event and the data of the actor, with what the event changed. */
export function createDataPanel(playback: Playback): { render(): void } {
  const tree = createTree();
  return {
    render() {
      const actor = playback.actor();
      byId('data').replaceChildren(...tree(dataOf(actor?.now), dataOf(actor?.before)));
    },
  };
}

function dataOf(message: SnapshotMessage | undefined): Part {
  if (!message) return {};
  const { context, input, output, error } = message.snapshot;
  return {
    event: message.event as Json,
    ...(context !== undefined && { context }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...(error !== undefined && { error }),
  };
}
