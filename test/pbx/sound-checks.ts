import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';
import type { Contact } from '../../shared/contact.ts';
import { exchangeIdOf } from '../../shared/contact.ts';
import type { DeskPage } from '../e2e/browser.ts';
import type { Customer } from './customer.ts';
import { beepsIn, levelDb, readWav } from './speech.ts';

/** Whether sound goes where it should, seen from both ends of a call and on Asterisk's recording. */

const customerMeter = async (at: DeskPage): Promise<number> =>
  Number(await at.desk.getByRole('meter', { name: at.words['call.meter.customer'] }).getAttribute('aria-valuenow'));
/** Chromium's fake microphone: a tone of 400 Hz twice a second. */
export const beep = { hz: 400, everyS: 0.5 } as const;
export const beepsHeard = async (customer: Customer): Promise<readonly number[]> =>
  beepsIn(await readWav(await customer.heard()), beep.hz);
/** Both directions now: the agent's meter of the customer moves with the sentences, and the customer hears the agent's beeps. */
export const expectAudioBothWays = async (at: DeskPage, customer: Customer): Promise<void> => {
  const before = (await beepsHeard(customer).catch(() => [])).length;
  const seen = new Set<number>();
  await expect
    .poll(async () => seen.add(await customerMeter(at)).size, { timeout: 8_000, interval: 80 })
    .toBeGreaterThan(4);
  expect(Math.max(...seen)).toBeGreaterThan(20);
  await expect
    .poll(async () => (await beepsHeard(customer)).length, { timeout: 8_000, interval: 200 })
    .toBeGreaterThanOrEqual(before + 3);
};
/** The longest time between two beeps, in seconds: a hole in the sound is longer than the rhythm. */
export const longestGap = (beeps: readonly number[]): number =>
  Math.max(...beeps.slice(1).map((at, index) => at - (beeps[index] ?? at)));
/** R43: Asterisk recorded the whole of the talk, under the id of the contact. */
export const expectRecorded = async (pbx: PbxDescriptor, contact: Contact | undefined): Promise<void> => {
  const files = (await readdir(pbx.recordings)).filter(
    (name) => contact !== undefined && name.startsWith(`${exchangeIdOf(contact)}_`),
  );
  expect(files).toHaveLength(1);
  const sound = await readWav(join(pbx.recordings, files[0] ?? ''));
  expect(levelDb(sound)).toBeGreaterThan(-35);
  const talkedS = ((contact?.endedAtMs ?? NaN) - (contact?.answeredAtMs ?? NaN)) / 1_000;
  expect(sound.samples.length / sound.rate).toBeGreaterThan(talkedS - 1);
};
