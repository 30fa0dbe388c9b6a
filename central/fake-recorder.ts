import { ok, refused } from '../shared/result.ts';
import type { PbxClock } from './pbx.ts';
import { PbxFault } from './pbx.ts';
import type { Recorder, RecorderEvent, Recording } from './recorder-port.ts';

/** Recordings in memory, for tests and for centres that try Zuoxi without telephones. Calls are made by hand. */
export type FakeRecorder = Recorder & {
  /** A call of this contact is recorded from now on; the returned function ends it. */
  readonly callBegins: (contactId: string, file: string) => () => void;
  readonly isSilent: (file: string) => boolean;
  /** The exchange stops (or starts again) answering. */
  readonly setReachable: (isReachable: boolean) => void;
};

export const makeFakeRecorder = (clock: Pick<PbxClock, 'nowMs'>): FakeRecorder => {
  const running = new Map<string, Recording>();
  const silent = new Set<string>();
  const listeners = new Set<(event: RecorderEvent) => void>();
  let [isClosed, isReachable] = [false, true];
  const open = (): void => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
    if (!isReachable) throw new PbxFault('unreachable', 'The exchange does not answer.');
  };
  const tell = (event: RecorderEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const change = (contactId: string, apply: (file: string) => void) => {
    open();
    const found = [...running.values()].filter((recording) => recording.contactId === contactId);
    for (const { file } of found) apply(file);
    return found.length === 0 ? refused('notRecording' as const) : ok(found);
  };
  return {
    pause: async (contactId) => change(contactId, (file) => silent.add(file)),
    resume: async (contactId) => change(contactId, (file) => silent.delete(file)),
    running: async () => {
      open();
      return [...running.values()];
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      listeners.clear();
    },
    callBegins: (contactId, file) => {
      const recording = { contactId, file };
      running.set(file, recording);
      tell({ kind: 'began', recording, atMs: clock.nowMs() });
      return () => {
        if (!running.delete(file)) return;
        silent.delete(file);
        tell({ kind: 'ended', recording, atMs: clock.nowMs() });
      };
    },
    isSilent: (file) => silent.has(file),
    setReachable: (to) => {
      isReachable = to;
      if (to) tell({ kind: 'synced' });
    },
  };
};
