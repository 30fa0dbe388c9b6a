import type { Contact } from '../shared/contact.ts';
import { exchangeIdOf } from '../shared/contact.ts';
import type { RecordingMarks } from '../shared/disclosure.ts';
import type { RecordedPart, Recordings, SoundResponse } from '../shared/history.ts';
import { mostPeaks, recordingKeptMs, soundStretchMs } from '../shared/history.ts';
import type { ContactId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { agentById } from './agents.ts';
import type { Clock } from './ambient.ts';
import { audit } from './audit.ts';
import { contactById } from './contacts.ts';
import type { Db } from './db.ts';
import { transaction } from './db.ts';
import { marksOf } from './disclosures.ts';
import type { RecordingFiles } from './recording-files.ts';
import { peaksOf } from './recording-files.ts';
import * as kept from './recordings.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import { isOfTeam } from './team-calls.ts';

/**
 * Listening to recordings (R33): who may, what there is, and the sound itself, stretch by stretch. A seat never gets a file. Each stretch
 * sent is in the audit chain; what of it was heard comes as an op of the seat's (`recording.played`).
 */
type Ports = {
  /** The centre's own: recordings are found by their contact, which the session's handle has let through. */
  readonly db: Db;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly policy: Policy;
  /** Absent: nobody has told where the exchange writes. */
  readonly files: RecordingFiles | undefined;
};

export type Playback = {
  readonly listed: (session: Session, contact: Contact) => Promise<Recordings>;
  readonly sound: (
    asked: { readonly contactId: ContactId; readonly part: number; readonly fromMs: number },
    session: Session,
  ) => Promise<Result<SoundResponse>>;
  /** What was told where (R42), to those who may hear it. */
  readonly marks: (asked: { readonly contactId: ContactId }, session: Session) => Promise<Result<RecordingMarks>>;
};

export const openPlayback = (ports: Ports): Playback => ({
  listed: async (session, contact) => {
    if (!(await mayHear(ports, session, contact))) return { kind: 'notAllowed' };
    const parts = await partsOf(ports, session, contact);
    return { kind: 'listed', parts: await Promise.all(parts.map((part) => pictured(ports, part))) };
  },
  marks: async ({ contactId }, session) => {
    const contact = await heardBy(ports, session, contactId);
    return contact.ok ? ok(await marksOf(session.db, contactId)) : contact;
  },
  sound: async ({ contactId, part, fromMs }, session) => {
    const heard = await heardBy(ports, session, contactId);
    if (!heard.ok) return heard;
    const contact = heard.value;
    const found = (await partsOf(ports, session, contact))[part];
    const why = found === undefined ? refusal('notFound', 'recordingMissing') : whyNot(found.told);
    if (found === undefined || why !== undefined) return refused(why ?? refusal('notFound', 'recordingMissing'));
    const lengthMs = found.told.lengthMs ?? 0;
    const toMs = Math.min(lengthMs, fromMs + soundStretchMs);
    const sound = await ports.files?.read(found.file, fromMs, Math.max(0, toMs - fromMs));
    if (sound === undefined) return refused(refusal('notFound', 'recordingMissing'));
    const { agent, seatId, db } = session;
    const { customerId } = contact;
    await transaction(db, (tx) =>
      audit(tx, ports.secrets.auditKey, [
        {
          ...{ atMs: ports.clock.nowMs(), agentId: agent.id, seatId, contactId, customerId, factor: null },
          ...{ kind: 'playback', result: `sent part ${part} from ${fromMs} to ${toMs}` },
        },
      ]),
    );
    return ok({ lengthMs, ulaw: Buffer.from(sound.ulaw).toString('base64') });
  },
});

const heardBy = async (ports: Ports, session: Session, contactId: ContactId): Promise<Result<Contact>> => {
  const contact = await contactById(session.db, contactId);
  if (contact === undefined) return refused(refusal('notFound', 'contact'));
  return (await mayHear(ports, session, contact)) ? ok(contact) : refused(refusal('forbidden', 'recordingNotAllowed'));
};

const whyNot = ({ state }: RecordedPart): Refusal | undefined => {
  switch (state) {
    case 'ready':
      return undefined;
    case 'running':
      return refusal('conflict', 'recordingRunning');
    case 'missing':
      return refusal('notFound', 'recordingMissing');
    case 'expired':
      return refusal('notFound', 'recordingExpired');
  }
};

/** An agent: their own, if the policy lets them; a lead: the team's; a manager: the tenant's. */
const mayHear = async ({ policy }: Ports, { agent, db }: Session, contact: Contact): Promise<boolean> => {
  switch (agent.role) {
    case 'agent':
      return contact.agentId === agent.id && policy.agentsHearOwn !== false;
    case 'lead': {
      const author = await agentById(db, contact.agentId);
      const isOwnQueue = contact.queue !== null && agent.queues.includes(contact.queue);
      return isOwnQueue || (author !== undefined && isOfTeam(agent, author.queues));
    }
    case 'manager':
      return true;
    case 'admin':
      return false;
  }
};

type Part = { readonly file: string; readonly told: RecordedPart };

const partsOf = async (ports: Ports, { agent }: Session, contact: Contact): Promise<readonly Part[]> => {
  const id = exchangeIdOf(contact);
  const [files, pauses] = [await kept.recordingsOf(ports.db, id), await kept.pausesOf(ports.db, id)];
  const oldestMs = ports.clock.nowMs() - recordingKeptMs(ports.policy);
  return Promise.all(
    files.slice(0, 100).map(async ({ file, startedAtMs, endedAtMs }, part): Promise<Part> => {
      const state = endedAtMs === null ? 'running' : (startedAtMs ?? endedAtMs) < oldestMs ? 'expired' : 'ready';
      const sound = state === 'ready' ? await ports.files?.read(file, 0, 0) : undefined;
      if (sound === undefined)
        return {
          file,
          told: { part, startedAtMs, lengthMs: null, state: state === 'ready' ? 'missing' : state, pauses: [] },
        };
      // What was said after an agent handed the customer on is not the agent's to hear.
      const ownMs =
        agent.role === 'agent' && startedAtMs !== null && contact.endedAtMs !== null
          ? Math.max(0, contact.endedAtMs - startedAtMs)
          : Number.POSITIVE_INFINITY;
      const lengthMs = Math.min(sound.lengthMs, ownMs);
      return { file, told: { part, startedAtMs, lengthMs, state, pauses: gaps(pauses, startedAtMs, lengthMs) } };
    }),
  );
};

const pictured = async ({ files }: Ports, { file, told }: Part): Promise<RecordedPart> =>
  files === undefined || told.state !== 'ready' || told.lengthMs === null || told.lengthMs === 0
    ? told
    : { ...told, peaks: await peaksOf(files, file, { lengthMs: told.lengthMs, count: mostPeaks }) };

/** Pauses as stretches of the file: time in it goes on while it is silent. */
const gaps = (pauses: readonly kept.Pause[], startedAtMs: number | null, lengthMs: number): RecordedPart['pauses'] =>
  startedAtMs === null
    ? []
    : pauses.flatMap(({ acknowledgedAtMs, resumedAtMs, resumeByMs }) => {
        if (acknowledgedAtMs === null) return [];
        const fromMs = Math.max(0, acknowledgedAtMs - startedAtMs);
        const toMs = Math.min(lengthMs, (resumedAtMs ?? resumeByMs) - startedAtMs);
        return toMs > fromMs ? [{ fromMs, toMs }] : [];
      });
