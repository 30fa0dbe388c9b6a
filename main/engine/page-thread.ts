import { parentPort } from 'node:worker_threads';
import { linesType } from '../../shared/central-api.ts';
import { readPageHere } from './change-lines.ts';
import { exchange, pageTypes } from './exchange.ts';
import { packRows } from './packed-rows.ts';
import type { FromReader, ToReader } from './page-reader.ts';
import type { Row } from './store/rows.ts';

/** The thread of page-reader.ts: asks for a page and reads it, and gives its rows in pieces when it is asked for the next one. */
const perPiece = 500;

if (parentPort === null) throw new Error('this is a thread of the engine');
const port = parentPort;
const tell = (message: FromReader): void => port.postMessage(message);
let rows: readonly Row[] = [];
let given = 0;
let asking: { readonly id: number; readonly stop: AbortController } | undefined;

const answered = async ({ id, asked }: Extract<ToReader, { asked: unknown }>): Promise<FromReader> => {
  const stop = new AbortController();
  asking = { id, stop };
  try {
    const answer = await exchange(asked, pageTypes, stop.signal);
    if (answer.status !== 200 || answer.type !== linesType) return { id, answer };
    const page = answer.bytes === undefined ? undefined : readPageHere(answer.bytes);
    rows = page?.rows ?? [];
    given = 0;
    const { cursor, more, total } = page ?? { cursor: '', more: false, total: 0 };
    return {
      id,
      answer: { ...answer, bytes: undefined },
      head: page === undefined ? null : { cursor, more, total },
      pieces: Math.ceil(rows.length / perPiece),
    };
  } catch (fault) {
    return { id, failed: fault instanceof Error ? fault.message : String(fault) };
  } finally {
    asking = undefined;
  }
};

port.on('message', (message: ToReader) => {
  if (message === 'end') {
    asking?.stop.abort();
    port.close();
  } else if (message === 'next') {
    tell(packRows(rows.slice(given, given + perPiece)));
    given += perPiece;
  } else if ('asked' in message) void answered(message).then(tell);
  else if (asking?.id === message.stop) asking.stop.abort();
});
tell('ready');
