import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { collectWithAsterisk } from '../../central/asterisk-keypad.ts';
import type { Keypad } from '../../central/keypad-port.ts';
import { systemClock } from '../../central/pbx.ts';
import { whyNotHere } from './here.ts';
import { readWav } from './speech.ts';
import type { ThreeLegs } from './three-legs.ts';
import { startThreeLegs } from './three-legs.ts';
import { toneDb } from './tones.ts';

// R46 on a real Asterisk: what the customer keys in reaches central, and neither the agent's ear nor the recording.

const why = whyNotHere('calls');
let legs: ThreeLegs;
let keypad: Keypad;
beforeAll(async () => {
  if (why !== undefined) return;
  legs = await startThreeLegs();
  const { ami } = legs.exchange.descriptor;
  keypad = collectWithAsterisk(
    watchAsteriskCalls({ ami, clock: systemClock, random: Math.random, log: silent, events: 'system,call,dtmf' }),
  );
});
afterAll(async () => {
  if (why !== undefined) return;
  await keypad.close();
  await legs.stop();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});
afterEach(async () => {
  if (why === undefined) await legs.quiet();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
/** The tones of the keys 5 and 9; the agent’s own tone lies beside that of the first row (ITU-T Q.23). */
const keyTones = [770, 1_336, 852, 1_477];

test('R46 the password keyed in is heard by nobody, and both talk again afterwards', async () => {
  const { customer, contactId } = await legs.callRuns();
  await sleep(1_000);
  expect((await legs.atAgent()).customer).toBeGreaterThan(-40);
  await legs.recorder.pause(contactId);
  const collecting = keypad.collect({ contactId, digits: 6, withinMs: 20_000, what: 'password' });
  await sleep(1_500);
  const listening = legs.agent.page.evaluate(([seconds, tones]) => window.agent.tones(seconds, tones), [
    2.5,
    [900, ...keyTones],
  ] as const);
  await customer.press('595959');
  const collected = await collecting;
  const heard = (await listening).map(Math.round);
  await legs.recorder.resume(contactId);
  await sleep(1_500);
  const after = await legs.atAgent();
  const back = await legs.atCustomer(customer);
  await customer.hangUp();
  await sleep(1_000);
  const folder = legs.exchange.descriptor.recordings;
  const file = readdirSync(folder).find((name) => name.startsWith(contactId)) ?? '';
  const { samples, rate } = await readWav(join(folder, file));
  const recorded = keyTones.map((hz) => Math.round(toneDb(samples, rate, hz)));
  console.info(JSON.stringify({ collected, heard, after, back, recorded }));
  expect(collected).toEqual({ ok: true, value: '595959' });
  // Neither the customer's own tone nor any key; music is played, but no key's pair of tones.
  expect(heard[0]).toBeLessThan(-50);
  for (const level of recorded) expect(level).toBeLessThan(-45);
  expect(after.customer).toBeGreaterThan(-40);
  expect(back.agent).toBeGreaterThan(-40);
});

test('R46 a customer who keys in nothing comes back, and one who is not there is told', async () => {
  const { contactId } = await legs.callRuns();
  expect(await keypad.collect({ contactId: 'nobody', digits: 6, withinMs: 1_000, what: 'password' })).toEqual({
    ok: false,
    error: 'noCall',
  });
  const none = await keypad.collect({ contactId, digits: 6, withinMs: 2_000, what: 'password' });
  expect(none).toEqual({ ok: false, error: 'tooLate' });
  await sleep(1_000);
  expect((await legs.atAgent()).customer).toBeGreaterThan(-40);
});
