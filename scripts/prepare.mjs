// All of the set-up and nothing else: `node scripts/prepare.mjs`.
import { ensureChromium } from './chromium.mjs';
import { ensureDependencies } from './setup.mjs';

ensureDependencies();
console.log(`Chromium: ${ensureChromium()}`);
