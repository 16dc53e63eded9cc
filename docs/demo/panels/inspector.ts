import { type Inspection, inspectWithXState, openViewer } from 'second-factor/inspect';
import type { InspectionEvent } from 'xstate';
import { element, make } from '../dom.ts';

/** What happened before the inspector was opened is shown too; more than this is forgotten. */
const MOST_EVENTS = 2_000;

const VIEWER = '/viewer/index.html';
const PROTOCOLS: Readonly<Record<string, (iframe: HTMLIFrameElement) => Inspection>> = {
  viewer: (iframe) => openViewer({ iframe, url: VIEWER, maxBacklog: MOST_EVENTS }),
  'xstate-inspect': (iframe) =>
    inspectWithXState({ iframe, url: `${VIEWER}?inspect`, maxBacklog: MOST_EVENTS }),
};

/** Shows the offline viewer once it is asked for. @returns what is told of every inspection event */
export function showInspector(): (event: InspectionEvent) => void {
  const panel = element('inspector', HTMLDetailsElement);
  const protocol = element('inspector-protocol', HTMLSelectElement);
  const place = element('inspector-place');
  const events: InspectionEvent[] = [];
  let inspection: Inspection | undefined;

  const open = () => {
    inspection?.stop();
    const iframe = make('iframe', { title: 'Inspector: the statechart of the running flow' });
    place.replaceChildren(iframe);
    inspection = PROTOCOLS[protocol.value]?.(iframe);
    for (const event of events) inspection?.inspect(event);
  };
  panel.ontoggle = () => {
    if (panel.open && !inspection) open();
  };
  protocol.onchange = open;

  return (event) => {
    events.push(event);
    if (events.length > MOST_EVENTS) events.shift();
    inspection?.inspect(event);
  };
}
