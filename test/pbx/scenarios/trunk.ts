import { createSocket } from 'node:dgram';
import type { RemoteInfo } from 'node:dgram';
import type { PbxDescriptor } from '../../../scripts/pbx-instance.mjs';
import { headerIn, type Tape, tapeOf } from './tape.ts';

/**
 * The operator's border between the exchange and its customers: one address (the one the exchange trusts), many telephones behind
 * it. Packets pass as they are; calls of the exchange go to the telephone that has the number. What passed is kept.
 */
export type Trunk = {
  readonly host: string;
  readonly port: number;
  readonly tape: Tape<Packet>;
  /** Calls of the exchange to numbers with this beginning go to this port; the longest beginning counts. */
  readonly route: (beginning: string, port: number) => void;
  /** Tells a telephone something that is not from the exchange. */
  readonly tell: (port: number, text: string) => void;
  readonly close: () => void;
};

export type Packet = {
  readonly from: 'exchange' | 'customer';
  readonly callId: string;
  /** First line. */
  readonly line: string;
  readonly text: string;
  /** The customer's port. */
  readonly port: number;
};

export const openTrunk = async ({ customer, sip }: PbxDescriptor): Promise<Trunk> => {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(customer.port, customer.host, resolve));
  const tape = tapeOf<Packet>('on the trunk');
  const portOf = new Map<string, number>();
  const routes = new Map<string, number>();

  const portFor = (line: string): number | undefined => {
    const number = decodeURIComponent(/^INVITE sip:([^@]*)@/.exec(line)?.[1] ?? '');
    const beginning = [...routes.keys()]
      .filter((one) => number.startsWith(one))
      .toSorted((a, b) => b.length - a.length)[0];
    return beginning === undefined ? undefined : routes.get(beginning);
  };
  socket.on('message', (bytes: Buffer, { address, port }: RemoteInfo) => {
    const text = bytes.toString('utf8');
    const line = text.slice(0, text.indexOf('\r\n'));
    const callId = headerIn(text, 'Call-ID');
    if (callId === '') return;
    const isExchange = address === sip.host && port === sip.port;
    if (!isExchange) portOf.set(callId, port);
    const customerPort = portOf.get(callId) ?? portFor(line);
    if (customerPort === undefined) return;
    portOf.set(callId, customerPort);
    if (isExchange) socket.send(bytes, customerPort, customer.host);
    else socket.send(bytes, sip.port, sip.host);
    tape.add({ from: isExchange ? 'exchange' : 'customer', callId, line, text, port: customerPort });
  });

  return {
    host: customer.host,
    port: customer.port,
    tape,
    route: (beginning, port) => void routes.set(beginning, port),
    tell: (port, text) => socket.send(text, port, customer.host),
    close: () => socket.close(),
  };
};
