import type { Op, OpBody } from '../shared/op.ts';
import { editableFields, isEditable, maskedField, withField } from '../shared/profile.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { agentById } from './agents.ts';
import { contactById } from './contacts.ts';
import { customerById } from './customers.ts';
import type { Tx } from './db.ts';
import { asJson, run, statement } from './db.ts';
import { noteRefusal } from './dial-grants.ts';
import { lockCustomer, publishCustomer } from './feed.ts';

type Of<Name extends OpBody['name']> = Op & { readonly body: Extract<OpBody, { name: Name }> };

/** R7: the last word that arrives counts, seats see it masked with who said it; every value ever given is kept. */
export const setField = async (
  tx: Tx,
  { id, agentId, body }: Of<'customer.fieldSet'>,
  nowMs: number,
): Promise<Result<null>> => {
  const { customerId, contactId, key, value, atMs } = body;
  if (!isEditable(key)) return refused(refusal('policy', 'fieldNotEditable'));
  const contact = await contactById(tx, contactId);
  if (contact === undefined) return refused(refusal('notFound', 'contact'));
  // Only of the customer the agent spoke with, whichever of the two ops was sent later.
  if (contact.agentId !== agentId || contact.customerId !== customerId)
    return refused(refusal('forbidden', 'notInThisCall'));
  await lockCustomer(tx, customerId);
  const customer = await customerById(tx, customerId);
  if (customer === undefined) return refused(refusal('notFound', 'customer'));
  const agentName = ((await agentById(tx, agentId))?.name ?? agentId).slice(0, 40);
  // Central's own time: a seat's clock may be wrong, and the order shown is the order of arrival.
  const from = { agentName, atMs: nowMs, contactId };
  const shown = { key, class: editableFields[key], shown: maskedField(key, value), from };
  await publishCustomer(tx, withField(customer, shown));
  await run(
    tx,
    statement`
      update customer_private
      set fields = (fields::jsonb || ${asJson({ [key]: { class: editableFields[key], value } })}::jsonb)::json
      where customer_id = ${customerId}`,
  );
  await run(
    tx,
    statement`
      insert into customer_field_set (op_id, customer_id, key, value, agent_id, contact_id, said_at_ms, arrived_at_ms)
      values (${id}, ${customerId}, ${key}, ${value}, ${agentId}, ${contactId}, ${atMs}, ${nowMs})`,
  );
  return ok(null);
};

/** R22: taken from whoever says it, of whomever; a refusal too many harms nobody. */
export const refuseMarketing = async (
  tx: Tx,
  { id, agentId, body }: Of<'customer.refused'>,
  nowMs: number,
): Promise<Result<null>> => {
  const { customerId, contactId, atMs } = body;
  await run(
    tx,
    statement`
      insert into customer_refusal (op_id, customer_id, agent_id, contact_id, said_at_ms, arrived_at_ms)
      values (${id}, ${customerId}, ${agentId}, ${contactId}, ${atMs}, ${nowMs})`,
  );
  await lockCustomer(tx, customerId);
  const customer = await customerById(tx, customerId);
  await noteRefusal(tx, customerId, customer?.numbers.map(({ key }) => key) ?? [], nowMs);
  if (customer !== undefined && !customer.refusesMarketing)
    await publishCustomer(tx, { ...customer, refusesMarketing: true });
  return ok(null);
};
