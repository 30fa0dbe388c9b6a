import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { createEngine } from '../../main/engine/engine.ts';
import type { Log, LogFields } from '../../main/engine/log.ts';
import type { Port } from '../../shared/rpc.ts';
import type { ClockStart, Pace } from './bent-clock.ts';
import { bentClock } from './bent-clock.ts';

/**
 * One seat: the product's engine on a profile folder of its own, its desk and phone at the other end of this process's line. What it
 * commits is written to a journal before anything else happens, so that no answer and no push can come first.
 */
export type SeatStart = ClockStart & {
  readonly profileDir: string;
  readonly key: string;
  readonly centralUrl: string;
  readonly journal: string;
  readonly log: string;
};
export type Role = 'desk' | 'phone';
export type ToSeat =
  | { readonly kind: 'port'; readonly role: Role; readonly message: unknown }
  | { readonly kind: 'clock'; readonly offsetMs: number }
  | { readonly kind: 'pace'; readonly pace: Pace }
  | { readonly kind: 'close' };
export type FromSeat =
  | { readonly kind: 'ready'; readonly seatId: string }
  | { readonly kind: 'port'; readonly role: Role; readonly message: unknown }
  | { readonly kind: 'committed'; readonly count: number }
  | { readonly kind: 'closed' };

const start = JSON.parse(process.argv[2] ?? '') as SeatStart;
const clock = bentClock(start);
// A kill may have cut the last line short.
const written = existsSync(start.journal) ? readFileSync(start.journal) : Buffer.alloc(0);
if (written.length > 0) truncateSync(start.journal, written.lastIndexOf('\n') + 1);
const journal = openSync(start.journal, 'a');
const say = (message: FromSeat): void => void process.send?.(message);

const line =
  (level: string) =>
  (what: string, fields: LogFields = {}): void =>
    appendFileSync(start.log, `${level} ${what} ${JSON.stringify(fields)}\n`);
const quiet = (): void => {};
const log: Log = { error: line('error'), warn: line('warn'), info: quiet, debug: quiet };

const engine = createEngine({
  profileDir: start.profileDir,
  storeKey: { key: Buffer.from(start.key, 'hex'), kept: 'keyFile' },
  centralUrl: start.centralUrl,
  clock,
  random: (bytes) => randomBytes(bytes),
  log,
  committed: (ops) => {
    writeSync(journal, ops.map((op) => `${JSON.stringify(op)}\n`).join(''));
    say({ kind: 'committed', count: ops.length });
  },
});

const listeners = new Map<Role, Set<(message: unknown) => void>>();
const portOf = (role: Role): Port => {
  const heard = new Set<(message: unknown) => void>();
  listeners.set(role, heard);
  return {
    send: (message) => say({ kind: 'port', role, message }),
    onMessage: (listener) => void heard.add(listener),
    onClose: () => {},
    close: () => {},
  };
};
engine.connect(portOf('desk'), 'desk', { windowId: 'one' });
engine.connect(portOf('phone'), 'phone', { windowId: 'one' });

process.on('message', (message: ToSeat) => {
  if (message.kind === 'clock') clock.jump(message.offsetMs);
  else if (message.kind === 'pace') clock.pace(message.pace);
  else if (message.kind === 'port') for (const heard of listeners.get(message.role) ?? []) heard(message.message);
  else
    void engine.close().then(() => {
      say({ kind: 'closed' });
      process.disconnect();
    });
});
process.on('disconnect', () => process.exit());
// Now: a killed process writes nothing.
flushCompileCache();
say({ kind: 'ready', seatId: engine.seatId });
