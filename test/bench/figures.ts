import { parseArgs } from 'node:util';
import { silent } from '../../central/ambient.ts';
import { putAgent, putQueue } from '../../central/agents.ts';
import type { Database, Db } from '../../central/db.ts';
import { asJson, openDatabase, run, statement, transaction } from '../../central/db.ts';
import { publish } from '../../central/feed.ts';
import { figureHandlers, figuresFor } from '../../central/figures.ts';
import type { Session } from '../../central/sessions.ts';
import { momentOf } from '../../shared/calendar.ts';
import { figureGroups } from '../../shared/figures-api.ts';
import { AgentId, SeatId } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Contact } from '../../shared/contact.ts';
import { hasPostgres, startPostgres } from '../central/postgres.ts';
import { callId, contactId, customer } from '../shared/make.ts';
import type { Metric } from './measure/metric-line.ts';
import { lineOf, metricsOf, tableOf } from './measure/metric-line.ts';

/**
 * `npm run bench -- figures`: what a lead waits for on the figures screen (R36) with 100,000 contacts of two months, 200 agents and 20 tasks in the
 * embedded database and in PostgreSQL: the table by each group (`figures_ms`), and the first page behind a count (`figure_list_ms`).
 *
 *   --contacts N     100000
 *   --database a,b   pglite,postgres
 */
const { values } = parseArgs({
  options: {
    contacts: { type: 'string', default: '100000' },
    database: { type: 'string', default: 'pglite,postgres' },
  },
});
const wanted = values.database.split(',');
if (!/^[1-9]\d{2,6}$/.test(values.contacts)) throw new Error(`not a whole number from 100: ${values.contacts}`);
const contacts = Number(values.contacts);
const agents = 200;
const customers = 20_000;
const dayMs = 24 * 3_600_000;
const nowMs = momentOf('2026-11-30', 1_200) ?? 0;
const days = { fromDay: '2026-10-01', toDay: '2026-11-30' } as const;

const whole: Contact = {
  ...{
    id: contactId,
    callId,
    agentId: AgentId.parse('A0'),
    direction: 'outbound',
    number: '+8613800138000',
    queue: null,
  },
  ...{
    customerId: null,
    openedAtMs: nowMs,
    answeredAtMs: nowMs,
    endedAtMs: nowMs,
    endCause: 'agentHungUp',
    topicId: null,
  },
  ...{ script: null, answers: [], verifications: [], disposition: ['agreed', 'now'], forced: false, note: '' },
  wrappedUpAtMs: nowMs,
};

const fill = async (db: Db): Promise<void> => {
  // Longer than any statement of central may take.
  const write = (what: ReturnType<typeof statement>): Promise<void> =>
    transaction(db, async (tx) => {
      await run(tx, statement`set local statement_timeout = 0`);
      await run(tx, what);
    });
  for (const id of ['service', 'marketing']) await putQueue(db, { id, zh: id, en: id });
  for (let n = 0; n < agents; n += 1) {
    const queues = [n % 2 === 0 ? 'service' : 'marketing'];
    await putAgent(db, {
      ...{
        id: AgentId.parse(`A${n}`),
        number: String(3_000 + n),
        name: `坐席 ${n}`,
        role: 'agent',
        queues,
        password: '',
      },
    });
  }
  const row = customer();
  for (let from = 0; from < customers; from += 5_000)
    await transaction(db, (tx) =>
      publish(
        tx,
        Array.from({ length: 5_000 }, (_, n) => ({
          ...{
            entity: 'customer',
            id: `C${from + n}`,
            customerId: `C${from + n}`,
            place: from + n,
            queues: [],
            atMs: null,
          },
          row: { ...row, id: `C${from + n}` },
        })),
        { poking: 'later' },
      ),
    );
  // Newest last, two of three answered, one in ten a success, one in twenty with a customer at risk.
  await write(
    statement`
      insert into contact (id, agent_id, customer_id, opened_at_ms, wrapped_up_at_ms, row)
      select 'K' || n, 'A' || n % ${agents}, 'C' || n % ${customers}, ${nowMs - 60 * dayMs} + n::bigint * ${Math.floor((60 * dayMs) / contacts)},
        0, (${asJson(whole)}::jsonb || jsonb_build_object('id', 'K' || n))::json
      from generate_series(0, ${contacts - 1}) as n`,
  );
  await write(
    statement`
      insert into contact_fact (contact_id, agent_id, task_id, queue, customer_id, day, opened_at_ms, tier, handled_ms,
        at_risk, dialled, reached, succeeded, accepted, refused, offered, answered, in_time)
      select id, agent_id, 'T' || n % 20, 'marketing', customer_id,
        to_char(to_timestamp(opened_at_ms / 1000) at time zone 'Asia/Shanghai', 'YYYY-MM-DD'), opened_at_ms, n % 3, 180000,
        n % 20 = 0, n % 2 = 0, n % 3 > 0 and n % 2 = 0, n % 10 = 0, n % 10 = 0, n % 50 = 0, n % 2 = 1, n % 3 > 0 and n % 2 = 1, n % 4 = 1
      from (select *, substr(id, 2)::int as n from contact) as all_contacts`,
  );
  await write(
    statement`
      insert into order_fact (order_id, contact_id, agent_id, day, opened_at_ms, tariff, name, is_sale)
      select 'O' || contact_id, contact_id, agent_id, day, opened_at_ms, 'data-10', '10 GB', true
      from contact_fact where succeeded`,
  );
};

const session = (db: Db): Session => ({
  ...{
    id: 's',
    seatId: SeatId.parse('0197f3c0-0000-7000-8000-000000000001'),
    expiresAtMs: nowMs + dayMs,
    seatKey: null,
  },
  agent: { id: AgentId.parse('A0'), number: '3000', name: '主管', role: 'lead', queues: ['service', 'marketing'] },
  ...{ tenant: 'default', db },
});
const here = { address: '127.0.0.1', whyNotSignedWith: () => undefined };
const ports = { nowMs: () => nowMs, auditKey: new Uint8Array(32), policy: defaultPolicy };
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
};
const printed: Metric[] = [];
const measure = async (database: Database): Promise<void> => {
  const db = database.tenant('default');
  await fill(db);
  // As autovacuum does; a tenant's handle may not.
  await run(database.db, statement`analyze`);
  const asks = session(db);
  const tables: number[] = [];
  const lists: number[] = [];
  const { figureList } = figureHandlers(ports);
  for (let n = 0; n < 5; n += 1)
    for (const by of figureGroups) {
      tables.push(
        await timed(async () => {
          const { total } = await figuresFor(ports, asks, { ...days, by });
          if (total.counts.dialled !== contacts / 2) throw new Error(`${total.counts.dialled} dialled`);
        }),
      );
      for (const count of ['dialled', 'retained', 'orders'] as const)
        lists.push(
          await timed(async () => {
            const listed = await figureList?.({ ...days, by, row: null, count }, asks, here);
            if (listed?.ok !== true || listed.value.rows.length === 0) throw new Error(`nothing behind ${count}`);
          }),
        );
    }
  await database.close();
  for (const metric of [
    ...metricsOf('figures', { metric: 'figures_ms', unit: 'ms', samples: tables }, ['p50', 'max']),
    ...metricsOf('figures', { metric: 'figure_list_ms', unit: 'ms', samples: lists }, ['p50', 'max']),
  ]) {
    const line: Metric & { readonly contacts: number; readonly database: string } = {
      ...{ ...metric, contacts, database: database.kind },
    };
    process.stdout.write(`${lineOf(line)}\n`);
    printed.push({ ...metric, metric: `${database.kind} ${metric.metric}` });
  }
};

if (wanted.includes('pglite')) await measure(await openDatabase({ kind: 'pglite', dir: null }, silent));
if (wanted.includes('postgres') && hasPostgres) {
  const server = await startPostgres('on');
  try {
    await measure(await openDatabase({ kind: 'postgres', url: server.createDatabase() }, silent));
  } finally {
    await server.stop();
  }
}
process.stderr.write(
  `${tableOf(printed, { 'pglite figures_ms max': 1_000, 'pglite figure_list_ms max': 1_000, 'postgres figures_ms max': 500, 'postgres figure_list_ms max': 500 })}\n`,
);
