import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silent } from '../../central/ambient.ts';
import { firstRow, openDatabase, run, statement } from '../../central/db.ts';
import { lockFolder } from '../../central/folder-lock.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'zuoxi-db-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the embedded database', () => {
  it('keeps its rows and belongs to one program at a time', async () => {
    const at = { kind: 'pglite', dir: join(dir, 'kept') } as const;
    const said: string[] = [];
    const log = { ...silent, info: (_fields: object, message: string) => void said.push(message) };
    const first = await openDatabase(at, log);
    expect(said.join()).toContain('not a power cut');
    await expect(openDatabase(at, silent)).rejects.toThrow('Another program has the embedded database');
    await run(first.db, statement`insert into queue (id, zh, en) values ('q', '队列', 'queue')`);
    await first.close();
    const second = await openDatabase(at, silent);
    expect(await firstRow(second.db, statement`select zh from queue where id = 'q'`)).toEqual({ zh: '队列' });
    await second.close();
  }, 60_000);
});

describe('the lock of a folder', () => {
  it('is held once, and free again afterwards', async () => {
    const folder = join(dir, 'one');
    const unlock = await lockFolder(folder);
    expect(unlock).toBeDefined();
    expect(await lockFolder(folder)).toBeUndefined();
    await unlock?.();
    const again = await lockFolder(folder);
    expect(again).toBeDefined();
    await again?.();
  });

  it('of a process that no longer lives is taken over; one being written is respected', async () => {
    const folder = join(dir, 'two');
    writeFileSync(`${folder}.lock`, '2147483646');
    const unlock = await lockFolder(folder);
    expect(unlock).toBeDefined();
    await unlock?.();
    writeFileSync(`${folder}.lock`, '');
    expect(await lockFolder(folder)).toBeUndefined();
  });
});
