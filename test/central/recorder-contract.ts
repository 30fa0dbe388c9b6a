import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Recorder, RecorderEvent } from '../../central/recorder-port.ts';

/** An exchange that records, with nobody in a call. */
export type RecorderUnderTest = {
  readonly recorder: Recorder;
  readonly callRuns: () => Promise<{ readonly contactId: string; readonly hangUp: () => Promise<void> }>;
  readonly stop: () => Promise<void>;
};

/** What every exchange behind the port `Recorder` does. What is in the files is the PBX suite's matter. Ends with it closed. */
export const recorderContract = (name: string, begin: () => Promise<RecorderUnderTest>): void => {
  describe(`${name} keeps the contract of a recorder`, () => {
    let it: RecorderUnderTest;
    let events: RecorderEvent[] = [];
    beforeAll(async () => {
      it = await begin();
      it.recorder.onEvent((event) => {
        if (event.kind !== 'synced') events.push(event);
      });
    });
    afterEach(() => {
      events = [];
    });
    afterAll(async () => {
      await it.recorder.close();
      await expect(it.recorder.running()).rejects.toMatchObject({ kind: 'closed' });
      await it.stop();
    });

    test('REC-1 R43 every call is recorded, and linked to its contact from the first sound to the last', async () => {
      const startedMs = Date.now();
      const { contactId, hangUp } = await it.callRuns();
      await expect.poll(() => events).toMatchObject([{ kind: 'began', recording: { contactId } }]);
      const recording = events[0]?.kind === 'began' ? events[0].recording : undefined;
      expect(await it.recorder.running()).toEqual([recording]);
      expect(recording?.file).toContain('.wav');
      await hangUp();
      await expect.poll(() => events.at(-1)).toMatchObject({ kind: 'ended', recording });
      expect(await it.recorder.running()).toEqual([]);
      for (const event of events) if (event.kind !== 'synced') expect(event.atMs).toBeGreaterThanOrEqual(startedMs);
    });

    test('REC-2 R33 pausing and resuming are acknowledged with the files concerned, however often', async () => {
      const { contactId, hangUp } = await it.callRuns();
      const running = await it.recorder.running();
      expect(running).toMatchObject([{ contactId }]);
      for (let n = 0; n < 2; n += 1) expect(await it.recorder.pause(contactId)).toEqual({ ok: true, value: running });
      for (let n = 0; n < 2; n += 1) expect(await it.recorder.resume(contactId)).toEqual({ ok: true, value: running });
      await hangUp();
    });

    test('REC-3 a contact without a running call has nothing to pause', async () => {
      const other = '0199a000-0000-7000-8000-00000000dead';
      expect(await it.recorder.pause(other)).toEqual({ ok: false, error: 'notRecording' });
      expect(await it.recorder.resume(other)).toEqual({ ok: false, error: 'notRecording' });
    });
  });
};
