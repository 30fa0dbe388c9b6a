import type { Port } from '../../shared/rpc.ts';

/** JSON text frames. Resolves when open; frames that are not JSON are ignored. */
export const socketPort = (socket: WebSocket): Promise<Port> =>
  new Promise((resolve, reject) => {
    socket.addEventListener(
      'open',
      () =>
        resolve({
          send: (message) => {
            if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
          },
          onMessage: (listener) =>
            socket.addEventListener('message', (event) => {
              const message = parsed(event.data);
              if (message !== undefined) listener(message);
            }),
          onClose: (listener) => socket.addEventListener('close', () => listener(), { once: true }),
          close: () => socket.close(),
        }),
      { once: true },
    );
    socket.addEventListener('close', () => reject(new Error('the engine is not there')), { once: true });
  });

const parsed = (frame: unknown): unknown => {
  if (typeof frame !== 'string') return undefined;
  try {
    return JSON.parse(frame) as unknown;
  } catch {
    return undefined;
  }
};

export const messagePort = (raw: MessagePort): Port => {
  let isClosed = false;
  const closers = new Set<() => void>();
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    for (const closer of closers) closer();
  };
  raw.addEventListener('close', close);
  return {
    send: (message) => raw.postMessage(message),
    onMessage: (listener) => {
      raw.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
      raw.start();
    },
    onClose: (listener) => void closers.add(listener),
    // Closing our own end fires no event here: our own side is told by us.
    close: () => {
      raw.close();
      close();
    },
  };
};
