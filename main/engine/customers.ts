import type { PastContact } from '../../shared/customer.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import { numberKey } from '../../shared/phone-number.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { FoundCustomer, SearchAnswer } from '../../shared/search.ts';
import { unverified, withoutLevel } from '../../shared/verification.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { historyOf } from './pop.ts';
import { searchHere } from './search.ts';
import type { Candidates, Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';

const historyLimit = 200;
const searchMs = 4_000;
/** Customers told by central that the agent may go on to dial: those of the last few searches. */
const mostStrangers = 50;

export interface Customers {
  /** Here: what this seat holds, at once. At central: everybody this agent may see; refused `offline` when it cannot be asked. */
  search(text: string, where: 'seat' | 'central'): Promise<Result<SearchAnswer>>;
  history(id: CustomerId): PastContact[];
  identify(contactId: ContactId, id: CustomerId | null): Result<Record<string, never>>;
}

export const createCustomers = (db: Db, seat: Seat, client: CentralClient, clock: Clock): Customers => ({
  search: async (text, where) => {
    const { session } = seat;
    if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const { policy, practice, token } = session;
    if (where === 'seat') return ok(searchHere(db.read, text, { policy, practice, role: session.agent.role }));
    const answer = await client.call('search', { text }, token, searchMs);
    const told = answer.ok || answer.error.kind !== 'notFound' ? answer : await byNumberAlone(client, token, text);
    if (told.ok && told.value.kind === 'found' && seat.session?.token === token) remember(seat, told.value.rows);
    return told;
  },
  history: (id) => historyOf(db.read, seat.work, id, historyLimit),
  identify: (contactId, id) => {
    const inHand = seat.inHand(contactId);
    if (!inHand.ok) return inHand;
    const work = inHand.value;
    const customer = id === null ? undefined : findCustomer(db.read, work, id);
    if (id !== null && customer === undefined) return refused(refusal('notFound', 'customer'));
    const before = work.contact.customerId;
    const candidates: Candidates =
      id === null ? { kind: 'none', why: 'unknown' } : { kind: 'one', id, certainty: 'certain' };
    // The agent only confirms who it is: the level already proven stays.
    if (id === before && id !== null) {
      seat.setWork({ ...work, candidates });
      return ok({});
    }
    const triedBefore = new Map(work.triedBefore);
    if (before !== null) triedBefore.set(before, withoutLevel(work.verification));
    const met = new Map(work.met);
    if (customer !== undefined) met.set(customer.id, { past: [], ...met.get(customer.id), customer });
    const done = seat.commit({
      ops: [{ name: 'contact.identified', contactId, customerId: id, atMs: clock.nowMs() }],
      // Security 51: a level belongs to one customer.
      work: (contact) => ({
        ...work,
        contact: contact ?? work.contact,
        candidates,
        met,
        triedBefore,
        verification: (id === null ? undefined : triedBefore.get(id)) ?? unverified,
        revealed: {},
        verifying: { ...work.verifying, openUntilMs: {}, override: 'none' },
      }),
    });
    return done.ok ? ok({}) : done;
  },
});

/** A central of before it could search still knows who has a whole number. */
const byNumberAlone = async (client: CentralClient, token: string, text: string): Promise<Result<SearchAnswer>> => {
  const key = numberKey(text);
  if (key === undefined) return refused(refusal('notFound', 'centralCannotSearch'));
  const answer = await client.call('lookup', { key }, token, searchMs);
  if (!answer.ok) return answer;
  const rows = answer.value.customers.map((customer) => {
    const index = customer.numbers.findIndex((number) => number.key === key);
    return { customer, by: 'number' as const, numberIndex: index < 0 ? null : index };
  });
  return ok({ kind: 'found', rows });
};

/** The agent may dial one of them, or choose it for the contact in hand. In memory only. */
const remember = (seat: Seat, rows: readonly FoundCustomer[]): void => {
  for (const { customer } of rows) {
    seat.strangers.delete(customer.id);
    seat.strangers.set(customer.id, customer);
  }
  for (const id of [...seat.strangers.keys()].slice(0, -mostStrangers)) seat.strangers.delete(id);
  const { work } = seat;
  if (work === null || rows.length === 0) return;
  const met = new Map(work.met);
  for (const { customer } of rows) met.set(customer.id, { past: [], ...met.get(customer.id), customer });
  seat.setWork({ ...work, met });
};
