import type { Customer, Usage } from '../../shared/customer.ts';
import { CustomerId } from '../../shared/ids.ts';
import { coarseUsage } from '../../shared/tier.ts';
import { passwordMark } from '../answers.ts';
import type { PrivateValues } from '../customers.ts';
import type { Secrets } from '../secrets.ts';
import type { CustomerValues } from './customer-fields.ts';
import { blankCustomer, fieldsOf, nameOf, withFields } from './customer-fields.ts';

/** A customer as the database holds it. */
export type Held = {
  readonly customer: Customer;
  readonly private: PrivateValues;
  readonly queues: readonly string[];
};

const blankPrivate: PrivateValues = { fields: {}, bill: null, packageNames: [], password: null };

/**
 * The customer after a row of a file. What the row is silent about stays; the same row again gives an equal record, so that a file
 * taken in twice changes nothing.
 */
export const mergeCustomer = (
  held: Held | undefined,
  id: string,
  values: CustomerValues,
  ports: { readonly mark: Secrets['mark']; readonly nowMs: number },
): Held => {
  const was = held?.customer ?? blankCustomer(CustomerId.parse(id));
  const area = values.area === undefined ? was.area : { zh: values.area, en: values.area };
  const set = fieldsOf(values, area.zh);
  const kept = held?.private ?? blankPrivate;
  return {
    customer: {
      ...was,
      ...(values.fullName === undefined ? {} : named(values.fullName)),
      gender: values.gender ?? was.gender,
      language: values.language ?? was.language,
      numbers: numbersOf(was, values),
      area,
      list: values.list ?? was.list,
      card: values.card ?? was.card,
      manager: values.manager ?? was.manager,
      usage: usageOf(was.usage, values, ports.nowMs),
      package: packageOf(was.package, values),
      // R22: a refusal that was given here is not lifted by a file that does not know of it.
      refusesMarketing: was.refusesMarketing || (values.refusesMarketing ?? false),
      roaming: values.roaming ?? was.roaming,
      fields: withFields(was.fields, set),
    },
    private: {
      fields: {
        ...kept.fields,
        ...Object.fromEntries(set.map(({ key, class: queryClass, value }) => [key, { class: queryClass, value }])),
      },
      bill: values.lastBill ?? kept.bill,
      packageNames:
        values.packageName === undefined ? kept.packageNames : packageNames(kept.packageNames, values.packageName),
      password: passwordOf(kept.password, id, values.servicePassword, ports.mark),
    },
    queues: values.queues ?? held?.queues ?? [],
  };
};

const named = (full: string): Pick<Customer, 'surname' | 'nameMasked'> => {
  const { surname, masked } = nameOf(full);
  return { surname, nameMasked: masked };
};

/** E.164 keys of a row, the main one first, each once; undefined when it names none. */
export const keysOf = (values: CustomerValues): readonly string[] | undefined =>
  values.number === undefined && values.otherNumbers === undefined
    ? undefined
    : [...new Set([...(values.number === undefined ? [] : [values.number]), ...(values.otherNumbers ?? [])])];

const numbersOf = (was: Customer, values: CustomerValues): Customer['numbers'] => {
  const keys = keysOf(values);
  if (keys === undefined) return was.numbers;
  // Without a column for further numbers, those that agents found (R7) stay behind the main one.
  const others = values.otherNumbers === undefined ? was.numbers.map(({ key }) => key).slice(1) : [];
  return [...new Set([...keys, ...others])].map(
    (key) => was.numbers.find((number) => number.key === key) ?? { key, confidence: 'certain' },
  );
};

const usageOf = (was: Usage, values: CustomerValues, nowMs: number): Usage => {
  const months =
    values.tenureMonths ?? (values.memberSince === undefined ? undefined : monthsSince(values.memberSince, nowMs));
  const bills =
    values.lastBill === undefined
      ? { lastBill: was.lastBill, previousBill: was.previousBill }
      : // Seats get the swing, never the amount; with one bill there is none.
        { lastBill: values.previousBill === undefined ? 0 : values.lastBill, previousBill: values.previousBill ?? 0 };
  return coarseUsage({
    ...was,
    ...bills,
    arpu: values.arpu ?? was.arpu,
    tenureMonths: months ?? was.tenureMonths,
    creditScore: values.creditScore ?? was.creditScore,
    contractEndsAtMs: values.contractEnds ?? was.contractEndsAtMs,
    longDistanceShare: values.longDistanceShare ?? was.longDistanceShare,
    dataUsedShare: values.dataUsedShare ?? was.dataUsedShare,
    roamingDays: values.roamingDays ?? was.roamingDays,
    rivalForwarding: values.rivalForwarding ?? was.rivalForwarding,
    daysSinceLastRecord: values.daysSinceLastRecord ?? was.daysSinceLastRecord,
  });
};

/** Whole months from a day like 2020-03-07 until now. */
const monthsSince = (day: string, nowMs: number): number => {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  const now = new Date(nowMs);
  const months = (now.getUTCFullYear() - year) * 12 + now.getUTCMonth() + 1 - month;
  return Math.max(0, now.getUTCDate() < date ? months - 1 : months);
};

const packageOf = (was: Customer['package'], values: CustomerValues): Customer['package'] => {
  const { packageName: name, packageId } = values;
  if (name === undefined && packageId === undefined) return was;
  // Notices (R6) find a package by its id: a file without ids names it by its name.
  const id = packageId ?? (name === undefined || name === was.name.zh ? was.id : name.slice(0, 40));
  return { id, name: name === undefined || name === was.name.zh ? was.name : { zh: name, en: name } };
};

const packageNames = (kept: readonly string[], name: string): readonly string[] =>
  kept.includes(name) ? kept : [name];

/** The hash that is there stays when it is of the same password: a new salt would look like a change. */
const passwordOf = (
  kept: PrivateValues['password'],
  id: string,
  said: string | undefined,
  mark: Secrets['mark'],
): PrivateValues['password'] => {
  if (said === undefined) return kept;
  if (kept !== null && passwordMark(mark, kept.salt, said) === kept.mark) return kept;
  const salt = `imported ${id}`;
  return { salt, mark: passwordMark(mark, salt, said) };
};
