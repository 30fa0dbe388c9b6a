import type { WebSocket } from 'ws';
import type { Port } from '../../shared/rpc.ts';
import type { Clock } from '../engine/clock.ts';

const pingMs = 15_000;
/** A page that stopped reading would let whole states pile up here. */
const mostBuffered = 16 * 1024 * 1024;

/** A port over a WebSocket: one JSON text per message. A peer that answers no ping within 15 s is gone. */
export const socketPort = (socket: WebSocket, clock: Clock): Port => {
  const closers = new Set<() => void>();
  let heard = true;
  let cancel = (): void => {};
  const ping = (): void => {
    if (!heard) return socket.terminate();
    heard = false;
    socket.ping();
    cancel = clock.after(pingMs, ping);
  };
  cancel = clock.after(pingMs, ping);
  socket.on('pong', () => {
    heard = true;
  });
  socket.on('close', () => {
    cancel();
    for (const closer of closers) closer();
  });
  // `close` always follows: nothing more to do, but without a listener the process would end.
  socket.on('error', () => socket.terminate());
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > mostBuffered) return socket.terminate();
      socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      socket.on('message', (bytes, isBinary) => {
        const message = !isBinary && Buffer.isBuffer(bytes) ? parsed(bytes.toString('utf8')) : undefined;
        if (message === undefined) return socket.close(1003);
        listener(message);
      });
    },
    onClose: (listener) => void closers.add(listener),
    close: () => socket.close(),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
