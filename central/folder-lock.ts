import { open, readFile, rm } from 'node:fs/promises';

/**
 * Keeps a second process out of a folder, by a file beside it that names the process. The embedded database does not do so itself:
 * two processes would damage it.
 *
 * @returns gives the folder free, or undefined when a living process has it
 */
export const lockFolder = async (dir: string): Promise<(() => Promise<void>) | undefined> => {
  const path = `${dir}.lock`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (fault) {
      if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
      if (isAlive(Number(await readFile(path, 'utf8').catch(() => '')))) return undefined;
      // Left behind by a process that was killed.
      await rm(path, { force: true });
    }
  }
  return undefined;
};

const isAlive = (pid: number): boolean => {
  // Empty for the moment between making and writing it: someone is just taking it.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (fault) {
    // EPERM: it lives, as another user.
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM';
  }
};
