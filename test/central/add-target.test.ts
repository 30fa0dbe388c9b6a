import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addTarget, removeTarget, type TargetAsked } from '../../central/add-target.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { clean, databaseKind, openTestDatabase, putAgents, signIn, startRig } from './fixture.ts';

let opened: OpenedDatabase;
let rig: Rig;
let seat: Seat;
let said: string;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  await putAgents(opened.database);
});
beforeEach(async () => {
  await clean(opened.database);
  rig = await startRig(opened.database);
  seat = await signIn(rig, '1001');
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
});
afterEach(async () => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
  await rig.close();
});
afterAll(() => opened.close());

const plain: TargetAsked = {
  ...{ 'name-en': '', category: '', 'category-en': '', place: '', 'place-en': '', pinyin: '' },
};
const repair: TargetAsked = { ...plain, kind: 'department', id: 'repair', number: '6100', name: '维修部' };

describe('R37: queues and departments of a real centre come into the directory by a command', () => {
  it('are with every seat at its next pull, are renamed and taken out again', async () => {
    const words = {
      'name-en': 'Repairs',
      category: '上门',
      'category-en': 'visits',
      pinyin: 'weixiubu,wxb',
      place: '滨江路',
    };
    await addTarget(opened.database, { ...repair, ...words });
    const first = await seat.pull('');
    const rows = first.changes.filter(({ entity }) => entity === 'target');
    expect(rows.map(({ row }) => row)).toEqual([
      {
        id: 'department:repair',
        kind: 'department',
        name: { zh: '维修部', en: 'Repairs' },
        number: '6100',
        category: { zh: '上门', en: 'visits' },
        place: { zh: '滨江路', en: '' },
        pinyin: ['weixiubu', 'wxb'],
      },
    ]);
    await addTarget(opened.database, { ...plain, kind: 'queue', id: 'vip', number: '6002', name: '尊享' });
    await removeTarget(opened.database, { kind: 'department', id: 'repair' });
    const later = (await seat.pull(first.cursor)).changes;
    expect(later.map(({ id, row }) => [id, row === null])).toEqual([
      ['queue:vip', false],
      ['department:repair', true],
    ]);
    expect(process.exitCode).toBeUndefined();
  });

  it.each([
    [{ ...repair, kind: 'colleague' }, '--kind is queue or department'],
    [{ ...repair, number: '61 00' }, '--number is what the exchange is dialled with'],
    [{ ...repair, id: '../x' }, '--id has letters'],
    [{ ...repair, name: ' ' }, '--name is what agents look for'],
    [{ ...repair, pinyin: 'a,b,c,d,e,f,g' }, '--pinyin takes at most 6'],
  ])('%j is refused with a sentence, and nothing changes', async (asked, sentence) => {
    const { cursor } = await seat.pull('');
    await addTarget(opened.database, asked);
    expect(said).toContain(sentence);
    expect(process.exitCode).toBe(1);
    expect((await seat.pull(cursor)).changes).toEqual([]);
  });

  it('what is not there cannot be removed, and is said so', async () => {
    await removeTarget(opened.database, { kind: 'queue', id: 'nowhere' });
    expect(said).toContain('There is no queue:nowhere');
    expect(process.exitCode).toBe(1);
  });
});
