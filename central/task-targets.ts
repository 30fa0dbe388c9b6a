import { dayOf, type WorkCalendar } from '../shared/calendar.ts';
import type { Customer } from '../shared/customer.ts';
import { tiers } from '../shared/customer.ts';
import { type CountedGrant, countersOf } from '../shared/dial-counters.ts';
import { mayDial } from '../shared/dial-policy.ts';
import type { Policy } from '../shared/policy.ts';
import type { TaskEstimate } from '../shared/task-api.ts';
import type { TaskPlan, TaskSource } from '../shared/task.ts';
import { manyTargeted, mostTargeted, purposeOf } from '../shared/task.ts';
import type { Db } from './db.ts';
import { dueNow } from './due-targets.ts';
import { rows, statement } from './db.ts';
import { rankOf, type Target } from './target.ts';

const pageSize = 5_000;
/** One more than a task may have: enough to say that it is too many. */
const enough = mostTargeted + 1;

export const targetsOf = async (db: Db, source: TaskSource, policy: Policy): Promise<readonly Target[]> => {
  const found: Target[] = [];
  for await (const page of source.kind === 'list' ? listed(db, source.listId) : asked(db, source))
    for (const one of page) {
      const tier = one.customer === undefined ? 2 : rankOf(one.customer, policy);
      if (source.kind === 'query' && source.tiers.length > 0 && !source.tiers.includes(tiers[tier])) continue;
      found.push({ ...one, tier });
      if (found.length >= enough) return found;
    }
  return found;
};

type Found = Omit<Target, 'tier'>;

async function* asked(
  db: Db,
  { packages, areas }: Extract<TaskSource, { readonly kind: 'query' }>,
): AsyncGenerator<readonly Found[]> {
  let after = '';
  for (;;) {
    const page = await rows(
      db,
      statement<{ id: string; row: Customer }>`
        select id, row from feed
        where entity = 'customer' and row is not null and id > ${after}
          and (${packages.length === 0} or row -> 'package' ->> 'id' = any(${packages}::text[]))
          and (${areas.length === 0} or row -> 'area' ->> 'zh' = any(${areas}::text[])
            or row -> 'area' ->> 'en' = any(${areas}::text[]))
        order by id limit ${pageSize}`,
    );
    yield page.flatMap(({ row }) => {
      const [main] = row.numbers;
      return main === undefined ? [] : [{ number: main.key, customer: row, name: row.nameMasked, note: '' }];
    });
    after = page.at(-1)?.id ?? after;
    if (page.length < pageSize) return;
  }
}

async function* listed(db: Db, listId: string): AsyncGenerator<readonly Found[]> {
  let after = -1;
  for (;;) {
    const page = await rows(
      db,
      statement<{ key: string; place: number; row: Customer | null; name: string; note: string }>`
        select entry.key, entry.place, feed.row, entry.name, entry.note
        from (select *, row_number() over (order by position, key) as place from contact_list_entry
          where list_id = ${listId}) as entry
          left join feed on feed.entity = 'customer' and feed.id = entry.customer_id and feed.row is not null
        where entry.place > ${after} order by entry.place limit ${pageSize}`,
    );
    yield page.map(({ key, row, name, note }) => ({ number: key, customer: row ?? undefined, name, note }));
    after = page.at(-1)?.place ?? after;
    if (page.length < pageSize) return;
  }
}

/** Reasons that pass by themselves while the task runs. */
const passing = new Set(['attemptsToday', 'attemptGap', 'dialHeld']);
const anyTime = [{ fromMinute: 0, toMinute: 24 * 60 }];

export type Judged = {
  readonly estimate: Omit<TaskEstimate, 'faults'>;
  /** Who would be called, each person once. */
  readonly callable: readonly Target[];
};

/** The dial policy's own word on each, but for the time of the day: that passes. */
export const judgeTargets = async (
  db: Db,
  plan: TaskPlan,
  { policy, nowMs }: { readonly policy: Policy; readonly nowMs: number },
): Promise<Judged> => {
  const targets =
    plan.due === undefined ? await targetsOf(db, plan.source, policy) : await dueNow(db, plan.due.kinds, policy, nowMs);
  const history = await historyOf(db, targets, nowMs);
  const open: Policy = { ...policy, callingHours: anyTime };
  const calendar: WorkCalendar = {
    years: [{ year: Number(dayOf(nowMs).slice(0, 4)), source: 'any day', off: [], work: [] }],
  };
  const task = { hours: anyTime, endsAtMs: Number.MAX_SAFE_INTEGER, takesProspects: plan.source.kind === 'list' };
  const excluded = new Map<string, number>();
  const byTier = { high: 0, mid: 0, standard: 0, prospect: 0 };
  const callable: Target[] = [];
  const seen = new Set<string>();
  let notYet = 0;
  const exclude = (reason: string): void => void excluded.set(reason, (excluded.get(reason) ?? 0) + 1);
  for (const target of targets) {
    const { customer, number } = target;
    const person = customer?.id ?? number;
    if (seen.has(person) || seen.has(number)) {
      exclude('taskDuplicate');
      continue;
    }
    seen.add(person).add(number);
    const counters = countersOf(history.grantsOf(target), history.refusedOf(target), nowMs);
    const got = mayDial(
      {
        ...{ text: number, purpose: purposeOf(plan.kind), customer },
        outbound: {
          ...{ nowMs, refusalsAsOfMs: nowMs, countersAsOfMs: nowMs, counters, calendar, task },
          ...{ promisedAtMs: null, isNecessary: false },
        },
      },
      open,
    );
    const reason = got.ok ? undefined : (got.error.reason ?? got.error.kind);
    const isOverInTime =
      reason === 'quietTime' && !got.ok && nowMs + Number(got.error.params?.['days'] ?? 0) * dayMs < plan.endsAtMs;
    if (reason !== undefined && !passing.has(reason) && !isOverInTime) {
      exclude(reason);
      continue;
    }
    if (reason !== undefined) notYet += 1;
    callable.push(target);
    byTier[customer === undefined ? 'prospect' : tiers[target.tier]] += 1;
  }
  return {
    callable,
    estimate: {
      ...{ targeted: targets.length, callable: callable.length, notYet, byTier },
      excluded: [...excluded]
        .map(([reason, count]) => ({ reason, count }))
        .toSorted((one, other) => other.count - one.count)
        .slice(0, 30),
      isMany: targets.length > manyTargeted,
    },
  };
};

const dayMs = 24 * 3_600_000;

/** Of all of them at once, by person and by number. */
const historyOf = async (db: Db, targets: readonly Target[], nowMs: number) => {
  const keys = targets.map(({ number }) => number);
  const ids = targets.flatMap(({ customer }) => customer?.id ?? []);
  type Kept = CountedGrant & { readonly id: string; readonly key: string; readonly customer: string | null };
  const columns = statement`
    id, number_key as key, customer_id as customer, state, at_ms as "atMs", until_ms as "untilMs",
    is_marketing as "isMarketing", is_survey as "isSurvey"`;
  const grants = await rows(
    db,
    statement<Kept>`
      select ${columns} from dial_grant where number_key = any(${keys}::text[]) and asked_at_ms > ${nowMs - 400 * dayMs}
      union
      select ${columns} from dial_grant where customer_id = any(${ids}::text[]) and asked_at_ms > ${nowMs - 400 * dayMs}`,
  );
  const refusals = await rows(
    db,
    statement<{ key: string; customer: string; atMs: number }>`
      select number_key as key, customer_id as customer, at_ms as "atMs" from dial_refusal
      where number_key = any(${keys}::text[]) or customer_id = any(${ids}::text[])`,
  );
  const byKey = Map.groupBy(grants, ({ key }) => key);
  const byCustomer = Map.groupBy(grants, ({ customer }) => customer ?? '');
  const refused = new Map(refusals.flatMap(({ key, customer, atMs }) => [[key, atMs] as const, [customer, atMs]]));
  return {
    grantsOf: ({ number, customer }: Target): readonly Kept[] => {
      const own = [
        ...(byKey.get(number) ?? []),
        ...(customer === undefined ? [] : (byCustomer.get(customer.id) ?? [])),
      ];
      return own.length < 2 ? own : [...new Map(own.map((one) => [one.id, one])).values()];
    },
    refusedOf: ({ number, customer }: Target): number | null =>
      refused.get(number) ?? (customer === undefined ? undefined : refused.get(customer.id)) ?? null,
  };
};
