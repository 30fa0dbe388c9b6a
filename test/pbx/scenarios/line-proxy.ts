import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { headerIn, type Tape, tapeOf } from './tape.ts';

/**
 * The network between a seat and the exchange, one WebSocket message at a time: it can break, stay away and stall, answer in the
 * exchange's place and say what an exchange would not. What passed is kept.
 */
export type LineProxy = {
  readonly url: string;
  readonly tape: Tape<Said>;
  /** Closes the seat's connections without a word; new ones come through unless `refuse` says otherwise. */
  readonly cut: () => void;
  readonly refuse: (isRefusing: boolean) => void;
  /** Neither reads nor delivers, and does not close: as behind a firewall that forgot the connection. Ends with `cut`. */
  readonly stall: () => void;
  /** The next re-INVITE of the seat gets this status here and never reaches the exchange. */
  readonly refuseReinvite: (status: number) => void;
  /** The seat says that it takes UPDATE as well, which it does and does not say: the exchange then refreshes sessions by it. */
  readonly sayUpdate: (isSaying: boolean) => void;
  /** As if the exchange had said it. */
  readonly tellSeat: (text: string) => void;
  /** A request in the dialog of this INVITE of the exchange, with a body where the method has one. */
  readonly tellInDialog: (invite: Said, method: string) => void;
  readonly close: () => Promise<void>;
};

export type Said = { readonly from: 'seat' | 'exchange' | 'proxy'; readonly line: string; readonly text: string };

export const openLineProxy = async (exchange: string): Promise<LineProxy> => {
  const http = createServer((_, response) => response.writeHead(404).end());
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => 'sip' });
  const tape = tapeOf<Said>('on the line');
  const pairs = new Set<{ readonly seat: WebSocket; readonly far: WebSocket; isStalled: boolean }>();
  let isRefusing = false;
  let refusals: number[] = [];
  let isSayingUpdate = false;
  const note = (from: Said['from'], text: string): void =>
    tape.add({ from, line: text.slice(0, text.indexOf('\r\n')), text });

  http.on('upgrade', (request, socket, head) => {
    if (isRefusing) return socket.destroy();
    socket.on('error', () => undefined);
    const far = new WebSocket(exchange, 'sip');
    far.on('error', () => socket.destroy());
    far.on('open', () =>
      server.handleUpgrade(request, socket, head, (seat) => {
        const pair = { seat, far, isStalled: false };
        pairs.add(pair);
        seat.on('error', () => undefined);
        seat.on('message', (data) => {
          if (pair.isStalled) return;
          const text = textOf(data);
          note('seat', text);
          const status = isReinvite(text) ? refusals.shift() : undefined;
          if (status === undefined) return far.send(isSayingUpdate ? withUpdate(text) : text);
          const answer = refusalTo(text, status);
          note('proxy', answer);
          return seat.send(answer);
        });
        far.on('message', (data) => {
          if (pair.isStalled) return;
          const text = textOf(data);
          note('exchange', text);
          seat.send(text);
        });
        const end = (): void => {
          pairs.delete(pair);
          seat.terminate();
          far.terminate();
        };
        seat.on('close', end);
        far.on('close', end);
      }),
    );
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const tellSeat = (text: string): void => {
    for (const { seat } of pairs) seat.send(text);
  };
  const cut = (): void => {
    for (const { seat, far } of pairs) {
      seat.terminate();
      far.terminate();
    }
  };
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`,
    tape,
    cut,
    refuse: (next) => {
      isRefusing = next;
    },
    stall: () => {
      for (const pair of pairs) pair.isStalled = true;
    },
    refuseReinvite: (status) => {
      refusals = [status];
    },
    sayUpdate: (isSaying) => {
      isSayingUpdate = isSaying;
    },
    tellSeat,
    tellInDialog: ({ text }, method) => tellSeat(requestIn(text, method)),
    close: async () => {
      cut();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};

const withUpdate = (text: string): string => text.replace(/^Allow: [^\r\n]*/im, (line) => `${line}, UPDATE`);

const isReinvite = (text: string): boolean => text.startsWith('INVITE ') && /;\s*tag=/.test(headerIn(text, 'To'));

const refusalTo = (request: string, status: number): string =>
  [
    `SIP/2.0 ${status} Not Now`,
    ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerIn(request, name)}`),
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Uint8Array)).toString('utf8');

let requests = 0;
const requestIn = (invite: string, method: string): string => {
  requests += 1;
  const body = method === 'INFO' ? 'Signal=5\r\nDuration=160\r\n' : '';
  return [
    `${method} ${/^INVITE (\S+)/.exec(invite)?.[1] ?? ''} SIP/2.0`,
    `Via: SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bKstranger${requests}`,
    `From: ${headerIn(invite, 'From')}`,
    `To: ${headerIn(invite, 'To')};tag=unknown`,
    `Call-ID: ${headerIn(invite, 'Call-ID')}`,
    `CSeq: ${40_000 + requests} ${method}`,
    'Max-Forwards: 70',
    'Contact: <sip:stranger@127.0.0.1:8088;transport=ws>',
    ...(method === 'REFER' ? ['Refer-To: <sip:1003@127.0.0.1>'] : []),
    ...(body === '' ? [] : ['Content-Type: application/dtmf-relay']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
};
