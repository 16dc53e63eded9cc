// All of the set-up and nothing else: `node scripts/prepare.mjs`.
import { ensureChromium } from './chromium.mjs';
import { ensureDependencies, vendors } from './setup.mjs';

ensureDependencies();
ensureDependencies(vendors);
console.log(`Chromium: ${ensureChromium()}`);
