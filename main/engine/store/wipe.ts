import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Op } from '../../../shared/op.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../clock.ts';
import type { Db } from './db.ts';
import type { StoreKey } from './open-store.ts';
import { openStore } from './open-store.ts';
import { allOps } from './outbox.ts';
import { seal } from './seal.ts';

/**
 * Everything this seat holds is destroyed, as central ordered (R39, security 34). Step by step, each on disk before the next, so
 * that a seat that dies in the middle finishes at its next start, before anything is shown:
 *
 *   ordered ──outbox sealed to central's key, in a file──▶ sealed ──store key, then all files──▶ done ──receipt taken──▶ (nothing)
 *
 * `ordered` is written first: from then on no start opens the store for work. The key goes before the files: without it they are noise,
 * whatever a disk keeps of deleted files.
 */
export const WipeOrder = z.object({
  id: z.string().min(1).max(100),
  /** X25519, SPKI in base64: only central reads what was not sent. */
  sealTo: z.string().min(1).max(500),
  /** Whose receipt it will be. */
  seatId: z.string().max(64),
});
export type WipeOrder = z.infer<typeof WipeOrder>;

const State = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ordered'), order: WipeOrder }),
  z.object({ kind: z.literal('sealed'), order: WipeOrder, ops: z.number().int() }),
  z.object({ kind: z.literal('done'), order: WipeOrder, ops: z.number().int() }),
]);
type State = z.infer<typeof State>;
type Sealed = Extract<State, { kind: 'sealed' }>;
type Done = Extract<State, { kind: 'done' }>;

/** What central is told: the order is carried out, and here is what had not been sent. Kept until `receiptTaken`. */
export type WipeReceipt = {
  readonly orderId: string;
  readonly seatId: string;
  /** Ops that were waiting or refused. */
  readonly ops: number;
  /** Their sealed rows in base64; null when there were none. */
  readonly sealed: string | null;
};

export type WipeParts = {
  /** Where the order and its receipt are kept: what else lies there is destroyed as far as `dooms` says. */
  readonly stateDir: string;
  readonly dooms: (name: string) => boolean;
  readonly profileDir: string;
  readonly storeKey: StoreKey;
  /** What a store in memory held when it was closed; of one on the disk nothing. */
  readonly unsent?: readonly Op[];
  /** Removes the key for good: from the key store, or its file. May be called again. */
  readonly destroyKey: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

const stateFile = 'wipe.json';
const sealedFile = 'unsent.sealed';

/** Is there an order that is not carried out yet? Asked before the store is opened. */
export const wipePending = (stateDir: string): boolean => {
  const state = readState(stateDir);
  return state !== undefined && state.kind !== 'done';
};

/**
 * Carries out an order. The store of this folder must be closed.
 * @throws SeatFault when another program holds the store
 */
export const wipe = (order: WipeOrder, parts: WipeParts): WipeReceipt => {
  mkdirSync(parts.stateDir, { recursive: true, mode: 0o700 });
  if (!wipePending(parts.stateDir)) keepState(parts.stateDir, { kind: 'ordered', order });
  return finishWipe(parts);
};

/** Goes on where the order stands. @throws when there is none */
export const finishWipe = (parts: WipeParts): WipeReceipt => {
  const { stateDir } = parts;
  const found = readState(stateDir);
  if (found === undefined) throw new Error('no wipe was ordered');
  const sealed = found.kind === 'ordered' ? sealOutbox(parts, found.order) : found;
  if (sealed !== found) keepState(stateDir, sealed);
  return receiptOf(stateDir, sealed.kind === 'sealed' ? destroyAll(parts, sealed) : sealed);
};

const destroyAll = ({ stateDir, dooms, destroyKey, log }: WipeParts, sealed: Sealed): Done => {
  destroyKey();
  for (const name of readdirSync(stateDir))
    if (name !== stateFile && name !== sealedFile && dooms(name))
      rmSync(join(stateDir, name), { recursive: true, force: true });
  const done: Done = { ...sealed, kind: 'done' };
  keepState(stateDir, done);
  log.warn('wiped as ordered', { orderId: done.order.id, ops: done.ops });
  return done;
};

/** The receipt of a wipe that is done and which central has not taken yet. */
export const wipeReceipt = (stateDir: string): WipeReceipt | undefined => {
  const state = readState(stateDir);
  return state?.kind === 'done' ? receiptOf(stateDir, state) : undefined;
};

export const receiptTaken = (stateDir: string): void => {
  // The file with the rows last: while there is a state there is what it speaks of.
  rmSync(join(stateDir, stateFile), { force: true });
  rmSync(join(stateDir, sealedFile), { force: true });
};

const receiptOf = (stateDir: string, { order, ops }: Done): WipeReceipt => {
  const file = join(stateDir, sealedFile);
  const sealed = ops > 0 && existsSync(file) ? readFileSync(file).toString('base64') : null;
  return { orderId: order.id, seatId: order.seatId, ops, sealed };
};

/** Refused ops as well: somebody may still want to know what an agent did. */
const sealOutbox = (
  { stateDir, profileDir, storeKey, unsent = [], clock, log }: WipeParts,
  order: WipeOrder,
): Sealed => {
  const ops = storeKey.kept === 'memory' ? unsent : opsOf(openStore(profileDir, storeKey, clock, log));
  const { seatId, sealTo } = order;
  if (ops.length > 0) replaceFile(stateDir, sealedFile, seal(JSON.stringify({ seatId, ops }), sealTo));
  return { kind: 'sealed', order, ops: ops.length };
};

const opsOf = (db: Db): readonly Op[] => {
  try {
    return allOps(db.read);
  } finally {
    db.close();
  }
};

const readState = (stateDir: string): State | undefined => {
  try {
    return State.parse(JSON.parse(readFileSync(join(stateDir, stateFile), 'utf8')));
  } catch {
    return undefined;
  }
};

const keepState = (stateDir: string, state: State): void => {
  replaceFile(stateDir, stateFile, Buffer.from(JSON.stringify(state)));
};

/** The old content or the new one after a power cut: written beside it, synced, renamed, and the folder synced. */
const replaceFile = (folder: string, name: string, content: Uint8Array): void => {
  const fresh = join(folder, `${name}.new`);
  const handle = openSync(fresh, 'w', 0o600);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, join(folder, name));
  // Windows has no folders one could sync, and needs none.
  if (process.platform === 'win32') return;
  const at = openSync(folder, 'r');
  try {
    fsyncSync(at);
  } finally {
    closeSync(at);
  }
};
