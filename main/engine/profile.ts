import type { OpBody } from '../../shared/op.ts';
import type { ContactId, CustomerId } from '../../shared/ids.ts';
import { editableFields, fieldRefusal, isEditable, maskedField, withField } from '../../shared/profile.ts';
import type { Customer } from '../../shared/customer.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { storable } from '../../shared/text.ts';
import type { Clock } from './clock.ts';
import type { Seat, Work } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';
import { customerById, holdsCustomer, putCustomer } from './store/working-set.ts';

type Done = Result<Record<string, never>>;

/** The customer's row as a seat shows it after its own op, until central's comes. */
export const afterOp = (customer: Customer, body: OpBody, agentName = ''): Customer => {
  if (body.name === 'customer.refused') return { ...customer, refusesMarketing: true };
  if (body.name !== 'customer.fieldSet' || !isEditable(body.key)) return customer;
  const { key, value, atMs, contactId } = body;
  const from = { agentName, atMs, contactId };
  return withField(customer, { key, class: editableFields[key], shown: maskedField(key, value), from });
};

/** What a wrap-up said of the customer counts on this seat at once (R22). */
export const showFollowed = (db: Db, said: readonly OpBody[], customerId: CustomerId | null): void => {
  const customer = customerId === null ? undefined : customerById(db.read, customerId);
  if (customer === undefined || !said.some(({ name }) => name === 'customer.refused')) return;
  db.fill('own word on customer', (write) =>
    putCustomer(
      write,
      said.reduce((row, body) => afterOp(row, body), customer),
    ),
  );
};

/**
 * What a caller says of themselves (R7), and "do not call me" (R22). The op is on disk before anything is shown; the customer's row on the
 * seat follows at once, masked, and central's replaces it.
 */
export const createProfile = (db: Db, seat: Seat, clock: Clock) => {
  const inHand = (contactId: ContactId): Result<{ readonly work: Work; readonly customer: Customer }> => {
    const found = seat.inHand(contactId);
    if (!found.ok) return found;
    const work = found.value;
    const { customerId } = work.contact;
    const customer = customerId === null ? undefined : findCustomer(db.read, work, customerId);
    return customer === undefined ? refused(refusal('conflict', 'customerFirst')) : ok({ work, customer });
  };
  /** In the working set if it is there, and in the memory of this call: a caller outside it has no row. */
  const show = (work: Work, customer: Customer): void => {
    if (holdsCustomer(db.read, customer.id)) db.fill('own word on customer', (write) => putCustomer(write, customer));
    const before = work.met.get(customer.id);
    seat.setWork({ ...work, met: new Map(work.met).set(customer.id, { past: [], ...before, customer }) });
  };
  return {
    setField: (contactId: ContactId, key: string, value: string): Done => {
      const found = inHand(contactId);
      if (!found.ok) return found;
      if (!isEditable(key)) return refused(refusal('policy', 'fieldNotEditable'));
      const { work, customer } = found.value;
      const atMs = clock.nowMs();
      // As central will keep it, or the two would differ for ever.
      const said = storable(value).trim();
      const why = fieldRefusal(key, said, atMs);
      if (why !== undefined) return refused(why);
      const op = { name: 'customer.fieldSet' as const, customerId: customer.id, contactId, key, value: said, atMs };
      const done = seat.commit({ besideOps: [op] });
      if (!done.ok) return done;
      show(work, afterOp(customer, op, seat.session?.agent.name));
      return ok({});
    },
    refuse: (contactId: ContactId): Done => {
      const found = inHand(contactId);
      if (!found.ok) return found;
      const { work, customer } = found.value;
      const op = { name: 'customer.refused' as const, customerId: customer.id, contactId, atMs: clock.nowMs() };
      const done = seat.commit({ besideOps: [op] });
      if (!done.ok) return done;
      show(work, afterOp(customer, op));
      return ok({});
    },
  };
};
