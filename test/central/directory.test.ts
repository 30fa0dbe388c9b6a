import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { colleagueTarget, publishTargets, queueTarget } from '../../central/directory.ts';
import { transaction } from '../../central/db.ts';
import { liveGraceMs } from '../../central/presence.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { ask, clean, databaseKind, openTestDatabase, putAgents, signIn, startRig } from './fixture.ts';

let opened: OpenedDatabase;
let rig: Rig;
let seat: Seat;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  await putAgents(opened.database);
});
beforeEach(async () => {
  await clean(opened.database);
  rig = await startRig(opened.database);
  seat = await signIn(rig, '1001');
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const stateOf = async (number: string): Promise<string | undefined> => {
  const { value } = await ask(rig, 'colleagues', {}, seat.token);
  return value.colleagues.find((one) => one.number === number)?.state;
};

describe('R37: the directory', () => {
  it('comes with the working set, is replaced and taken away by it', async () => {
    const targets = [
      colleagueTarget({ number: '1002', name: '周南乔' }, ['zhounanqiao', 'znq']),
      queueTarget({ id: 'vip', zh: '尊享', en: 'VIP' }, '6002'),
    ];
    await transaction(opened.database.db, (tx) => publishTargets(tx, targets));
    const first = await seat.pull('');
    expect(first.changes.filter(({ entity }) => entity === 'target').map(({ row }) => row)).toEqual(targets);
    const renamed = colleagueTarget({ number: '1002', name: '周小乔' });
    await transaction(opened.database.db, (tx) => publishTargets(tx, [renamed]));
    expect((await seat.pull(first.cursor)).changes).toEqual([{ entity: 'target', id: 'colleague:1002', row: renamed }]);
  });
  it('tells what colleagues are doing, as their seats said, and nobody whose seat is gone', async () => {
    expect([await stateOf('1001'), await stateOf('1002')]).toEqual(['notReady', 'offline']);
    await seat.push({ name: 'agent.stateChanged', state: { kind: 'ready', sinceMs: 1 }, atMs: 1 });
    expect(await stateOf('1001')).toBe('ready');
    await seat.push({
      name: 'agent.stateChanged',
      state: {
        kind: 'wrapUp',
        contactId: '01900000-0000-7000-8000-000000000001' as never,
        then: { kind: 'ready' },
        ...over,
      },
      atMs: 2,
    });
    expect(await stateOf('1001')).toBe('busy');
    rig.clock.advance(liveGraceMs + 1);
    expect(await stateOf('1001')).toBe('offline');
  });
  it('is for those who are signed in', async () => {
    expect((await ask(rig, 'colleagues', {})).status).toBe(401);
  });
});
const over = { deadlineMs: 5, sinceMs: 2 };
