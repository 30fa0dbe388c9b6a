import type { Customer, PastContact } from '../../shared/customer.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import { numberKey } from '../../shared/phone-number.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { unverified, withoutLevel } from '../../shared/verification.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { historyOf } from './pop.ts';
import type { Candidates, Seat } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db, ReadDb } from './store/db.ts';
import { customerById, customersByNumber, customersBySurname } from './store/working-set.ts';

const mostFound = 10;
const historyLimit = 200;

export interface Customers {
  /** By number in any writing, customer id, or surname: at most ten masked rows. */
  find(text: string): Promise<Customer[]>;
  history(id: CustomerId): PastContact[];
  identify(contactId: ContactId, id: CustomerId | null): Result<Record<string, never>>;
}

export const createCustomers = (db: Db, seat: Seat, client: CentralClient, clock: Clock): Customers => ({
  find: async (text) => {
    const key = numberKey(text);
    if (key === undefined) return byIdOrSurname(db.read, text);
    const own = customersByNumber(db.read, key).map((row) => row.customer);
    if (own.length > 0 || seat.session === null) return own;
    const answer = await client.call('lookup', { key }, seat.session.token, 2_000);
    if (!answer.ok) return [];
    remember(seat, answer.value.customers, answer.value.history);
    return answer.value.customers.slice(0, mostFound);
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

const byIdOrSurname = (db: ReadDb, text: string): Customer[] => {
  const wanted = text.normalize('NFKC').trim();
  if (wanted === '') return [];
  const byId = customerById(db, wanted);
  if (byId !== undefined) return [byId];
  // Chinese surnames have one or two characters: a whole name finds by its beginning.
  for (const surname of new Set([wanted, wanted.slice(0, 2), wanted.slice(0, 1)])) {
    const found = customersBySurname(db, surname, mostFound);
    if (found.length > 0) return found;
  }
  return [];
};

/** Found at central during a call: the agent may choose one of them for the contact in hand. */
const remember = (
  seat: Seat,
  customers: readonly Customer[],
  lines: readonly { readonly customerId: CustomerId; readonly past: PastContact }[],
): void => {
  const { work } = seat;
  if (work === null || customers.length === 0) return;
  const met = new Map(work.met);
  for (const customer of customers)
    met.set(customer.id, {
      customer,
      past: lines.filter((line) => line.customerId === customer.id).map((line) => line.past),
    });
  seat.setWork({ ...work, met });
};
