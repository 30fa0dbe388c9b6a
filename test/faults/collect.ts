import { silent } from '../../central/ambient.ts';
import type { Db } from '../../central/db.ts';
import { openDatabase, rows, statement } from '../../central/db.ts';
import type { Contact } from '../../shared/contact.ts';
import type { PastContact } from '../../shared/customer.ts';
import type { OpBody } from '../../shared/op.ts';
import { Op } from '../../shared/op.ts';
import type { CentralOp, History, Line, SeatAtEnd } from './check.ts';
import type { Seat } from './seat.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** What there is at the end: the seats' journals and screens, and central's tables. */
export const collect = async (of: {
  readonly seats: readonly Seat[];
  readonly witness: Witness;
  readonly sent: ReadonlySet<string>;
  readonly databaseUrl: string;
  readonly world: World;
}): Promise<History> => {
  const database = await openDatabase({ kind: 'postgres', url: of.databaseUrl }, silent);
  try {
    return {
      promises: of.witness.promises,
      seats: await Promise.all(of.seats.map((seat) => seatAtEnd(seat, of.world))),
      central: await centralOps(database.db),
      contacts: (await rows(database.db, statement<{ row: Contact }>`select row from contact`)).map(({ row }) => row),
      timelines: await timelines(database.db),
      sent: of.sent,
    };
  } finally {
    await database.close();
  }
};

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

const timelines = async (db: Db): Promise<Map<string, Line[]>> => {
  const found = new Map<string, Line[]>();
  const lines = await rows(
    db,
    statement<{ row: { customerId: string; past: PastContact } }>`
      select row from feed where entity = 'history' and row is not null`,
  );
  for (const { row } of lines) found.set(row.customerId, [...(found.get(row.customerId) ?? []), row.past]);
  return found;
};

const seatAtEnd = async (seat: Seat, { operator }: World): Promise<SeatAtEnd> => {
  const view = seat.view();
  const shown = new Map<string, readonly Line[]>();
  const queues: readonly string[] =
    view?.session.kind === 'signedIn' ? view.session.agent.queues.map(({ id }) => id) : [];
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
    timelines: shown,
  };
};
