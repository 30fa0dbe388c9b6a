import { createHash } from 'node:crypto';
import type { PastContact } from '../../shared/customer.ts';
import { ContactId } from '../../shared/ids.ts';
import type { Db } from '../db.ts';
import { rows, statement } from '../db.ts';
import type { FeedRow } from '../feed.ts';
import { publish } from '../feed.ts';
import type { Read } from './cells.ts';
import * as cell from './cells.ts';
import type { HistoryField } from './columns.ts';
import type { RowFault, Values } from './read-row.ts';
import { defaultFault, readRow } from './read-row.ts';
import { reasons } from './reasons.ts';
import type { Taking, TakingPorts } from './taking.ts';

const readers = {
  contactId: cell.textUpTo(200),
  customerId: cell.customerId,
  number: cell.phoneKey,
  direction: cell.oneOf({
    inbound: ['呼入', '来电', '被叫', 'in', 'incoming'],
    outbound: ['呼出', '外呼', '去电', '主叫', 'out', 'outgoing'],
  }),
  startedAt: cell.pastMs,
  talkSeconds: cell.durationSeconds,
  topic: cell.textUpTo(200),
  disposition: cell.textUpTo(400),
  agentName: cell.textUpTo(40),
  note: cell.textUpTo(4_000),
} as const satisfies Record<HistoryField, Read<unknown>>;

type HistoryValues = Values<typeof readers>;
type Owner = Pick<FeedRow, 'place' | 'queues'>;

/** Histories: lines of customers' timelines (R34), each for a customer who is there. The same line again changes nothing. */
export const takeHistories = ({ plan, rules }: TakingPorts): Taking => ({
  secretFields: [],
  fault: defaultFault(plan, readers, rules),
  warnings: async () => [],
  decide: async (db, batch) => {
    const bad = new Map<number, readonly RowFault[]>();
    const wanted: { readonly row: number; readonly values: HistoryValues }[] = [];
    for (const source of batch) {
      const one = readRow(source, plan, readers, ['direction', 'startedAt'], rules);
      if (one.kind === 'bad') bad.set(source.row, one.faults);
      else wanted.push({ row: source.row, values: one.values });
    }
    const known = await knownOf(
      db,
      wanted.map(({ values }) => values),
    );
    const lines = new Map<string, { readonly customerId: string; readonly past: PastContact }>();
    const refuse = (row: number, field: HistoryField, why: RowFault['why']) =>
      void bad.set(row, [{ column: plan.header[plan.at.get(field) ?? -1] ?? null, why }]);
    for (const { row, values } of wanted) {
      const candidates =
        values.customerId === undefined ? (known.byNumber.get(values.number ?? '') ?? []) : [values.customerId];
      const [customerId] = candidates;
      if (values.customerId === undefined && values.number === undefined)
        refuse(row, 'customerId', reasons.nobodyNamed);
      else if (candidates.length > 1) refuse(row, 'number', reasons.severalCustomers);
      else if (customerId === undefined || !known.owners.has(customerId))
        refuse(row, values.customerId === undefined ? 'number' : 'customerId', reasons.unknownCustomer);
      else {
        const [id, line] = lineOf(customerId, values);
        const before = lines.get(id);
        if (before !== undefined && before.customerId !== customerId)
          refuse(row, 'contactId', reasons.contactOfAnother);
        else lines.set(id, line);
      }
    }
    const held = await heldOf(db, [...lines.keys()]);
    for (const { row, values } of wanted) {
      if (bad.has(row)) continue;
      const id = values.contactId === undefined ? undefined : contactIdOf([values.contactId], values.contactId);
      const line = id === undefined ? undefined : lines.get(id);
      const was = id === undefined ? undefined : held.get(id);
      if (id === undefined || line === undefined || was === undefined || was.customerId === line.customerId) continue;
      refuse(row, 'contactId', reasons.contactOfAnother);
      lines.delete(id);
    }
    const changed = [...lines].filter(([id, line]) => JSON.stringify(held.get(id)) !== JSON.stringify(line));
    return {
      bad,
      changed: changed.length,
      write: async (tx) => {
        await publish(
          tx,
          changed.map(([id, line]): FeedRow => {
            const { place, queues } = known.owners.get(line.customerId) ?? { place: null, queues: null };
            const { customerId } = line;
            return { entity: 'history', id, customerId, place, queues, atMs: line.past.startedAtMs, row: line };
          }),
          { poking: 'later' },
        );
        return [...new Set(changed.flatMap(([, { customerId }]) => known.owners.get(customerId)?.queues ?? []))];
      },
    };
  },
});

const lineOf = (
  customerId: string,
  values: HistoryValues,
): [string, { readonly customerId: string; readonly past: PastContact }] => {
  const { startedAt = 0, direction = 'inbound', agentName = '', topic, disposition, note = '' } = values;
  // Without an id of its own a line is known by who spoke with whom from which second on.
  const id =
    values.contactId === undefined
      ? contactIdOf([customerId, direction, String(startedAt), agentName])
      : contactIdOf([values.contactId], values.contactId);
  return [
    id,
    {
      customerId,
      past: {
        contactId: ContactId.parse(id),
        direction,
        startedAtMs: startedAt,
        talkMs: (values.talkSeconds ?? 0) * 1_000,
        topic: topic === undefined ? null : { zh: topic, en: topic },
        disposition:
          disposition === undefined ? [] : disposition.split(/\s*[/>＞]\s*/u).map((text) => ({ zh: text, en: text })),
        agentName,
        note,
      },
    },
  ];
};

/** A contact id of ours stays; another system's becomes one that is always the same (UUID version 8, RFC 9562). */
const contactIdOf = (from: readonly string[], given = ''): string => {
  if (ContactId.safeParse(given.toLowerCase()).success) return given.toLowerCase();
  const hex = createHash('sha256')
    .update(`zuoxi history\n${from.join('\n')}`)
    .digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const knownOf = async (
  db: Db,
  wanted: readonly HistoryValues[],
): Promise<{
  readonly byNumber: ReadonlyMap<string, readonly string[]>;
  readonly owners: ReadonlyMap<string, Owner>;
}> => {
  const keys = [
    ...new Set(
      wanted.flatMap(({ number, customerId }) => (number === undefined || customerId !== undefined ? [] : [number])),
    ),
  ];
  const byNumber = new Map<string, string[]>();
  for (const { key, id } of await rows(
    db,
    statement<{ key: string; id: string }>`
      select key, customer_id as id from customer_number where key = any(${keys}::text[])`,
  ))
    byNumber.set(key, [...(byNumber.get(key) ?? []), id]);
  const ids = [...new Set([...wanted.flatMap(({ customerId }) => customerId ?? []), ...[...byNumber.values()].flat()])];
  const owners = await rows(
    db,
    statement<Owner & { id: string }>`
      select id, place, queues from feed
      where entity = 'customer' and id = any(${ids}::text[]) and row is not null`,
  );
  return { byNumber, owners: new Map(owners.map(({ id, place, queues }) => [id, { place, queues }])) };
};

const heldOf = async (
  db: Db,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly customerId: string; readonly past: PastContact }>> => {
  const found = await rows(
    db,
    statement<{ id: string; row: { customerId: string; past: PastContact } }>`
      select id, row from feed where entity = 'history' and id = any(${ids}::text[]) and row is not null`,
  );
  return new Map(found.map(({ id, row }) => [id, row]));
};
