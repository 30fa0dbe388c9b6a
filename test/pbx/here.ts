import { networkAddress } from '../../scripts/pbx-instance.mjs';
import { whyNoAsterisk } from '../../scripts/pbx-install.mjs';
import { whyNoBrowser } from './agent-browser.ts';
import { whyNoCustomer } from './customer.ts';

/** Why these suites cannot run on this machine, or undefined. Said aloud: a suite that is silently absent proves nothing. */
export const whyNotHere = (needs: 'exchange' | 'calls'): string | undefined => {
  const why = whyNoAsterisk() ?? (needs === 'calls' ? (whyNoCustomer() ?? whyNoBrowser() ?? whyNoMedia()) : undefined);
  if (why !== undefined) console.warn(`NOT RUN on a real Asterisk: ${why}`);
  return why;
};

const whyNoMedia = () =>
  networkAddress() === undefined
    ? 'this machine has no network but loopback, and Asterisk gathers no ICE candidate there'
    : undefined;
