import type { z } from 'zod';
import type { LiveMessage, SuperviseModeRequest, SuperviseRequest, SuperviseResponse } from '../shared/central-api.ts';
import type { AgentId, ContactId, SeatId, SupervisionId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Refusal, Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { SupervisionMode, TakenCall } from '../shared/supervision.ts';
import { maySupervise } from '../shared/supervision.ts';
import { agentById } from './agents.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { oneAtATime } from './asterisk-pbx.ts';
import { audit } from './audit.ts';
import { contactOfAgent, contactOfCall } from './contacts.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { PbxFault } from './pbx.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';
import type { Supervision, SupervisionRefusal } from './supervision-port.ts';
import { isOfTeam } from './team-calls.ts';
import { makeUnderWay } from './under-way.ts';

type Ports = {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly policy: Policy;
  /** Absent: an exchange that cannot, as in practice mode. */
  readonly supervision: Supervision | undefined;
  /** To the agent's seats, whichever instance of central they are connected to. */
  readonly tell: (agentId: string, message: LiveMessage) => Promise<void>;
};

/** A lead in an agent's call (R35, security 79). Every session is in the audit chain before the exchange is asked. */
export type SupervisionWork = {
  readonly begin: (asked: z.output<typeof SuperviseRequest>, session: Session) => Promise<Result<SuperviseResponse>>;
  readonly change: (
    asked: z.output<typeof SuperviseModeRequest>,
    session: Session,
  ) => Promise<Result<SuperviseResponse>>;
  readonly end: (asked: { readonly id: SupervisionId }, session: Session) => Promise<Result<Record<string, never>>>;
  /** The lead has signed out, or in at this seat: whatever was begun at another one ends (R35). */
  readonly leave: (leadId: string, stillAt?: SeatId) => Promise<void>;
  /** What the agent's seat is to show; undefined: the policy does not show it, or there is nothing. */
  readonly shown: (agentId: string) => Promise<LiveMessage | undefined>;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Row = {
  readonly id: SupervisionId;
  readonly leadId: AgentId;
  readonly leadSeatId: SeatId;
  readonly agentId: AgentId;
  readonly contactId: ContactId | null;
  readonly mode: SupervisionMode;
  readonly beganAtMs: number | null;
};

export const openSupervision = (ports: Ports): SupervisionWork => {
  const { log, supervision } = ports;
  // The end of a session may be heard while its beginning is still being written.
  const inTurn = oneAtATime();
  const { track, settled } = makeUnderWay();
  const beside = (work: () => Promise<void>): void =>
    void track(work().catch((fault: unknown) => log.warn(faultFields(fault), 'supervision not followed')));
  const over = (id: string): Promise<void> => inTurn(id, () => ended(ports, id));
  const stop = supervision?.onEvent((event) => {
    if (event.kind === 'ended') beside(() => over(event.id));
    if (event.kind === 'synced') beside(() => reconcile(ports, over));
  });
  if (supervision !== undefined) beside(() => reconcile(ports, over));

  return {
    begin: (asked, session) => inTurn(asked.id, () => begin(ports, asked, session)),
    change: (asked, session) => inTurn(asked.id, () => change(ports, asked, session)),
    end: async ({ id }, session) => {
      const own = await ownRow(id, session);
      if (!own.ok) return own;
      const stopped = await supervision?.stop(id).catch(pbxFault);
      if (stopped instanceof PbxFault) return refused(refusal('phone', 'exchangeUnreachable'));
      await over(id);
      return ok({});
    },
    leave: async (leadId, stillAt) => {
      const left = (await runningRows(ports.db)).filter((row) => row.leadId === leadId && row.leadSeatId !== stillAt);
      for (const { id } of left)
        await supervision
          ?.stop(id)
          .then(() => over(id))
          .catch((fault: unknown) => log.warn(faultFields(fault), 'supervision of one who signed out not ended'));
    },
    shown: (agentId) => shown(ports, agentId),
    settled,
    close: async () => {
      stop?.();
      await settled();
    },
  };
};

const begin = async (
  ports: Ports,
  { id, agentId, mode }: z.output<typeof SuperviseRequest>,
  session: Session,
): Promise<Result<SuperviseResponse>> => {
  const { clock, supervision } = ports;
  const { db } = session;
  if (!maySupervise(session.agent.role)) return refused(refusal('forbidden', 'role'));
  if (supervision === undefined) return refused(refusal('phone', 'noSupervision'));
  const agent = await agentById(db, agentId);
  if (agent === undefined) return refused(refusal('notFound', 'agent'));
  if (agent.id === session.agent.id) return refused(refusal('invalid', 'ownCall'));
  if (!isOfTeam(session.agent, agent.queues)) return refused(refusal('forbidden', 'otherTeam'));
  const row: Row = {
    id,
    leadId: session.agent.id,
    leadSeatId: session.seatId,
    agentId,
    contactId: null,
    mode,
    beganAtMs: null,
  };
  // Before the exchange is asked: nobody listens without a line in the audit.
  const isNew = await transaction(db, async (tx) => {
    const inserted = await insert(tx, row, clock.nowMs());
    if (inserted) await note(tx, ports, row, `asked:${mode}`);
    return inserted;
  });
  if (!isNew) return refused(refusal('conflict', 'supervisionExists'));
  await foretell(ports, row);
  const outcome = await supervision
    .start({ id, leadSipUser: session.agent.number, agentSipUser: agent.number, mode })
    .catch(pbxFault);
  if (outcome instanceof PbxFault || !outcome.ok) {
    const why = outcome instanceof PbxFault ? 'exchangeUnreachable' : outcome.error;
    await close(ports, id, `failed:${why}`);
    await takeBack(ports, row);
    return refused(toRefusal(why));
  }
  const began: Row = { ...row, contactId: outcome.value.contactId as ContactId | null, beganAtMs: clock.nowMs() };
  try {
    await transaction(db, async (tx) => {
      await run(
        tx,
        statement`
          update supervision set began_at_ms = ${began.beganAtMs}, contact_id = ${began.contactId} where id = ${id}`,
      );
      await note(tx, ports, began, `began:${mode}`);
    });
  } catch (fault) {
    await supervision.stop(id);
    throw fault;
  }
  await show(ports, agentId);
  return ok(await answerOf(db, began));
};

const change = async (
  ports: Ports,
  { id, mode }: z.output<typeof SuperviseModeRequest>,
  session: Session,
): Promise<Result<SuperviseResponse>> => {
  const { supervision } = ports;
  const { db } = session;
  const own = await ownRow(id, session);
  if (!own.ok) return own;
  if (supervision === undefined) return refused(refusal('phone', 'noSupervision'));
  const next: Row = { ...own.value, mode };
  await transaction(db, (tx) => note(tx, ports, next, `asked:${mode}`));
  await foretell(ports, next);
  const outcome = await supervision.setMode(id, mode).catch(pbxFault);
  const why = outcome instanceof PbxFault ? 'exchangeUnreachable' : outcome.ok ? undefined : outcome.error;
  await transaction(db, async (tx) => {
    if (why === undefined) await run(tx, statement`update supervision set mode = ${mode} where id = ${id}`);
    await note(tx, ports, next, why === undefined ? `changed:${mode}` : `failed:${why}`);
  });
  if (why !== undefined) {
    await takeBack(ports, next);
    return refused(toRefusal(why));
  }
  await show(ports, next.agentId);
  return ok(await answerOf(db, next));
};

/** The running session of this lead. The role is asked again: it may have been taken away since. */
const ownRow = async (id: SupervisionId, session: Session): Promise<Result<Row>> => {
  if (!maySupervise(session.agent.role)) return refused(refusal('forbidden', 'role'));
  const row = (await runningRows(session.db)).find((found) => found.id === id);
  if (row === undefined) return refused(refusal('notFound', 'supervision'));
  return row.leadId === session.agent.id ? ok(row) : refused(refusal('forbidden', 'supervisionOfAnother'));
};

const ended = async (ports: Ports, id: string): Promise<void> => {
  const row = await close(ports, id, 'ended');
  if (row !== undefined) await show(ports, row.agentId);
};

/** Several instances hear of the end; the first one writes it. */
const close = (ports: Ports, id: string, result: string): Promise<Row | undefined> =>
  transaction(ports.db, async (tx) => {
    const row = await firstRow(
      tx,
      statement<Row>`
        update supervision set ended_at_ms = ${ports.clock.nowMs()}
        where id = ${id} and ended_at_ms is null returning ${columns}`,
    );
    if (row !== undefined) await note(tx, ports, row, result);
    return row;
  });

/** After a start or a lost link: ends what is over, and hangs up what has no line in the audit. */
const reconcile = async ({ db, supervision }: Ports, over: (id: string) => Promise<void>): Promise<void> => {
  if (supervision === undefined) return;
  const before = await runningRows(db);
  const now = await supervision.sessions();
  for (const row of before)
    // One that is being set up has no leg yet; whoever sets it up ends it.
    if (row.beganAtMs !== null && !now.some(({ id }) => id === row.id)) await over(row.id);
  const known = await runningRows(db);
  for (const { id } of now) if (!known.some((row) => row.id === id)) await supervision.stop(id);
};

/**
 * Whose call is taken over is told so whatever the policy shows, and before it happens: the seat then knows why the call ends
 * and does not write down that the customer hung up.
 */
const foretell = async (ports: Ports, { agentId, contactId, mode }: Row): Promise<void> => {
  if (mode === 'takeOver') await ports.tell(agentId, { t: 'supervised', contactId, mode });
};

/** It did not happen. */
const takeBack = async (ports: Ports, { agentId, mode }: Row): Promise<void> => {
  if (mode !== 'takeOver') return;
  await ports.tell(agentId, (await shown(ports, agentId)) ?? { t: 'supervised', contactId: null, mode: null });
};

const show = async (ports: Ports, agentId: string): Promise<void> => {
  if (ports.policy.showSupervision !== true) return;
  await ports.tell(agentId, (await shown(ports, agentId)) ?? { t: 'supervised', contactId: null, mode: null });
};

const shown = async ({ db, policy }: Ports, agentId: string): Promise<LiveMessage | undefined> => {
  if (policy.showSupervision !== true) return undefined;
  const row = (await runningRows(db)).findLast((one) => one.agentId === agentId && one.beganAtMs !== null);
  return row === undefined ? undefined : { t: 'supervised', contactId: row.contactId, mode: row.mode };
};

const columns = statement`
  id, lead_id as "leadId", lead_seat_id as "leadSeatId", agent_id as "agentId", contact_id as "contactId", mode,
  began_at_ms as "beganAtMs"`;

/** Oldest first; a handful at a time in any centre. */
const runningRows = (db: Db): Promise<readonly Row[]> =>
  rows(db, statement<Row>`select ${columns} from supervision where ended_at_ms is null order by asked_at_ms, id`);

const insert = async (tx: Tx, row: Row, nowMs: number): Promise<boolean> =>
  (await firstRow(
    tx,
    statement`
      insert into supervision (id, lead_id, lead_seat_id, agent_id, mode, asked_at_ms)
      values (${row.id}, ${row.leadId}, ${row.leadSeatId}, ${row.agentId}, ${row.mode}, ${nowMs})
      on conflict (id) do nothing returning id`,
  )) !== undefined;

/** Who: the lead; whom and how: in the result, as "began:whisper:A1001". */
const note = async (tx: Tx, ports: Ports, row: Row, result: string): Promise<void> => {
  const customerId = row.contactId === null ? null : ((await contactOfCall(tx, row.contactId))?.customerId ?? null);
  await audit(tx, ports.secrets.auditKey, [
    {
      atMs: ports.clock.nowMs(),
      agentId: row.leadId,
      seatId: row.leadSeatId,
      contactId: row.contactId,
      customerId,
      kind: 'supervision',
      factor: null,
      result: `${result}:${row.agentId}`,
    },
  ]);
};

const answerOf = async (db: Db, row: Row): Promise<SuperviseResponse> => {
  const { id, agentId, contactId, mode } = row;
  const taken = mode === 'takeOver' ? await takenBy(db, row) : undefined;
  return { id, agentId, contactId, mode, ...(taken === undefined ? {} : { taken }) };
};

/** What the agent's seat has told of the call so far. */
const takenBy = async (db: Db, { agentId, contactId }: Row): Promise<TakenCall | undefined> => {
  if (contactId === null) return undefined;
  const contact = await contactOfAgent(db, contactId, agentId);
  if (contact === undefined) return undefined;
  const { direction, number, queue, customerId, topicId } = contact;
  return { exchangeId: contactId, direction, number, queue, customerId, topicId };
};

const toRefusal = (why: SupervisionRefusal | 'exchangeUnreachable'): Refusal => {
  switch (why) {
    case 'notInCall':
    case 'takenOver':
    case 'leadBusy':
      return refusal('conflict', why);
    case 'leadUnreachable':
    case 'exchangeUnreachable':
      return refusal('phone', why);
    case 'noSession':
      return refusal('notFound', 'supervision');
  }
};

const pbxFault = (fault: unknown): PbxFault => {
  if (fault instanceof PbxFault) return fault;
  throw fault;
};
