import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

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

/**
 * Where a run keeps its files: in memory where there is room. kill -9 takes nothing from a file the kernel has; what a power cut takes is
 * another proof's business (test/crash).
 */
export const scratchFolder = (): string => (hasRoom() ? memory : tmpdir());
