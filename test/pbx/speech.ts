import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Speech as a telephone hears it, said over and over: 8 kHz, 16 bit, mono wav.
 * @param voice of espeak-ng, as "cmn" (Mandarin) or "en-us"
 * @returns path of the file
 */
export const sayIntoFile = async (
  dir: string,
  name: string,
  voice: string,
  text: string,
  seconds: number,
): Promise<string> => {
  const once = join(dir, `${name}-once.wav`);
  const file = join(dir, `${name}.wav`);
  await run('espeak-ng', ['-v', voice, '-s', '150', '-w', once, text]);
  await run('sox', [
    once,
    '-r',
    '8000',
    '-c',
    '1',
    '-b',
    '16',
    file,
    'pad',
    '0',
    '0.3',
    'repeat',
    '200',
    'trim',
    '0',
    String(seconds),
  ]);
  return file;
};

/** A pure tone at half of full scale, in the same format but for its rate. */
export const toneIntoFile = async (dir: string, hz: number, seconds: number, rate = 8_000): Promise<string> => {
  const file = join(dir, `tone-${hz}.wav`);
  await run('sox', [
    '-n',
    '-r',
    String(rate),
    '-c',
    '1',
    '-b',
    '16',
    file,
    'synth',
    String(seconds),
    'sine',
    String(hz),
    'vol',
    '0.5',
  ]);
  return file;
};

export type Sound = { readonly rate: number; readonly samples: Float64Array };

/** Reads 16-bit wav (of several channels the first), also one whose writer was stopped before it could fill in the lengths. */
export const readWav = async (file: string): Promise<Sound> => {
  const bytes = await readFile(file);
  if (bytes.subarray(0, 4).toString('latin1') !== 'RIFF') throw new Error(`${file} is no wav file`);
  const start = bytes.indexOf('data') + 8;
  const step = 2 * Math.max(1, bytes.readUInt16LE(22));
  const samples = new Float64Array(Math.max(0, Math.floor((bytes.length - start) / step)));
  for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readInt16LE(start + step * i) / 32_768;
  return { rate: bytes.readUInt32LE(24), samples };
};

/** The last seconds of a sound. */
export const tail = ({ rate, samples }: Sound, seconds: number): Sound => ({
  rate,
  samples: samples.slice(-Math.round(seconds * rate)),
});

/** Level in dBFS (a full-scale square wave is 0); -100 is silence. */
export const levelDb = ({ samples }: Sound): number => {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  return Math.max(-100, 10 * Math.log10(power + 1e-12));
};

/**
 * How much of the sound's power is at this frequency, 0 to 1 (Goertzel). In windows of 50 ms, so that a lost or repeated packet,
 * which turns the phase, costs one window and not the whole.
 */
export const shareOfTone = ({ rate, samples }: Sound, hz: number): number => {
  const size = Math.round(rate / 20);
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate);
  let [power, atTone] = [0, 0];
  for (let start = 0; start + size <= samples.length; start += size) {
    let [one, two] = [0, 0];
    for (const sample of samples.subarray(start, start + size)) {
      [one, two] = [sample + coefficient * one - two, one];
      power += sample * sample;
    }
    atTone += (2 * (one * one + two * two - coefficient * one * two)) / size;
  }
  return power === 0 ? 0 : atTone / power;
};

/**
 * When a short tone of this frequency begins, in seconds, one entry for each: a tone that lasts (ring-back) counts once, and speech
 * does not count. Steps of 20 ms.
 */
export const beepsIn = ({ rate, samples }: Sound, hz: number): readonly number[] => {
  const step = Math.round(rate / 50);
  const begins: number[] = [];
  let wasLoud = false;
  for (let start = 0; start + 3 * step <= samples.length; start += step) {
    const isLoud = levelDb({ rate, samples: samples.subarray(start, start + step) }) > -20;
    // A tone of 20 ms fills less than half of the 50 ms looked at, and its share is no more than that.
    const around = { rate, samples: samples.subarray(start, start + 3 * step) };
    if (isLoud && !wasLoud && shareOfTone(around, hz) > 0.3) begins.push(start / rate);
    wasLoud = isLoud;
  }
  return begins;
};
