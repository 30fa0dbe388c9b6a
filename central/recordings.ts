import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement } from './db.ts';

/** What the exchange recorded of a contact, and the silences in it (R33). Times are central's, milliseconds since the epoch. */
export type KeptRecording = {
  /** Name in the exchange's folder. */
  readonly file: string;
  readonly contactId: string;
  /** null: central was away when it began. Offsets in the file count from here. */
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
};

export type Pause = {
  readonly contactId: string;
  readonly agentId: string;
  readonly seatId: string;
  readonly reason: string;
  readonly askedAtMs: number;
  /** null: the exchange has not said that it is silent. */
  readonly acknowledgedAtMs: number | null;
  readonly resumeByMs: number;
  readonly resumedAtMs: number | null;
};

export const recordingsOf = (db: Db, contactId: string): Promise<readonly KeptRecording[]> =>
  rows(
    db,
    statement<KeptRecording>`
      select file, contact_id as "contactId", started_at_ms as "startedAtMs", ended_at_ms as "endedAtMs"
      from recording where contact_id = ${contactId} order by started_at_ms nulls first, file`,
  );

const pauseColumns = statement`
  contact_id as "contactId", agent_id as "agentId", seat_id as "seatId", reason, asked_at_ms as "askedAtMs",
  acknowledged_at_ms as "acknowledgedAtMs", resume_by_ms as "resumeByMs", resumed_at_ms as "resumedAtMs"`;

export const pausesOf = (db: Db, contactId: string): Promise<readonly Pause[]> =>
  rows(
    db,
    statement<Pause>`select ${pauseColumns} from recording_pause where contact_id = ${contactId} order by asked_at_ms`,
  );

export const openPauseOf = (db: Db, contactId: string): Promise<Pause | undefined> =>
  firstRow(
    db,
    statement<Pause>`
      select ${pauseColumns} from recording_pause where contact_id = ${contactId} and resumed_at_ms is null`,
  );

export const overduePauses = (db: Db, nowMs: number): Promise<readonly Pause[]> =>
  rows(
    db,
    statement<Pause>`
      select ${pauseColumns} from recording_pause where resumed_at_ms is null and resume_by_ms <= ${nowMs}`,
  );

/** @returns false when the contact is paused already: somebody was faster */
export const beginPause = async (db: Db, pause: Omit<Pause, 'acknowledgedAtMs' | 'resumedAtMs'>): Promise<boolean> =>
  (await firstRow(
    db,
    statement`
      insert into recording_pause (contact_id, agent_id, seat_id, reason, asked_at_ms, resume_by_ms)
      values (${pause.contactId}, ${pause.agentId}, ${pause.seatId}, ${pause.reason}, ${pause.askedAtMs},
        ${pause.resumeByMs})
      on conflict (contact_id) where resumed_at_ms is null do nothing returning id`,
  )) !== undefined;

export const pauseAcknowledged = (tx: Tx, contactId: string, atMs: number): Promise<void> =>
  run(
    tx,
    statement`
      update recording_pause set acknowledged_at_ms = ${atMs}
      where contact_id = ${contactId} and resumed_at_ms is null and acknowledged_at_ms is null`,
  );

/** @returns the pause this ended; undefined when there was none, or another instance ended it */
export const endPause = (tx: Tx, contactId: string, atMs: number): Promise<Pause | undefined> =>
  firstRow(
    tx,
    statement<Pause>`
      update recording_pause set resumed_at_ms = ${atMs}
      where contact_id = ${contactId} and resumed_at_ms is null returning ${pauseColumns}`,
  );

/** Every instance of central hears of it; the first one writes it. */
export const recordingBegan = (
  db: Db,
  recording: { readonly file: string; readonly contactId: string; readonly startedAtMs: number | null },
): Promise<void> =>
  run(
    db,
    statement`
      insert into recording (file, contact_id, started_at_ms)
      values (${recording.file}, ${recording.contactId}, ${recording.startedAtMs})
      on conflict (file) do update set started_at_ms = coalesce(recording.started_at_ms, excluded.started_at_ms)`,
  );

export const recordingEnded = (db: Db, file: string, atMs: number): Promise<void> =>
  run(db, statement`update recording set ended_at_ms = ${atMs} where file = ${file} and ended_at_ms is null`);

/** Recordings not yet known to have ended. */
export const unendedRecordings = (db: Db): Promise<readonly { readonly file: string; readonly contactId: string }[]> =>
  rows(
    db,
    statement<{ readonly file: string; readonly contactId: string }>`
      select file, contact_id as "contactId" from recording where ended_at_ms is null`,
  );

/** When the recording that runs began; null: none does, or central was away then. */
export const startOf = async (db: Db, contactId: string): Promise<number | null> =>
  (
    await firstRow(
      db,
      statement<{ readonly atMs: number | null }>`
        select started_at_ms as "atMs" from recording where contact_id = ${contactId} and ended_at_ms is null
        order by started_at_ms desc nulls last limit 1`,
    )
  )?.atMs ?? null;

/** Something of this contact is being recorded now. */
export const isRecorded = async (db: Db, contactId: string): Promise<boolean> =>
  (await firstRow(
    db,
    statement<{ readonly file: string }>`
      select file from recording where contact_id = ${contactId} and ended_at_ms is null limit 1`,
  )) !== undefined;
