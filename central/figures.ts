import type { z } from 'zod';
import type { Counts, CountKey, Rate, Sums } from '../shared/figures.ts';
import { costOfDays, countKeys, daysBetween, keptAfterMs, mostDays, noCounts, revenueOf } from '../shared/figures.ts';
import type { FigureList, FigureListAsk, FigureRow, Figures, FiguresAsk } from '../shared/figures-api.ts';
import { mostFigureRows } from '../shared/figures-api.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Text } from '../shared/text.ts';
import { pageBehind } from './contacts-behind.ts';
import type { Db } from './db.ts';
import { firstRow, rows, statement } from './db.ts';
import { type FigurePorts, ratesOf } from './figure-rates.ts';
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
  const scope = await scopeOf(session);
  const [counted, sold, rates] = [
    await countedBy(ports, session, scope, asked),
    await soldBy(session, scope, asked),
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

/** What a row is about. Of a team it is the agent, whose team is known outside (`Scope`). */
const keyOf = (by: Asked['by'], of: 'fact' | 'sold'): Part => {
  switch (by) {
    case 'agent':
    case 'team':
      return of === 'fact' ? statement`fact.agent_id` : statement`sold.agent_id`;
    case 'task':
      return statement`coalesce(fact.task_id, '')`;
    case 'tier':
      return statement`coalesce(fact.tier::text, '')`;
    case 'day':
      return of === 'fact' ? statement`fact.day` : statement`sold.day`;
  }
};

/** Where `fact` and `agent` are at hand. */
export const seenBy = ({ agent }: Session): Part =>
  agent.role === 'manager'
    ? statement`true`
    : statement`(agent.queues && ${agent.queues}::text[] or fact.queue = any(${agent.queues}::text[]))`;

/**
 * Whose contacts the asker sees, and in which team each agent is: one look at the agents, of whom there are few. Joined to every contact they
 * make a figure of a month take seconds.
 */
type Scope = {
  readonly seen: (of: 'fact' | 'sold') => Part;
  /** The agent's first desk: each agent is in one team, so that teams add up. */
  readonly teamOf: (agentId: string) => string;
  readonly agentsOf: (team: string) => readonly string[];
};
const scopeOf = async ({ db, agent }: Session): Promise<Scope> => {
  const agents = await rows(
    db,
    statement<{ id: string; team: string; isSeen: boolean }>`
      select id, coalesce(queues[1], '') as team, queues && ${agent.queues}::text[] as "isSeen" from agent`,
  );
  const teams = new Map(agents.map(({ id, team }) => [id, team]));
  const ids = agents.flatMap(({ id, isSeen }) => (isSeen ? [id] : []));
  return {
    seen: (of) =>
      agent.role === 'manager'
        ? statement`true`
        : statement`(${keyOf('agent', of)} = any(${ids}::text[]) or fact.queue = any(${agent.queues}::text[]))`,
    teamOf: (agentId) => teams.get(agentId) ?? '',
    agentsOf: (team) => agents.flatMap((one) => (one.team === team ? [one.id] : [])),
  };
};
/** The rows of one key, or all. */
const ofRow = ({ agentsOf }: Scope, by: Asked['by'], of: 'fact' | 'sold', row: string | null): Part => {
  if (row === null) return statement`true`;
  return by === 'team'
    ? statement`${keyOf('agent', of)} = any(${[...agentsOf(row)]}::text[])`
    : statement`${keyOf(by, of)} = ${row}`;
};

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
  { db }: Session,
  { seen, teamOf }: Scope,
  { by, fromDay, toDay }: Asked,
): Promise<ReadonlyMap<string, Counted>> => {
  const due = isDue(nowMs());
  const within = statement`contact_fact as fact where fact.day >= ${fromDay} and fact.day <= ${toDay} and ${seen('fact')}`;
  // Who has stayed is looked up for those it is asked of alone, and in the same snapshot.
  const found = await rows(
    db,
    statement<Omit<Counts, 'orders'> & { key: string; handledMs: number }>`
      with counted as materialized (
          select ${keyOf(by, 'fact')} as key, sum(handled_ms)::double precision as "handledMs",
            count(*) filter (where dialled)::int as dialled, count(*) filter (where reached)::int as reached,
            count(*) filter (where succeeded)::int as succeeded, count(*) filter (where accepted)::int as accepted,
            count(*) filter (where refused)::int as refused, count(*) filter (where offered)::int as offered,
            count(*) filter (where answered)::int as answered, count(*) filter (where in_time)::int as "inTime",
            count(*) filter (where ${due})::int as "atRisk"
          from ${within} group by 1),
        kept as materialized (
          select ${keyOf(by, 'fact')} as key, count(*)::int as retained
          from ${within} and ${due} and ${hasStayed} group by 1)
      select counted.*, coalesce(kept.retained, 0) as retained from counted left join kept on kept.key = counted.key`,
  );
  const byKey = new Map<string, Counted>();
  for (const { key: of, handledMs, ...counts } of found) {
    const key = by === 'team' ? teamOf(of) : of;
    const before = byKey.get(key) ?? { counts: noCounts, handledMs: 0 };
    byKey.set(key, {
      counts: summed(before.counts, { ...counts, orders: 0 }),
      handledMs: before.handledMs + handledMs,
    });
  }
  return byKey;
};

const summed = (one: Counts, other: Counts): Counts =>
  Object.fromEntries(countKeys.map((key) => [key, one[key] + other[key]])) as Counts;

type Sold = { readonly key: string; readonly tariff: string; readonly day: string; readonly orders: number };

const soldBy = async (
  { db }: Session,
  { seen, teamOf }: Scope,
  { by, fromDay, toDay }: Asked,
): Promise<readonly Sold[]> => {
  const found = await rows(
    db,
    statement<Sold>`
      select ${keyOf(by, 'sold')} as key, sold.tariff, sold.day, count(*)::int as orders
      from order_fact as sold left join contact_fact as fact on fact.contact_id = sold.contact_id
      where sold.is_sale and sold.day >= ${fromDay} and sold.day <= ${toDay} and ${seen('sold')}
      group by 1, 2, 3`,
  );
  return by === 'team' ? found.map((one) => ({ ...one, key: teamOf(one.key) })) : found;
};

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
export const listBehind = async (
  ports: FigurePorts,
  session: Session,
  asked: z.output<typeof FigureListAsk>,
): Promise<FigureList> => {
  const { count, by, row, fromDay, toDay, cursor } = asked;
  const scope = await scopeOf(session);
  const behind = count === 'orders' ? orderList(scope, asked) : contactList(scope, asked, count, ports.nowMs());
  const result = `list ${count} by ${by} ${row ?? 'all'}, ${fromDay} to ${toDay}`;
  const page = await pageBehind(ports, session, behind, { cursor, result });
  return {
    ...page,
    rows: page.rows.map(({ told, id, name }) => (name === null ? told : { ...told, order: { id, name } })),
  };
};

const orderList = (scope: Scope, { by, fromDay, toDay, row }: z.output<typeof FigureListAsk>): Part => statement`(
  select sold.order_id as id, sold.contact_id, sold.opened_at_ms as at_ms, sold.name
  from order_fact as sold left join contact_fact as fact on fact.contact_id = sold.contact_id
  where sold.is_sale and sold.day >= ${fromDay} and sold.day <= ${toDay} and ${scope.seen('sold')}
    and ${ofRow(scope, by, 'sold', row)})`;

const contactList = (
  scope: Scope,
  { by, fromDay, toDay, row }: z.output<typeof FigureListAsk>,
  count: Exclude<CountKey, 'orders'>,
  nowMs: number,
): Part => statement`(
  select fact.contact_id as id, fact.contact_id, fact.opened_at_ms as at_ms, null::text as name
  from contact_fact as fact
  where fact.day >= ${fromDay} and fact.day <= ${toDay} and ${scope.seen('fact')} and ${countsFor(count, nowMs)}
    and ${ofRow(scope, by, 'fact', row)})`;

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
