import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rows, statement } from '../../../central/db.ts';
import { clean } from '../fixture.ts';
import type { ImportRig } from './import-rig.ts';
import { openImportRig } from './import-rig.ts';

// Bad input of a task's list: what can be read is taken, the rest is named by its row, and nothing is lost.
let rig: ImportRig;
beforeAll(async () => {
  rig = await openImportRig();
}, 120_000);
beforeEach(() => clean(rig.database));
afterAll(() => rig.close());

const list = { kind: 'lists', list: '春季回访' } as const;
const listed = () =>
  rows(
    rig.database.db,
    statement<{ key: string; name: string }>`select key, name from contact_list_entry order by key`,
  );
const utf8 = '号码,姓名\n13900000001,甲\n13900000002,乙\n';
/** The same as GB18030. */
const gb18030 = Buffer.concat([
  Buffer.from('bac5c2eb2cd0d5c3fb0a', 'hex'),
  ...['bcd7', 'd2d2'].map((name, n) =>
    Buffer.concat([Buffer.from(`1390000000${n + 1},`), Buffer.from(`${name}0a`, 'hex')]),
  ),
]);

describe('a list of a task', () => {
  it.each([
    ['UTF-8', utf8],
    ['UTF-8 with a byte order mark', `\ufeff${utf8}`],
    ['GB18030', gb18030],
  ])('is the same in %s', async (_name, content) => {
    const { last } = await rig.take(content, list);
    expect(last).toMatchObject({ kind: 'done', counts: { written: 2, bad: 0 } });
    expect(await listed()).toEqual([
      { key: '+8613900000001', name: '甲' },
      { key: '+8613900000002', name: '乙' },
    ]);
  });

  it('rows that are twice there, foreign, half or no number are named, and the others taken', async () => {
    const lines = [
      '13900000001,甲',
      '+8613900000001,甲',
      '1390000,半',
      '',
      ',丙',
      '+1 212 555 0100,丁',
      '13900000002',
      '13900000002,乙',
    ];
    const { last, reasons } = await rig.take(['号码,姓名', ...lines].join('\n'), list);
    expect(last).toMatchObject({ kind: 'done', counts: { written: 2 } });
    expect((await listed()).map(({ key }) => key)).toEqual(['+8613900000001', '+8613900000002']);
    expect([...reasons.keys()]).toEqual([3, 4, 6, 7, 8]);
    for (const why of reasons.values()) expect(why).not.toBe('');
  });

  it('a row that ends in the middle loses no other', async () => {
    const { last, reasons } = await rig.take('号码,姓名\n13900000001,甲\n139000', list);
    expect(last).toMatchObject({ kind: 'done', counts: { written: 1, bad: 1 } });
    expect([...reasons.keys()]).toEqual([3]);
  });

  it('is brought again repaired, and is whole then', async () => {
    await rig.take('号码,姓名\n13900000001,甲\n1390000,乙\n', list);
    const { last } = await rig.take(utf8, list);
    expect(last).toMatchObject({ kind: 'done', counts: { written: 1, same: 1, bad: 0 } });
    expect(await listed()).toHaveLength(2);
  });
});
