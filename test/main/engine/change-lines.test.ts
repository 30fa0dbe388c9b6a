import { expect, it } from 'vitest';
import { readPage } from '../../../main/engine/change-lines.ts';
import { pageOf } from '../../../main/engine/page.ts';
import type { Change } from '../../../shared/central-api.ts';
import { ContactId } from '../../../shared/ids.ts';
import { customer, past } from '../sample.ts';

const head = { cursor: 'c1', more: true, total: 9, count: 2 };
const { count: _, ...page } = head;
const notice = (id: string): Change => ({
  entity: 'notice',
  id,
  row: {
    id,
    area: null,
    packageId: null,
    severity: 'change',
    text: { zh: '通知', en: 'Notice' },
    fromMs: 1,
    toMs: 2,
  },
});
const bodyOf = (...lines: readonly unknown[]): Buffer =>
  Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

it('SYNC-3 a page that came as lines is the page that would have come as JSON', async () => {
  const gone: Change = { entity: 'customer', id: 'C1', row: null };
  expect(await readPage(bodyOf(head, notice('n1'), gone))).toEqual(pageOf({ ...page, changes: [notice('n1'), gone] }));
});

const row = customer('C1');
const line = past(ContactId.parse('018f0000-0000-7000-8000-000000000001'), 7);
const rowsOf = async (...lines: readonly string[]): Promise<unknown> => {
  const page = await readPage(Buffer.from([JSON.stringify({ ...head, count: lines.length }), ...lines, ''].join('\n')));
  return page?.rows;
};

it('the text of a row is kept as it came', async () => {
  const text = JSON.stringify(row).replace('{', '{ ').replace('李*', '\\u674e*');
  expect(await rowsOf(`{"entity":"customer","id":"C1","row":${text}}`)).toMatchObject([
    { id: 'C1', row: { doc: text } },
  ]);
  const told = `{"entity":"history","id":"${line.contactId}","row":{"customerId":"C1","past":${JSON.stringify(line)}}}`;
  expect(await rowsOf(told)).toEqual([
    { entity: 'history', id: line.contactId, row: { customerId: 'C1', startedAtMs: 7, doc: JSON.stringify(line) } },
  ]);
});

it('security 30 of a row with more than the contract has, only what the contract has is kept', async () => {
  const more = JSON.stringify({ ...row, idNumber: '3301' });
  for (const text of [
    `{"entity":"customer","id":"C1","row":${more}}`,
    `{"entity":"customer","id":"C1","row":${more},"row":${JSON.stringify(row)}}`,
    `{"entity":"customer","id":"C1","row":${JSON.stringify(row)},"more":{"a":1}}`,
    ` {"id":"C1","entity":"customer","row":${JSON.stringify(row)}}`,
  ])
    expect(await rowsOf(text)).toEqual(pageOf({ ...page, changes: [{ entity: 'customer', id: 'C1', row }] }).rows);
  const told = { entity: 'history', id: line.contactId, row: { customerId: 'C1', past: { ...line, phone: '138' } } };
  expect(JSON.stringify(await rowsOf(JSON.stringify(told)))).not.toContain('phone');
});

it('a page of thousands of lines lets others have the thread meanwhile', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => notice(`n${index}`));
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 0);
  const page = await readPage(bodyOf({ ...head, count: 5_000 }, ...lines));
  clearInterval(timer);
  expect(page?.rows).toHaveLength(5_000);
  expect(turns).toBeGreaterThan(0);
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['no head', bodyOf(notice('n1'), notice('n2'))],
  ['a line missing', bodyOf(head, notice('n1'))],
  ['a line too many', bodyOf(head, notice('n1'), notice('n2'), notice('n3'))],
  ['a customer who is none', bodyOf(head, notice('n1'), { entity: 'customer', id: 'C1', row: { ...row, surname: 7 } })],
  ['a row that is none', bodyOf(head, notice('n1'), { entity: 'notice', id: 'n2', row: { id: 7 } })],
  ['a line that is not JSON', Buffer.concat([bodyOf(head, notice('n1')), Buffer.from('<html>\n')])],
  ['a line cut short', bodyOf(head, notice('n1'), notice('n2')).subarray(0, -3)],
  ['the last line end missing', bodyOf(head, notice('n1'), notice('n2')).subarray(0, -1)],
])('is no page: %s', async (_what, body) => {
  expect(await readPage(body)).toBeUndefined();
});
