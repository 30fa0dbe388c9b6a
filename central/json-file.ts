import { readFile } from 'node:fs/promises';

/** Why a command did nothing, for whoever gave it. */
export type Wrong = { readonly wrong: string };

export const readJsonFile = async (path: string): Promise<{ readonly given: unknown } | Wrong> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return { wrong: `The file cannot be read: ${path}` };
  }
  try {
    return { given: JSON.parse(text) as unknown };
  } catch {
    return { wrong: `The file is not JSON: ${path}` };
  }
};
