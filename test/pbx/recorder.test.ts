import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { recordWithAsterisk } from '../../central/asterisk-recorder.ts';
import { systemClock } from '../../central/pbx.ts';
import type { RecorderEvent } from '../../central/recorder-port.ts';
import { recorderContract } from '../central/recorder-contract.ts';
import { whyNotHere } from './here.ts';
import { levelDb, readWav } from './speech.ts';
import type { Sound } from './speech.ts';
import type { ThreeLegs } from './three-legs.ts';
import { hz, startThreeLegs } from './three-legs.ts';
import { toneDb } from './tones.ts';

// What is in the files of a real Asterisk around a pause (R33, R43, security 84).

const why = whyNotHere('calls');
let legs: ThreeLegs;

beforeAll(async () => {
  if (why === undefined) legs = await startThreeLegs();
});
afterAll(async () => {
  if (why === undefined) await legs.stop();
});
beforeEach(({ skip }) => {
  if (why !== undefined) skip(why);
});
afterEach(async () => {
  if (why === undefined) await legs.quiet();
});

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const fileOf = (contactId: string, part = '') => {
  const folder = legs.exchange.descriptor.recordings;
  const file = readdirSync(folder).find((name) => name.startsWith(contactId) && name.includes(part));
  if (file === undefined) throw new Error('no recording of this contact');
  return join(folder, file);
};
const slice = ({ rate, samples }: Sound, fromS: number, toS: number): Sound => ({
  rate,
  samples: samples.slice(Math.round(fromS * rate), Math.round(toS * rate)),
});
/** Stretches of silence longer than 100 ms, in seconds, to 20 ms. */
const silences = (sound: Sound): readonly { readonly from: number; readonly to: number }[] => {
  const found: { from: number; to: number }[] = [];
  const step = 0.02;
  for (let at = 0; at + step <= sound.samples.length / sound.rate; at += step) {
    if (levelDb(slice(sound, at, at + step)) > -60) continue;
    const last = found.at(-1);
    if (last !== undefined && at - last.to < step / 2) last.to = at + step;
    else found.push({ from: at, to: at + step });
  }
  return found.filter(({ from, to }) => to - from > 0.1);
};
/** ± 200 ms of the moment. */
const expectNear = (seconds: number | undefined, expected: number) =>
  expect(Math.abs((seconds ?? Number.NaN) - expected)).toBeLessThan(0.2);

test('R33 the file is silent exactly while paused, and its offsets stay true', async () => {
  const began = Promise.withResolvers<RecorderEvent>();
  const stop = legs.recorder.onEvent((event) => {
    if (event.kind === 'began') began.resolve(event);
  });
  const { customer, contactId } = await legs.callRuns();
  const first = await began.promise;
  stop();
  const zeroMs = first.kind === 'began' ? first.atMs : 0;
  const since = () => (Date.now() - zeroMs) / 1_000;
  await sleep(1_300);
  const askedS = since();
  expect(await legs.recorder.pause(contactId)).toMatchObject({ ok: true });
  const pausedS = since();
  await sleep(1_500);
  expect(await legs.recorder.resume(contactId)).toMatchObject({ ok: true });
  const resumedS = since();
  await sleep(1_300);
  const endS = since();
  await customer.hangUp();
  await sleep(500);
  const sound = await readWav(fileOf(contactId));
  const found = silences(slice(sound, 0.5, endS - 0.3));
  const silence = found.map(({ from, to }) => ({ from: from + 0.5, to: to + 0.5 }));
  const level = (fromS: number, toS: number) => {
    const part = slice(sound, fromS, toS);
    return {
      all: Math.round(levelDb(part)),
      customer: Math.round(toneDb(part.samples, part.rate, hz.customer)),
      agent: Math.round(toneDb(part.samples, part.rate, hz.agent)),
    };
  };
  const before = level(0.5, pausedS - 0.3);
  const during = level(pausedS + 0.2, resumedS - 0.2);
  const after = level(resumedS + 0.3, endS - 0.3);
  console.info(
    JSON.stringify({
      pausedS,
      acknowledgedMs: Math.round(1_000 * (pausedS - askedS)),
      resumedS,
      silence,
      lengthS: sound.samples.length / sound.rate,
      endS,
      dBFS: { before, during, after },
    }),
  );
  expect(silence).toHaveLength(1);
  expectNear(silence[0]?.from, pausedS);
  expectNear(silence[0]?.to, resumedS);
  for (const heard of [before, after]) {
    expect(heard.customer).toBeGreaterThan(-25);
    expect(heard.agent).toBeGreaterThan(-25);
  }
  expect(during.all).toBe(-100);
  expectNear(sound.samples.length / sound.rate, endS);
});

test('R33 a lead who speaks to the customer is not heard in any file while paused', async () => {
  const { contactId } = await legs.callRuns();
  const id = randomUUID();
  await Promise.all([
    legs.supervision.start({ id, leadSipUser: '1003', agentSipUser: '1001', mode: 'barge' }),
    legs.leadAnswers(),
  ]);
  await sleep(1_500);
  const paused = await legs.recorder.pause(contactId);
  expect(paused.ok && paused.value).toHaveLength(2);
  await sleep(1_300);
  // Asterisk writes in portions of two seconds: the file is whole once the recording is over.
  await legs.quiet();
  await sleep(500);
  const sound = await readWav(fileOf(contactId, id));
  const seconds = sound.samples.length / sound.rate;
  expect(levelDb(slice(sound, 0.3, 1))).toBeGreaterThan(-25);
  expect(levelDb(slice(sound, seconds - 1, seconds))).toBe(-100);
});

describe.skipIf(why !== undefined)('the contract', () => {
  recorderContract('Asterisk', async () => {
    const own = recordWithAsterisk(
      watchAsteriskCalls({
        ami: legs.exchange.descriptor.ami,
        clock: systemClock,
        random: Math.random,
        log: silent,
      }),
    );
    await own.running();
    return {
      recorder: own,
      callRuns: async () => {
        await legs.quiet();
        const { contactId, customer } = await legs.callRuns();
        return {
          contactId,
          hangUp: async () => {
            await customer.hangUp();
            await legs.quiet();
          },
        };
      },
      stop: async () => {},
    };
  });
});
