import { encodeUlaw } from '../../shared/ulaw.ts';

/** Frames of G.711 µ-law (8,000 samples per second, 160 bytes per 20 ms) and what can be measured of them. */
export const sampleRate = 8_000;
export const frameSamples = 160;
export const frameMs = 20;
/** The code word of no sound at all. */
export const silentByte = 0xff;

/** A sine as µ-law. @param levelDb peak in dBFS, 0 is full scale */
export const tone = (frequencyHz: number, durationMs: number, levelDb = -12): Uint8Array => {
  const peak = 32_635 * 10 ** (levelDb / 20);
  return Uint8Array.from({ length: (durationMs * sampleRate) / 1_000 }, (_, i) =>
    encodeUlaw(peak * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRate)),
  );
};

/** RMS of 16-bit samples in dBFS, where a full-scale square wave is 0; −100 is silence. */
export const levelDb = (samples: Int16Array): number => {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length)) / 32_768;
  return rms < 1e-5 ? -100 : 20 * Math.log10(rms);
};

/** Strength of one frequency in dBFS of its RMS (Goertzel's algorithm); −100 is nothing. */
export const toneLevelDb = (samples: Int16Array, frequencyHz: number): number => {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRate);
  let before = 0;
  let last = 0;
  for (const sample of samples) [before, last] = [last, sample + coefficient * last - before];
  const power = last * last + before * before - coefficient * last * before;
  const rms = (Math.sqrt(Math.max(0, power)) * Math.SQRT2) / Math.max(1, samples.length) / 32_768;
  return rms < 1e-5 ? -100 : 20 * Math.log10(rms);
};
