import { expect } from 'vitest';
import type { CallId } from '../../../shared/ids.ts';
import type { Trouble } from '../../../shared/phone.ts';
import { guardTimes } from '../../../shared/guardian.ts';
import { endBy } from './endings.ts';
import { sleep } from './far-end.ts';
import { scenario } from './scenario.ts';
import type { World } from './world.ts';

// The audio guardian on a real exchange: what is dead is named, what only looks dead is not.

type Told = { readonly atMs: number; readonly trouble: Trouble | null };

/** Writes down from now on what the guardian of the agent's seat says. */
const listens = async ({ agent }: World): Promise<() => Promise<readonly Told[]>> => {
  const told = await agent.page.evaluateHandle(() => {
    const heard: Told[] = [];
    window.seat.phone.onTrouble((trouble) => heard.push({ atMs: Date.now(), trouble }));
    return heard;
  });
  return () => told.evaluate((heard) => [...heard]);
};
const legs = (told: readonly Told[]): readonly string[] => told.flatMap(({ trouble }) => trouble?.leg ?? []);

scenario(
  'guardian: no packets for 3 s without a hold are named, then well again',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    const told = await listens(w);
    const fromMs = Date.now();
    w.sipp.media().say('nothing');
    await expect.poll(async () => legs(await told()), { timeout: 10_000 }).toContain('receiving');
    const named = (await told()).find(({ trouble }) => trouble?.leg === 'receiving');
    // Two seconds, and what a busy machine owes its timers.
    expect((named?.atMs ?? 0) - fromMs).toBeLessThan(5_000);
    await sleep(Math.max(0, 3_000 - (Date.now() - fromMs)));
    w.sipp.media().say('tone');
    await expect.poll(async () => (await told()).at(-1)?.trouble, { timeout: 10_000 }).toBeNull();
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'customer', w.sipp);
  },
);

scenario(
  'guardian: a customer’s gateway that sends nothing between sentences is learnt',
  'SIPp → direct → seat',
  async (w, m) => {
    await w.sipp.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    // Three pauses as in every conversation. Asterisk keeps comfort noise (RFC 3389) to itself: the seat gets nothing at all.
    for (let sentence = 0; sentence < 3; sentence += 1) {
      w.sipp.media().say('nothing');
      await sleep(1_000);
      w.sipp.media().say('tone');
      await sleep(1_000);
    }
    const told = await listens(w);
    await expect.poll(async () => (await told()).at(-1)?.trouble, { timeout: 10_000 }).toBeNull();
    const before = legs(await told()).length;
    w.sipp.media().say('nothing');
    for (const untilMs = Date.now() + 5_000; Date.now() < untilMs;) {
      w.sipp.media().comfortNoise();
      await sleep(350);
    }
    expect(legs(await told()).slice(before)).toEqual([]);
    w.sipp.media().say('tone');
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario('guardian: a held customer beside a talking colleague is no fault', 'SIPp, seat 1002 ↔ seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  const told = await listens(w);
  const [customer] = w.agent.state().calls;
  const given = await w.agent.page.evaluate(
    ([about, contactId]) => {
      const order = { callId: window.seat.newContactId(), contactId, dial: '1002' };
      const aside = { kind: 'consult', of: about };
      return window.seat.phone.dial({ ...order, aside } as Parameters<typeof window.seat.phone.dial>[0]);
    },
    [customer?.id ?? '', customer?.contactId ?? ''] as const,
  );
  expect(given).toMatchObject({ ok: true });
  await w.colleague.answer();
  await m.bothWays(w.agent, w.colleague);
  await m.silent(w.sipp, w.agent);
  // Longer than any leg takes to be named.
  await sleep(2 * Math.max(...Object.values(guardTimes.nameAfter)));
  expect(legs(await told())).toEqual([]);
  const consult = w.agent.state().calls[0]?.id;
  await w.agent.page.evaluate((id) => window.seat.phone.hangUp(id as CallId), consult ?? '');
  await w.colleague.ended();
  await w.agent.page.evaluate((id) => window.seat.phone.hold(id as CallId, false), customer?.id ?? '');
  await m.bothWays(w.agent, w.sipp);
  expect(legs(await told())).toEqual([]);
  await w.sipp.hangUp();
  await w.agent.until('customer gone', ({ calls }) => calls.every(({ state }) => state.kind === 'ended'));
});
