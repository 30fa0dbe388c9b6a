import { chmodSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const enough = 3 * 1024 ** 3;

const hasRoom = (): boolean => {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= enough;
  } catch {
    return false;
  }
};

let folder: string | undefined;
process.on('exit', () => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/**
 * Where a run keeps its files: in memory where there is room. kill -9 takes nothing from a file the kernel has; what a power cut takes is
 * another proof's business (test/crash). Nothing of it is left when this program ends.
 */
export const scratchFolder = (): string => {
  if (folder !== undefined) return folder;
  folder = mkdtempSync(join(hasRoom() ? memory : tmpdir(), 'zuoxi-faults-'));
  // PostgreSQL runs as another user and has its own folder in it.
  chmodSync(folder, 0o711);
  return folder;
};
