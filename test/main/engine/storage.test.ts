import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { watchStorage } from '../../../main/engine/storage.ts';
import { readMeta, writeMeta } from '../../../main/engine/store/meta.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { startFakeCentral } from '../fake-central.ts';
import { customersFound, endSeats, memoryLog, startSeat } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { customer, feedOf } from '../sample.ts';

afterEach(endSeats);

it('security 87: a full disk is told by its name, nothing is half saved, and it works again when there is room', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-full-'));
  const clock = manualClock();
  const changed = vi.fn();
  const back = vi.fn();
  const watch = watchStorage(clock, memoryLog(), { changed, back });
  const db = watch.over(openStore(folder, { key: randomBytes(32), kept: 'keyFile' }, clock, memoryLog()));
  const pages = db.read.get<{ page_count: number }>('pages', 'PRAGMA main.page_count')?.page_count ?? 0;
  const room = (most: number) => db.read.get('room', `PRAGMA main.max_page_count=${most}`);
  room(pages + 2);
  const save = (): void =>
    db.write('big', (write) => {
      writeMeta(write, 'seq', 1);
      for (let index = 0; index < 50; index += 1)
        write.run('row', 'INSERT INTO meta (name, doc) VALUES (?, ?)', `n${index}`, 'x'.repeat(3_000));
    });
  expect(save).toThrow(expect.objectContaining({ refusal: { kind: 'internal', reason: 'diskFull' } }));
  expect(watch.state).toEqual({ kind: 'refuses', why: 'diskFull', sinceMs: clock.nowMs() });
  expect(readMeta(db.read, 'seq')).toBeUndefined();
  room(100_000);
  expect(back).not.toHaveBeenCalled();
  clock.advance(2_000);
  expect(watch.state).toEqual({ kind: 'sound' });
  clock.advance(1);
  expect(back).toHaveBeenCalledOnce();
  expect(changed).toHaveBeenCalledTimes(2);
  save();
  expect(readMeta(db.read, 'seq')).toBe(1);
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

it('security 87: a seat whose cache is damaged loads it again and tells the agent in one sentence', async () => {
  const central = await startFakeCentral(feedOf([customer('c-li')]));
  const before = startSeat(central.url);
  await before.signIn();
  await before.synced();
  await before.engine.close();
  const file = join(before.profileDir, 'cache.db');
  const bytes = readFileSync(file);
  randomBytes(3_000).copy(bytes, 100);
  writeFileSync(file, bytes);
  const storeKey = { key: before.key, kept: 'keyFile' } as const;
  const seat = startSeat(central.url, { profileDir: before.profileDir, storeKey, clock: before.clock });
  expect((await seat.snapshot()).storage).toMatchObject({ kind: 'mended', part: 'cache' });
  await seat.signIn();
  await seat.synced();
  expect(await customersFound(seat, '13800138000')).toHaveLength(1);
  await seat.engine.close();
  await central.close();
});
