import type { ChangesResponse } from '../../shared/central-api.ts';
import { Change, ChangesHead } from '../../shared/central-api.ts';

/** So long the engine's thread may be held up at a stretch, in ms: a key pressed or a call ringing meanwhile is answered in time. */
const sliceMs = 4;

/**
 * A page of the change feed that came as lines (`linesType`). Taken apart and checked in slices, so that thousands of rows never hold the
 * engine up. Undefined when it is not what the contract says, or cut short.
 */
export const readChangeLines = async (body: Uint8Array): Promise<ChangesResponse | undefined> => {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const firstEnd = text.indexOf(newLine);
  const head = ChangesHead.safeParse(json(text, 0, firstEnd));
  if (!head.success) return undefined;
  const { count, ...page } = head.data;
  const changes: Change[] = [];
  let from = firstEnd + 1;
  let startMs = performance.now();
  while (from < text.length) {
    const end = text.indexOf(newLine, from);
    const change = Change.safeParse(json(text, from, end));
    if (!change.success) return undefined;
    changes.push(change.data);
    from = end + 1;
    if (performance.now() - startMs < sliceMs) continue;
    await new Promise((next) => setImmediate(next));
    startMs = performance.now();
  }
  return changes.length === count ? { ...page, changes } : undefined;
};

const newLine = 10;

/** Undefined when the line has no end (`end` < 0: cut short) or is not JSON. */
const json = (text: Buffer, from: number, end: number): unknown => {
  if (end < 0) return undefined;
  try {
    return JSON.parse(text.toString('utf8', from, end));
  } catch {
    return undefined;
  }
};
