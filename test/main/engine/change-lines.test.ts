import { expect, it } from 'vitest';
import { readPage } from '../../../main/engine/change-lines.ts';
import { pageOf } from '../../../main/engine/page.ts';
import type { Change } from '../../../shared/central-api.ts';

const head = { cursor: 'c1', more: true, total: 9, count: 2 };
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
  const { count: _, ...page } = head;
  const gone: Change = { entity: 'customer', id: 'C1', row: null };
  expect(await readPage(bodyOf(head, notice('n1'), gone))).toEqual(pageOf({ ...page, changes: [notice('n1'), gone] }));
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
  ['a row that is none', bodyOf(head, notice('n1'), { entity: 'notice', id: 'n2', row: { id: 7 } })],
  ['a line that is not JSON', Buffer.concat([bodyOf(head, notice('n1')), Buffer.from('<html>\n')])],
  ['a line cut short', bodyOf(head, notice('n1'), notice('n2')).subarray(0, -3)],
  ['the last line end missing', bodyOf(head, notice('n1'), notice('n2')).subarray(0, -1)],
])('is no page: %s', async (_what, body) => {
  expect(await readPage(body)).toBeUndefined();
});
