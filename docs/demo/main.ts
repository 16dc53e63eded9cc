import type { InspectionEvent } from 'xstate';
import { openBackstage } from './backstage.ts';
import { showDevices } from './panels/devices.ts';
import { showInspector } from './panels/inspector.ts';
import { showMachine } from './panels/machine.ts';
import { showTrouble } from './panels/trouble.ts';
import { startSteps } from './steps.ts';

const backstage = await openBackstage();
const { now } = backstage;

const machine = showMachine(backstage);
/** Whatever wants to look into the running flow; each panel adds its own. */
const inspectors: ((event: InspectionEvent) => void)[] = [machine.inspect, showInspector()];

// `?cooldown=3` holds a resend back for 3 seconds instead of 30.
const cooldown = new URLSearchParams(location.search).get('cooldown');
const resendCooldownMs = cooldown === null ? undefined : Number(cooldown) * 1_000;

const steps = startSteps({
  now,
  inspect: (event) => {
    for (const inspector of inspectors) inspector(event);
  },
  options: { resendCooldownMs },
});
showDevices(backstage);
showTrouble(backstage, { startAgain: steps.startAgain });
