import { describe, expect, it } from 'vitest';
import type { PhoneState } from '../../shared/phone.ts';
import { agent } from '../renderer/phone/lab/browser-lab.ts';
import { far, first, isFlowing, lab, packetsAtCustomer, page, pause, talk, useLab } from './phone-calls.ts';

/** The computer slept or came into another network, with the real phone in a real browser. */
useLab();

const registeredSince =
  (sinceMs: number) =>
  ({ line }: PhoneState): boolean =>
    line.kind === 'registered' && line.sinceMs >= sinceMs;
/** ice-ufrag of every description the phone sent, oldest first, repeats left out. */
const ways = (): readonly string[] => {
  const sent = lab.relay.log.filter(({ from, text }) => from === agent.user && text.includes('a=ice-ufrag:'));
  const names = sent.map(({ text }) => /^a=ice-ufrag:(\S+)/m.exec(text)?.[1] ?? '');
  return names.filter((name, index) => name !== names[index - 1]);
};
const endsAsEver = async (): Promise<void> => {
  await far.evaluate(() => window.far.hangUp());
  expect(first(await lab.until(page, 'over', (state) => first(state)?.kind === 'ended'))).toMatchObject({
    cause: 'customerHungUp',
  });
};

describe('another network', () => {
  it('registers at once, looks for a new way for the sound and keeps the old one until it is there', async () => {
    await talk();
    expect(ways()).toHaveLength(1);
    const sinceMs = Date.now();
    const before = await packetsAtCustomer();
    await page.evaluate(() => window.lab.phone.reconnect());
    await lab.until(page, 'back', registeredSince(sinceMs));
    await expect.poll(() => ways().length).toBe(2);
    await pause(1_500);
    expect((await packetsAtCustomer()) - before).toBeGreaterThan(50);
    await lab.until(page, 'sound both ways', isFlowing);
    await endsAsEver();
  });

  it('several in a row are one call all the time', async () => {
    await talk();
    for (let turn = 0; turn < 3; turn += 1) {
      const sinceMs = Date.now();
      await page.evaluate(() => window.lab.phone.reconnect());
      await lab.until(page, 'back', registeredSince(sinceMs));
    }
    await expect.poll(() => ways().length).toBeGreaterThanOrEqual(2);
    const before = await packetsAtCustomer();
    await expect.poll(async () => (await packetsAtCustomer()) - before).toBeGreaterThan(50);
    expect((await page.evaluate(() => window.lab.phone.state())).calls).toHaveLength(1);
    await endsAsEver();
  });

  it('in no call: the next call goes over candidates of the new network', async () => {
    const sinceMs = Date.now();
    await page.evaluate(() => window.lab.phone.reconnect());
    await lab.until(page, 'back', registeredSince(sinceMs));
    await talk();
    expect(ways()).toHaveLength(1);
    await endsAsEver();
  });
});

describe('sleep', () => {
  it('the page stood still and the line went meanwhile: registered again, and the call is still that call', async () => {
    await talk();
    // Nothing of the page runs: every timer is late when it wakes, as after a lid was closed.
    const asleep = page.evaluate(() => {
      const wakeMs = Date.now() + 6_000;
      while (Date.now() < wakeMs);
      return Date.now();
    });
    await pause(500);
    lab.relay.drop(agent.user);
    const wokeMs = await asleep;
    const back = await lab.until(page, 'back', registeredSince(wokeMs));
    // Alone it is about 100 ms; the limit only tells a return from a retry that waited.
    expect(back.line.kind === 'registered' ? back.line.sinceMs - wokeMs : -1).toBeLessThan(3_000);
    await lab.until(page, 'sound both ways', isFlowing);
    await endsAsEver();
  });
});
