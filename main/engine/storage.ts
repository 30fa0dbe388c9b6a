import { SeatFault } from '../../shared/result.ts';
import type { Storage, StorageEvent } from '../../shared/storage.ts';
import { isStorageReason, nextStorage } from '../../shared/storage.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Db } from './store/db.ts';
import type { Mended } from './store/mending.ts';

/** What the agent is told of the store; while the disk refuses, it is tried again and again. */
export interface StorageWatch {
  readonly state: Storage;
  mended(what: Mended): void;
  /** The same store, watched. */
  over(db: Db): Db;
}

const tryAgainMs = 2_000;

export const watchStorage = (
  clock: Clock,
  log: Log,
  told: {
    readonly changed: () => void;
    /** The disk takes writes again: what could not be saved meanwhile is looked at once more. */
    readonly back: () => void;
  },
): StorageWatch => {
  let state: Storage = { kind: 'sound' };
  let cancel = (): void => {};
  const on = (event: StorageEvent): void => {
    const next = nextStorage(state, event);
    if (next === state) return;
    const wasRefused = state.kind === 'refuses' && next.kind !== 'refuses';
    state = next;
    log.warn('storage', { state: next.kind, ...(next.kind === 'refuses' ? { why: next.why } : {}) });
    told.changed();
    // Later: whoever wrote just now has not yet taken note of it.
    if (wasRefused) clock.after(0, told.back);
  };
  const over = (db: Db): Db => {
    const watched = <T>(work: () => T): T => {
      try {
        const result = work();
        on({ kind: 'wrote' });
        return result;
      } catch (fault) {
        const reason = fault instanceof SeatFault ? fault.refusal.reason : undefined;
        if (isStorageReason(reason)) {
          on({ kind: 'refused', why: reason, atMs: clock.nowMs() });
          cancel();
          cancel = clock.after(tryAgainMs, () => probe(db));
        }
        throw fault;
      }
    };
    const probe = (asked: Db): void => {
      try {
        watched(() =>
          asked.write('is there room', (write) =>
            write.run(
              'probe',
              "INSERT INTO meta (name, doc) VALUES ('probe', ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc",
              String(clock.nowMs()),
            ),
          ),
        );
      } catch (fault) {
        if (!(fault instanceof SeatFault)) throw fault;
      }
    };
    return {
      read: db.read,
      write: (name, change) => watched(() => db.write(name, change)),
      fill: (name, change) => watched(() => db.fill(name, change)),
      scrub: () => watched(() => db.scrub()),
      get schema() {
        return db.schema;
      },
      get cacheDisk() {
        return db.cacheDisk;
      },
      close: () => {
        cancel();
        db.close();
      },
    };
  };
  return {
    get state() {
      return state;
    },
    mended: ({ part, atMs, kept }) =>
      on({ kind: 'mended', part, atMs, ops: kept?.ops ?? 0, contacts: kept?.contacts ?? 0 }),
    over,
  };
};
