import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Db } from '../../main/engine/store/db.ts';
import { contactById, draftOf } from '../../main/engine/store/contacts.ts';
import type { Mended } from '../../main/engine/store/mending.ts';
import { newestSchema } from '../../main/engine/store/migrations.ts';
import { allOps } from '../../main/engine/store/outbox.ts';
import { countCustomers, customersByNumber } from '../../main/engine/store/working-set.ts';
import { drawer } from '../fuzz/chance.ts';
import { oldStore, openId } from '../main/engine/old-store.ts';
import type { Acks } from './day-rows.ts';
import { acksOf, change, page, wrongWith } from './day-rows.ts';
import type { DiskEvent } from './disk.ts';
import { Disk } from './disk.ts';
import type { Rig, Run } from './rig.ts';

export type Verdict = { readonly name: string; readonly wrong: readonly string[] };
export type Amount = {
  readonly seed: number;
  /** Power cuts per record, real kills, damaged stores. */
  readonly cuts: number;
  readonly kills: number;
  readonly damages: number;
  readonly steps: number;
  /** Of the write calls each so many is looked at; 0: none. */
  readonly every: number;
};

const ackText = (events: readonly DiskEvent[]): string =>
  events
    .flatMap((event) => (event.kind === 'write' && event.name === 'acks' ? [event.bytes.toString('utf8')] : []))
    .join('');

const judged = (rig: Rig, store: string, check: (db: Db) => string[]): string[] => {
  const mended: Mended[] = [];
  try {
    const db = rig.open(store, (what) => mended.push(what));
    try {
      // A crash is no damage: nothing had to be mended.
      return [...mended.map((what) => `${what.part} had to be mended`), ...check(db)];
    } finally {
      db.close();
    }
  } catch (fault) {
    return [`did not open: ${String(fault)}`];
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
};

/** Every moment of a record after a kill (each write call once whole, and once half done), without another process. */
const killedEverywhere = (
  rig: Rig,
  run: Run,
  every: number,
  begin: Disk,
  check: (db: Db, acks: Acks) => string[],
): Verdict[] => {
  const verdicts: Verdict[] = [];
  let told = '';
  const disk = begin;
  const look = (name: string, index: number, state: Disk): void => {
    if (every === 0 || index % every !== 0) return;
    const store = rig.room();
    state.killed(store);
    const acks = acksOf(told);
    verdicts.push({ name, wrong: judged(rig, store, (db) => check(db, acks)) });
  };
  for (const [index, event] of run.events.entries()) {
    if (event.kind === 'sync' || ('name' in event && event.name === 'acks')) {
      disk.apply(event);
      told += ackText([event]);
      continue;
    }
    if (event.kind === 'write' && event.bytes.length > 32 && index % 4 === 0) {
      const torn = disk.copy();
      torn.apply({ ...event, bytes: event.bytes.subarray(0, Math.floor(event.bytes.length / 2)) });
      look(`killed in the middle of change ${index}`, index, torn);
    }
    disk.apply(event);
    look(`killed after change ${index}`, index, disk);
  }
  return verdicts;
};

const powerCuts = (
  rig: Rig,
  run: Run,
  begin: () => Disk,
  how: { readonly seed: number; readonly cuts: number },
  check: (db: Db, acks: Acks) => string[],
): Verdict[] =>
  Array.from({ length: how.cuts }, (_, index) => {
    const random = drawer(how.seed * 100_003 + index);
    const at = Math.floor(random() * run.events.length);
    const disk = begin();
    const before = run.events.slice(0, at);
    for (const event of before) disk.apply(event);
    const store = rig.room();
    disk.powerCut(store, random);
    const wrong = judged(rig, store, (db) => check(db, acksOf(ackText(before))));
    return { name: `power cut ${index} after change ${at}`, wrong };
  });

const afterCut = (db: Db, acks: Acks): string[] => wrongWith(db, acks, 'powerCut');

/** (a) and (d): a day's work, killed at every write call, and its power cuts; and that the same finds commits wanting that are not flushed. */
export const crashes = (rig: Rig, { seed, cuts, kills, steps, every }: Amount): Verdict[] => {
  const run = rig.run(rig.room(), 'day', { steps });
  const changes = run.events.filter((event) => event.kind !== 'sync').length;
  const ran = run.status === 0 && acksOf(run.acks).w === steps;
  const verdicts: Verdict[] = [{ name: 'the day is written down', wrong: ran ? [] : [`it ended: ${run.output}`] }];
  verdicts.push(...killedEverywhere(rig, run, every, new Disk(), wrongWith));
  const random = drawer(seed);
  for (let index = 0; index < kills; index += 1) {
    const killAt = 1 + Math.floor(random() * changes);
    const store = rig.room();
    const killed = rig.run(store, 'day', { steps, killAt });
    const wrong = judged(rig, store, (db) => wrongWith(db, acksOf(killed.acks)));
    if (killed.signal !== 'SIGKILL') wrong.push(`was not killed: ${killed.output}`);
    verdicts.push({ name: `kill -9 in change ${killAt}`, wrong });
  }
  verdicts.push(...powerCuts(rig, run, () => new Disk(), { seed, cuts }, afterCut));
  const unsafe = rig.run(rig.room(), 'normal', { steps });
  const unsafeRan = unsafe.status === 0 && acksOf(unsafe.acks).w === steps;
  verdicts.push({ name: 'the unsafe day is written down', wrong: unsafeRan ? [] : [`it ended: ${unsafe.output}`] });
  const found = powerCuts(rig, unsafe, () => new Disk(), { seed, cuts: 60 }, afterCut);
  const lost = found.filter(({ wrong }) => wrong.some((what) => what.includes('was acknowledged'))).length;
  verdicts.push({
    name: `the same finds ${lost} of ${found.length} power cuts that lose acknowledged work when commits are not flushed (NORMAL)`,
    wrong: lost > 0 ? [] : ['it would not notice: the proof proves nothing'],
  });
  return verdicts;
};

/** (c): the way from one file to two, cut short anywhere; a disk that refuses. */
export const interrupted = (rig: Rig, { seed, cuts, steps, every }: Amount): Verdict[] => {
  const old = rig.room();
  oldStore(old, rig.key, 3);
  const begin = rig.room();
  cpSync(old, begin, { recursive: true });
  const run = rig.run(old, 'open');
  const whole = (db: Db): string[] => {
    const holds =
      allOps(db.read)
        .map((op) => op.seq)
        .join() === '4,5' &&
      contactById(db.read, openId) !== undefined &&
      draftOf(db.read, openId).note === '草稿' &&
      customersByNumber(db.read, '+8613800138000').length === 1 &&
      db.schema.work === newestSchema.work;
    return holds ? [] : ['something was lost on the way'];
  };
  return [
    ...killedEverywhere(rig, run, every, Disk.from(begin), whole).map((one) => ({
      ...one,
      name: `migration ${one.name}`,
    })),
    ...powerCuts(rig, run, () => Disk.from(begin), { seed, cuts: Math.ceil(cuts / 2) }, whole).map((one) => ({
      ...one,
      name: `migration ${one.name}`,
    })),
    refusingDisk(rig, steps),
  ];
};

const refusingDisk = (rig: Rig, steps: number): Verdict => {
  const store = rig.room();
  const run = rig.run(store, 'full', { steps });
  const wrong = judged(rig, store, (db) => wrongWith(db, acksOf(run.acks)));
  const told = run.output.trim().split('\n');
  const expected = [
    '28 diskFull diskFull',
    '30 diskFails diskFails',
    '5 diskFails diskFails',
    '5 sync diskFails diskFails',
  ];
  if (told.join('|') !== expected.join('|')) wrong.push(`said ${told.join('|')}`);
  if (acksOf(run.acks).w !== steps) wrong.push('did not go on when there was room again');
  return {
    name: 'a full, a read-only and a failing disk, and one that does not flush, are named; nothing is half saved; work goes on',
    wrong,
  };
};

/** (b): files damaged at random, as they are after a good end and after a crash. */
export const damaged = (rig: Rig, { seed, damages, steps }: Amount): Verdict[] => {
  const closed = rig.room();
  rig.run(closed, 'day', { steps });
  const crashed = rig.room();
  const run = rig.run(rig.room(), 'day', { steps });
  const disk = new Disk();
  for (const event of run.events.slice(0, -12)) disk.apply(event);
  disk.killed(crashed);
  return Array.from({ length: damages }, (_, index) => {
    const once = (): Verdict => {
      const random = drawer(seed * 7_919 + index);
      const store = rig.room();
      cpSync(random() < 0.5 ? closed : crashed, store, { recursive: true });
      const touched = spoil(store, random);
      return { name: `damage ${index}: ${touched.join(', ')}`, wrong: worksOn(rig, store, touched, steps) };
    };
    const verdict = once();
    // A machine that others use too may stand still for seconds: what takes long takes long again.
    return verdict.wrong.length === 1 && verdict.wrong[0]?.startsWith(tooLong) === true ? once() : verdict;
  });
};

const tooLong = 'took';

const worksOn = (rig: Rig, store: string, touched: readonly string[], steps: number): string[] => {
  const wrong: string[] = [];
  const beganMs = performance.now();
  try {
    const db = rig.open(store);
    const before = db.read.get<{ n: number }>('ops', 'SELECT count(*) AS n FROM outbox')?.n ?? 0;
    const ops = allOps(db.read);
    for (let seq = 1; seq <= steps; seq += 1)
      draftOf(db.read, `018f0000-0000-7000-8100-${String(seq).padStart(12, '0')}`);
    customersByNumber(db.read, '+8613800138000');
    countCustomers(db.read);
    db.fill('page', (write) => page(write, 900));
    db.write('change', (write) => change(write, 5_000));
    if (!allOps(db.read).some((op) => op.seq === 5_000)) wrong.push('new work was not kept');
    if (!touched.some((name) => name.startsWith('seat.db')) && (ops.length !== before || ops.length < steps / 2))
      wrong.push(`the outbox was intact and ${ops.length} ops are left`);
    db.close();
    const again = rig.open(store, (what) => wrong.push(`${what.part} is damaged again`));
    if (!allOps(again.read).some((op) => op.seq === 5_000)) wrong.push('new work is gone after a restart');
    again.close();
  } catch (fault) {
    wrong.push(`threw ${String(fault)}`);
  }
  const tookMs = performance.now() - beganMs;
  if (tookMs > 10_000) wrong.push(`${tooLong} ${Math.round(tookMs)} ms`);
  rmSync(store, { recursive: true, force: true });
  return wrong;
};

const spoil = (store: string, random: () => number): string[] => {
  const names = readdirSync(store).filter((name) => /^(seat|cache)\.db/.test(name));
  const touched = new Set<string>();
  const times = 1 + Math.floor(random() * 2);
  for (let time = 0; time < times; time += 1) {
    const name = names[Math.floor(random() * names.length)] ?? 'cache.db';
    const file = join(store, name);
    const { size } = statSync(file);
    if (size === 0) continue;
    touched.add(name);
    const bytes = readFileSync(file);
    const at = Math.floor(random() * size);
    const kind = Math.floor(random() * 5);
    if (kind === 0) truncateSync(file, at);
    else {
      const from = kind === 1 ? 0 : kind === 2 ? at - (at % 4_096) : at;
      const length = kind === 1 ? 100 : kind === 2 ? 4_096 : kind === 3 ? 1 : Math.floor(random() * 20_000);
      for (let index = from; index < Math.min(size, from + length); index += 1)
        bytes[index] = kind === 4 ? 0 : (bytes[index] ?? 0) ^ (1 + Math.floor(random() * 255));
      writeFileSync(file, bytes);
    }
  }
  return [...touched];
};
