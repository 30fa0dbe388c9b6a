import type { z } from 'zod';
import type { Counts, CountKey, Rate, Sums } from '../shared/figures.ts';
import { costOfDays, countKeys, daysBetween, keptAfterMs, mostDays, noCounts, revenueOf } from '../shared/figures.ts';
import type { FigureList, FigureListAsk, FigureRow, Figures, FiguresAsk } from '../shared/figures-api.ts';
import { mostFigureRows } from '../shared/figures-api.ts';
import { historyPage, placeAfter, readPlace } from '../shared/history.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Text } from '../shared/text.ts';
import { audit, type AuditEvent } from './audit.ts';
import type { Db } from './db.ts';
import { firstRow, rows, statement, transaction } from './db.ts';
import { type FigurePorts, ratesOf } from './figure-rates.ts';
import { type Found, rowsOf } from './history.ts';
import { lookedUp } from './holdings.ts';
import type { Handlers } from './http.ts';
import type { Session } from './sessions.ts';

type Asked = z.output<typeof FiguresAsk>;
type Part = ReturnType<typeof statement>;

/** R36, R27: one pass over what contacts count for, one over orders; a lead's are those of the team and its queues, as in history.ts. */
export const figureHandlers = (ports: FigurePorts): Partial<Handlers> => ({
  figures: async (asked, session) => {
    const fault = whyNotDays(asked);
    return fault ?? ok(await figuresFor(ports, session, asked));
  },
  figureList: async (asked, session) => {
    const fault = whyNotDays(asked);
    return fault ?? ok(await listBehind(ports, session, asked));
  },
});

export const whyNotDays = ({ fromDay, toDay }: Asked): Result<never> | undefined => {
  const days = daysBetween(fromDay, toDay);
  if (days.length === 0 || days.at(-1) !== toDay) return refused(refusal('invalid', 'figureDays', { days: mostDays }));
  return undefined;
};

export const figuresFor = async (ports: FigurePorts, session: Session, asked: Asked): Promise<Figures> => {
  const { db } = session;
  const [counted, sold, rates] = [
    await countedBy(ports, session, asked),
    await soldBy(session, asked),
    await ratesOf(db),
  ];
  const brought = revenueBy(rates, sold);
  const costs = await costBy(db, rates, asked, counted);
  const reach = asked.by === 'task' ? await reachBy(db) : new Map<string, NonNullable<Sums['reach']>>();
  const keys = [...new Set([...counted.keys(), ...brought.keys()])];
  const names = await namesOf(db, asked.by, keys);
  const found = keys.map((key): FigureRow => {
    const { counts, handledMs } = counted.get(key) ?? { counts: noCounts, handledMs: 0 };
    const { orders = 0, fen = 0 } = brought.get(key) ?? {};
    return {
      ...{ key, name: names.get(key) ?? null, counts: { ...counts, orders }, handledMs },
      ...{ revenueFen: Math.round(fen), costFen: Math.round(costs(key)), reach: reach.get(key) ?? null },
    };
  });
  const inOrder = found.toSorted((one, other) =>
    asked.by === 'day' || asked.by === 'tier' ? (one.key < other.key ? -1 : 1) : other.handledMs - one.handledMs,
  );
  return {
    rows: inOrder.slice(0, mostFigureRows),
    total: sumOf(found),
    unpriced: [...brought.values()].reduce((sum, { unpriced }) => sum + unpriced, 0),
    mayExport: mayExport(ports.policy, session),
    maySetRates: session.agent.role === 'manager',
  };
};

/** R39: what a firm sees stays on the screen. */
export const mayExport = ({ figureExports = ['manager'] }: Policy, { agent, tenant }: Session): boolean =>
  tenant === 'default' && figureExports.some((role) => role === agent.role);

const sumOf = (found: readonly FigureRow[]): Figures['total'] => {
  const plus = (of: (row: FigureRow) => number): number => found.reduce((sum, row) => sum + of(row), 0);
  const counts = Object.fromEntries(countKeys.map((key) => [key, plus((row) => row.counts[key])]));
  return {
    counts: { ...noCounts, ...counts },
    ...{ handledMs: plus((row) => row.handledMs), revenueFen: plus((row) => row.revenueFen) },
    ...{ costFen: plus((row) => row.costFen), reach: null },
  };
};

/** What a row is about; `fact` and `agent` are at hand. */
const keyOf = (by: Asked['by'], of: 'fact' | 'sold'): Part => {
  switch (by) {
    case 'agent':
      return of === 'fact' ? statement`fact.agent_id` : statement`sold.agent_id`;
    case 'team':
      // The agent's first desk: each agent is in one team, so that teams add up.
      return statement`coalesce(agent.queues[1], '')`;
    case 'task':
      return statement`coalesce(fact.task_id, '')`;
    case 'tier':
      return statement`coalesce(fact.tier::text, '')`;
    case 'day':
      return of === 'fact' ? statement`fact.day` : statement`sold.day`;
  }
};

export const seenBy = ({ agent }: Session): Part =>
  agent.role === 'manager'
    ? statement`true`
    : statement`(agent.queues && ${agent.queues}::text[] or fact.queue = any(${agent.queues}::text[]))`;

/** Of a contact with a customer at risk: thirty days are over, and the customer has neither left nor gone from the records. */
const isDue = (nowMs: number): Part => statement`fact.at_risk and fact.opened_at_ms <= ${nowMs - keptAfterMs}`;
const hasStayed = statement`(
  exists (select 1 from feed where feed.entity = 'customer' and feed.id = fact.customer_id and feed.row is not null)
  and not exists (
    select 1 from work where work.customer_id = fact.customer_id and work.record = 'obligation' and work.row ->> 'kind' = 'left'
      and (work.row ->> 'openedAtMs')::double precision between fact.opened_at_ms and fact.opened_at_ms + ${keptAfterMs}))`;

type Counted = { readonly counts: Counts; readonly handledMs: number };

const countedBy = async (
  { nowMs }: FigurePorts,
  session: Session,
  { by, fromDay, toDay }: Asked,
): Promise<ReadonlyMap<string, Counted>> => {
  const due = isDue(nowMs());
  const found = await rows(
    session.db,
    statement<Omit<Counts, 'orders'> & { key: string; handledMs: number }>`
      select ${keyOf(by, 'fact')} as key, sum(handled_ms)::double precision as "handledMs",
        count(*) filter (where dialled)::int as dialled, count(*) filter (where reached)::int as reached,
        count(*) filter (where succeeded)::int as succeeded, count(*) filter (where accepted)::int as accepted,
        count(*) filter (where refused)::int as refused, count(*) filter (where offered)::int as offered,
        count(*) filter (where answered)::int as answered, count(*) filter (where in_time)::int as "inTime",
        count(*) filter (where ${due})::int as "atRisk", count(*) filter (where ${due} and ${hasStayed})::int as retained
      from contact_fact as fact join agent on agent.id = fact.agent_id
      where fact.day >= ${fromDay} and fact.day <= ${toDay} and ${seenBy(session)}
      group by 1`,
  );
  return new Map(found.map(({ key, handledMs, ...counts }) => [key, { counts: { ...counts, orders: 0 }, handledMs }]));
};

type Sold = { readonly key: string; readonly tariff: string; readonly day: string; readonly orders: number };

const soldBy = (session: Session, { by, fromDay, toDay }: Asked): Promise<readonly Sold[]> =>
  rows(
    session.db,
    statement<Sold>`
      select ${keyOf(by, 'sold')} as key, sold.tariff, sold.day, count(*)::int as orders
      from order_fact as sold join agent on agent.id = sold.agent_id
        left join contact_fact as fact on fact.contact_id = sold.contact_id
      where sold.is_sale and sold.day >= ${fromDay} and sold.day <= ${toDay} and ${seenBy(session)}
      group by 1, 2, 3`,
  );

type Brought = { readonly orders: number; readonly fen: number; readonly unpriced: number };

const revenueBy = (rates: readonly Rate[], sold: readonly Sold[]): ReadonlyMap<string, Brought> => {
  const byKey = new Map<string, Brought>();
  for (const one of sold) {
    const before = byKey.get(one.key) ?? { orders: 0, fen: 0, unpriced: 0 };
    const fen = revenueOf(rates, one);
    byKey.set(one.key, {
      orders: before.orders + one.orders,
      fen: before.fen + (fen ?? 0),
      unpriced: before.unpriced + (fen === null ? one.orders : 0),
    });
  }
  return byKey;
};

/** The costs of the days are shared by handled time, of everything the centre handled; by day each day has its own. */
const costBy = async (
  db: Db,
  rates: readonly Rate[],
  { by, fromDay, toDay }: Asked,
  counted: ReadonlyMap<string, Counted>,
): Promise<(key: string) => number> => {
  const whole = await firstRow(
    db,
    statement<{ ms: number }>`
      select coalesce(sum(handled_ms), 0)::double precision as ms from contact_fact where day >= ${fromDay} and day <= ${toDay}`,
  );
  const all = whole?.ms ?? 0;
  const shown = [...counted.values()].reduce((sum, { handledMs }) => sum + handledMs, 0);
  if (all === 0) return () => 0;
  if (by === 'day') return (key) => (costOfDays(rates, [key]) * shown) / all;
  const cost = costOfDays(rates, daysBetween(fromDay, toDay));
  return (key) => (cost * (counted.get(key)?.handledMs ?? 0)) / all;
};

const reachBy = async (db: Db): Promise<ReadonlyMap<string, NonNullable<Sums['reach']>>> =>
  new Map(
    (
      await rows(
        db,
        statement<{ key: string; reached: number; total: number }>`
          select task_id as key, count(*) filter (where outcome is not null)::int as reached, count(*)::int as total
          from task_entry group by task_id`,
      )
    ).map(({ key, ...reach }) => [key, reach]),
  );

export const namesOf = async (db: Db, by: Asked['by'], keys: readonly string[]): Promise<ReadonlyMap<string, Text>> => {
  const named = (part: Part): Promise<readonly { id: string; zh: string; en: string }[]> =>
    rows(db, statement<{ id: string; zh: string; en: string }>`${part}`);
  const ids = statement`any(${[...keys]}::text[])`;
  const found =
    by === 'agent'
      ? await named(statement`select id, name as zh, name as en from agent where id = ${ids}`)
      : by === 'team'
        ? await named(statement`select id, zh, en from queue where id = ${ids}`)
        : by === 'task'
          ? await named(
              statement`select id, plan ->> 'title' as zh, plan ->> 'title' as en from task where id = ${ids}`,
            )
          : [];
  return new Map(found.map(({ id, zh, en }) => [id, { zh, en }]));
};

/** The contacts that make up one count, newest first; orders by the contact they came from. */
const listBehind = async (
  ports: FigurePorts,
  session: Session,
  asked: z.output<typeof FigureListAsk>,
): Promise<FigureList> => {
  const { db, agent, seatId } = session;
  const nowMs = ports.nowMs();
  const place = readPlace(asked.cursor);
  const behind = asked.count === 'orders' ? orderList(session, asked) : contactList(session, asked, asked.count, nowMs);
  const counted = await firstRow(db, statement<{ n: number }>`select count(*)::int as n from ${behind}`);
  const page = await rows(
    db,
    statement<Found & { place: string; orderId: string | null; orderName: string | null }>`
      select contact.id as "contactId", behind.at_ms as "startedAtMs", contact.customer_id as "customerId",
        contact.agent_id as "agentId", contact.row as contact, null as past, behind.id as place,
        behind.order_id as "orderId", behind.order_name as "orderName"
      from ${behind} join contact on contact.id = behind.contact_id
      where (behind.at_ms, behind.id) < (${place?.startedAtMs ?? Number.MAX_SAFE_INTEGER}::bigint,
        ${place?.contactId ?? 'z'}::text collate "C")
      order by behind.at_ms desc, behind.id desc limit ${historyPage + 1}`,
  );
  const shown = page.slice(0, historyPage);
  const told = await rowsOf(db, shown);
  const ids = [...new Set(told.flatMap(({ customerId }) => customerId ?? []))];
  if (ids.length > 0) await lookedUp(db, seatId, ids, nowMs);
  const last = shown.at(-1);
  await note(ports, session, {
    kind: 'figures',
    result: `list ${asked.count} by ${asked.by} ${asked.row ?? 'all'}, ${asked.fromDay} to ${asked.toDay}: ${shown.length} shown to ${agent.role}`,
  });
  return {
    total: counted?.n ?? 0,
    rows: told.map((row, n) => {
      const { orderId, orderName } = shown[n] ?? {};
      return orderId == null ? row : { ...row, order: { id: orderId, name: orderName ?? '' } };
    }),
    cursor:
      page.length > shown.length && last !== undefined
        ? placeAfter({ startedAtMs: last.startedAtMs, contactId: last.place })
        : null,
  };
};

const orderList = (session: Session, { by, fromDay, toDay, row }: z.output<typeof FigureListAsk>): Part => statement`(
  select sold.order_id as id, sold.contact_id, sold.opened_at_ms as at_ms, sold.order_id, sold.name as order_name
  from order_fact as sold join agent on agent.id = sold.agent_id
    left join contact_fact as fact on fact.contact_id = sold.contact_id
  where sold.is_sale and sold.day >= ${fromDay} and sold.day <= ${toDay} and ${seenBy(session)}
    and (${row === null} or ${keyOf(by, 'sold')} = ${row ?? ''})) as behind`;

const contactList = (
  session: Session,
  { by, fromDay, toDay, row }: z.output<typeof FigureListAsk>,
  count: Exclude<CountKey, 'orders'>,
  nowMs: number,
): Part => statement`(
  select fact.contact_id as id, fact.contact_id, fact.opened_at_ms as at_ms, null::text as order_id, null::text as order_name
  from contact_fact as fact join agent on agent.id = fact.agent_id
  where fact.day >= ${fromDay} and fact.day <= ${toDay} and ${seenBy(session)} and ${countsFor(count, nowMs)}
    and (${row === null} or ${keyOf(by, 'fact')} = ${row ?? ''})) as behind`;

const countsFor = (count: Exclude<CountKey, 'orders'>, nowMs: number): Part => {
  const due = isDue(nowMs);
  const columns: Readonly<Record<Exclude<CountKey, 'orders'>, Part>> = {
    ...{ dialled: statement`fact.dialled`, reached: statement`fact.reached`, succeeded: statement`fact.succeeded` },
    ...{ accepted: statement`fact.accepted`, refused: statement`fact.refused`, offered: statement`fact.offered` },
    ...{ answered: statement`fact.answered`, inTime: statement`fact.in_time`, atRisk: due },
    retained: statement`${due} and ${hasStayed}`,
  };
  return columns[count];
};

/** The last statement of what it is about (audit.ts). */
export const note = (
  { nowMs, auditKey }: Pick<FigurePorts, 'nowMs' | 'auditKey'>,
  { agent, seatId, db }: Session,
  event: Pick<AuditEvent, 'kind' | 'result'>,
): Promise<void> =>
  transaction(db, (tx) =>
    audit(tx, auditKey, [
      { atMs: nowMs(), agentId: agent.id, seatId, contactId: null, customerId: null, factor: null, ...event },
    ]),
  );
