import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal, SeatFault } from '../../shared/result.ts';
import type { StoreKey } from '../engine/store/open-store.ts';

const keyName = 'seat.key';

/**
 * The store's key where there is no key store: a file of 32 bytes beside the store, readable by this user alone, made on first
 * use. Other programs of the same user can read it; the desk says so (security 27).
 * @throws SeatFault when there is a key file that is not one: a new key would make the store unreadable
 */
export const profileKey = (profileDir: string, random: (bytes: number) => Uint8Array): StoreKey => {
  mkdirSync(profileDir, { recursive: true, mode: 0o700 });
  const file = join(profileDir, keyName);
  try {
    // 'wx': of two starts at once only one makes the key.
    writeFileSync(file, random(32), { mode: 0o600, flag: 'wx' });
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
    chmodSync(file, 0o600);
  }
  const key = new Uint8Array(readFileSync(file));
  if (key.length !== 32)
    throw new SeatFault(
      `${file} is not a key: put the right file back, or move it and seat.db away to begin anew`,
      refusal('internal', 'storeKey'),
    );
  return { key, kept: 'keyFile' };
};

/** What was encrypted with it is noise from then on. May be called again. */
export const destroyProfileKey = (profileDir: string): void => rmSync(join(profileDir, keyName), { force: true });
