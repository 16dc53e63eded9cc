import type { InspectionEvent } from 'xstate';
import { openBackstage } from './backstage.ts';
import { runFramed } from './framed/host.ts';
import type { Framework } from './frameworks.ts';
import { showDevices } from './panels/devices.ts';
import { chosenFramework, showFrameworks } from './panels/frameworks.ts';
import { showInspector } from './panels/inspector.ts';
import { showMachine } from './panels/machine.ts';
import { showTrouble } from './panels/trouble.ts';
import { runSecondFactor } from './sign-in.ts';
import { startSteps } from './steps.ts';

const backstage = await openBackstage();
const { now } = backstage;

const machine = showMachine(backstage);
/** Whatever wants to look into the running flow; each panel adds its own. */
const inspectors: ((event: InspectionEvent) => void)[] = [machine.inspect, showInspector()];

// `?cooldown=3` holds a resend back for 3 seconds instead of 30.
const cooldown = new URLSearchParams(location.search).get('cooldown');
const resendCooldownMs = cooldown === null ? undefined : Number(cooldown) * 1_000;

const runIn = (framework: Framework) => (framework.id ? runFramed(framework) : runSecondFactor);
const steps = startSteps(
  {
    now,
    inspect: (event) => {
      for (const inspector of inspectors) inspector(event);
    },
    options: { resendCooldownMs },
  },
  runIn(chosenFramework()),
);
showFrameworks((framework) => {
  steps.showWith(runIn(framework));
  if (framework.id) steps.hurry(); // whoever chooses a framework wants to see its form
});
showDevices(backstage);
showTrouble(backstage, { startAgain: steps.startAgain });
