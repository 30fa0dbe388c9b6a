import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Torture, tortures } from './torture.ts';

/** The torture messages as files, byte-exact, for `npm run sip:check -- test/fuzz/corpus` and for other programs. */
export const corpusFolder: string = fileURLToPath(new URL('corpus', import.meta.url));

export const fileOf = ({ name }: Torture): string => join(corpusFolder, `${name}.sip`);

export const bytesOf = ({ message }: Torture): Uint8Array =>
  typeof message === 'string' ? new TextEncoder().encode(message) : message;

/** Writes them anew; how many. */
export const writeCorpus = (): number => {
  mkdirSync(corpusFolder, { recursive: true });
  for (const old of readdirSync(corpusFolder)) if (old.endsWith('.sip')) rmSync(join(corpusFolder, old));
  for (const torture of tortures) writeFileSync(fileOf(torture), bytesOf(torture));
  return tortures.length;
};

export const storedBytes = (torture: Torture): Uint8Array => readFileSync(fileOf(torture));
