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
import type { Log } from '../log.ts';
import type { Clock } from '../clock.ts';
import { readMeta } from './meta.ts';
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
});
export type WipeOrder = z.infer<typeof WipeOrder>;

const State = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ordered'), order: WipeOrder }),
  z.object({ kind: z.literal('sealed'), order: WipeOrder, seatId: z.string().nullable(), ops: z.number().int() }),
  z.object({ kind: z.literal('done'), order: WipeOrder, seatId: z.string().nullable(), ops: z.number().int() }),
]);
type State = z.infer<typeof State>;
type Sealed = Extract<State, { kind: 'sealed' }>;
type Done = Extract<State, { kind: 'done' }>;

/** What central is told: the order is carried out, and here is what had not been sent. Kept until `receiptTaken`. */
export type WipeReceipt = {
  readonly orderId: string;
  readonly seatId: string | null;
  /** Ops that were waiting or refused. */
  readonly ops: number;
  /** Their sealed rows in base64; null when there were none. */
  readonly sealed: string | null;
};

export type WipeParts = {
  readonly profileDir: string;
  readonly storeKey: StoreKey;
  /** Removes the key for good: from the key store, or its file. May be called again. */
  readonly destroyKey: () => void;
  readonly clock: Clock;
  readonly log: Log;
};

const stateFile = 'wipe.json';
const sealedFile = 'unsent.sealed';

/** Is there an order that is not carried out yet? Asked before the store is opened. */
export const wipePending = (profileDir: string): boolean => {
  const state = readState(profileDir);
  return state !== undefined && state.kind !== 'done';
};

/**
 * Carries out an order. The store of this folder must be closed.
 * @throws SeatFault when another program holds the store
 */
export const wipe = (order: WipeOrder, parts: WipeParts): WipeReceipt => {
  mkdirSync(parts.profileDir, { recursive: true, mode: 0o700 });
  if (!wipePending(parts.profileDir)) keepState(parts.profileDir, { kind: 'ordered', order });
  return finishWipe(parts);
};

/** Goes on where the order stands. @throws when there is none */
export const finishWipe = (parts: WipeParts): WipeReceipt => {
  const { profileDir } = parts;
  const found = readState(profileDir);
  if (found === undefined) throw new Error('no wipe was ordered');
  const sealed = found.kind === 'ordered' ? sealOutbox(parts, found.order) : found;
  if (sealed !== found) keepState(profileDir, sealed);
  return receiptOf(profileDir, sealed.kind === 'sealed' ? destroyAll(parts, sealed) : sealed);
};

const destroyAll = ({ profileDir, destroyKey, log }: WipeParts, sealed: Sealed): Done => {
  destroyKey();
  for (const name of readdirSync(profileDir))
    if (name !== stateFile && name !== sealedFile) rmSync(join(profileDir, name), { recursive: true, force: true });
  const done: Done = { ...sealed, kind: 'done' };
  keepState(profileDir, done);
  log.warn('wiped as ordered', { orderId: done.order.id, ops: done.ops });
  return done;
};

/** The receipt of a wipe that is done and which central has not taken yet. */
export const wipeReceipt = (profileDir: string): WipeReceipt | undefined => {
  const state = readState(profileDir);
  return state?.kind === 'done' ? receiptOf(profileDir, state) : undefined;
};

export const receiptTaken = (profileDir: string): void => {
  // The file with the rows last: while there is a state there is what it speaks of.
  rmSync(join(profileDir, stateFile), { force: true });
  rmSync(join(profileDir, sealedFile), { force: true });
};

const receiptOf = (profileDir: string, { order, seatId, ops }: Done): WipeReceipt => {
  const file = join(profileDir, sealedFile);
  const sealed = ops > 0 && existsSync(file) ? readFileSync(file).toString('base64') : null;
  return { orderId: order.id, seatId, ops, sealed };
};

/** Refused ops as well: somebody may still want to know what an agent did. */
const sealOutbox = ({ profileDir, storeKey, clock, log }: WipeParts, order: WipeOrder): Sealed => {
  // Memory only: what waits was lost with the process that held it.
  if (storeKey.kept === 'memory') return { kind: 'sealed', order, seatId: null, ops: 0 };
  const db = openStore(profileDir, storeKey, clock, log);
  try {
    const seatId = readMeta(db.read, 'seatId') ?? null;
    const ops = allOps(db.read);
    if (ops.length > 0) replaceFile(profileDir, sealedFile, seal(JSON.stringify({ seatId, ops }), order.sealTo));
    return { kind: 'sealed', order, seatId, ops: ops.length };
  } finally {
    db.close();
  }
};

const readState = (profileDir: string): State | undefined => {
  try {
    return State.parse(JSON.parse(readFileSync(join(profileDir, stateFile), 'utf8')));
  } catch {
    return undefined;
  }
};

const keepState = (profileDir: string, state: State): void => {
  replaceFile(profileDir, stateFile, Buffer.from(JSON.stringify(state)));
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
