import { describe, expect, it } from 'vitest';
import type { Recording, RecordingEvent } from '../../shared/recording.ts';
import { isSecret, maySaySecret, nextRecording } from '../../shared/recording.ts';
import { factors } from '../../shared/verification-tables.ts';

const states: readonly Recording[] = [
  { kind: 'none' },
  { kind: 'unknown' },
  { kind: 'running' },
  { kind: 'pausing', sinceMs: 1 },
  { kind: 'paused', sinceMs: 1, resumesAtMs: 9 },
  { kind: 'resuming', sinceMs: 1, resumesAtMs: 9 },
];
const events: readonly RecordingEvent[] = [
  { kind: 'callBegan' },
  { kind: 'callOver' },
  { kind: 'told', isRecorded: true },
  { kind: 'told', isRecorded: false },
  { kind: 'told', isRecorded: null },
  { kind: 'pauseAsked', atMs: 5 },
  { kind: 'acknowledged', atMs: 5, resumesAtMs: 9 },
  { kind: 'pauseRefused', isRecorded: true },
  { kind: 'pauseRefused', isRecorded: false },
  { kind: 'pauseRefused', isRecorded: null },
  { kind: 'resumeAsked' },
  { kind: 'resumed' },
  { kind: 'limitReached' },
];

/** Rows: `states`; columns: `events`. '=' means the same object comes back. */
const matrix: readonly string[] = [
  'unknown = running = unknown = paused running = = = = =',
  'unknown none running none = = paused running none = = = =',
  'unknown none = none unknown pausing paused = none = = = =',
  'unknown none = = = = paused running none running = running =',
  'unknown none = = = = = = = = resuming running running',
  'unknown none = = = pausing = = = = = running running',
];

describe('the recording of a call', () => {
  it('R33 follows the full state × event matrix', () => {
    const seen = states.map((before) =>
      events
        .map((event) => {
          const after = nextRecording(before, event);
          return after === before ? '=' : after.kind;
        })
        .join(' '),
    );
    expect(seen).toEqual(matrix);
  });

  it('security 84: a secret waits for silence, unless nobody records or the centre has decided otherwise', () => {
    const may = (policy: { secretsWhileRecorded?: boolean }) =>
      states.filter((state) => maySaySecret(state, policy)).map(({ kind }) => kind);
    expect(may({})).toEqual(['none', 'paused']);
    expect(may({ secretsWhileRecorded: false })).toEqual(['none', 'paused']);
    expect(may({ secretsWhileRecorded: true })).toEqual(states.map(({ kind }) => kind));
    expect(factors.filter(isSecret)).toEqual(['servicePassword', 'smsCode', 'idNumber']);
  });
});
