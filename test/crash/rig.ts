import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../main/engine/clock.ts';
import { openStore } from '../../main/engine/store/open-store.ts';
import type { Mended } from '../../main/engine/store/mending.ts';
import type { Db } from '../../main/engine/store/db.ts';
import type { DiskEvent } from './disk.ts';
import { readRecord } from './disk.ts';

export type Rig = {
  readonly folder: string;
  readonly key: Uint8Array;
  /** A folder of its own, gone with the rig. */
  room(): string;
  /** Runs `day.ts` on a folder under the shim. */
  run(
    store: string,
    how: 'day' | 'normal' | 'full' | 'open',
    over?: { readonly steps?: number; readonly killAt?: number },
  ): Run;
  open(store: string, mended?: (what: Mended) => void): Db;
  close(): void;
};
export type Run = {
  readonly events: readonly DiskEvent[];
  readonly acks: string;
  readonly output: string;
  readonly signal: string | null;
  readonly status: number | null;
};

const source = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/** @returns why this machine cannot do it, instead of a rig */
export const makeRig = (): Rig | string => {
  if (process.platform !== 'linux') return 'crashes of the store are replayed on Linux only';
  const folder = mkdtempSync(join(tmpdir(), 'zuoxi-crash-'));
  const shim = join(folder, 'shim.so');
  const made = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim, source('shim.c'), '-ldl', '-lpthread'], {
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return `no C compiler for the shim that writes down what goes to the disk: ${made.error?.message ?? made.stderr}`;
  }
  const key = new Uint8Array(32).fill(7);
  let rooms = 0;
  const room = (): string => {
    rooms += 1;
    const made_ = join(folder, `room-${rooms}`);
    mkdirSync(made_);
    return made_;
  };
  return {
    folder,
    key,
    room,
    run: (store, how, { steps = 40, killAt } = {}) => {
      const record = join(room(), 'record');
      const refuse = `${record}.refuse`;
      const done = spawnSync(
        process.execPath,
        [source('day.ts'), store, Buffer.from(key).toString('hex'), how, String(steps), refuse],
        {
          encoding: 'utf8',
          timeout: 120_000,
          env: {
            ...process.env,
            LD_PRELOAD: shim,
            ZUOXI_SHIM_DIR: store,
            ZUOXI_SHIM_LOG: record,
            ZUOXI_SHIM_REFUSE: refuse,
            ...(killAt === undefined ? {} : { ZUOXI_SHIM_KILL_AT: String(killAt) }),
          },
        },
      );
      const acks = join(store, 'acks');
      return {
        events: existsSync(record) ? readRecord(record) : [],
        acks: existsSync(acks) ? readFileSync(acks, 'utf8') : '',
        output: `${done.stdout}${done.stderr}`,
        signal: done.signal,
        status: done.status,
      };
    },
    open: (store, mended) => openStore(store, { key, kept: 'keyFile' }, systemClock, silent, mended),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
};
