import { isDeepStrictEqual } from 'node:util';
import { shippedCalendar } from '../../shared/calendar.ts';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import type { OpBody } from '../../shared/op.ts';
import { isContactOp, isWorkOp } from '../../shared/op.ts';
import { isOrderOp } from '../../shared/order.ts';
import { isEditable, maskedField } from '../../shared/profile.ts';
import type { WorkRow } from '../../shared/work.ts';
import { nextWork } from '../../shared/work.ts';
import { orderRows } from './check-orders.ts';
import { reservations } from './check-tasks.ts';
import type { CentralOp, History, Violation } from './history.ts';
import { byArrival, nameOf } from './history.ts';

/** Central's rows are what the rules make of the ops it took, in the order it took them; each op left its mark once. */
export const centralRows = (history: History): readonly Violation[] => {
  const taken = [...history.central].filter(({ outcome }) => outcome === 'applied').sort(byArrival);
  return [
    ...contactRows(taken, history),
    ...workRows(taken, history),
    ...orderRows(taken, history),
    ...reservations(taken, history),
    ...customerRows(taken, history),
    ...marks(taken, history),
  ];
};

const contactRows = (taken: readonly CentralOp[], { contacts }: History): Violation[] => {
  const found: Violation[] = [];
  const folded = new Map<string, Contact>();
  for (const op of taken) {
    const { body } = op;
    if (!isContactOp(body)) continue;
    const next = nextContact(folded.get(body.contactId), body, op.agentId);
    if (next.ok) folded.set(body.contactId, next.value);
    else found.push({ kind: 'contact', what: `${nameOf(op)} was taken although ${next.error.reason}` });
  }
  const rows = new Map(contacts.map((contact) => [contact.id as string, contact]));
  for (const [id, contact] of folded) {
    const row = rows.get(id);
    if (row === undefined) found.push({ kind: 'contact', what: `${id} is missing` });
    else if (!isDeepStrictEqual(withLevelsOf(contact, row), row))
      found.push({ kind: 'contact', what: `${id} is not what its ops say` });
  }
  for (const id of rows.keys()) if (!folded.has(id)) found.push({ kind: 'contact', what: `${id} has no ops` });
  return found;
};

/** Central may lower the level an op claims (R12), never raise it. */
const withLevelsOf = (contact: Contact, row: Contact): Contact => ({
  ...contact,
  verifications: contact.verifications.map((one, index) => {
    const level = row.verifications[index]?.level ?? one.level;
    return level < one.level ? { ...one, level } : one;
  }),
});

const workRows = (taken: readonly CentralOp[], { work }: History): Violation[] => {
  const found: Violation[] = [];
  const folded = new Map<string, WorkRow>();
  for (const op of taken) {
    const { body } = op;
    if (!isWorkOp(body) || isOrderOp(body)) continue;
    const next = nextWork(
      folded.get(body.workId),
      body,
      { agentId: op.agentId, role: 'agent', missing: 0 },
      shippedCalendar,
    );
    if (next.ok) folded.set(body.workId, next.value);
    else found.push({ kind: 'work', what: `${nameOf(op)} was taken although ${next.error.reason}` });
  }
  const rows = new Map(work.flatMap((row) => (row.record === 'order' ? [] : [[row.id as string, row] as const])));
  for (const id of new Set([...folded.keys(), ...rows.keys()]))
    if (!isDeepStrictEqual(folded.get(id), rows.get(id)))
      found.push({ kind: 'work', what: `${id} is not what its ops say` });
  return found;
};

type FieldSet = Extract<OpBody, { name: 'customer.fieldSet' }>;

/** The last word that arrived counts (R7); a refusal counts for ever (R22). */
const customerRows = (taken: readonly CentralOp[], { customers }: History): Violation[] => {
  const found: Violation[] = [];
  const rows = new Map(customers.map((customer) => [customer.id as string, customer]));
  const fields = new Map<string, FieldSet>();
  for (const { body } of taken) {
    if (body.name === 'customer.fieldSet') fields.set(`${body.customerId} ${body.key}`, body);
    if (body.name === 'customer.refused' && rows.get(body.customerId)?.refusesMarketing !== true)
      found.push({ kind: 'customer', what: `${body.customerId} refused, and the row does not say so` });
  }
  for (const { customerId, contactId, key, value } of fields.values()) {
    const field = rows.get(customerId)?.fields.find((one) => one.key === key);
    const shown = isEditable(key) ? maskedField(key, value) : undefined;
    if (field?.shown !== shown || field?.from?.contactId !== contactId)
      found.push({ kind: 'customer', what: `${key} of ${customerId} is not what was said last` });
  }
  return found;
};

/** What is kept beside the rows, op by op: neither missing nor twice. */
const marks = (taken: readonly CentralOp[], { kept }: History): Violation[] => {
  const idsOf = (name: OpBody['name']): string[] => taken.flatMap(({ id, body }) => (body.name === name ? [id] : []));
  const differ = (one: readonly string[], other: readonly string[]): boolean =>
    !isDeepStrictEqual([...one].sort(), [...other].sort());
  const given = taken.flatMap(({ body }) => (body.name === 'op.discarded' ? [body.opId as string] : []));
  return [
    ...(differ(idsOf('customer.fieldSet'), kept.fields)
      ? [{ kind: 'customer' as const, what: 'the values kept are not those said' }]
      : []),
    ...(differ(idsOf('customer.refused'), kept.refusals)
      ? [{ kind: 'customer' as const, what: 'the refusals kept are not those said' }]
      : []),
    ...(differ(given, kept.discards)
      ? [{ kind: 'audit' as const, what: 'ops given up are not those in the chain' }]
      : []),
    ...(kept.audit === 'intact' ? [] : [{ kind: 'audit' as const, what: `the chain is ${kept.audit}` }]),
  ];
};
