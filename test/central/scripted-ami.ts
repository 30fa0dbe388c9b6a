import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type Received = Readonly<Record<string, string>>;
export type Conversation = {
  readonly socket: Socket;
  /** Sends one message: headers in order, closed by an empty line; ActionID is the one answered to. */
  readonly say: (headers: Readonly<Record<string, string>>) => void;
};
export type ScriptedAmi = {
  readonly port: number;
  /** Every action received, over all connections. */
  readonly received: Received[];
  readonly connections: () => number;
  /** Cuts every connection, as when Asterisk dies. */
  readonly cut: () => void;
  readonly stop: () => Promise<void>;
};

/** Answers an action; return false when it should be answered by the standard (log-in, ping). */
export type Script = (action: Received, conversation: Conversation) => boolean;

/** A TCP server that speaks AMI as far as a test tells it to. */
export const scriptedAmi = async (
  script: Script,
  greeting: string | null = 'Asterisk Call Manager/11.0.0\r\n',
): Promise<ScriptedAmi> => {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (greeting !== null) socket.write(greeting);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const action = Object.fromEntries(
          text
            .slice(0, end)
            .split('\r\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        text = text.slice(end + 4);
        received.push(action);
        const say: Conversation['say'] = (headers) => {
          const lines = Object.entries({ ...headers }).map(([key, value]) => `${key}: ${value}\r\n`);
          socket.write(`${lines.join('')}\r\n`);
        };
        if (!script(action, { socket, say })) standard(action, { socket, say });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    connections: () => connections,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const standard = (action: Received, { socket, say }: Conversation) => {
  const ActionID = action['ActionID'] ?? '';
  switch (action['Action']) {
    case 'Challenge':
      return say({ Response: 'Success', ActionID, Challenge: '840415273' });
    case 'Login':
      // In one packet with the answer, as Asterisk does.
      return socket.write(
        `Response: Success\r\nActionID: ${ActionID}\r\nMessage: Authentication accepted\r\n\r\nEvent: FullyBooted\r\nPrivilege: system,all\r\n\r\n`,
      );
    default:
      return say({ Response: 'Success', ActionID });
  }
};
