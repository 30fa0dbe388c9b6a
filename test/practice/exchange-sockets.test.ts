import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createExchange, type Exchange } from '../../practice/exchange.ts';
import { until } from './stage.ts';

let exchange: Exchange;
const sockets: WebSocket[] = [];
beforeEach(async () => {
  exchange = await createExchange({ port: 0, auth: () => undefined, trunkUser: 'trunk', queues: [] });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await exchange.close();
});

const open = async (protocols: string | string[] = 'sip'): Promise<{ socket: WebSocket; got: string[] }> => {
  const socket = new WebSocket(exchange.url, protocols);
  sockets.push(socket);
  const got: string[] = [];
  socket.on('message', (data: Buffer) => got.push(data.toString()));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { socket, got };
};
const options = [
  'OPTIONS sip:127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/WS a.invalid;branch=z9hG4bK1',
  'From: <sip:a@127.0.0.1>;tag=1',
  'To: <sip:127.0.0.1>',
  'Call-ID: c',
  'CSeq: 1 OPTIONS',
  '',
  '',
].join('\r\n');

describe('the sockets of the exchange', () => {
  it('speak the subprotocol "sip" only (RFC 7118 §4.1)', async () => {
    expect((await open()).socket.protocol).toBe('sip');
    await expect(open(['chat'])).rejects.toThrow('401');
  });

  it('answer OPTIONS in text and binary frames, and the double CRLF with one', async () => {
    const { socket, got } = await open();
    socket.send(options);
    socket.send(Buffer.from(options));
    socket.send('\r\n\r\n');
    await until('answers', () => got.length === 3);
    expect(got.map((text) => text.split('\r\n')[0])).toEqual(['SIP/2.0 200 OK', 'SIP/2.0 200 OK', '']);
  });

  it.each([
    ['a message over 64 KiB', (s: WebSocket) => s.send(options + 'x'.repeat(70_000))],
    ['noise', (s: WebSocket) => s.send(Buffer.from([0, 255, 3, 4, 5, 6]))],
    ['another protocol', (s: WebSocket) => s.send('GET / HTTP/1.1\r\n\r\n')],
  ])('close on %s and go on serving others', async (_name, send) => {
    const bad = await open();
    const good = await open();
    send(bad.socket);
    await until('closed', () => bad.socket.readyState === WebSocket.CLOSED);
    good.socket.send(options);
    await until('answer', () => good.got.length === 1);
    expect(good.socket.readyState).toBe(WebSocket.OPEN);
  });

  it('come back on the same port after an outage', async () => {
    const { socket } = await open();
    await exchange.faults.stopListening();
    await until('cut', () => socket.readyState === WebSocket.CLOSED);
    await expect(open()).rejects.toThrow('ECONNREFUSED');
    await exchange.faults.startListening();
    const { socket: again, got } = await open();
    again.send(options);
    await until('answer', () => got.length === 1);
    expect(got[0]).toContain('200 OK');
  });

  it('name the port that is in use', async () => {
    const port = Number(new URL(exchange.url).port);
    await expect(createExchange({ port, auth: () => undefined, trunkUser: 't', queues: [] })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
