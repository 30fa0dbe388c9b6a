import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../../main/engine/clock.ts';
import { wipe } from '../../../main/engine/store/wipe.ts';

/** Wipes the folder given, and is killed before its n-th step that changes something on the disk. Ends by itself when there are fewer. */
const [folder = '', key = '', sealTo = '', seatId = '', nth = ''] = process.argv.slice(2);
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

let left = Number(nth);
const step = (): void => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};
const { renameSync, rmSync, writeSync, openSync } = fs;
fs.renameSync = (...args) => {
  step();
  renameSync(...args);
};
fs.rmSync = (...args) => {
  step();
  rmSync(...args);
};
fs.openSync = (...args) => {
  step();
  return openSync(...args);
};
fs.writeSync = ((...args: Parameters<typeof writeSync>) => {
  step();
  return writeSync(...args);
}) as typeof writeSync;
syncBuiltinESMExports();

wipe(
  { id: 'order-1', sealTo, seatId },
  {
    profileDir: folder,
    stateDir: folder,
    dooms: () => true,
    storeKey: { key: Buffer.from(key, 'hex'), kept: 'keyFile' },
    destroyKey: () => fs.rmSync(join(folder, 'seat.key'), { force: true }),
    clock: systemClock,
    log: silent,
  },
);
