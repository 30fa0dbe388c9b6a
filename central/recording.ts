import type { z } from 'zod';
import type { RecordingPauseRequest, RecordingPauseResponse, RecordingStateResponse } from '../shared/central-api.ts';
import { exchangeIdOf } from '../shared/contact.ts';
import type { ContactId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { oneAtATime } from './asterisk-pbx.ts';
import { audit } from './audit.ts';
import { contactById, contactOfCall } from './contacts.ts';
import type { Db, Tx } from './db.ts';
import { transaction } from './db.ts';
import { PbxFault } from './pbx.ts';
import type { Recorder, RecorderEvent } from './recorder-port.ts';
import * as kept from './recordings.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import { makeUnderWay } from './under-way.ts';

type Ports = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  /** Absent: an exchange that does not record for us. */
  readonly recorder: Recorder | undefined;
};

/** Recordings linked to their contacts, and pauses asked by the agent in the call (R33, R43, security 84). */
export type RecordingWork = {
  readonly pause: (
    asked: z.output<typeof RecordingPauseRequest>,
    session: Session,
  ) => Promise<Result<z.input<typeof RecordingPauseResponse>>>;
  readonly resume: (
    asked: { readonly contactId: ContactId },
    session: Session,
  ) => Promise<Result<Record<string, never>>>;
  readonly state: (
    asked: { readonly contactId: ContactId },
    session: Session,
  ) => Promise<Result<z.input<typeof RecordingStateResponse>>>;
  /** Resolves when what events set off has been written. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** With the sweep never over the 120 s of security 84, also when the instance that began the pause is gone. */
export const pauseMs = 110_000;
const sweepMs = 5_000;

export const openRecording = (ports: Ports): RecordingWork => {
  const { db, clock, log, recorder } = ports;
  const inTurn = oneAtATime();
  const { track, settled } = makeUnderWay();
  let isClosed = false;
  let cancelSweep = () => {};
  const beside = (work: () => Promise<void>): void =>
    void track(work().catch((fault: unknown) => log.warn(faultFields(fault), 'recording not followed; tried again')));
  const resumeInTurn = (contactId: string, by: ResumedBy): Promise<Result<null>> =>
    inTurn(contactId, () => resume(ports, contactId, by));
  const sweep = async (): Promise<void> => {
    for (const { contactId } of await kept.overduePauses(db, clock.nowMs())) await resumeInTurn(contactId, 'timer');
  };
  const wait = (): void => {
    cancelSweep = clock.after(sweepMs, () => {
      if (isClosed) return;
      beside(sweep);
      wait();
    });
  };
  const stop = recorder?.onEvent((event) => beside(() => follow(ports, event)));
  if (recorder !== undefined) {
    beside(() => follow(ports, { kind: 'synced' }));
    beside(sweep);
    wait();
  }

  return {
    pause: async (asked, session) => {
      const allowed = await inOwnCall(asked.contactId, session);
      if (!allowed.ok) return allowed;
      const ofCall = { ...asked, contactId: allowed.value };
      const paused = await inTurn(ofCall.contactId, () => pause(ports, ofCall, session));
      clock.after(pauseMs, () => {
        if (!isClosed) beside(sweep);
      });
      return paused;
    },
    resume: async ({ contactId }, session) => {
      const allowed = await inOwnCall(contactId, session);
      if (!allowed.ok) return allowed;
      const resumed = await resumeInTurn(allowed.value, 'agent');
      return resumed.ok ? ok({}) : resumed;
    },
    state: async ({ contactId }, session) => {
      const allowed = await inOwnCall(contactId, session);
      if (!allowed.ok) return allowed;
      if (recorder === undefined) return refused(refusal('phone', 'noRecorder'));
      if (!(await kept.isRecorded(db, allowed.value))) return ok({ recording: 'none' });
      const open = await kept.openPauseOf(db, allowed.value);
      const startedAtMs = await kept.startOf(db, allowed.value);
      return ok({
        recording: (open?.acknowledgedAtMs ?? null) === null ? 'running' : 'paused',
        ...(startedAtMs === null ? {} : { runningMs: Math.max(0, clock.nowMs() - startedAtMs) }),
      });
    },
    settled,
    close: async () => {
      isClosed = true;
      stop?.();
      cancelSweep();
      await settled();
    },
  };
};

/** Only the agent of a contact that goes on. @returns the id the exchange knows the call by */
const inOwnCall = async (contactId: ContactId, session: Session): Promise<Result<ContactId>> => {
  const contact = await contactById(session.db, contactId);
  if (contact === undefined) return refused(refusal('notFound', 'contact'));
  if (contact.agentId !== session.agent.id) return refused(refusal('forbidden', 'contactOfAnother'));
  return contact.endedAtMs === null ? ok(exchangeIdOf(contact)) : refused(refusal('conflict', 'callEnded'));
};

const pause = async (
  ports: Ports,
  { contactId, reason }: z.output<typeof RecordingPauseRequest>,
  session: Session,
): Promise<Result<z.input<typeof RecordingPauseResponse>>> => {
  const { db, clock, recorder } = ports;
  if (recorder === undefined) return refused(refusal('phone', 'noRecorder'));
  const askedAtMs = clock.nowMs();
  // Written before the exchange is asked: whatever happens to us in between, somebody ends the silence in time.
  await kept.beginPause(db, {
    contactId,
    agentId: session.agent.id,
    seatId: session.seatId,
    reason,
    askedAtMs,
    resumeByMs: askedAtMs + pauseMs,
  });
  const open = await kept.openPauseOf(db, contactId);
  if (open === undefined) return refused(refusal('conflict', 'callEnded'));
  if (open.acknowledgedAtMs !== null) return ok({ pausedAtMs: open.acknowledgedAtMs, resumesAtMs: open.resumeByMs });
  const outcome = await recorder.pause(contactId).catch(pbxFault);
  const nowMs = clock.nowMs();
  if (outcome instanceof PbxFault) {
    // Some of its recordings may be silent: the pause stays open, and is ended in time.
    await transaction(db, (tx) => note(tx, ports, open, `pauseFailed:${reason}`, nowMs));
    return refused(refusal('phone', 'recorderSilent'));
  }
  await transaction(db, async (tx) => {
    if (outcome.ok) await kept.pauseAcknowledged(tx, contactId, nowMs);
    else await kept.endPause(tx, contactId, nowMs);
    await note(tx, ports, open, outcome.ok ? `paused:${reason}` : `pauseFailed:${outcome.error}`, nowMs);
  });
  return outcome.ok
    ? ok({ pausedAtMs: nowMs, resumesAtMs: open.resumeByMs })
    : refused(refusal('conflict', 'notRecording'));
};

type ResumedBy = 'agent' | 'timer' | 'callEnded';

const resume = async (ports: Ports, contactId: string, by: ResumedBy): Promise<Result<null>> => {
  const { log, recorder } = ports;
  if (recorder === undefined) return refused(refusal('phone', 'noRecorder'));
  const outcome = await recorder.resume(contactId).catch(pbxFault);
  if (outcome instanceof PbxFault) {
    log.warn({ contactId, ...faultFields(outcome) }, 'recording not resumed; tried again');
    return refused(refusal('phone', 'recorderSilent'));
  }
  // Not recording any more: the call is over, and with it the pause.
  await endPause(ports, contactId, outcome.ok ? by : 'callEnded');
  // Again: another instance may have silenced a new leg between our two steps, believing the pause to go on.
  if (outcome.ok) await recorder.resume(contactId).catch(pbxFault);
  return ok(null);
};

const endPause = (ports: Ports, contactId: string, by: ResumedBy): Promise<void> =>
  transaction(ports.db, async (tx) => {
    const nowMs = ports.clock.nowMs();
    const ended = await kept.endPause(tx, contactId, nowMs);
    if (ended !== undefined) await note(tx, ports, ended, `resumed:${by}`, nowMs);
  });

const follow = async (ports: Ports, event: RecorderEvent): Promise<void> => {
  const { db, clock, recorder } = ports;
  if (recorder === undefined) return;
  switch (event.kind) {
    case 'began': {
      const { file, contactId } = event.recording;
      await kept.recordingBegan(db, { file, contactId, startedAtMs: event.atMs });
      // A further leg of a call that is paused (a lead barges in): silent as well.
      if ((await kept.openPauseOf(db, contactId)) === undefined) return;
      await recorder.pause(contactId);
      // Ended in the meantime: then nobody else would make it speak again.
      if ((await kept.openPauseOf(db, contactId)) === undefined) await recorder.resume(contactId);
      return;
    }
    case 'ended': {
      const { file, contactId } = event.recording;
      await kept.recordingEnded(db, file, event.atMs);
      const others = (await kept.unendedRecordings(db)).filter((recording) => recording.contactId === contactId);
      if (others.length === 0) await endPause(ports, contactId, 'callEnded');
      return;
    }
    case 'synced': {
      const running = await recorder.running();
      for (const recording of running) await kept.recordingBegan(db, { ...recording, startedAtMs: null });
      const gone = (await kept.unendedRecordings(db)).filter(
        ({ file }) => !running.some((recording) => recording.file === file),
      );
      for (const { file, contactId } of gone) {
        await kept.recordingEnded(db, file, clock.nowMs());
        if (!running.some((recording) => recording.contactId === contactId))
          await endPause(ports, contactId, 'callEnded');
      }
      return;
    }
  }
};

const note = async (tx: Tx, ports: Ports, pause: kept.Pause, result: string, atMs: number): Promise<void> => {
  const { agentId, seatId, contactId } = pause;
  const customerId = (await contactOfCall(tx, contactId))?.customerId ?? null;
  await audit(tx, ports.secrets.auditKey, [
    { atMs, agentId, seatId, contactId, customerId, kind: 'recording', factor: null, result },
  ]);
};

const pbxFault = (fault: unknown): PbxFault => {
  if (fault instanceof PbxFault) return fault;
  throw fault;
};
