import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { smsEventsPath, smsSignature } from './sms-gateway.ts';

/** A gateway as gateways are, on loopback: slow, failing, and bringing what it was not thanked for again. Speaks sms-gateway.ts. */
export type FakeSmsGateway = {
  readonly url: string;
  /** Messages it took, each once, by the id it was given. */
  readonly taken: ReadonlyMap<string, { readonly to: string; readonly text: string }>;
  readonly requests: readonly { readonly key: string; readonly isSigned: boolean }[];
  /** What it does next, in order; then it takes everything. `late`: takes it and answers after everybody gave up. */
  readonly next: (number | 'late' | 'cut')[];
  readonly bring: (central: string, events: readonly object[], over?: Forged) => Promise<number>;
  readonly close: () => Promise<void>;
};
type Forged = { readonly secret?: string; readonly atMs?: number };

export const openFakeSmsGateway = async (secret: string, nowMs: () => number): Promise<FakeSmsGateway> => {
  const taken = new Map<string, { to: string; text: string }>();
  const requests: { key: string; isSigned: boolean }[] = [];
  const next: FakeSmsGateway['next'] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const stamp = String(request.headers['x-sms-timestamp']);
      const isSigned = request.headers['x-sms-signature'] === smsSignature(secret, stamp, body);
      requests.push({ key: String(request.headers['idempotency-key']), isSigned });
      const does = next.shift() ?? 202;
      if (does === 'cut') return void request.socket.destroy();
      const { id, to, text } = JSON.parse(body) as { id: string; to: string; text: string };
      const isKnown = taken.has(id);
      if (does === 'late' || does < 300) taken.set(id, { to, text });
      if (does === 'late') return;
      response.writeHead(isKnown && does < 300 ? 409 : does).end('{}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/messages`,
    ...{ taken, requests, next },
    bring: async (central, events, { secret: forged = secret, atMs = nowMs() } = {}) => {
      const body = JSON.stringify({ events });
      const stamp = String(atMs);
      const headers = {
        'content-type': 'application/json',
        'x-sms-timestamp': stamp,
        'x-sms-signature': smsSignature(forged, stamp, body),
      };
      return (await fetch(`${central}${smsEventsPath}`, { method: 'POST', headers, body })).status;
    },
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
};
