import type { Database } from '../../central/db.ts';
import { firstRow, rows, statement } from '../../central/db.ts';
import type { DiallerOutcome } from '../../shared/dialler.ts';
import type { Customer, Doing } from './customers.ts';
import type { SeenCall, Witness } from './witness.ts';

/** A call as central wrote it down. */
export type WrittenCall = {
  readonly id: string;
  readonly number: string;
  readonly reservedAtMs: number;
  readonly outcome: DiallerOutcome | null;
  readonly grantState: string | null;
  readonly grantedAtMs: number | null;
};

export const writtenCalls = ({ db }: Database): Promise<readonly WrittenCall[]> =>
  rows(
    db,
    statement<WrittenCall>`
      select call.id, replace(call.key, '+86', '') as number, call.reserved_at_ms as "reservedAtMs", call.outcome,
        leave.state as "grantState", leave.asked_at_ms as "grantedAtMs"
      from dialler_call as call left join dial_grant as leave on leave.id = call.grant_id
      order by call.reserved_at_ms, call.id`,
  );

/** Looked at in the moment in which the exchange begins a call: reservation and grant are committed by then, or they came too late. */
export const watchReservations = (
  { db }: Database,
  witness: Witness,
): { readonly missing: () => Promise<string[]> } => {
  const missing: string[] = [];
  const looks: Promise<void>[] = [];
  const look = async ({ id }: SeenCall): Promise<void> => {
    const found = await firstRow(
      db,
      statement`
        select 1 as one from dialler_call as call join dial_grant as leave on leave.id = call.grant_id and leave.contact_id = call.id
        where call.id = ${id} and leave.state <> 'unused'`,
    );
    if (found === undefined) missing.push(id);
  };
  witness.onCall((call) => void looks.push(look(call)));
  return {
    missing: async () => {
      await Promise.all(looks);
      return missing;
    },
  };
};

const rightly: Readonly<Record<Doing, readonly DiallerOutcome[]>> = {
  answers: ['connected', 'abandoned'],
  thinks: ['connected', 'abandoned'],
  machine: ['machine'],
  ringsOut: ['noAnswer'],
  busy: ['busy'],
  rejects: ['rejected'],
  unknown: ['invalid'],
  congested: ['congestion'],
};

/** @param stoppedMs when the task was paused: what rang then was hung up */
export const wronglyClassified = (
  customers: readonly Customer[],
  { calls }: Pick<Witness, 'calls'>,
  written: readonly WrittenCall[],
  stoppedMs: number,
): readonly string[] => {
  const doing = new Map(customers.map(({ number, does }) => [number, does]));
  return written.flatMap(({ id, number, outcome }) => {
    const does = doing.get(number);
    const call = calls.get(id);
    const wasAbandoned = call?.abandonedMs !== undefined;
    const wasStopped = outcome === 'stopped' && (call === undefined || (call.endedMs ?? 0) >= stoppedMs);
    const isRight =
      does !== undefined &&
      outcome !== null &&
      (wasStopped || (rightly[does].includes(outcome) && (outcome === 'abandoned') === wasAbandoned));
    return isRight ? [] : [`${number} ${does ?? 'nobody'}: ${outcome ?? 'open'}`];
  });
};

const quantile = (values: readonly number[], share: number): number | null => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
};
const counted = <T extends string>(values: readonly T[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

export type Report = ReturnType<typeof reportOf>;
/** Silence: from the customer's answer to the moment at which both legs are together, or to the message. */
export const reportOf = (
  of: { readonly witness: Witness; readonly written: readonly WrittenCall[]; readonly agents: number },
  fromMs: number,
  toMs: number,
) => {
  const { witness, written, agents } = of;
  const seen = [...witness.calls.values()].filter(({ beganMs }) => beganMs >= fromMs && beganMs <= toMs);
  const met = seen.flatMap(({ answeredMs, bridgedMs }) =>
    answeredMs === undefined || bridgedMs === undefined ? [] : [bridgedMs - answeredMs],
  );
  const told = seen.flatMap(({ answeredMs, abandonedMs }) =>
    answeredMs === undefined || abandonedMs === undefined ? [] : [abandonedMs - answeredMs],
  );
  const talked = [...witness.legs.values()].reduce((sum, { bridgedMs, endedMs }) => {
    if (bridgedMs === undefined) return sum;
    return sum + Math.max(0, Math.min(endedMs ?? toMs, toMs) - Math.max(bridgedMs, fromMs));
  }, 0);
  const answered = met.length + told.length;
  return {
    seconds: Math.round((toMs - fromMs) / 1_000),
    calls: seen.length,
    ...{ answered, abandoned: told.length, abandonedShare: answered === 0 ? null : told.length / answered },
    silenceMs: { p50: quantile(met, 0.5), p95: quantile(met, 0.95), most: quantile([...met, ...told], 1) },
    utilisation: talked / (agents * (toMs - fromMs)),
    outcomes: counted(written.map(({ outcome }) => outcome ?? 'open')),
  };
};
