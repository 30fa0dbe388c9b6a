import type { Rate } from '../shared/figures.ts';
import type { Rates } from '../shared/figures-api.ts';
import { momentOf } from '../shared/calendar.ts';
import type { Policy } from '../shared/policy.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { audit } from './audit.ts';
import type { Db } from './db.ts';
import { rows, run, statement, transaction } from './db.ts';
import type { Handlers } from './http.ts';

export type FigurePorts = {
  readonly nowMs: () => number;
  readonly auditKey: Uint8Array;
  readonly policy: Policy;
};

/** R36: what things cost, and from when; each word about it is in the audit chain. */
export const rateHandlers = ({ nowMs, auditKey }: FigurePorts): Partial<Handlers> => ({
  rates: async (_asked, { db }) => ok(await ratesShown(db)),
  rateSet: ({ item, tariff, fromDay, value }, session) =>
    transaction(session.db, async (tx) => {
      if (momentOf(fromDay, 0) === undefined) return refused(refusal('invalid', 'figureDay'));
      if ((item === 'price') !== (tariff !== '')) return refused(refusal('invalid', 'figureTariff'));
      const { agent, seatId } = session;
      const atMs = nowMs();
      await run(
        tx,
        statement`
          insert into figure_rate (item, tariff, from_day, value, set_by, set_at_ms)
          values (${item}, ${tariff}, ${fromDay}, ${value}, ${agent.id}, ${atMs})
          on conflict (tenant, item, tariff, from_day) do update set value = excluded.value, set_by = excluded.set_by,
            set_at_ms = excluded.set_at_ms`,
      );
      const event = { atMs, agentId: agent.id, seatId, contactId: null, customerId: null, factor: null };
      await audit(tx, auditKey, [
        { ...event, kind: 'rate', result: `${item}${tariff === '' ? '' : ` ${tariff}`} from ${fromDay}: ${value}` },
      ]);
      return ok({});
    }),
});

export const ratesOf = (db: Db): Promise<readonly Rate[]> =>
  rows(db, statement<Rate>`select item, tariff, from_day as "fromDay", value from figure_rate`);

const ratesShown = async (db: Db): Promise<Rates> => ({
  rates: [
    ...(await rows(
      db,
      statement<Rates['rates'][number]>`
        select item, tariff, from_day as "fromDay", value, coalesce(agent.name, set_by) as by, set_at_ms as "atMs"
        from figure_rate left join agent on agent.id = figure_rate.set_by
        order by item, tariff, from_day desc limit 5000`,
    )),
  ],
  tariffs: [
    ...(await rows(
      db,
      statement<Rates['tariffs'][number]>`
        select tariff as id, min(name) as name from (
          select tariff, name from order_fact where tariff <> ''
          union select row ->> 'tariffId', row -> 'title' ->> 'zh' from feed
            where entity = 'script' and row is not null and row ->> 'tariffId' is not null) as known
        group by tariff order by tariff limit 500`,
    )),
  ],
});
