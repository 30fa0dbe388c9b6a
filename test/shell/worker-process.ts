import { EventEmitter } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { Worker } from 'node:worker_threads';
import type { EngineChild } from '../../main/shell/engine-host.ts';

/**
 * Electron's utilityProcess over a worker thread: the real entry file runs in it, with a `process.parentPort` like Electron's, and
 * ports are really transferred.
 */
const shim = `
  import { EventEmitter } from 'node:events';
  import { parentPort, workerData } from 'node:worker_threads';
  const wrap = (raw) => {
    const port = new EventEmitter();
    raw.on('close', () => port.emit('close'));
    return Object.assign(port, {
      postMessage: (message) => raw.postMessage(message),
      start: () => raw.on('message', (data) => port.emit('message', { data })),
      close: () => raw.close(),
    });
  };
  const inside = new EventEmitter();
  inside.postMessage = (message) => parentPort.postMessage(message);
  parentPort.on('message', ({ message, ports }) => inside.emit('message', { data: message, ports: ports.map(wrap) }));
  process.parentPort = inside;
  await import(workerData);
  parentPort.postMessage('loaded');
`;

export class WorkerProcess extends EventEmitter implements EngineChild<MessagePort> {
  readonly #worker: Worker;
  readonly #early: [unknown, MessagePort[]][] = [];
  #isLoaded = false;
  constructor(entry: string) {
    super();
    this.#worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(shim)}`), { workerData: entry });
    this.#worker.on('message', (message: unknown) => {
      if (message !== 'loaded') return void this.emit('message', message);
      this.#isLoaded = true;
      for (const [early, ports] of this.#early.splice(0)) this.postMessage(early, ports);
    });
    this.#worker.on('exit', (code) => this.emit('exit', code));
    this.#worker.on('error', (fault) => this.emit('fault', fault));
  }
  postMessage(message: unknown, transfer: MessagePort[] = []): void {
    if (this.#isLoaded) this.#worker.postMessage({ message, ports: transfer }, transfer);
    else this.#early.push([message, transfer]);
  }
  kill(): boolean {
    void this.#worker.terminate();
    return true;
  }
}
