import { expect } from 'vitest';
import { endBy, type Ending } from './endings.ts';
import { scenario } from './scenario.ts';

// Customers call: through the queue and straight to the seat, with three telephones and four codecs, and each party hangs up once.

const who: readonly Ending[] = ['agent', 'customer', 'exchange'];
const doors = [
  { door: 'queue', number: '6001', queue: 'service' },
  { door: 'direct', number: '1001', queue: undefined },
] as const;

for (const { door, number, queue } of doors)
  for (const ending of who) {
    scenario(`in by ${door}, PCMA, ended by the ${ending}`, `SIPp → ${door} → seat`, async (w, m) => {
      await w.sipp.call(number, { formats: ['PCMA'] });
      await w.agent.answer();
      expect(w.agent.newest()).toMatchObject({ number: w.sipp.number, direction: 'inbound' });
      expect(w.agent.newest()?.queue).toBe(queue);
      await m.bothWays(w.agent, w.sipp);
      expect(await w.agent.codec()).toBe('audio/PCMA');
      await endBy(w, ending, w.sipp);
    });
    scenario(`in by ${door}, baresip, ended by the ${ending}`, `baresip → ${door} → seat`, async (w, m) => {
      await w.baresip.call(number);
      await w.agent.answer();
      expect(w.agent.newest()?.queue).toBe(queue);
      await m.bothWays(w.agent, w.baresip);
      await endBy(w, ending, w.baresip);
    });
  }

for (const { door, number } of doors) {
  scenario(`in by ${door}, PCMU`, `SIPp → ${door} → seat`, async (w, m) => {
    await w.sipp.call(number, { formats: ['PCMU'] });
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    expect(await w.agent.codec()).toBe('audio/PCMU');
    await endBy(w, 'customer', w.sipp);
  });
  scenario(`in by ${door}, Opus end to end`, `baresip → ${door} → seat`, async (w, m) => {
    await w.opus.call(number);
    await w.agent.answer();
    await m.bothWays(w.agent, w.opus);
    expect(await w.agent.codec()).toBe('audio/opus');
    await endBy(w, 'agent', w.opus);
  });
  scenario(`in by ${door}, G.722 at the customer`, `baresip → ${door} → seat`, async (w, m) => {
    await w.g722.call(number);
    await w.agent.answer();
    await m.bothWays(w.agent, w.g722);
    await endBy(w, 'agent', w.g722);
  });
  scenario(`in by ${door}, the exchange makes the offer (delayed offer)`, `SIPp → ${door} → seat`, async (w, m) => {
    await w.sipp.call(number, { late: true });
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'customer', w.sipp);
  });
}

for (const ending of who)
  scenario(`in from a colleague, ended by the ${ending}`, 'seat 1002 → seat 1001', async (w, m) => {
    await w.colleague.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.colleague);
    await endBy(w, ending, w.colleague);
    const cause = ending === 'customer' ? 'agentHungUp' : 'customerHungUp';
    expect(w.colleague.newest()?.state).toMatchObject({ cause });
  });

scenario('in by the vip queue', 'SIPp → vip → seat', async (w, m) => {
  await w.sipp.call('6002');
  await w.agent.answer();
  expect(w.agent.newest()?.queue).toBe('vip');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('in, a codec the exchange lacks comes first in the offer', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { formats: ['CN', 'PCMU', 'PCMA'] });
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.agent.codec()).toMatch(/^audio\/PCM[AU]$/);
  await endBy(w, 'customer', w.sipp);
});

scenario(
  'in, nothing in common is refused and rings nobody; the next call is taken',
  'SIPp → direct → seat',
  async (w, m) => {
    const before = w.agent.newest()?.id;
    await w.sipp.call('1001', { formats: ['CN'] });
    expect(await w.sipp.status()).toBe(488);
    expect(w.agent.newest()?.id).toBe(before);
    await w.second.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.second);
    await endBy(w, 'agent', w.second);
  },
);
