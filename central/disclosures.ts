import { createHash } from 'node:crypto';
import type { Contact } from '../shared/contact.ts';
import type { RecordingMarks } from '../shared/disclosure.ts';
import { isTold, missingOf } from '../shared/disclosure.ts';
import type { Op } from '../shared/op.ts';
import { Order } from '../shared/order.ts';
import type { Script } from '../shared/script.ts';
import type { Text } from '../shared/text.ts';
import { audit } from './audit.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';

/**
 * The disclosure ledger (R42): who told what to whom, when, and where in the recording, with the tariff and a hash of the very version of the
 * script. Lines are appended and never changed; each is in the audit chain as well, so that one written or changed past us shows. Every
 * sale is checked against it, not against what a seat says.
 */
type Pinned = { readonly id: string; readonly version: number };
type Line = {
  readonly stepId: string;
  readonly itemId: string;
  readonly kind: string;
  readonly label: Text;
  readonly atMs: number;
  readonly recording: RecordingMarks['marks'][number]['recording'];
  readonly offsetMs: number | null;
};

/** The version that was published: as the seats have it, else as it was written. */
const scriptOf = async (db: Db, { id, version }: Pinned): Promise<Script | undefined> => {
  const told = await firstRow(
    db,
    statement<{ row: Script }>`
      select row from feed where entity = 'script' and id = ${`${id}@${version}`} and row is not null`,
  );
  if (told !== undefined) return told.row;
  const written = await firstRow(
    db,
    statement<{ row: Script }>`
      select row from script_version where id = ${id} and version = ${version}
        and life ->> 'kind' in ('published', 'superseded', 'withdrawn')`,
  );
  return written?.row;
};

/** Keys in the order of the row: the same version always hashes alike. */
const hashOf = (script: Script): string => createHash('sha256').update(asJson(script)).digest('base64url');

/** @param op as it arrived; `contact` is the row before it */
export const tellDisclosed = async (
  tx: Tx,
  auditKey: Uint8Array,
  { op, contact, nowMs }: { readonly op: Op; readonly contact: Contact; readonly nowMs: number },
): Promise<void> => {
  const { body, agentId, seatId } = op;
  if (body.name !== 'contact.disclosed' || contact.script === null || isTold(contact.told ?? [], body)) return;
  const { id, version } = contact.script;
  const script = await scriptOf(tx, contact.script);
  const item = script?.steps
    .find((step) => step.id === body.stepId)
    ?.disclosures?.find((one) => one.id === body.itemId);
  const label = item?.label ?? { zh: body.itemId, en: body.itemId };
  const hash = script === undefined ? null : hashOf(script);
  const { recording, offsetMs } = body.mark;
  await run(
    tx,
    statement`
      insert into disclosure (op_id, contact_id, customer_id, agent_id, seat_id, script_id, version, version_hash, tariff_id,
        step_id, item_id, kind, label, said_at_ms, arrived_at_ms, recording, offset_ms)
      values (${op.id}, ${contact.id}, ${contact.customerId}, ${agentId}, ${seatId}, ${id}, ${version}, ${hash},
        ${script?.tariffId ?? null}, ${body.stepId}, ${body.itemId}, ${item?.kind ?? 'unknown'}, ${asJson(label)}::json,
        ${body.atMs}, ${nowMs}, ${recording}, ${offsetMs})`,
  );
  const of = { atMs: nowMs, agentId, seatId, contactId: contact.id, customerId: contact.customerId, factor: null };
  const about = [
    op.id,
    `${id}@${version}`,
    hash,
    script?.tariffId ?? null,
    body.stepId,
    body.itemId,
    recording,
    offsetMs,
  ];
  await audit(tx, auditKey, [{ ...of, kind: 'disclosed', result: JSON.stringify(about) }]);
};

const linesOf = (db: Db, contactId: string, pinned?: Pinned): Promise<readonly Line[]> =>
  rows(
    db,
    statement<Line>`
      select step_id as "stepId", item_id as "itemId", kind, label, said_at_ms as "atMs", recording, offset_ms as "offsetMs"
      from disclosure where contact_id = ${contactId}
        and (${pinned?.id ?? null}::text is null or (script_id = ${pinned?.id ?? ''} and version = ${pinned?.version ?? 0}))
      order by said_at_ms, op_id limit 300`,
  );

/** Whether this is the script of the tariff, with something to tell. */
export const isTariffScript = async (db: Db, pinned: Pinned, tariffId: string | null): Promise<boolean> => {
  const script = await scriptOf(db, pinned);
  return script?.tariffId !== undefined && script.tariffId === tariffId && missingOf(script, []).length > 0;
};

/** How many mandatory items of the script are not in the ledger for this contact; of an unknown script all that can be. */
export const missingInLedger = async (db: Db, contactId: string, pinned: Pinned | null): Promise<number> => {
  const script = pinned === null ? undefined : await scriptOf(db, pinned);
  if (pinned === null || script === undefined) return Number.MAX_SAFE_INTEGER;
  return missingOf(script, await linesOf(db, contactId, pinned)).length;
};

/** R42: what a player shows on the recording of a contact: each item told, and the customer's yes. Oldest first. */
export const marksOf = async (db: Db, contactId: string): Promise<RecordingMarks> => {
  const orders = await rows(
    db,
    statement<{ row: unknown }>`
      select work.row from work join contact on contact.customer_id = work.customer_id
      where contact.id = ${contactId} and work.record = 'order' and work.row ->> 'contactId' = ${contactId} limit 50`,
  );
  const consents = orders.flatMap(({ row }) =>
    Order.parse(row).steps.flatMap(({ step, atMs, mark }) =>
      step === 'consented' && mark !== null
        ? [{ ...mark, kind: 'consented', label: { zh: '客户同意', en: 'Customer agreed' }, atMs }]
        : [],
    ),
  );
  const told = (await linesOf(db, contactId)).map(({ offsetMs, recording, kind, label, atMs }) => ({
    ...{ offsetMs, recording, kind, label, atMs },
  }));
  return { marks: [...told, ...consents].toSorted((one, other) => one.atMs - other.atMs) };
};
