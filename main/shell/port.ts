import type { Port } from '../../shared/rpc.ts';

/** The part of Electron's MessagePortMain used here. Messages wait inside it until `start`. */
export type MessagePortLike = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
};

/** A transferred port as the contract's `Port`. Sending on a closed one does nothing: its page is gone, and a new one asks again. */
export const portOver = (port: MessagePortLike): Port => {
  let isClosed = false;
  const closers = new Set<() => void>();
  const closed = (): void => {
    if (isClosed) return;
    isClosed = true;
    for (const closer of closers) closer();
  };
  port.on('close', closed);
  return {
    send: (message) => {
      if (!isClosed) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => {
      if (isClosed) return listener();
      closers.add(listener);
    },
    close: () => {
      if (isClosed) return;
      port.close();
      closed();
    },
  };
};
