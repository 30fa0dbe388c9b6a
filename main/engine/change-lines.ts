import { Change, ChangesHead } from '../../shared/central-api.ts';
import { Customer, PastContact } from '../../shared/customer.ts';
import { CustomerId } from '../../shared/ids.ts';
import { exactly } from './exactly.ts';
import type { Page } from './page.ts';
import { inOrder } from './page.ts';
import type { Row } from './store/rows.ts';
import { keysOf, rowOf } from './store/rows.ts';

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
    const row = rowIn(text, from, end);
    if (row === undefined) return undefined;
    rows.push(row);
    from = end + 1;
    yield undefined;
  }
  return rows.length === count ? { ...page, rows: inOrder(rows) } : undefined;
}

const newLine = 10;

/** Undefined when the line has no end (`end` < 0: cut short) or is not one row of the contract. */
const rowIn = (text: Buffer, from: number, end: number): Row | undefined => {
  if (end < 0) return undefined;
  const line = text.toString('utf8', from, end);
  const told = asItCame(line);
  if (told !== undefined) return told;
  const change = Change.safeParse(parsed(line));
  return change.success ? rowOf(change.data) : undefined;
};

/**
 * Nearly all rows of a load are customers and lines of timelines just as this program's contract has them: their text is kept as it came.
 * Undefined: it is another row, or has something else about it, and is taken apart in full.
 */
const asItCame = (line: string): Row | undefined => {
  const [customerHead, id] = customerLine.exec(line) ?? [];
  if (customerHead !== undefined && id !== undefined) {
    const doc = line.slice(customerHead.length, -1);
    const customer = line.endsWith('}') ? parsed(doc) : undefined;
    if (!isCustomer(customer)) return undefined;
    return { entity: 'customer', id, row: { ...keysOf(customer as Customer), doc } };
  }
  const [head, contactId, customerId] = historyLine.exec(line) ?? [];
  if (head === undefined || contactId === undefined || customerId === undefined) return undefined;
  const doc = line.slice(head.length, -2);
  const past = line.endsWith('}}') && isCustomerId(customerId) ? parsed(doc) : undefined;
  if (!isPastContact(past)) return undefined;
  return { entity: 'history', id: contactId, row: { customerId, startedAtMs: (past as PastContact).startedAtMs, doc } };
};

// What lies between such a beginning and the end of the line is parsed by itself: hence it is one value, and the line nothing more.
const customerLine = /^\{"entity":"customer","id":"([^"\\\u0000-\u001f]*)","row":/;
const historyLine = /^\{"entity":"history","id":"([^"\\\u0000-\u001f]*)","row":\{"customerId":"([^"\\]*)","past":/;
const isCustomer = exactly(Customer);
const isPastContact = exactly(PastContact);
const isCustomerId = exactly(CustomerId);

const json = (text: Buffer, from: number, end: number): unknown =>
  end < 0 ? undefined : parsed(text.toString('utf8', from, end));

/** Undefined when it is not JSON. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
