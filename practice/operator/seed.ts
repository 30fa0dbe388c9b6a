import { z } from 'zod';
import { putAgent, putQueue } from '../../central/agents.ts';
import type { Log } from '../../central/ambient.ts';
import { importCustomers } from '../../central/customers.ts';
import { planBreaks } from '../../central/day.ts';
import { publishTargets } from '../../central/directory.ts';
import type { Database } from '../../central/db.ts';
import { transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { putRisk } from '../../central/risk.ts';
import type { Secrets } from '../../central/secrets.ts';
import { hashPassword } from '../../central/secrets.ts';
import { putSetting, settingOf } from '../../central/settings.ts';
import { dayOf, momentOf } from '../../shared/calendar.ts';
import { AgentId } from '../../shared/ids.ts';
import { noticesAt } from './notices.ts';
import type { SampleOperator } from './operator.ts';
import { generateOperator, operatorVersion } from './operator.ts';
import { libraryEntries } from './scripts/library.ts';

/** What is remembered of the operator a database holds. */
const Remembered = z.object({
  version: z.number(),
  seed: z.number(),
  customers: z.number(),
  nowMs: z.number(),
  noticesAtMs: z.number(),
});
type Remembered = z.infer<typeof Remembered>;

const settingKey = 'sampleOperator';
const batch = 1_000;
/** Older notices are moved to now: an outage of last month explains nothing. */
const noticesStaleMs = 12 * 3_600_000;

/** Name for the folder of the database: another seed or number of customers is another operator. */
export const operatorKey = (options: { readonly seed: number; readonly customers: number }): string =>
  `lanqiao-${operatorVersion}-${options.seed}-${options.customers}`;

/**
 * Puts the sample operator into central's database, once: a second start finds it there and gives the very same one back.
 * @throws when the database holds another operator; nothing is changed then
 */
export const seedOperator = async (
  ports: { readonly database: Database; readonly secrets: Secrets; readonly log: Log },
  wanted: { readonly seed: number; readonly customers: number; readonly nowMs: number },
): Promise<SampleOperator> => {
  const { db } = ports.database;
  const found = Remembered.safeParse(await settingOf(db, settingKey));
  if (found.success) {
    const { seed, customers, nowMs, version } = found.data;
    if (version !== operatorVersion || seed !== wanted.seed || customers !== wanted.customers)
      throw new Error('The database holds another sample operator: give it another folder.');
    if (wanted.nowMs - found.data.noticesAtMs > noticesStaleMs)
      await renewNotices(ports.database, found.data, wanted.nowMs);
    return generateOperator({ seed, customers, nowMs });
  }
  const startedMs = performance.now();
  const operator = generateOperator(wanted);
  await putReference(ports.database, operator);
  for (let from = 0; from < operator.count; from += batch) {
    const size = Math.min(batch, operator.count - from);
    const customers = Array.from({ length: size }, (_, index) => operator.customerAt(from + index, ports.secrets.mark));
    await transaction(db, (tx) => importCustomers(tx, customers));
  }
  await transaction(db, async (tx) => {
    for (const id of operator.newSims) await putRisk(tx, id, { simChangedAtMs: wanted.nowMs - 86_400_000 });
  });
  // Last: a start that was cut short begins again, and what is there already is replaced.
  const { seed, customers, nowMs } = wanted;
  await putSetting(db, settingKey, { version: operatorVersion, seed, customers, nowMs, noticesAtMs: nowMs });
  ports.log.info({ customers, ms: Math.round(performance.now() - startedMs) }, 'sample operator put into the database');
  return operator;
};

const putReference = async ({ db }: Database, operator: SampleOperator): Promise<void> => {
  const agents = await Promise.all(
    operator.agents.map(async (agent) => ({
      id: AgentId.parse(`A${agent.agentNumber}`),
      number: agent.agentNumber,
      name: agent.name,
      role: agent.role,
      queues: agent.queues,
      password: await hashPassword(agent.password),
    })),
  );
  await transaction(db, async (tx) => {
    for (const queue of operator.queues) await putQueue(tx, queue);
    for (const agent of agents) await putAgent(tx, agent);
    await publishTargets(tx, operator.directory);
    await publishReference(
      tx,
      'topic',
      operator.topics.map((row) => ({ id: row.id, row })),
    );
    await publishReference(
      tx,
      'script',
      [...operator.scripts, ...libraryEntries].map((row) => ({ id: `${row.id}@${row.version}`, row })),
    );
    await publishReference(
      tx,
      'tree',
      operator.trees.map((row) => ({ id: row.id, row })),
    );
    await publishReference(
      tx,
      'notice',
      operator.notices.map((row) => ({ id: row.id, row })),
    );
  });
};

const renewNotices = async ({ db }: Database, known: Remembered, nowMs: number): Promise<void> =>
  transaction(db, async (tx) => {
    await publishReference(
      tx,
      'notice',
      noticesAt(nowMs).map((row) => ({ id: row.id, row })),
    );
    await putSetting(tx, settingKey, { ...known, noticesAtMs: nowMs });
  });

const dayMs = 24 * 3_600_000;
/** Of every sample agent, every day; minutes since midnight. */
const breaksOfADay = [
  { reason: 'break', from: 10 * 60 + 15, to: 10 * 60 + 30 },
  { reason: 'meal', from: 12 * 60, to: 13 * 60 },
  { reason: 'break', from: 15 * 60 + 30, to: 15 * 60 + 45 },
] as const;

/** Today's roster and tomorrow's (R38): at each start, whatever day the operator was made on. */
export const planSampleBreaks = async ({ db }: Database, operator: SampleOperator, nowMs: number): Promise<void> => {
  for (const atMs of [nowMs, nowMs + dayMs]) {
    const fromMs = momentOf(dayOf(atMs), 0) ?? atMs;
    const planned = operator.agents.flatMap(({ agentNumber }) =>
      breaksOfADay.map(({ reason, from, to }) => ({
        ...{ agentId: `A${agentNumber}`, reason, fromMs: fromMs + from * 60_000, toMs: fromMs + to * 60_000 },
      })),
    );
    await transaction(db, (tx) => planBreaks(tx, planned, { fromMs, toMs: fromMs + dayMs }));
  }
};
