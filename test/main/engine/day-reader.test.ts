import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dayReader, putDoneContact, putSpan } from '../../../main/engine/store/day.ts';
import type { Db } from '../../../main/engine/store/db.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import type { AgentState } from '../../../shared/agent.ts';
import { longestShiftMs } from '../../../shared/day.ts';
import { memoryLog } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';

let folder: string;
let db: Db;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-day-'));
  db = openStore(folder, { key: randomBytes(32), kept: 'keyFile' }, manualClock(), memoryLog());
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const ready = (sinceMs: number): AgentState => ({ kind: 'ready', sinceMs });
const away = (sinceMs: number): AgentState => ({ kind: 'notReady', reason: 'break', sinceMs });
const span = (agentId: string, fromMs: number, toMs: number): void =>
  db.write('span', (write) => putSpan(write, agentId, ready(fromMs), away(toMs)));
const contact = (agentId: string, atMs: number): void =>
  db.write('contact', (write) =>
    putDoneContact(write, agentId, { atMs, talkMs: 1, topic: null, outcome: null, forced: false }),
  );

describe('R38 the stretches of a shift', () => {
  it('read on where the last look stopped are those a first look finds, whichever agent is asked about', () => {
    const kept = dayReader(db.read);
    for (let n = 0; n < 40; n += 1) {
      const agentId = n % 5 === 0 ? 'other' : 'mine';
      span(agentId, 1_000 + n * 10, 1_005 + n * 10);
      if (n % 3 === 0) contact(agentId, 1_000 + n * 10);
      const asked = n % 4 === 0 ? 'other' : 'mine';
      const fresh = dayReader(db.read);
      expect(kept.spans(asked, 1_100)).toEqual(fresh.spans(asked, 1_100));
      expect(kept.contacts(asked, 0)).toEqual(fresh.contacts(asked, 0));
    }
    expect(kept.spans('mine', 0)).toHaveLength(32);
  });

  it('that were all forgotten, whose places others have, are not shown, and the new ones are', () => {
    const kept = dayReader(db.read);
    for (const n of [1, 2, 3]) span('mine', n * 10, n * 10 + 5);
    expect(kept.spans('mine', 0)).toHaveLength(3);
    // A clock that was put forward by days.
    const late = 3 * longestShiftMs;
    span('mine', late, late + 5);
    expect(kept.spans('mine', 0)).toEqual([{ kind: 'ready', reason: null, fromMs: late, toMs: late + 5 }]);
  });
});
