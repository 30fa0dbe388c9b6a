import { expect } from 'vitest';
import { endBy } from './endings.ts';
import { scenario } from './scenario.ts';

// Call after call without a pause: each has its own two voices and no trace of the one before.

scenario('20 calls in a row, in', 'SIPp → direct → seat', async (w, m) => {
  for (let n = 0; n < 20; n += 1) {
    const [far, before] = n % 2 === 0 ? [w.sipp, w.second] : [w.second, w.sipp];
    await far.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, far);
    await m.silent(w.agent, before);
    await endBy(w, n % 3 === 0 ? 'agent' : 'customer', far);
  }
});

scenario('20 calls in a row, out', 'seat → SIPp', async (w, m) => {
  for (let n = 0; n < 20; n += 1) {
    const far = n % 2 === 0 ? w.sipp : w.second;
    const from = w.trunk.tape.passed.length;
    await w.agent.dial(far.number);
    await far.answer(from);
    await m.bothWays(w.agent, far);
    await endBy(w, n % 3 === 0 ? 'customer' : 'agent', far);
  }
});

scenario('in and out by turns, ten times, three telephones', 'SIPp, baresip, seat ↔ seat', async (w, m) => {
  for (let n = 0; n < 10; n += 1) {
    const far = [w.sipp, w.baresip, w.colleague][n % 3] ?? w.sipp;
    await far.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, far);
    await endBy(w, 'agent', far);
    const from = w.trunk.tape.passed.length;
    await w.agent.dial(w.second.number);
    await w.second.answer(from);
    await m.bothWays(w.agent, w.second);
    await endBy(w, 'agent', w.second);
  }
  expect(await w.channels()).toEqual([]);
});
