import { Worker } from 'node:worker_threads';
import { linesType } from '../../shared/central-api.ts';
import { readPage } from './change-lines.ts';
import type { Answer, Asked } from './exchange.ts';
import { exchange, pageTypes } from './exchange.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { PackedRows } from './packed-rows.ts';
import { unpackRows } from './packed-rows.ts';
import type { Page, PageHead } from './page.ts';
import type { Row } from './store/rows.ts';

/**
 * Pages of the change feed. What arrives of a large one, unpacked piece by piece, and taking its rows apart would wait between the slices
 * in which the engine's thread stores the page before: so a thread of its own asks for it and reads it meanwhile, and its rows come across
 * in pieces that hold nobody up. That thread is there during a load only. Without it, should it fail, all is done here, in slices.
 */
export type PageReader = {
  /** A load begins: let the thread be there when a large page is asked for. */
  readonly prepare: () => void;
  /** @throws when central is not reached, or `signal` was given */
  readonly ask: (asked: Asked, isLarge: boolean, signal: AbortSignal) => Promise<PageAnswer>;
  readonly close: () => void;
};
/** `page`, when it came as lines: undefined when it is not what the contract says, or cut short. */
export type PageAnswer = { readonly answer: Answer; readonly page?: Page | undefined };

export type ToReader = { readonly id: number; readonly asked: Asked } | { readonly stop: number } | 'next' | 'end';
export type FromReader =
  /** It runs. */
  | 'ready'
  | { readonly id: number; readonly failed: string }
  /** No page, for whoever asked to judge. */
  | { readonly id: number; readonly answer: Answer }
  /** `head` null: what came as lines is no page. */
  | { readonly id: number; readonly answer: Answer; readonly head: PageHead | null; readonly pieces: number }
  | PackedRows;

/** After so long without a page the load is over. */
const idleMs = 10_000;

export const createPageReader = (log: Log, file: URL = besides): PageReader => {
  let thread: Thread | undefined;
  let isUnusable = false;
  let idle: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(idle);
    thread?.end();
    thread = undefined;
  };
  const started = (): Thread | undefined => {
    clearTimeout(idle);
    if (!isUnusable) thread ??= startThread(file);
    return thread;
  };
  // Real time, for it is about memory alone; and it keeps no process alive.
  const rest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(end, idleMs).unref();
  };
  return {
    prepare: () => {
      started();
      rest();
    },
    ask: async (asked, isLarge, signal) => {
      const reading = isLarge ? started() : undefined;
      if (reading === undefined) return askHere(asked, signal);
      try {
        return await reading.ask(asked, signal);
      } catch (fault) {
        if (signal.aborted || fault instanceof NotReached) throw fault;
        if (!isUnusable) log.warn('pages are read on the thread of the engine', faultFields(fault));
        isUnusable = true;
        end();
        return askHere(asked, signal);
      } finally {
        rest();
      }
    },
    close: () => {
      isUnusable = true;
      end();
    },
  };
};

const askHere = async (asked: Asked, signal: AbortSignal): Promise<PageAnswer> => {
  const answer = await exchange(asked, pageTypes, signal);
  if (answer.status !== 200 || answer.type !== linesType) return { answer };
  return { answer, page: answer.bytes === undefined ? undefined : await readPage(answer.bytes) };
};

/** The thread is well, the network is not. */
class NotReached extends Error {
  override name = 'NotReached';
}

/**
 * As source, and beside the bundle of the engine. That bundle must have this module in it, not in a part it shares with the thread: hence the thread
 * takes nothing but types from here, and a package is looked at for it (scripts/dist-check.mjs).
 */
const besides = new URL(import.meta.url.endsWith('.ts') ? './page-thread.ts' : './page-thread.js', import.meta.url);

type Thread = { readonly ask: (asked: Asked, signal: AbortSignal) => Promise<PageAnswer>; readonly end: () => void };

const startThread = (file: URL): Thread => {
  const worker = new Worker(file, { execArgv: [] });
  worker.unref();
  const ended = Promise.withResolvers<never>();
  // Nobody may be reading when it ends.
  ended.promise.catch(() => {});
  worker.on('error', ended.reject);
  worker.on('exit', () => ended.reject(new Error('the thread that reads pages ended')));
  const waiting: ((message: FromReader) => void)[] = [];
  worker.on('message', (message: FromReader) => waiting.shift()?.(message));
  const heard = (): Promise<FromReader> =>
    Promise.race([new Promise<FromReader>((done) => void waiting.push(done)), ended.promise]);
  const say = (message: ToReader): void => worker.postMessage(message);
  const isReady = heard();
  isReady.catch(() => {});
  let asks = 0;
  const askOne = async (asked: Asked, signal: AbortSignal): Promise<PageAnswer> => {
    await isReady;
    signal.throwIfAborted();
    const id = (asks += 1);
    const stop = (): void => say({ stop: id });
    signal.addEventListener('abort', stop);
    say({ id, asked });
    const told = await heard();
    signal.removeEventListener('abort', stop);
    if (told === 'ready' || !('id' in told) || told.id !== id) throw new Error('the thread that reads pages is lost');
    if ('failed' in told) throw new NotReached(told.failed);
    if (!('head' in told)) return { answer: told.answer };
    return {
      answer: told.answer,
      page: told.head === null ? undefined : { ...told.head, rows: await rows(told.pieces) },
    };
  };
  const rows = async (pieces: number): Promise<readonly Row[]> => {
    const taken: Row[] = [];
    // The next piece is on its way while this one is taken in.
    const next = (): Promise<FromReader> => {
      say('next');
      return heard();
    };
    let coming = pieces > 0 ? next() : undefined;
    for (let piece = 1; coming !== undefined; piece += 1) {
      const told = await coming;
      coming = piece < pieces ? next() : undefined;
      if (!Array.isArray(told)) throw new Error('the thread that reads pages is lost');
      for (const row of unpackRows(told as PackedRows)) taken.push(row);
    }
    return taken;
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One page after the other: an answer given up by its asker may still be coming across.
    ask: (asked, signal) => {
      const asking = last.then(() => askOne(asked, signal));
      last = asking.catch(() => {});
      return asking;
    },
    // Asked, not terminated: stopped while it was being set up, a thread has taken the whole process along (SIGSEGV in Node 24).
    end: () => say('end'),
  };
};
