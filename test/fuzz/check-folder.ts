import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { audioSdp, request, response } from '../renderer/phone/lab/sip-texts.ts';
import { slowMs } from './fuzz.ts';
import { openSeat, type Outcome } from './seat.ts';
import { listenForUncaught } from './uncaught.ts';

/**
 * Lets a seat receive every file under `folder`, each as one binary WebSocket frame and each by a fresh seat, and prints
 * `PATH  accepted | refused (why) | threw (what)  MS ms` per file, then `N passed, N failed`. True when none failed.
 */
export const checkFolder = async (
  folder: string,
  say: (line: string) => void,
  note: (line: string) => void,
): Promise<boolean> => {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) {
    note(stat === undefined ? `There is no folder ${folder}.` : `${folder} is a file; name the folder it is in.`);
    return false;
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (files.length === 0) {
    note(`${folder} holds no files.`);
    return false;
  }
  note(await warmUp());
  let failed = 0;
  for (const file of files) {
    const line = await checkFile(file);
    if (!line.isGood) failed += 1;
    say(`${relative(folder, file)}  ${line.text}`);
  }
  say(`${files.length - failed} passed, ${failed} failed`);
  return failed === 0;
};

const checkFile = async (file: string): Promise<{ readonly text: string; readonly isGood: boolean }> => {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (fault) {
    return { text: `not read: ${fault instanceof Error ? fault.message : 'unknown fault'}`, isGood: false };
  }
  const outcome = await receiveAlone(bytes);
  return { text: inWords(outcome), isGood: outcome.kind !== 'threw' && outcome.ms <= slowMs };
};

const inWords = (outcome: Outcome): string => {
  const why = outcome.kind === 'refused' ? ` (${outcome.why})` : outcome.kind === 'threw' ? ` (${outcome.what})` : '';
  return `${outcome.kind}${why}  ${outcome.ms.toFixed(2)} ms`;
};

/** By a fresh seat. What took long is received again by others: the quickest counts, for the machine has other work too. */
export const receiveAlone = async (frame: Uint8Array | string): Promise<Outcome> => {
  let best: Outcome | undefined;
  for (let turn = 0; turn < 5 && (best === undefined || best.ms > slowMs / 2); turn += 1) {
    const seat = await openSeat();
    const uncaught = listenForUncaught();
    const outcome = seat.receive(frame);
    await uncaught.settle();
    const faults = uncaught.stop();
    await seat.close();
    if (outcome.kind === 'threw') return outcome;
    if (faults[0] !== undefined) return { kind: 'threw', what: `uncaught ${faults[0]}`, ms: outcome.ms };
    if (best === undefined || outcome.ms < best.ms) best = outcome;
  }
  return best ?? { kind: 'threw', what: 'nothing was received', ms: 0 };
};

/** A page has run for a while when a message comes; a process of its own has not, and compiles at its first messages. */
const warmUp = async (): Promise<string> => {
  const cold = await openSeat();
  const { ms: coldMs } = cold.receive(request('INVITE', {}, audioSdp()));
  await cold.close();
  const count = 500;
  for (let turn = 0; turn < count / 5; turn += 1) {
    const seat = await openSeat();
    for (const method of ['INVITE', 'BYE', 'OPTIONS', 'CANCEL']) seat.receive(request(method, {}, audioSdp()));
    seat.receive(response(200, {}, audioSdp()));
    await seat.close();
  }
  return `The first message of this process took ${coldMs.toFixed(1)} ms (compiling); ${count} more were received before timing.`;
};
