import { WebSocket } from 'ws';
import type { LiveMessage } from '../../shared/central-api.ts';
import { LiveMessage as LiveMessageSchema, livePath, liveProtocol } from '../../shared/central-api.ts';

export type LiveSocket = {
  /** The next message not yet taken. */
  readonly next: () => Promise<LiveMessage>;
  /** Messages waiting to be taken. */
  readonly received: () => number;
  readonly closed: Promise<number>;
  readonly close: () => void;
};

/** Opens the live socket as a seat does; rejects with the HTTP status when central does not want it. */
export const openLive = (
  address: string,
  token: string,
  protocols = [liveProtocol, `bearer.${token}`],
): Promise<LiveSocket> =>
  new Promise((done, failed) => {
    const socket = new WebSocket(address.replace('http', 'ws') + livePath, protocols);
    const waiting: LiveMessage[] = [];
    const takers: ((message: LiveMessage) => void)[] = [];
    socket.on('message', (text: Buffer) => {
      const message = LiveMessageSchema.parse(JSON.parse(String(text)));
      if (message.t === 'beat') return;
      const taker = takers.shift();
      if (taker === undefined) waiting.push(message);
      else taker(message);
    });
    const closed = new Promise<number>((over) => void socket.on('close', over));
    socket.on('unexpected-response', (_request, response) => failed(new Error(String(response.statusCode))));
    socket.on('error', failed);
    socket.on('open', () =>
      done({
        next: () => {
          const first = waiting.shift();
          return first === undefined ? new Promise((take) => void takers.push(take)) : Promise.resolve(first);
        },
        received: () => waiting.length,
        closed,
        close: () => socket.close(),
      }),
    );
  });
