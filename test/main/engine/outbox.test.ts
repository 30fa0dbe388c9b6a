import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../../main/engine/store/db.ts';
import { lastSeq } from '../../../main/engine/store/op-places.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import {
  allOps,
  appendOp,
  confirmOp,
  countWaiting,
  quarantined,
  quarantinedOps,
  refuseOp,
} from '../../../main/engine/store/outbox.ts';
import { Op } from '../../../shared/op.ts';
import { memoryLog } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';

const key = randomBytes(32);
const numbered = (kind: number, n: number): string => `018f000${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`;
const opOf = (seq: number, contact = seq, name: 'contact.opened' | 'contact.answered' = 'contact.answered'): Op => {
  const of = { contactId: numbered(2, contact), atMs: seq };
  const opening = { callId: numbered(3, contact), direction: 'inbound', queue: null, number: '', customerId: null };
  return Op.parse({
    ...{ id: numbered(1, seq), seatId: numbered(4, 1), seq, agentId: 'agent-1' },
    body: { name, ...of, ...(name === 'contact.opened' ? opening : {}) },
  });
};

let folder: string;
let db: Db;
const open = (): void => void (db = openStore(folder, { key, kept: 'keyFile' }, manualClock(), memoryLog()));
const again = (): void => {
  db.close();
  open();
};
const append = (...ops: Op[]): void =>
  db.write('ops', (write) => {
    for (const op of ops) appendOp(write, op);
  });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-outbox-'));
  open();
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('security 86: the numbers of ops', () => {
  it('go on when central has taken everything, in any order, and after a restart', () => {
    append(opOf(1), opOf(2), opOf(3));
    db.write('taken', (write) => {
      for (const seq of [3, 1, 2]) confirmOp(write, numbered(1, seq));
    });
    expect([allOps(db.read), lastSeq(db.read), countWaiting(db.read)]).toEqual([[], 3, 0]);
    again();
    expect(lastSeq(db.read)).toBe(3);
    append(opOf(4));
    again();
    expect([lastSeq(db.read), countWaiting(db.read)]).toEqual([4, 1]);
  });

  it('are not taken by a change that was rolled back', () => {
    append(opOf(1));
    const broken = (): void =>
      db.write('broken', (write) => {
        appendOp(write, opOf(2));
        confirmOp(write, numbered(1, 1));
        throw new Error('broken');
      });
    expect(broken).toThrow('broken');
    expect([lastSeq(db.read), countWaiting(db.read)]).toEqual([1, 1]);
    db.write('taken', (write) => confirmOp(write, numbered(1, 1)));
    expect([allOps(db.read), lastSeq(db.read)]).toEqual([[], 1]);
  });
});

it('security 86: one id is one op', () => {
  append(opOf(1));
  expect(() => append({ ...opOf(2), id: opOf(1).id })).toThrow(/UNIQUE/);
  expect(allOps(db.read).map(({ seq }) => seq)).toEqual([1]);
});

it('security 86: what was refused takes along what follows of its contact, before and after a restart', () => {
  append(opOf(1, 1, 'contact.opened'), opOf(2, 1), opOf(3, 2));
  again();
  db.write('refused', (write) => refuseOp(write, numbered(1, 1), 'invalid', null));
  again();
  append(opOf(4, 1));
  expect(quarantinedOps(db.read, `contact:${numbered(2, 1)}`).map(({ op }) => op.seq)).toEqual([1, 2, 4]);
  expect([countWaiting(db.read), quarantined(db.read, numbered(1, 4))?.reason]).toEqual([1, 'earlierRefused']);
});
