import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';

/**
 * What stands between a seat and central in bad times. `passes` is good times; `away` refuses connections; `silent` accepts and never
 * answers; `deaf` lets central do the work and loses its answer; the others answer for central.
 */
export type WireWeather = 'passes' | 'away' | 'silent' | 'deaf' | 'html' | 'notJson' | 'otherShape' | 'failing';

export type CentralProxy = {
  readonly url: string;
  readonly weather: (to: WireWeather) => Promise<void>;
  readonly close: () => Promise<void>;
};

const page = '<!doctype html><html><body><h1>Sign in to the network</h1></body></html>';
const answers: Readonly<
  Partial<Record<WireWeather, { readonly status: number; readonly type: string; readonly body: string }>>
> = {
  html: { status: 200, type: 'text/html', body: page },
  notJson: { status: 200, type: 'application/json', body: '\u0000\u0001{"results": [' },
  otherShape: { status: 200, type: 'application/json', body: '{"results":"none","changes":7}' },
  failing: { status: 500, type: 'text/html', body: '<h1>500</h1><pre>Error: at Object.handle (/srv/app.js:1:1)</pre>' },
};

/** @param centralUrl http on loopback */
export const startCentralProxy = async (centralUrl: string): Promise<CentralProxy> => {
  const central = new URL(centralUrl);
  const sockets = new Set<Socket>();
  let now: WireWeather = 'passes';
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const open = async (port: number): Promise<Server> => {
    const server = createServer((incoming, outgoing) => {
      const answer = answers[now];
      if (answer !== undefined) return reply(incoming, outgoing, answer);
      if (now !== 'silent') passOn(central, incoming, outgoing, () => now === 'deaf');
    });
    server.on('connection', keep);
    server.on('upgrade', (incoming, near: Socket, head: Buffer) => {
      if (now !== 'passes') return near.destroy();
      const far = connect(Number(central.port), central.hostname);
      keep(far);
      far.write(headOf(incoming));
      far.write(head);
      far.pipe(near);
      near.pipe(far);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return server;
  };
  const shut = (server: Server): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      cut();
    });
  let server = await open(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    weather: async (to) => {
      now = to;
      if (to === 'away') {
        if (server.listening) await shut(server);
        return;
      }
      // The live connection belongs to good times; one that stays open would hide that they are over.
      cut();
      if (!server.listening) server = await open(port);
    },
    close: async () => {
      if (server.listening) await shut(server);
    },
  };
};

const reply = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: { readonly status: number; readonly type: string; readonly body: string },
): void => {
  incoming.resume();
  outgoing.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body);
};

const passOn = (central: URL, incoming: IncomingMessage, outgoing: ServerResponse, isLost: () => boolean): void => {
  const onward = ask(
    {
      host: central.hostname,
      port: central.port,
      method: incoming.method,
      path: incoming.url,
      headers: { ...incoming.headers, host: central.host },
    },
    (answer) => {
      if (isLost()) {
        answer.resume();
        return void answer.on('end', () => outgoing.destroy());
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
};

const headOf = (incoming: IncomingMessage): string => {
  const fields = Array.from({ length: incoming.rawHeaders.length / 2 }, (_, at) =>
    incoming.rawHeaders.slice(at * 2, at * 2 + 2).join(': '),
  );
  return [`${incoming.method ?? 'GET'} ${incoming.url ?? '/'} HTTP/1.1`, ...fields, '', ''].join('\r\n');
};
