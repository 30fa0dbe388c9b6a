import type { Customer } from '../../shared/customer.ts';
import { markOf } from '../../shared/name-key.ts';
import type { Policy } from '../../shared/policy.ts';
import type { FoundBy, FoundCustomer, NumberPart, Search, SearchAnswer } from '../../shared/search.ts';
import {
  fitsName,
  fitsSurname,
  foundBy,
  mostFound,
  numberWith,
  readSearch,
  wholeSubscriber,
  whyUnspecific,
} from '../../shared/search.ts';
import { spoken } from './pinyin.ts';
import type { ReadDb } from './store/db.ts';
import { idsByGiven, idsByHead, idsBySurname, idsByTail, surnamesHeld } from './store/customer-keys.ts';
import { customerById, customersByNumber } from './store/working-set.ts';

export type Asking = {
  readonly policy: Policy;
  readonly role: 'agent' | 'lead' | 'manager' | 'admin';
  readonly practice: boolean;
};

/** Rows looked through for one answer: a part of a number that more share tells too little. */
const mostCandidates = 400;

/** Customers this seat holds, by what an agent typed: at most ten masked rows, the surest first (security 46). */
export const searchHere = (db: ReadDb, text: string, asking: Asking): SearchAnswer => {
  const read = readSearch(text);
  if (read.kind === 'unclear') return read;
  const { search } = read;
  const why = whyUnspecific(search, asking.policy, asking);
  const found = new Map<string, FoundCustomer>();
  const add = (customer: Customer, by: FoundBy, numberIndex: number | null): void => {
    if (!found.has(customer.id)) found.set(customer.id, { customer, by, numberIndex });
  };
  for (const customer of byNumber(db, search)) {
    const index = customer.numbers.findIndex(({ key }) => key === search.number);
    add(customer, 'number', index < 0 ? null : index);
  }
  const account = accountOf(db, search);
  if (account !== undefined) add(account, 'account', null);
  // An account that is there was meant; its digits are nobody's number.
  // Nor is a whole number nobody has a reason to look for the name beside it.
  const isWhole = search.number !== null && search.parts.length === 0;
  const isSettled = isWhole || account !== undefined;
  if (!isSettled && why !== undefined) return { kind: 'unclear', why };
  if (!isSettled) {
    const candidates = byDetails(db, search);
    if (candidates === 'tooMany') return { kind: 'tooBroad' };
    for (const { customer, by, numberIndex } of candidates) add(customer, by, numberIndex);
  }
  if (found.size > mostFound) return { kind: 'tooBroad' };
  return { kind: 'found', rows: [...found.values()].sort(byRank) };
};

const byRank = (one: FoundCustomer, other: FoundCustomer): number =>
  foundBy.indexOf(one.by) - foundBy.indexOf(other.by) || (one.customer.id < other.customer.id ? -1 : 1);

/** A name beside a whole number narrows by its surname alone: a given name is never compared with one customer (R11). */
const byNumber = (db: ReadDb, { number, name }: Search): readonly Customer[] => {
  if (number === null) return [];
  const rows = customersByNumber(db, number).map((row) => row.customer);
  return name === null ? rows : rows.filter((row) => fitsSurname(name, row.surname, spoken) !== undefined);
};

const accountOf = (db: ReadDb, { account }: Search): Customer | undefined =>
  account === null ? undefined : (customerById(db, account) ?? customerById(db, account.toUpperCase()));

const byDetails = (db: ReadDb, search: Search): readonly FoundCustomer[] | 'tooMany' => {
  const { parts, name } = search;
  const ids = parts.length > 0 ? idsByParts(db, parts) : name === null ? [] : idsByName(db, name);
  if (ids === 'tooMany') return 'tooMany';
  const found: FoundCustomer[] = [];
  for (const id of ids) {
    const customer = customerById(db, id);
    if (customer === undefined) continue;
    const indexes = parts.map((part) => numberWith(part, customer));
    const fit = name === null ? undefined : fitsName(name, customer, spoken);
    if (indexes.includes(undefined) || (name !== null && fit === undefined)) continue;
    const [numberIndex = null] = indexes as number[];
    found.push({ customer, by: fit ?? 'numberPart', numberIndex });
    if (found.length > mostFound) return 'tooMany';
  }
  return found;
};

/** By the longest part; the others are compared row by row. A few digits are the last ones, unless nobody's number ends so. */
const idsByParts = (db: ReadDb, parts: readonly NumberPart[]): readonly string[] | 'tooMany' => {
  const { head, tail, either } = parts.reduce((one, other) => (longest(other) > longest(one) ? other : one));
  const limit = mostCandidates + 1;
  const ends = tail !== '' && (either || tail.length >= head.length) ? idsByTail(db, tail, limit) : [];
  const isLong = tail.length >= wholeSubscriber;
  const byHead = head !== '' && (either ? isLong || ends.length === 0 : head.length > tail.length);
  const ids = new Set([...ends, ...(byHead ? idsByHead(db, head, limit) : [])]);
  return ids.size > mostCandidates ? 'tooMany' : [...ids];
};

const longest = ({ head, tail }: NumberPart): number => Math.max(head.length, tail.length);

const idsByName = (db: ReadDb, name: NonNullable<Search['name']>): readonly string[] | 'tooMany' => {
  const ids = new Set<string>();
  for (const surname of surnamesHeld(db)) {
    const fit = fitsSurname(name, surname, spoken);
    if (fit === undefined) continue;
    const found =
      fit.initials.length === 0
        ? idsBySurname(db, surname, mostFound + 1)
        : fit.initials.flatMap((initials) =>
            idsByGiven(db, { surname, length: initials.length, mark: markOf(initials) }, mostFound + 1),
          );
    for (const id of found) ids.add(id);
    if (ids.size > mostFound) return 'tooMany';
  }
  return [...ids];
};
