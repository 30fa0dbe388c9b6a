import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyPage } from '../../../main/engine/apply-page.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { preparedOnce } from '../../../main/engine/store/db.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { rowOf } from '../../../main/engine/store/rows.ts';
import {
  applyChange,
  clearWorkingSet,
  newestScript,
  noticesAt,
  scriptAt,
  treeFor,
} from '../../../main/engine/store/working-set.ts';
import type { Change } from '../../../shared/central-api.ts';
import { memoryLog } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { script } from '../sample.ts';

type Told = Exclude<Change, { entity: 'policy' }>;
const notice = (id: string, fromMs: number, toMs: number): Told => ({
  entity: 'notice',
  id,
  row: { id, area: null, packageId: null, severity: 'outage', text: { zh: id, en: id }, fromMs, toMs },
});
const tree = (id: string, label: string): Told => {
  const root = { id: 'other', label: { zh: label, en: label }, outcome: 'other', children: [] };
  return { entity: 'tree', id, row: { id, queues: [], roots: [root] } };
};

let db: Db;
const open = (): Db => openStore('unused', { key: randomBytes(32), kept: 'memory' }, manualClock(), memoryLog());
const told = (...changes: Told[]): void =>
  db.fill('told', (write) => {
    for (const change of changes) applyChange(write, change);
  });
const label = (): string | undefined => treeFor(db.read, null)?.roots[0]?.label.zh;
const shown = (nowMs: number): string[] => noticesAt(db.read, nowMs).map(({ id }) => id);
beforeEach(() => (db = open()));
afterEach(() => db.close());

it('R6, R28 trees, notices and scripts are read once, and anew as soon as central tells another one', () => {
  told(tree('t', 'one'), notice('n1', 10, 20), { entity: 'script', id: 'bill-help@1', row: script(1) });
  const first = treeFor(db.read, null);
  expect([label(), shown(15), newestScript(db.read, 'bill-help')?.version]).toEqual(['one', ['n1'], 1]);
  expect(treeFor(db.read, null)).toBe(first);
  told(tree('t', 'two'));
  expect(label()).toBe('two');
  told(notice('n2', 12, 30), { entity: 'script', id: 'bill-help@2', row: script(2) });
  expect([shown(9), shown(15), shown(20)]).toEqual([[], ['n2', 'n1'], ['n2']]);
  expect([newestScript(db.read, 'bill-help')?.version, scriptAt(db.read, 'bill-help', 1)?.version]).toEqual([2, 1]);
  told({ entity: 'notice', id: 'n2', row: null }, { entity: 'script', id: 'bill-help@2', row: null });
  expect([shown(15), newestScript(db.read, 'bill-help')?.version]).toEqual([['n1'], 1]);
});

it('a change that is taken back is not remembered, nor is what was read in the middle of it', () => {
  told(tree('t', 'one'));
  expect(label()).toBe('one');
  const broken = (): void =>
    db.fill('broken', (write) => {
      applyChange(write, tree('t', 'two'));
      expect(treeFor(write, null)?.roots[0]?.label.zh).toBe('two');
      expect(label()).toBe('two');
      throw new Error('broken');
    });
  expect(broken).toThrow('broken');
  expect(label()).toBe('one');
  told(tree('t', 'three'));
  expect(label()).toBe('three');
});

it('R39 a working set that goes takes its trees and notices along, and a load brings others', async () => {
  told(tree('t', 'one'), notice('n1', 10, 20));
  expect([label(), shown(15)]).toEqual(['one', ['n1']]);
  db.fill('cleared', clearWorkingSet);
  expect([label(), shown(15)]).toEqual([undefined, []]);
  const page = { cursor: '1', more: false, total: 2, rows: [tree('t', 'new'), notice('n3', 10, 20)].map(rowOf) };
  await applyPage({ db, log: memoryLog(), isCurrent: () => true }, page, '');
  expect([label(), shown(15)]).toEqual(['new', ['n3']]);
});

it('two stores of one process do not know each other’s', () => {
  const other = open();
  try {
    told(tree('t', 'one'));
    expect([label(), treeFor(other.read, null)]).toEqual(['one', undefined]);
  } finally {
    other.close();
  }
});

it('a number for LIMIT is nothing that SQLite plans a statement anew for', () => {
  expect(preparedOnce('SELECT 1 FROM t WHERE a = ? LIMIT ? OFFSET ?')).toBe(
    'SELECT 1 FROM t WHERE a = ? LIMIT ? + 0 OFFSET ? + 0',
  );
  const some = (limit: number) =>
    db.read.all('some', 'SELECT value FROM json_each(?) LIMIT ?', '[1,2,3]', limit).length;
  expect([some(2), some(0), some(5), some(-1)]).toEqual([2, 0, 3, 3]);
});
