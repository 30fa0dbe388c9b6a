import type { Clock } from '../clock.ts';
import { decodeUlaw } from '../../shared/ulaw.ts';
import { frameMs, levelDb, sampleRate, toneLevelDb } from './g711.ts';

/** What a customer hears of the agent: levels for tests and meters, voice or no voice for taking turns. */
export type Ear = {
  /** One RTP payload of µ-law, usually 20 ms. */
  readonly hear: (payload: Uint8Array) => void;
  readonly hearDigit: (digit: string) => void;
  readonly heard: Heard;
};
export type Heard = {
  readonly frames: () => number;
  /** Epoch ms of the first and the last frame; undefined before the first. */
  readonly firstMs: () => number | undefined;
  readonly lastMs: () => number | undefined;
  /** RMS of the last half second, dBFS; −100 is silence. */
  readonly levelDb: () => number;
  /** Strength of one frequency within the last half second, dBFS. */
  readonly toneDb: (frequencyHz: number) => number;
  /** Keys pressed so far. */
  readonly digits: () => string;
  /** Someone speaks now: above the room's noise, and not longer than a breath ago. */
  readonly isVoice: () => boolean;
};

const keptSamples = sampleRate / 2;
/** A voice is this much louder than the quietest half minute, and never quieter than the floor. */
const voice = { aboveNoiseDb: 12, floorDb: -50, hangoverMs: 250 } as const;

export const createEar = (clock: Clock): Ear => {
  const ring = new Int16Array(keptSamples);
  let at = 0;
  let frames = 0;
  let digits = '';
  let firstMs: number | undefined;
  let lastMs: number | undefined;
  let noiseDb = -60;
  let voicedMs: number | undefined;
  const recent = (): Int16Array => {
    const ordered = new Int16Array(keptSamples);
    ordered.set(ring.subarray(at));
    ordered.set(ring.subarray(0, at), keptSamples - at);
    return ordered;
  };
  return {
    hear: (payload) => {
      const samples = decodeUlaw(payload);
      for (const sample of samples) {
        ring[at] = sample;
        at = (at + 1) % keptSamples;
      }
      const nowMs = clock.nowMs();
      firstMs ??= nowMs;
      lastMs = nowMs;
      frames++;
      const db = levelDb(samples);
      // Falls at once to a quieter room, rises by 1 dB per second to a louder one.
      noiseDb = Math.max(-70, Math.min(db, noiseDb + frameMs / 1_000));
      if (db > Math.max(voice.floorDb, noiseDb + voice.aboveNoiseDb)) voicedMs = nowMs;
    },
    hearDigit: (digit) => {
      digits += digit;
    },
    heard: {
      frames: () => frames,
      firstMs: () => firstMs,
      lastMs: () => lastMs,
      levelDb: () => levelDb(recent()),
      toneDb: (frequencyHz) => toneLevelDb(recent(), frequencyHz),
      digits: () => digits,
      isVoice: () => voicedMs !== undefined && clock.nowMs() - voicedMs <= voice.hangoverMs,
    },
  };
};
