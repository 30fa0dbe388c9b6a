import { expect } from 'vitest';
import { endBy, expectEnd } from './endings.ts';
import { sleep } from './far-end.ts';
import { scenario } from './scenario.ts';

// What becomes of a call that rings, and of two wills that meet. Refusals carry no voice: a call after them proves the seat unharmed.

const ring = { name: 'ring tone', hz: 450 } as const;

scenario('ring, answered at once', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  expect(w.sipp.ringsSeen()).toContain(180);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('ring, heard at the seat, then answered; the ring is over', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await w.agent.pickUp();
  await m.bothWays(w.agent, w.sipp);
  await m.silent(w.agent, ring);
  await endBy(w, 'customer', w.sipp);
});

scenario('ring, answered in the second cadence (6 s)', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await m.silent(w.agent, ring);
  await m.hears(w.agent, ring);
  await w.agent.pickUp();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario(
  'ring, the customer hears ring-back from the exchange while the queue rings',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.reaches('ringing');
    await m.hears(w.sipp, { name: 'ring-back', hz: 450 });
    await w.agent.pickUp();
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario('ring, rejected (603): the caller is told', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await w.agent.reject();
  await expectEnd(w, 'rejected');
  await w.agent.line.tape.until('603', ({ from, line }) => from === 'seat' && line.startsWith('SIP/2.0 603'));
  expect([403, 603]).toContain(await w.sipp.status());
  await m.silent(w.agent, ring);
});

scenario('ring, rejected in the queue: the caller stays and is offered again', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.reaches('ringing');
  const first = w.agent.newest()?.id;
  await w.agent.reject();
  await w.agent.until('offered again', ({ calls }) => calls[0]?.id !== first && calls[0]?.state.kind === 'ringing');
  await w.agent.pickUp();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('ring, rejected by a colleague: the agent is told', 'seat 1001 → seat 1002', async (w, m) => {
  await w.agent.call('1002');
  await w.colleague.reaches('ringing');
  await m.hears(w.colleague, ring);
  await w.colleague.reject();
  await expectEnd(w, 'declined');
});

scenario('ring, missed: nobody answers in time', 'SIPp → direct (1 s) → seat', async (w, m) => {
  await w.sipp.call('911001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await expectEnd(w, 'missed');
  expect(await w.sipp.status()).toBe(480);
  await m.silent(w.agent, ring);
});

scenario('ring, the caller gives up', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  w.sipp.cancel();
  await expectEnd(w, 'missed');
  expect(await w.sipp.status()).toBe(487);
  await m.silent(w.agent, ring);
});

scenario('ring, a caller with baresip gives up in the queue', 'baresip → queue → seat', async (w, m) => {
  await w.baresip.call('6001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await w.baresip.hangUp();
  await expectEnd(w, 'missed');
  await m.silent(w.agent, ring);
});

/** Whatever won: both ends agree, and nothing hangs. */
for (const headStartMs of [0, 5, 20, 60])
  scenario(`ring, cancelled ${headStartMs} ms after the answer key`, 'SIPp → direct → seat', async (w, m) => {
    await w.sipp.call('1001');
    await w.agent.reaches('ringing');
    await m.hears(w.agent, ring);
    const answered = w.agent.pickUp().catch((error: unknown) => {
      // Refused because it was cancelled is fine; never being told is not.
      if (String(error).includes('not within')) throw error;
    });
    await sleep(headStartMs);
    w.sipp.cancel();
    await answered;
    const status = await w.sipp.status();
    if (status === 487) {
      await w.agent.ended();
      expect(['missed', 'customerHungUp']).toContain((await w.agent.reaches('ended')).cause);
    } else {
      expect(status).toBe(200);
      await m.bothWays(w.agent, w.sipp);
      await endBy(w, 'customer', w.sipp);
    }
    await m.silent(w.agent, ring);
  });

scenario('ring, the caller hangs up the moment the answer arrives', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await w.agent.pickUp();
  await w.sipp.established();
  await w.sipp.hangUp();
  await expectEnd(w, 'customerHungUp');
  await m.silent(w.agent, w.sipp);
});

scenario('ring, the exchange kills the ringing channel', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  await m.hears(w.agent, ring);
  await w.kill('PJSIP/customers');
  await expectEnd(w, 'missed');
  await m.silent(w.agent, ring);
});

scenario(
  'ring, not while the agent is not available: busy at once; then again',
  'SIPp → direct → seat',
  async (w, m) => {
    await w.agent.setAvailable(false);
    await w.sipp.call('1001');
    expect(await w.sipp.status()).toBe(486);
    await w.agent.setAvailable(true);
    await w.second.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.second);
    await endBy(w, 'agent', w.second);
  },
);

scenario(
  'ring, a second customer while the agent talks: busy, and the call is untouched',
  '2 × SIPp → seat',
  async (w, m) => {
    await w.sipp.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    await w.second.call('1001');
    expect(await w.second.status()).toBe(486);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario(
  'ring, a second customer waits in the queue until the first is done',
  '2 × SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await w.second.call('6001');
    await w.second.established();
    await m.bothWays(w.agent, w.sipp);
    await m.silent(w.second, w.agent);
    await w.agent.hangUp();
    await w.agent.answer();
    expect(w.agent.newest()?.number).toBe(w.second.number);
    await m.bothWays(w.agent, w.second);
    await m.silent(w.agent, w.sipp);
    await endBy(w, 'agent', w.second);
  },
);
