import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../central/db.ts';
import { outagesCommand } from '../../central/outages-cli.ts';
import { momentOf } from '../../shared/calendar.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import { clean, databaseKind, openTestDatabase, putAgents, signIn, startRig } from './fixture.ts';

describe('R6 outages told by whoever runs the centre', () => {
  let opened: OpenedDatabase;
  let database: Database;
  let rig: Rig;
  let seat: Seat;
  let dir: string;
  let said = '';
  beforeAll(async () => {
    opened = await openTestDatabase(databaseKind);
    ({ database } = opened);
    await putAgents(database);
  });
  beforeEach(async () => {
    await clean(database);
    rig = await startRig(database);
    seat = await signIn(rig, '1001');
    dir = mkdtempSync(join(tmpdir(), 'zuoxi-outages-'));
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    process.exitCode = 0;
    rmSync(dir, { recursive: true });
    await rig.close();
  });
  afterAll(() => opened.close());

  const nowMs = momentOf('2026-11-28', 12 * 60) ?? 0;
  const run = async (...words: readonly string[]): Promise<string> => {
    said = '';
    await outagesCommand(database.db, words, nowMs);
    return said;
  };
  const file = (content: unknown): string => {
    const path = join(dir, 'outages.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const one = {
    ...{ id: 'lake-1', kind: 'outage', area: '东湖区', zh: '东湖区宽带抢修', en: 'Broadband repair in East Lake' },
    ...{ from: '2026-11-28 10:00', to: '2026-11-28 18:00' },
  };
  const atSeat = async () =>
    (await seat.pull('')).changes.filter(
      (change) => change.entity === 'notice' && change.row !== null && change.id === 'lake-1',
    );

  it('reach the seats, are shown, and end early; the same id again replaces', async () => {
    expect(await run('import', file(one))).toBe('1 told of\n');
    expect(await run()).toBe('lake-1\toutage\t东湖区\t2026-11-28 10:00–2026-11-28 18:00\t东湖区宽带抢修\n');
    expect(await atSeat()).toMatchObject([
      { row: { severity: 'outage', area: '东湖区', text: { zh: '东湖区宽带抢修' } } },
    ]);
    await run(
      'import',
      file([
        { ...one, to: '2026-11-28 20:00' },
        { ...one, id: 'all-1', area: null, kind: 'change' },
      ]),
    );
    expect(await run('show')).toContain('20:00');
    expect(await run('end', 'lake-1')).toBe('lake-1 is over\n');
    expect(await atSeat()).toEqual([]);
    await run('end', 'all-1');
    expect(await run()).toBe('No outage or change is told of.\n');
  });

  it.each([
    ['no file', undefined, 'The file cannot be read'],
    ['no JSON', '{', 'The file is not JSON'],
    ['another shape', { id: 'x' }, 'An outage is {'],
    ['an hour there is not', { ...one, from: '2026-11-28 25:00' }, 'An outage is {'],
    ['a day there is not', { ...one, from: '2026-02-30 10:00' }, 'lake-1: 2026-02-30 10:00 is no day.'],
    ['the wrong way round', { ...one, to: '2026-11-28 09:00' }, 'lake-1: it ends before it begins.'],
    ['both', { ...one, package: 'p1' }, 'lake-1: it is about an area or a package, not both.'],
  ])('%s: a sentence, and nothing is told', async (_, content, sentence) => {
    expect(await run('import', content === undefined ? join(dir, 'none') : file(content))).toContain(sentence);
    expect(process.exitCode).toBe(1);
    expect(await atSeat()).toEqual([]);
    expect(await run('end', 'nothing')).toContain('There is no outage nothing');
  });
});
