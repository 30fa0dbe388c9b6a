import fs, { closeSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { systemClock } from '../../main/engine/clock.ts';
import { openStore } from '../../main/engine/store/open-store.ts';
import { writeMeta } from '../../main/engine/store/meta.ts';
import { SeatFault } from '../../shared/result.ts';
import { change, confirmContactOps, page } from './day-rows.ts';

/**
 * A day's work in the store of the folder given, each step acknowledged in the file `acks` only after its commit returned. Run under
 * the shim. `normal`: what would be lost if commits were not flushed. `full`: the disk refuses for a while. `open`: only opens the store.
 */
const [folder = '', key = '', how = 'day', steps = '40', refuseFile = ''] = process.argv.slice(2);
const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
const db = openStore(folder, { key: Buffer.from(key, 'hex'), kept: 'keyFile' }, systemClock, silent);
// What the store asks for at each commit (flushed-log.ts) is not done.
if (how === 'normal') {
  fs.fdatasyncSync = () => {};
  syncBuiltinESMExports();
}
const acks = openSync(join(folder, 'acks'), 'a');
const ack = (what: string): void => void writeSync(acks, `${what}\n`);

if (how !== 'open')
  for (let seq = 1; seq <= Number(steps); seq += 1) {
    if (how === 'full' && seq === 2) refusedBy(refuseFile);
    db.write('change', (write) => change(write, seq));
    ack(`w ${seq}`);
    if (seq % 3 === 0) {
      db.fill('page', (write) => page(write, seq / 3));
      ack(`p ${seq / 3}`);
    }
    if (seq % 4 === 0) {
      db.write('confirm', (write) => confirmContactOps(write, seq - 2));
      ack(`c ${seq - 2}`);
    }
    // A log that grew moves into its file in a turn of its own.
    await new Promise((next) => setImmediate(next));
    // What is in the logs moves into the files; two of three days it never comes to that.
    if (seq % 15 === 0) db.scrub();
  }
closeSync(acks);
db.close();

/** Nothing may be acknowledged that is not there, and the reason has a name. */
function refusedBy(file: string): void {
  // What was not flushed may be kept all the same: it is no change that is counted.
  for (const code of ['28', '30', '5', '5 sync']) {
    const work = code.endsWith('sync') ? uncounted : change;
    writeFileSync(file, code);
    const reasons = [1, 2].map(() => {
      try {
        db.write('change', (write) => work(write, 9_999));
        return 'written';
      } catch (fault) {
        return fault instanceof SeatFault ? (fault.refusal.reason ?? 'none') : String(fault);
      }
    });
    rmSync(file);
    process.stdout.write(`${code} ${reasons.join(' ')}\n`);
  }
}
function uncounted(write: Parameters<typeof change>[0]): void {
  writeMeta(write, 'keptCalls', []);
}
