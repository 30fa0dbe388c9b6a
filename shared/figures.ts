import { dayOf, momentOf } from './calendar.ts';
import type { Contact } from './contact.ts';
import type { Order } from './order.ts';
import { stageOf } from './order.ts';
import { isSuccess } from './task.ts';

/**
 * What is counted, and what follows from it (R36, R27). A contact is judged once, when it is written, by `countedIn`; everything shown is a
 * sum of such yes and no, so that the list behind a figure is exactly the contacts that were counted.
 */
export const contactCounts = [
  'dialled', // outbound calls made
  'reached', // of these answered
  'succeeded', // of these with an outcome that is a success of the task
  'accepted', // a recommendation taken up, in calls of either direction
  'refused', // the customer wants no marketing calls
  'offered', // inbound calls put to a seat
  'answered',
  'inTime', // within `answerWithinMs`
] as const;
/** Contacts with customers at risk whose thirty days are over, and of these the ones who are still customers. */
export const keptCounts = ['atRisk', 'retained'] as const;
export const countKeys = [...contactCounts, ...keptCounts, 'orders'] as const;
export type ContactCount = (typeof contactCounts)[number];
export type CountKey = (typeof countKeys)[number];
export type Counts = Readonly<Record<CountKey, number>>;
export const noCounts: Counts = {
  ...{ dialled: 0, reached: 0, succeeded: 0, accepted: 0, refused: 0, offered: 0, answered: 0, inTime: 0 },
  ...{ atRisk: 0, retained: 0, orders: 0 },
};

/** R36: service level. From the moment the call is at a seat: what it waited before is the exchange's to tell. */
export const answerWithinMs = 20_000;
const dayMs = 24 * 3_600_000;
export const keptAfterMs = 30 * dayMs;

type Judged = Pick<Contact, 'direction' | 'openedAtMs' | 'answeredAtMs'>;
/** @param outcome of the disposition's leaf; undefined: none yet, or a tree that is gone */
export const countedIn = (contact: Judged, outcome: string | undefined): Readonly<Record<ContactCount, boolean>> => {
  const { answeredAtMs, openedAtMs } = contact;
  const isOut = contact.direction === 'outbound';
  const isAnswered = answeredAtMs !== null;
  return {
    dialled: isOut,
    reached: isOut && isAnswered,
    succeeded: isOut && isAnswered && outcome !== undefined && isSuccess(outcome),
    accepted: isAnswered && outcome === 'accepted',
    refused: isAnswered && outcome === 'refusal',
    offered: !isOut,
    answered: !isOut && isAnswered,
    inTime: !isOut && isAnswered && answeredAtMs - openedAtMs <= answerWithinMs,
  };
};

/** From the moment the agent had the call until it was wrapped up, or hung up where it was not: what costs are shared by. */
export const handledMs = ({ openedAtMs, endedAtMs, wrappedUpAtMs }: Contact): number =>
  Math.min(dayMs, Math.max(0, (wrappedUpAtMs ?? endedAtMs ?? openedAtMs) - openedAtMs));

/** A sale is one when the customer has it and, where money is due, paid: trial orders count only once they pay. */
export const isSale = (order: Order): boolean => stageOf(order) === 'done' && order.payment?.state !== 'refunded';

/** Counts of one row, with what it brought and cost, in fen. */
export type Sums = {
  readonly counts: Counts;
  readonly handledMs: number;
  readonly revenueFen: number;
  readonly costFen: number;
  /** R27, of a task: people of its list, and of these reached. */
  readonly reach: { readonly reached: number; readonly total: number } | null;
};

/** In the order they are shown. `of`: a rate of two counts; `list`: the count whose contacts open. */
export const figures = {
  dialled: { as: 'count', list: 'dialled' },
  reached: { as: 'count', list: 'reached' },
  contactRate: { as: 'rate', of: ['reached', 'dialled'], list: 'dialled' },
  succeeded: { as: 'count', list: 'succeeded' },
  successRate: { as: 'rate', of: ['succeeded', 'reached'], list: 'reached' },
  accepted: { as: 'count', list: 'accepted' },
  refused: { as: 'count', list: 'refused' },
  offered: { as: 'count', list: 'offered' },
  answered: { as: 'count', list: 'answered' },
  connectRate: { as: 'rate', of: ['answered', 'offered'], list: 'offered' },
  serviceLevel: { as: 'rate', of: ['inTime', 'offered'], list: 'inTime' },
  retained: { as: 'count', list: 'retained' },
  retentionRate: { as: 'rate', of: ['retained', 'atRisk'], list: 'atRisk' },
  orders: { as: 'count', list: 'orders' },
  share: { as: 'rate', list: 'orders' },
  revenue: { as: 'money', list: 'orders' },
  cost: { as: 'money', list: null },
  costPerSuccess: { as: 'money', list: 'succeeded' },
  returnOnCost: { as: 'times', list: 'orders' },
  reach: { as: 'rate', list: 'reached' },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly as: 'count' | 'rate' | 'money' | 'times';
      readonly of?: readonly [CountKey, CountKey];
      readonly list: CountKey | null;
    }
  >
>;
export type FigureKey = keyof typeof figures;
export const figureKeys = Object.keys(figures) as readonly FigureKey[];

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Null: nothing to divide by. Money in fen. @param allOrders of everything that is shown */
export const figureOf = (key: FigureKey, sums: Sums, allOrders: number): number | null => {
  const { counts, revenueFen, costFen, reach } = sums;
  switch (key) {
    case 'contactRate':
    case 'successRate':
    case 'connectRate':
    case 'serviceLevel':
    case 'retentionRate': {
      const [part, whole] = figures[key].of;
      return ratio(counts[part], counts[whole]);
    }
    case 'share':
      return ratio(counts.orders, allOrders);
    case 'revenue':
      return revenueFen;
    case 'cost':
      return costFen;
    case 'costPerSuccess':
      return ratio(costFen, counts.succeeded);
    case 'returnOnCost':
      return ratio(revenueFen, costFen);
    case 'reach':
      return reach === null ? null : ratio(reach.reached, reach.total);
    default:
      return counts[key];
  }
};

/** What the centre costs in a month (R36): people, system, administration, other. */
export const costItems = [
  ...(['pay', 'benefits', 'hiring', 'training'] as const),
  ...(['platform', 'lines', 'terminals', 'recording'] as const),
  ...(['administration', 'other'] as const),
] as const;
/** `price`: of a tariff, a month; `lifeMonths`: for how many a customer keeps it, on average. */
export const rateItems = [...costItems, 'price', 'lifeMonths'] as const;
export type RateItem = (typeof rateItems)[number];
export type Rate = {
  readonly item: RateItem;
  /** Empty, but for a price. */
  readonly tariff: string;
  /** It holds from that day until the next one of the same. */
  readonly fromDay: string;
  /** Fen a month; months for `lifeMonths`. */
  readonly value: number;
};

export const rateOn = (rates: readonly Rate[], item: RateItem, tariff: string, day: string): number | null => {
  let found: Rate | null = null;
  for (const rate of rates)
    if (rate.item === item && rate.tariff === tariff && rate.fromDay <= day)
      if (found === null || rate.fromDay > found.fromDay) found = rate;
  return found?.value ?? null;
};

/** The days from one to another, both included. */
export const daysBetween = (fromDay: string, toDay: string): readonly string[] => {
  const days: string[] = [];
  const from = momentOf(fromDay, 0);
  if (from === undefined) return days;
  for (let at = from; dayOf(at) <= toDay && days.length < mostDays; at += dayMs) days.push(dayOf(at));
  return days;
};
export const mostDays = 366;

const daysInMonth = (day: string): number =>
  new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)), 0)).getUTCDate();

/** A day's part of the month's costs, in fen, not rounded: sums are. */
export const costOn = (rates: readonly Rate[], item: (typeof costItems)[number], day: string): number =>
  (rateOn(rates, item, '', day) ?? 0) / daysInMonth(day);

export const costOfDays = (rates: readonly Rate[], days: readonly string[]): number =>
  days.reduce((sum, day) => sum + costItems.reduce((all, item) => all + costOn(rates, item, day), 0), 0);

/** Revenue = orders × price × mean life. Null: nobody has said what the tariff costs, or how long it is kept. */
export const revenueOf = (
  rates: readonly Rate[],
  sold: { readonly tariff: string; readonly day: string; readonly orders: number },
): number | null => {
  const price = rateOn(rates, 'price', sold.tariff, sold.day);
  const life = rateOn(rates, 'lifeMonths', '', sold.day);
  return price === null || life === null ? null : sold.orders * price * life;
};
