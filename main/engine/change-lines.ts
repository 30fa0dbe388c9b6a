import { Change, ChangesHead } from '../../shared/central-api.ts';
import type { Page } from './page.ts';
import { inOrder } from './page.ts';
import type { Row } from './store/rows.ts';
import { rowOf } from './store/rows.ts';

/** So long the engine's thread may be held up at a stretch, in ms: a key pressed or a call ringing meanwhile is answered in time. */
const sliceMs = 4;

/**
 * A page of the change feed that came as lines (`linesType`). Taken apart and checked in slices, so that thousands of rows never hold the
 * engine up. Undefined when it is not what the contract says, or cut short.
 */
export const readPage = async (body: Uint8Array): Promise<Page | undefined> => {
  const reading = read(body);
  let startMs = performance.now();
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
    if (performance.now() - startMs < sliceMs) continue;
    await new Promise((next) => setImmediate(next));
    startMs = performance.now();
  }
};

/** The same at one go, where nobody waits for the thread. */
export const readPageHere = (body: Uint8Array): Page | undefined => {
  const reading = read(body);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return value;
  }
};

/** Line by line. */
function* read(body: Uint8Array): Generator<undefined, Page | undefined> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const firstEnd = text.indexOf(newLine);
  const head = ChangesHead.safeParse(json(text, 0, firstEnd));
  if (!head.success) return undefined;
  const { count, ...page } = head.data;
  const rows: Row[] = [];
  for (let from = firstEnd + 1; from < text.length;) {
    const end = text.indexOf(newLine, from);
    const change = Change.safeParse(json(text, from, end));
    if (!change.success) return undefined;
    rows.push(rowOf(change.data));
    from = end + 1;
    yield undefined;
  }
  return rows.length === count ? { ...page, rows: inOrder(rows) } : undefined;
}

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
