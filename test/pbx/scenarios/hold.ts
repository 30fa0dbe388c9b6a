import { expect } from 'vitest';
import { endBy, expectEnd } from './endings.ts';
import type { Party } from './far-end.ts';
import { type Measure, scenario } from './scenario.ts';
import type { World } from './world.ts';

// Hold by either side and mute: who hears whom is measured in every state (PHONE-7).

/** In a call that is up: held, nobody hears the other; taken back, both do. */
const holdAndBack = async (w: World, m: Measure, far: Party): Promise<void> => {
  await m.bothWays(w.agent, far);
  await w.agent.hold(true);
  await w.agent.holds('held');
  await m.silentBothWays(w.agent, far);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, far);
};

scenario('hold and back, customer from the queue', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await holdAndBack(w, m, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('hold and back, direct', 'baresip → direct → seat', async (w, m) => {
  await w.baresip.call('1001');
  await w.agent.answer();
  await holdAndBack(w, m, w.baresip);
  await endBy(w, 'customer', w.baresip);
});

scenario('hold and back, outbound', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await holdAndBack(w, m, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('hold and back, Opus', 'baresip → queue → seat', async (w, m) => {
  await w.opus.call('6001');
  await w.agent.answer();
  await holdAndBack(w, m, w.opus);
  await endBy(w, 'agent', w.opus);
});

scenario('hold and back, a colleague', 'seat 1002 → seat 1001', async (w, m) => {
  await w.colleague.call('1001');
  await w.agent.answer();
  await holdAndBack(w, m, w.colleague);
  await endBy(w, 'agent', w.colleague);
});

scenario('hold three times in one call', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  for (let time = 0; time < 3; time += 1) await holdAndBack(w, m, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('hold key pressed seven times without waiting: ends held; and back', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  for (let press = 0; press < 7; press += 1) await w.agent.hold(press % 2 === 0);
  await w.agent.holds('held');
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

for (const ending of ['agent', 'customer', 'exchange'] as const)
  scenario(`hold, then ended by the ${ending}`, 'SIPp → queue → seat', async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    await w.agent.hold(true);
    await w.agent.holds('held');
    await m.silentBothWays(w.agent, w.sipp);
    await endBy(w, ending, w.sipp);
  });

scenario(
  'hold refused (488): shown as failed, the agent stays unheard until asked back',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    w.agent.line.refuseReinvite(488);
    await w.agent.hold(true);
    await w.agent.holds('holdFailed');
    await m.silent(w.sipp, w.agent);
    await m.hears(w.agent, w.sipp);
    await w.agent.hold(false);
    await w.agent.holds('none');
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario('hold meets another re-INVITE (491): tried again, then held', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.agent.line.refuseReinvite(491);
  await w.agent.hold(true);
  await w.agent.holds('held');
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('resume refused (488): still held, and taken back the second time', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.agent.hold(true);
  await w.agent.holds('held');
  w.agent.line.refuseReinvite(488);
  await w.agent.hold(false);
  await w.agent.holds('resumeFailed');
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('hold while the line is away: unheard at once, held when it is back', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.agent.line.refuse(true);
  w.agent.line.cut();
  await w.agent.until('line lost', ({ line }) => line.kind === 'lost');
  await w.agent.hold(true);
  await m.silent(w.sipp, w.agent);
  w.agent.line.refuse(false);
  await w.agent.holds('held');
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

/** The far end holds: what it says with its offer, and what of the agent it wants to hear. */
const farHolds = [
  { how: 'sendonly', media: { direction: 'sendonly' } },
  { how: 'inactive', media: { direction: 'inactive' } },
  { how: '0.0.0.0', media: { address: '0.0.0.0', direction: 'sendrecv' } },
] as const;
for (const { how, media } of farHolds)
  scenario(`held by the customer (${how}) and taken back`, 'SIPp → direct → seat', async (w, m) => {
    await w.sipp.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    w.sipp.media().say('nothing');
    expect(await w.sipp.reinvite(media)).toBe(200);
    await m.silentBothWays(w.agent, w.sipp);
    expect(w.agent.newest()?.state.kind).toBe('talking');
    w.sipp.media().say('tone');
    expect(await w.sipp.reinvite({})).toBe(200);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  });

scenario('both hold, the agent takes back first', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.agent.hold(true);
  await w.agent.holds('held');
  w.sipp.media().say('nothing');
  expect(await w.sipp.reinvite({ direction: 'inactive' })).toBe(200);
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.silentBothWays(w.agent, w.sipp);
  w.sipp.media().say('tone');
  expect(await w.sipp.reinvite({})).toBe(200);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('held by the customer, who hangs up then', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.sipp.media().say('nothing');
  expect(await w.sipp.reinvite({ direction: 'inactive' })).toBe(200);
  await m.silent(w.sipp, w.agent);
  await w.sipp.hangUp();
  await expectEnd(w, 'customerHungUp');
});

for (const far of ['sipp', 'baresip', 'opus'] as const)
  scenario(`mute and back, ${far}`, 'customer → queue → seat', async (w, m) => {
    await w[far].call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w[far]);
    await w.agent.mute(true);
    await m.silent(w[far], w.agent);
    await m.hears(w.agent, w[far]);
    expect(w.agent.newest()?.state).toMatchObject({ microphone: 'muted' });
    await w.agent.mute(false);
    await m.bothWays(w.agent, w[far]);
    await endBy(w, 'agent', w[far]);
  });

scenario('mute outlives hold', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.agent.mute(true);
  await w.agent.hold(true);
  await w.agent.holds('held');
  await m.silentBothWays(w.agent, w.sipp);
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.hears(w.agent, w.sipp);
  await m.silent(w.sipp, w.agent);
  await w.agent.mute(false);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});
