import { silent } from '../../central/ambient.ts';
import { openDatabase, run, statement, transaction } from '../../central/db.ts';
import { publish } from '../../central/feed.ts';
import { judgeTargets } from '../../central/task-targets.ts';
import { momentOf, shippedCalendar } from '../../shared/calendar.ts';
import { type CountedGrant, countersOf } from '../../shared/dial-counters.ts';
import { mayDial } from '../../shared/dial-policy.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { makePlan } from '../shared/make-plan.ts';
import { customer } from '../shared/make.ts';
import type { Metric } from './measure/metric-line.ts';
import { lineOf, metricsOf, tableOf } from './measure/metric-line.ts';

/**
 * `npm run bench -- tasks`: one decision of the dial policy with the history of a customer called often (`policy_us`), and the estimate
 * of a task of 50,000 customers in an embedded database, a tenth of them called before (`estimate_ms`).
 */
const size = 50_000;
const nowMs = momentOf('2026-11-30', 600) ?? 0;
const day = 24 * 3_600_000;
const grant = (n: number): CountedGrant => ({
  ...{
    state: 'unreached',
    atMs: nowMs - (n + 1) * day,
    untilMs: nowMs - (n + 1) * day,
    isMarketing: true,
    isSurvey: false,
  },
});

const policyTimes = (): readonly number[] => {
  const grants = Array.from({ length: 50 }, (_, n) => grant(n));
  const who = customer();
  const times: number[] = [];
  for (let n = 0; n < 60_000; n += 1) {
    const startedAt = performance.now();
    const outbound = {
      ...{ nowMs, refusalsAsOfMs: nowMs, countersAsOfMs: nowMs, counters: countersOf(grants, null, nowMs) },
      ...{ calendar: shippedCalendar, task: null, promisedAtMs: null, isNecessary: false },
    };
    const got = mayDial({ text: '13800138000', purpose: 'marketing', customer: who, outbound }, defaultPolicy);
    if (!got.ok) throw new Error(`refused: ${got.error.reason}`);
    times.push((performance.now() - startedAt) * 1_000);
  }
  return times.slice(10_000);
};

const estimateTimes = async (): Promise<readonly number[]> => {
  const database = await openDatabase({ kind: 'pglite', dir: null }, silent);
  const row = customer();
  for (let from = 0; from < size; from += 5_000)
    await transaction(database.db, async (tx) => {
      const page = Array.from({ length: 5_000 }, (_, n) => {
        const [id, key] = [`C${from + n}`, `+86138${String(from + n).padStart(8, '0')}`];
        return { ...row, id, numbers: [{ key, confidence: 'certain' }] };
      });
      await publish(
        tx,
        page.map((one, n) => ({
          ...{ entity: 'customer', id: one.id, customerId: one.id, place: from + n, queues: [], atMs: null, row: one },
        })),
        { poking: 'later' },
      );
    });
  await run(
    database.db,
    statement`
      insert into dial_grant (id, number_key, customer_id, is_marketing, is_survey, state, at_ms, asked_at_ms, until_ms,
        agent_id, seat_id)
      select 'g' || n, '+86138' || lpad(n::text, 8, '0'), 'C' || n, true, false, 'reached', ${nowMs - day}, ${nowMs - day},
        ${nowMs - day}, 'a', 's' from generate_series(0, ${size / 10 - 1}) as n`,
  );
  const times: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const startedAt = performance.now();
    const { estimate } = await judgeTargets(database.db, makePlan(), { policy: defaultPolicy, nowMs });
    times.push(performance.now() - startedAt);
    if (estimate.targeted !== size || estimate.callable !== size - size / 10) throw new Error(JSON.stringify(estimate));
  }
  await database.close();
  return times;
};

const printed: Metric[] = [
  ...metricsOf('dialler', { metric: 'policy_us', unit: 'us', samples: policyTimes() }, ['p50', 'p99']),
  ...metricsOf('dialler', { metric: 'estimate_ms', unit: 'ms', samples: await estimateTimes() }, ['p50', 'max']),
];
for (const metric of printed) process.stdout.write(`${lineOf(metric)}\n`);
process.stderr.write(`${tableOf(printed, { 'policy_us p99': 1_000, 'estimate_ms max': 5_000 })}\n`);
