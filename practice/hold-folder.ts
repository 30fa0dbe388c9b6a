import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal, SeatFault } from '../shared/result.ts';

/**
 * One practice mode per folder: the embedded database tolerates no second process. The lock names the process that holds it; one
 * left behind by a killed process is taken over.
 * @returns what gives the folder back
 * @throws SeatFault when another practice mode is running on it
 */
export const holdFolder = (dir: string): (() => void) => {
  const file = join(dir, 'practice.pid');
  for (let tries = 0; tries < 2; tries += 1)
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch {
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder))
        throw new SeatFault(
          `Practice mode is already running on ${dir} (process ${holder}). Stop it, or give another folder with --data.`,
          refusal('conflict', 'practiceRunning'),
        );
      rmSync(file, { force: true });
    }
  throw new SeatFault(`${file} cannot be written.`, refusal('internal'));
};

const holderOf = (file: string): number | undefined => {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 && pid !== process.pid ? pid : undefined;
  } catch {
    return undefined;
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    // EPERM: it lives, but is another user's.
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
};
