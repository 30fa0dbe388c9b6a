import { readFile } from 'node:fs/promises';

/** Wrong arguments or surroundings: the message is all there is to say. */
export class CannotStart extends Error {}

/** @throws CannotStart when there is no such file, naming the option it was given with */
export const fileFor = async (option: string, path: string): Promise<Buffer> => {
  try {
    return await readFile(path);
  } catch {
    throw new CannotStart(`The file of ${option} cannot be read: ${path}`);
  }
};
