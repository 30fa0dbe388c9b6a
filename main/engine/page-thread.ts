import { parentPort } from 'node:worker_threads';
import { readPageHere } from './change-lines.ts';
import type { FromReader, ToReader } from './page-reader.ts';
import type { Row } from './store/rows.ts';

/** The thread of page-reader.ts: reads a page, and gives its rows in pieces when it is asked for the next one. */
const perPiece = 250;

if (parentPort === null) throw new Error('this is a thread of the engine');
const port = parentPort;
let rows: readonly Row[] = [];
let given = 0;
port.on('message', (message: ToReader) => {
  if (message === 'next') {
    const piece: FromReader = rows.slice(given, given + perPiece);
    given += perPiece;
    port.postMessage(piece);
    return;
  }
  const page = readPageHere(message.body);
  rows = page?.rows ?? [];
  given = 0;
  const { cursor, more, total } = page ?? { cursor: '', more: false, total: 0 };
  const told: FromReader = {
    id: message.id,
    head: page === undefined ? null : { cursor, more, total },
    pieces: Math.ceil(rows.length / perPiece),
  };
  port.postMessage(told);
});
port.postMessage('ready' satisfies FromReader);
