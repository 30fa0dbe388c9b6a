import { Worker } from 'node:worker_threads';
import { refusal, SeatFault } from '../shared/result.ts';

/**
 * The operator's side of practice mode on a thread of its own: central with its database, the exchange, and the customers who call, with
 * their WebRTC. In a centre these are other machines. On the seat's thread all of them would work on a call at the very
 * moment its pop is due, and the pop would stand behind them.
 */
export type OperatorSide = {
  readonly centralUrl: string;
  /** Origin of the WebSocket the phone talks to, for the content policy. */
  readonly sipOrigin: string;
  /** Names the operator: what a seat holds belongs to one. */
  readonly operatorKey: string;
};

export type OperatorAsked = {
  /** Holds database, recordings and the log. */
  readonly dataDir: string;
  readonly customers: number;
  readonly centralPort: number;
  /** Customers call by themselves when an agent is free. */
  readonly isAutomatic: boolean;
};

export type FromOperator = { readonly ready: OperatorSide } | { readonly failed: string };

export type OperatorThread = {
  /** Rejects with a sentence when it cannot start; stays open when it was closed meanwhile. */
  readonly ready: Promise<OperatorSide>;
  /** Resolves with what it said when it ends without having been asked to, after it was ready. */
  readonly broke: Promise<Error>;
  readonly close: () => Promise<void>;
};

export const startOperatorThread = (asked: OperatorAsked, file: URL = besides): OperatorThread => {
  const worker = new Worker(file, { workerData: asked, execArgv: [] });
  const ready = Promise.withResolvers<OperatorSide>();
  const broke = Promise.withResolvers<Error>();
  const over = Promise.withResolvers<void>();
  // Nobody may be waiting.
  for (const { promise } of [ready, over]) promise.catch(() => {});
  let is: 'starting' | 'ready' | 'ending' = 'starting';
  const lost = (fault: Error): void => {
    if (is === 'starting') ready.reject(fault);
    else if (is === 'ready') broke.resolve(fault);
    else over.reject(fault);
  };
  worker.on('message', (message: FromOperator) => {
    if ('failed' in message) return lost(new SeatFault(message.failed, refusal('internal', 'practice')));
    if (is === 'starting') is = 'ready';
    ready.resolve(message.ready);
  });
  worker.on('error', lost);
  worker.on('exit', () => {
    if (is !== 'ending')
      lost(new SeatFault('The operator side of practice mode ended.', refusal('internal', 'practice')));
    over.resolve();
  });
  return {
    ready: ready.promise,
    broke: broke.promise,
    close: async () => {
      is = 'ending';
      // Asked, not terminated: it gives back what it holds, and a thread stopped while it is set up can take the process along.
      worker.postMessage('end');
      await over.promise;
    },
  };
};

const besides = new URL('./operator-thread.ts', import.meta.url);
