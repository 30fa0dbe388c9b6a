import { Worker } from 'node:worker_threads';
import { readPage } from './change-lines.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Page, PageHead } from './page.ts';
import type { Row } from './store/rows.ts';

/**
 * Reads pages of the change feed that came as lines. To take a row apart and check it costs more than to store it: large pages are read
 * on a thread of their own, while the engine's stores the page before, and come across in pieces that hold nobody up. That thread is
 * there during a load only. Without it, should it fail, pages are read here, in slices.
 */
export type PageReader = {
  /** A large page is asked for: let the thread be there when it comes. */
  readonly prepare: () => void;
  /** Undefined: it is not what the contract says, or cut short. */
  readonly read: (body: Uint8Array) => Promise<Page | undefined>;
  readonly close: () => void;
};

export type ToReader = { readonly id: number; readonly body: Uint8Array } | 'next';
/** `ready`: it runs; `null`: what was read is no page. */
export type FromReader =
  | 'ready'
  | { readonly id: number; readonly head: PageHead | null; readonly pieces: number }
  | readonly Row[];

/** Smaller ones are read sooner than sent. */
const largeBytes = 256 * 1024;
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
    read: async (body) => {
      const reading = body.byteLength < largeBytes ? undefined : started();
      if (reading === undefined) return readPage(body);
      try {
        return await reading.read(body);
      } catch (fault) {
        if (!isUnusable) log.warn('pages are read on the thread of the engine', faultFields(fault));
        isUnusable = true;
        end();
        return readPage(body);
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

/** As source, and beside the bundle of the engine. */
const besides = new URL(import.meta.url.endsWith('.ts') ? './page-thread.ts' : './page-thread.js', import.meta.url);

type Thread = { readonly read: (body: Uint8Array) => Promise<Page | undefined>; readonly end: () => void };

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
  const ask = (message: ToReader): Promise<FromReader> => {
    worker.postMessage(message);
    return heard();
  };
  const isReady = heard();
  isReady.catch(() => {});
  let reads = 0;
  const readOne = async (body: Uint8Array): Promise<Page | undefined> => {
    await isReady;
    reads += 1;
    const told = await ask({ id: reads, body });
    if (told === 'ready' || !('head' in told) || told.id !== reads)
      throw new Error('the thread that reads pages is lost');
    if (told.head === null) return undefined;
    const rows: Row[] = [];
    for (let piece = 0; piece < told.pieces; piece += 1) {
      const next = await ask('next');
      if (next === 'ready' || 'head' in next) throw new Error('the thread that reads pages is lost');
      rows.push(...next);
    }
    return { ...told.head, rows };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One page after the other: an answer given up by its asker may still be coming across.
    read: (body) => {
      const read = last.then(() => readOne(body));
      last = read.catch(() => {});
      return read;
    },
    end: () => void worker.terminate(),
  };
};
