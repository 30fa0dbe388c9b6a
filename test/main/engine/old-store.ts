import { mkdirSync } from 'node:fs';
import { Contact } from '../../../shared/contact.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { migrate } from '../../../main/engine/store/migrations.ts';
import { memoryLog } from '../harness.ts';
import { customer, past, script } from '../sample.ts';

export const toldId = '018f0000-0000-7000-8000-00000000000c';
export const openId = '018f0000-0000-7000-8000-00000000000a';

/**
 * A store as a released program left it, in one file, by the migrations of then: a working set, a contact central has in full,
 * and one with two ops that wait. @returns closes it, when it was left open
 */
export const oldStore = (folder: string, key: Uint8Array, schema: number, how: 'closed' | 'open' = 'closed') => {
  mkdirSync(folder, { recursive: true });
  const only = { work: schema, cache: 0 };
  const db = openDb(folder, key, only, memoryLog());
  migrate(db, only);
  const rows: [string, ...(string | number | null)[]][] = [
    ['customer (id, doc)', 'c-old', JSON.stringify(customer('c-old', { surname: '赵' }))],
    ['customer_number (key, customer_id, confidence)', '+8613800138000', 'c-old', 'certain'],
    ['history (customer_id, started_at, contact_id, doc)', 'c-old', 10, toldId, JSON.stringify(past(toldId, 10))],
    ['history (customer_id, started_at, contact_id, doc)', 'c-old', 20, openId, JSON.stringify(past(openId, 20))],
    ['script (id, version, doc)', 'bill-help', 1, JSON.stringify(script(1))],
    ['contact (id, ended_at, doc)', openId, null, JSON.stringify(contact)],
    ['draft (contact_id, saved_at, note, disposition)', openId, 1, '草稿', '[]'],
    ...[4, 5].map((seq): [string, ...(string | number | null)[]] => [
      'outbox (seq, op_id, entity, doc, state)',
      ...[seq, `op-${seq}`, `contact:${openId}`, JSON.stringify({ id: `op-${seq}`, seq }), 'waiting'],
    ]),
    ['meta (name, doc)', 'seq', '5'],
    ['meta (name, doc)', 'workingSetOf', '"agent-8001"'],
    ['meta (name, doc)', 'cursor', '"17"'],
    ['meta (name, doc)', 'loaded', 'true'],
  ];
  if (schema >= 3) rows.push(['target (id, number, doc)', 't1', '8001', JSON.stringify({ id: 't1', number: '8001' })]);
  db.write('rows', (write) => {
    for (const [into, ...values] of rows)
      write.run('row', `INSERT INTO ${into} VALUES (${values.map(() => '?').join(', ')})`, ...values);
  });
  if (how === 'closed') db.close();
  return () => db.close();
};

const contact = Contact.parse({
  id: openId,
  callId: '018f0000-0000-7000-8000-00000000000b',
  agentId: 'agent-8001',
  direction: 'inbound',
  number: '+8613800138000',
  queue: 'service',
  customerId: 'c-old',
  openedAtMs: 20,
  answeredAtMs: 21,
  endedAtMs: null,
  endCause: null,
  topicId: null,
  script: null,
  answers: [],
  verifications: [],
  forced: false,
  disposition: null,
  note: '未送出',
  wrappedUpAtMs: null,
});
