import { spawnSync } from 'node:child_process';
import {
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { appendOp, waitingOps } from '../../../main/engine/store/outbox.ts';
import { writeMeta } from '../../../main/engine/store/meta.ts';
import { putCustomer } from '../../../main/engine/store/working-set.ts';
import { finishWipe, receiptTaken, wipe, wipePending, wipeReceipt } from '../../../main/engine/store/wipe.ts';
import type { SeatId } from '../../../shared/ids.ts';
import { Op } from '../../../shared/op.ts';
import { memoryLog, uuid } from '../harness.ts';
import { manualClock } from '../manual-clock.ts';
import { customer } from '../sample.ts';

const central = generateKeyPairSync('x25519');
const sealTo = central.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const storeKey = { key: randomBytes(32), kept: 'keyFile' } as const;
const seatId = uuid() as SeatId;
const order = { id: 'order-1', sealTo, seatId };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-wipe-'));
  writeFileSync(join(folder, 'seat.key'), storeKey.key);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const parts = (over: { readonly destroyKey?: () => void } = {}) => ({
  profileDir: folder,
  stateDir: folder,
  dooms: () => true,
  storeKey,
  destroyKey: () => rmSync(join(folder, 'seat.key'), { force: true }),
  clock: manualClock(),
  log: memoryLog(),
  ...over,
});

const worked = (ops: number): void => {
  const db = openStore(folder, storeKey, manualClock(), memoryLog());
  db.fill('row', (write) => putCustomer(write, customer('c-1')));
  db.write('work', (write) => {
    writeMeta(write, 'seatId', seatId);
    for (let seq = 1; seq <= ops; seq += 1)
      appendOp(
        write,
        Op.parse({
          id: uuid(),
          seatId,
          seq,
          agentId: 'a',
          body: { name: 'contact.answered', contactId: uuid(), atMs: 1 },
        }),
      );
  });
  db.close();
};

const unsealed = (sealed: string | null): unknown => {
  const bytes = Buffer.from(sealed ?? '', 'base64');
  const head = bytes.subarray(0, 44);
  const shared = diffieHellman({
    privateKey: central.privateKey,
    publicKey: createPublicKey({ key: head, format: 'der', type: 'spki' }),
  });
  const key = Buffer.from(hkdfSync('sha256', shared, head, 'zuoxi unsent 1', 32));
  const open = createDecipheriv('aes-256-gcm', key, bytes.subarray(44, 56));
  open.setAuthTag(bytes.subarray(56, 72));
  return JSON.parse(Buffer.concat([open.update(bytes.subarray(72)), open.final()]).toString('utf8'));
};

describe('R39, security 34: a wipe that central ordered', () => {
  it('seals what was not sent to central’s key, destroys key and files, and keeps the receipt until it is taken', () => {
    worked(3);
    const receipt = wipe(order, parts());
    expect(receipt).toMatchObject({ orderId: 'order-1', seatId, ops: 3 });
    expect(unsealed(receipt.sealed)).toMatchObject({ seatId, ops: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
    expect(readdirSync(folder).toSorted()).toEqual(['unsent.sealed', 'wipe.json']);
    expect(wipePending(folder)).toBe(false);
    expect(wipeReceipt(folder)).toEqual(receipt);
    receiptTaken(folder);
    expect(readdirSync(folder)).toEqual([]);
    expect(wipeReceipt(folder)).toBeUndefined();
  });

  it('with nothing to send there is nothing sealed; a store in memory gives what it held', () => {
    worked(0);
    expect(wipe(order, parts())).toEqual({ orderId: 'order-1', seatId, ops: 0, sealed: null });
    expect(readdirSync(folder)).toEqual(['wipe.json']);
    receiptTaken(folder);
    const memory = { ...parts(), storeKey: { ...storeKey, kept: 'memory' } as const };
    expect(wipe(order, memory)).toMatchObject({ ops: 0 });
    receiptTaken(folder);
    const op = Op.parse({
      ...{ id: uuid(), seatId, seq: 7, agentId: 'a' },
      body: { name: 'contact.answered', contactId: uuid(), atMs: 1 },
    });
    expect(unsealed(wipe(order, { ...memory, unsent: [op] }).sealed)).toMatchObject({ ops: [{ seq: 7 }] });
  });

  it('security 35: the key of the store does not open what was sealed, nor does the same text sealed twice look alike', () => {
    worked(1);
    const receipt = wipe(order, parts());
    const bytes = Buffer.from(receipt.sealed ?? '', 'base64');
    const open = createDecipheriv('aes-256-gcm', storeKey.key, bytes.subarray(44, 56));
    open.setAuthTag(bytes.subarray(56, 72));
    expect(() => Buffer.concat([open.update(bytes.subarray(72)), open.final()])).toThrow();
  });

  it('that breaks off with the key still there, or gone, is finished at the next start and loses nothing', () => {
    worked(2);
    expect(() =>
      wipe(
        order,
        parts({
          destroyKey: () => {
            throw new Error('killed');
          },
        }),
      ),
    ).toThrow('killed');
    expect(wipePending(folder)).toBe(true);
    expect(existsSync(join(folder, 'seat.db'))).toBe(true);
    expect(() =>
      finishWipe(
        parts({
          destroyKey: () => {
            rmSync(join(folder, 'seat.key'));
            throw new Error('killed');
          },
        }),
      ),
    ).toThrow('killed');
    const receipt = finishWipe(parts());
    expect(unsealed(receipt.sealed)).toMatchObject({ ops: [{ seq: 1 }, { seq: 2 }] });
    expect(readdirSync(folder).toSorted()).toEqual(['unsent.sealed', 'wipe.json']);
    // Asked again it says the same.
    expect(finishWipe(parts())).toEqual(receipt);
  });

  it('killed before any of its steps, it is finished at the next start: what was not sent sealed once, all else gone', () => {
    worked(2);
    const wiper = fileURLToPath(new URL('doomed-wiper.ts', import.meta.url));
    const args = [Buffer.from(storeKey.key).toString('hex'), sealTo, seatId];
    let kills = 0;
    const copies = mkdtempSync(join(tmpdir(), 'zuoxi-wiper-'));
    for (;;) {
      const copy = join(copies, String(kills));
      cpSync(folder, copy, { recursive: true });
      const { status, signal } = spawnSync(process.execPath, [wiper, copy, ...args, String(kills + 1)]);
      if (status === 0) break;
      expect(signal).toBe('SIGKILL');
      kills += 1;
      const at = {
        profileDir: copy,
        stateDir: copy,
        destroyKey: () => rmSync(join(copy, 'seat.key'), { force: true }),
      };
      // Killed before the order was on the disk: nothing is gone, and central says it again.
      const receipt =
        wipePending(copy) || wipeReceipt(copy) !== undefined
          ? finishWipe({ ...parts(), ...at })
          : wipe(order, { ...parts(), ...at });
      expect(unsealed(receipt.sealed)).toMatchObject({ ops: [{ seq: 1 }, { seq: 2 }] });
      expect(readdirSync(copy).toSorted()).toEqual(['unsent.sealed', 'wipe.json']);
    }
    rmSync(copies, { recursive: true, force: true });
    expect(kills).toBeGreaterThan(12);
  }, 120_000);

  it('does not begin while another program holds the store, and goes on afterwards', () => {
    worked(1);
    const holder = openStore(folder, storeKey, manualClock(), memoryLog());
    expect(() => wipe(order, parts())).toThrow(/another program/);
    expect(waitingOps(holder.read, 5)).toHaveLength(1);
    holder.close();
    expect(wipePending(folder)).toBe(true);
    expect(finishWipe(parts())).toMatchObject({ ops: 1 });
  });
});
