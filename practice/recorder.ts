import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PbxFault } from '../central/pbx.ts';
import type { Recorder, RecorderEvent, Recording } from '../central/recorder-port.ts';
import type { RecordingFiles } from '../central/recording-files.ts';
import { recordingsIn } from '../central/recording-files.ts';
import { ok, refused } from '../shared/result.ts';
import { decodeUlaw, encodeUlaw } from '../shared/ulaw.ts';
import type { Clock } from './clock.ts';
import { frameSamples, sampleRate, silentByte } from './customers/g711.ts';

/** What one customer's call sounds like, both sides, as it goes on. */
export type Tape = {
  /** The customer's next 20 ms: the clock of the tape. */
  readonly said: (frame: Uint8Array) => void;
  readonly heard: (frame: Uint8Array) => void;
  readonly end: () => void;
};
/** By the Call-ID of the customer's leg; undefined when the call is no contact of anybody. */
export type Tapes = (callId: string) => Tape | undefined;

/**
 * Recordings of practice mode (R33): media never passes through its exchange, so they are made where the customer is, and the exchange
 * says which contact a call is. Kept in a folder once the call is over, as central reads them.
 */
export type PracticeRecorder = Recorder & {
  readonly named: (callId: string, contactId: string) => void;
  readonly tape: Tapes;
  readonly files: RecordingFiles;
};

/** Practice is heard again on the same day or not at all: nobody looks after the folder. */
type Keep = { readonly mostBytes: number; readonly longestMs: number };
const practiceKeep: Keep = { mostBytes: 256 * 1024 * 1024, longestMs: 14 * 24 * 3_600_000 };

/** A jitter of 200 ms is kept; what is older than that belongs nowhere any more. */
const mostWaiting = 10;
const mostNames = 500;

export const createPracticeRecorder = (options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly keep?: Keep;
}): PracticeRecorder => {
  const { folder, clock, keep = practiceKeep } = options;
  mkdirSync(folder, { recursive: true });
  sweep(folder, clock.nowMs(), keep);
  const names = new Map<string, string>();
  const running = new Map<string, { readonly recording: Recording; isSilent: boolean }>();
  const listeners = new Set<(event: RecorderEvent) => void>();
  let isClosed = false;
  const open = (): void => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
  };
  const tell = (kind: 'began' | 'ended', recording: Recording): void => {
    for (const listener of listeners) listener({ kind, recording, atMs: clock.nowMs() });
  };
  const setSilent = (contactId: string, isSilent: boolean) => {
    open();
    const found = [...running.values()].filter(({ recording }) => recording.contactId === contactId);
    for (const one of found) one.isSilent = isSilent;
    return found.length === 0 ? refused('notRecording' as const) : ok(found.map(({ recording }) => recording));
  };

  return {
    pause: async (contactId) => setSilent(contactId, true),
    resume: async (contactId) => setSilent(contactId, false),
    running: async () => {
      open();
      return [...running.values()].map(({ recording }) => recording);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      listeners.clear();
    },
    named: (callId, contactId) => {
      names.set(callId, contactId);
      const [oldest] = names.keys();
      // Of calls nobody took.
      if (names.size > mostNames && oldest !== undefined) names.delete(oldest);
    },
    tape: (callId) => {
      const contactId = names.get(callId);
      if (contactId === undefined) return undefined;
      names.delete(callId);
      const recording = { file: `${contactId}_${clock.nowMs()}.wav`, contactId };
      const now = { recording, isSilent: false };
      running.set(recording.file, now);
      tell('began', recording);
      const sounds: Uint8Array[] = [];
      const waiting: Uint8Array[] = [];
      return {
        said: (frame) => {
          const other = waiting.shift() ?? silence;
          sounds.push(now.isSilent ? silence : mixed(frame, other));
        },
        heard: (frame) => {
          waiting.push(frame);
          if (waiting.length > mostWaiting) waiting.shift();
        },
        end: () => {
          if (!running.delete(recording.file)) return;
          writeFileSync(join(folder, recording.file), waveOf(sounds));
          sweep(folder, clock.nowMs(), keep);
          tell('ended', recording);
        },
      };
    },
    files: recordingsIn(folder),
  };
};

/** The oldest go first. Only what this recorder writes is touched. */
const sweep = (folder: string, nowMs: number, { mostBytes, longestMs }: Keep): void => {
  const kept = readdirSync(folder)
    .flatMap((file) => {
      const endedAt = /^[0-9a-f-]{36}_(\d{1,15})\.wav$/.exec(file)?.[1];
      const path = join(folder, file);
      const size = endedAt === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size;
      return size === undefined ? [] : [{ path, size, atMs: Number(endedAt) }];
    })
    .sort((one, other) => other.atMs - one.atMs);
  let bytes = 0;
  for (const { path, size, atMs } of kept) {
    bytes += size;
    if (bytes > mostBytes || nowMs - atMs > longestMs) rmSync(path, { force: true });
  }
};

const silence = new Uint8Array(frameSamples).fill(silentByte);

const mixed = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  const [first, second] = [decodeUlaw(one), decodeUlaw(other)];
  return Uint8Array.from({ length: frameSamples }, (_, n) => encodeUlaw((first[n] ?? 0) + (second[n] ?? 0)));
};

/** RIFF with µ-law (7), one channel. */
const waveOf = (sounds: readonly Uint8Array[]): Buffer => {
  const sound = Buffer.concat(sounds);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + sound.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(7, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
};
