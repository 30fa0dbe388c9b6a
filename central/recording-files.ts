import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { soundRate } from '../shared/history.ts';
import { decodeUlaw, encodeUlaw } from '../shared/ulaw.ts';

/**
 * The sound the exchange has written, by the name it is known by (R33): µ-law, 8,000 samples a second. Adapters: a folder of WAV files, as
 * MixMonitor writes them, and memory; both pass the same contract test.
 */
export type RecordingFiles = {
  /** @returns undefined when there is no such recording, or none that can be read */
  read(file: string, fromMs: number, ms: number): Promise<Sound | undefined>;
};
export type Sound = { readonly lengthMs: number; readonly ulaw: Uint8Array };

const perMs = soundRate / 1_000;
const headerBytes = 4_096;

/** Only files of this folder, by their bare names. Nothing is written and nothing copied. */
export const recordingsIn = (folder: string): RecordingFiles => ({
  read: async (file, fromMs, ms) => {
    if (file !== basename(file) || !file.endsWith('.wav')) return undefined;
    const handle = await open(join(folder, file)).catch(() => undefined);
    if (handle === undefined) return undefined;
    try {
      const head = Buffer.alloc(headerBytes);
      const { bytesRead } = await handle.read(head, 0, headerBytes, 0);
      const wave = waveOf(head.subarray(0, bytesRead), (await handle.stat()).size);
      if (wave === undefined) return undefined;
      const { bytesPerSample, at, samples } = wave;
      const from = Math.min(samples, Math.floor(fromMs * perMs));
      const count = Math.min(samples - from, Math.floor(ms * perMs));
      const bytes = Buffer.alloc(count * bytesPerSample);
      await handle.read(bytes, 0, bytes.length, at + from * bytesPerSample);
      const ulaw = bytesPerSample === 1 ? new Uint8Array(bytes) : ulawOf(bytes);
      return { lengthMs: Math.floor(samples / perMs), ulaw };
    } finally {
      await handle.close();
    }
  },
});

export type MemoryRecordings = RecordingFiles & {
  readonly put: (file: string, ulaw: Uint8Array) => void;
  readonly drop: (file: string) => void;
};

/** For practice mode and tests: gone with the process. */
export const recordingsInMemory = (): MemoryRecordings => {
  const kept = new Map<string, Uint8Array>();
  return {
    put: (file, ulaw) => void kept.set(file, ulaw),
    drop: (file) => void kept.delete(file),
    read: async (file, fromMs, ms) => {
      const whole = kept.get(file);
      if (whole === undefined) return undefined;
      const ulaw = whole.slice(Math.floor(fromMs * perMs), Math.floor((fromMs + ms) * perMs));
      return { lengthMs: Math.floor(whole.length / perMs), ulaw };
    },
  };
};

type Wave = { readonly bytesPerSample: 1 | 2; readonly at: number; readonly samples: number };

/** RIFF: chunks of a name, a length and that many bytes. One channel of 8 kHz: PCM of 16 bits (1) or µ-law (7). */
const waveOf = (head: Buffer, fileBytes: number): Wave | undefined => {
  if (head.toString('latin1', 0, 4) !== 'RIFF' || head.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let bytesPerSample: 1 | 2 | undefined;
  for (let at = 12; at + 8 <= head.length;) {
    const name = head.toString('latin1', at, at + 4);
    const length = head.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ' && body + 16 <= head.length) {
      const [format, channels, rate] = [
        head.readUInt16LE(body),
        head.readUInt16LE(body + 2),
        head.readUInt32LE(body + 4),
      ];
      if (channels !== 1 || rate !== soundRate) return undefined;
      bytesPerSample = format === 1 ? 2 : format === 7 ? 1 : undefined;
    }
    if (name === 'data') {
      if (bytesPerSample === undefined) return undefined;
      // While it is being written the length is not true yet: the file's end counts.
      const bytes = Math.min(length === 0 ? fileBytes : length, fileBytes - body);
      return { bytesPerSample, at: body, samples: Math.max(0, Math.floor(bytes / bytesPerSample)) };
    }
    at = body + length + (length % 2);
  }
  return undefined;
};

const ulawOf = (pcm: Buffer): Uint8Array =>
  Uint8Array.from({ length: pcm.length / 2 }, (_, index) => encodeUlaw(pcm.readInt16LE(index * 2)));

/** Of each of so many parts the loudest of its first half second: a picture of who spoke when, without reading the whole. */
export const peaksOf = async (
  files: RecordingFiles,
  file: string,
  { lengthMs, count }: { readonly lengthMs: number; readonly count: number },
): Promise<number[]> => {
  const stepMs = lengthMs / count;
  const peaks: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const sound = await files.read(file, Math.floor(nth * stepMs), Math.ceil(Math.min(stepMs, 500)));
    let loudest = 0;
    for (const sample of decodeUlaw(sound?.ulaw ?? new Uint8Array())) loudest = Math.max(loudest, Math.abs(sample));
    peaks.push(Math.round((loudest / 32_768) * 100));
  }
  return peaks;
};
