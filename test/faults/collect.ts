import { existsSync, readFileSync } from 'node:fs';
import { silent } from '../../central/ambient.ts';
import { auditEntries, verifyAudit } from '../../central/audit.ts';
import type { Db } from '../../central/db.ts';
import { openDatabase, readDatabase, rows, statement } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { Contact } from '../../shared/contact.ts';
import type { Customer, PastContact } from '../../shared/customer.ts';
import type { OpBody } from '../../shared/op.ts';
import { Op } from '../../shared/op.ts';
import type { WorkRow } from '../../shared/work.ts';
import type { CentralOp, EntryRow, GrantRow, History, Kept, Line, SeatAtEnd } from './history.ts';
import type { Carrier } from './carrier.ts';
import type { Seat } from './seat.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

type Of = {
  readonly seats: readonly Seat[];
  readonly witness: Witness;
  readonly sent: ReadonlySet<string>;
  readonly databaseUrl: string;
  readonly carrier: Pick<Carrier, 'written' | 'taken'>;
  /** Of the instances of central. */
  readonly logs: readonly string[];
  readonly world: World;
};

/** What there is at the end: the seats' journals and screens, and central's tables. */
export const collect = async (of: Of): Promise<History> => {
  const database = await openDatabase({ kind: 'postgres', url: of.databaseUrl }, silent);
  const { db } = database;
  try {
    return {
      promises: of.witness.promises,
      seats: await Promise.all(of.seats.map((seat) => seatAtEnd(seat, of.world))),
      central: await centralOps(db),
      contacts: (await rows(db, statement<{ row: Contact }>`select row from contact`)).map(({ row }) => row),
      work: (await rows(db, statement<{ row: WorkRow }>`select row from work`)).map(({ row }) => row),
      customers: (
        await rows(db, statement<{ row: Customer }>`select row from feed where entity = 'customer' and row is not null`)
      ).map(({ row }) => row),
      kept: await keptAt(db),
      texts: { ...of.carrier, kept: await repliesKept(db) },
      outbound: await outboundOf(db),
      failures: of.logs.flatMap(failuresIn),
      timelines: await timelines(db),
      sent: of.sent,
    };
  } finally {
    await database.close();
  }
};

/** The seats' screens once more, and who is reserved for whom: nothing else changes while they catch up. */
export const collectAgain = async (history: History, { seats, world, databaseUrl }: Of): Promise<History> => ({
  ...history,
  seats: await Promise.all(seats.map((seat) => seatAtEnd(seat, world))),
  outbound: await readDatabase({ kind: 'postgres', url: databaseUrl }, silent, outboundOf),
});

const repliesKept = (db: Db): Promise<History['texts']['kept']> =>
  rows(
    db,
    statement<History['texts']['kept'][number]>`select id, order_id as "orderId", outcome from sms_reply order by id`,
  );

const outboundOf = async (db: Db): Promise<History['outbound']> => ({
  grants: await rows(
    db,
    statement<GrantRow>`
      select id, number_key as key, state, is_marketing as "isMarketing", task_id as "taskId", seat_id as "seatId",
        contact_id as "contactId"
      from dial_grant`,
  ),
  entries: await rows(
    db,
    statement<EntryRow>`
      select task_id as "taskId", key, state, tries, grant_id as "grantId", outcome from task_entry
      where state <> 'waiting' or tries > 0`,
  ),
});

const failuresIn = (log: string): readonly string[] =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('error '))
    : [];

type OpRow = {
  readonly id: string;
  readonly seatId: string;
  readonly seq: number;
  readonly agentId: string;
  readonly body: OpBody;
  readonly outcome: CentralOp['outcome'];
  readonly reason: string | null;
  readonly tx: number;
};

const centralOps = async (db: Db): Promise<CentralOp[]> =>
  (
    await rows(
      db,
      statement<OpRow>`
        select id, seat_id as "seatId", seq, agent_id as "agentId", body, outcome, reason, xmin::text::bigint as tx
        from op`,
    )
  ).map(({ outcome, reason, tx, ...op }) => ({ ...Op.parse(op), outcome, reason, tx }));

const keptAt = async (db: Db): Promise<Kept> => {
  const ids = async (of: Promise<readonly { readonly id: string }[]>): Promise<string[]> =>
    (await of).map(({ id }) => id);
  const discards: string[] = [];
  const replies: string[] = [];
  for await (const { kind, result } of auditEntries(db)) {
    const [about = '', what] = result.split(' ');
    if (kind === 'opDiscarded') discards.push(about);
    if (kind === 'order' && what === 'reply') replies.push(about);
  }
  const { auditKey } = await openSecrets(db);
  const verdict = await verifyAudit(db, auditKey);
  return {
    fields: await ids(rows(db, statement<{ id: string }>`select op_id as id from customer_field_set`)),
    refusals: await ids(rows(db, statement<{ id: string }>`select op_id as id from customer_refusal`)),
    ...{ discards, replies },
    audit: verdict.kind === 'intact' ? 'intact' : `${verdict.why} at ${verdict.atSeq}`,
  };
};

const timelines = async (db: Db): Promise<Map<string, Line[]>> => {
  const found = new Map<string, Line[]>();
  const lines = await rows(
    db,
    statement<{ row: { customerId: string; past: PastContact } }>`
      select row from feed where entity = 'history' and row is not null`,
  );
  for (const { row } of lines) {
    const known = found.get(row.customerId);
    if (known === undefined) found.set(row.customerId, [row.past]);
    else known.push(row.past);
  }
  return found;
};

const seatAtEnd = async (seat: Seat, { operator }: World): Promise<SeatAtEnd> => {
  const view = seat.view();
  const shown = new Map<string, readonly Line[]>();
  const agent = view?.session.kind === 'signedIn' ? view.session.agent : undefined;
  const queues: readonly string[] = agent?.queues.map(({ id }) => id) ?? [];
  for (let index = 0; index < operator.count; index += 1) {
    const { customer, queues: its } = operator.customerAt(index, () => '');
    if (!its.some((queue) => queues.includes(queue)) || !seat.isUp()) continue;
    const answer = await seat.desk().call('history.of', { customerId: customer.id });
    shown.set(customer.id, answer.ok ? answer.value.contacts : []);
  }
  return {
    seatId: seat.seatId(),
    journal: seat.journal(),
    kills: seat.kills(),
    waiting: view?.sync.waiting ?? 0,
    shownRefused: seat.shownRefused,
    stillRefused: new Set(view?.refusedOps.map(({ opId }) => opId)),
    timelines: shown,
    agentId: agent?.id,
    work: view?.work.rows.map(({ row }) => row) ?? [],
  };
};
