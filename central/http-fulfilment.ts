import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { FulfilmentResult } from '../shared/fulfilment.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Fulfilment } from './fulfilment-port.ts';

/**
 * The carrier over HTTP. Central posts what it wants to the carrier's address, and the carrier posts results to `/v1/carrier/results`. Both
 * ways carry `zuoxi-signature: t=SECONDS,v1=HEX`, the HMAC-SHA256 of "SECONDS.BODY" under one secret that both hold: nobody else can say that
 * something was paid. A signature older than five minutes counts no more; the same result again changes nothing (its id).
 *
 * Answers: 200 taken (also: known already), 400 not a result, 401 not signed, 503 come again.
 */
export const resultsPath = '/v1/carrier/results';
const signatureHeader = 'zuoxi-signature';
const oldestSeconds = 300;
const askMs = 10_000;
const mostBytes = 64 * 1024;

export const signatureOf = (secret: Uint8Array, seconds: number, body: string): string =>
  `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;

export const isSigned = (secret: Uint8Array, header: unknown, body: string, nowMs: number): boolean => {
  const seconds = Number(/^t=(\d{1,12}),v1=[0-9a-f]{64}$/u.exec(String(header))?.[1] ?? Number.NaN);
  // Not a number compares false both ways.
  if (!(Math.abs(nowMs / 1_000 - seconds) <= oldestSeconds)) return false;
  const given = Buffer.from(String(header));
  const wanted = Buffer.from(signatureOf(secret, seconds, body));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

export type HttpFulfilment = Fulfilment & { readonly attach: (app: FastifyInstance) => void };

/** @param secret 32 bytes or more, the carrier's and ours */
export const makeHttpFulfilment = (
  { url, secret }: { readonly url: string; readonly secret: Uint8Array },
  { clock, log }: { readonly clock: Pick<Clock, 'nowMs'>; readonly log: Log },
): HttpFulfilment => {
  const listeners = new Set<(result: FulfilmentResult) => Promise<void>>();
  const stop = new AbortController();
  const take = async (result: FulfilmentResult): Promise<void> => {
    if (listeners.size === 0) throw new Error('nobody listens yet');
    for (const listener of listeners) await listener(result);
  };
  return {
    ask: async (asked) => {
      const body = JSON.stringify(asked);
      const response = await fetch(url, {
        method: 'POST',
        // A redirect is somebody else's answer.
        redirect: 'error',
        signal: AbortSignal.any([stop.signal, AbortSignal.timeout(askMs)]),
        headers: {
          'content-type': 'application/json',
          'idempotency-key': asked.key,
          [signatureHeader]: signatureOf(secret, Math.floor(clock.nowMs() / 1_000), body),
        },
        body,
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the carrier answered ${response.status}`);
    },
    onResult: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => stop.abort(),
    attach: (app) =>
      void app.register(async (scope) => {
        // The signature is over the bytes as they came.
        scope.removeAllContentTypeParsers();
        scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
        scope.post(resultsPath, { bodyLimit: mostBytes }, async (request, reply) => {
          const body = typeof request.body === 'string' ? request.body : '';
          if (!isSigned(secret, request.headers[signatureHeader], body, clock.nowMs())) {
            log.warn({ address: request.ip }, 'a result of the carrier without a good signature');
            return reply.code(401).send({ error: { kind: 'unauthorised', reason: 'signature' } });
          }
          const result = FulfilmentResult.safeParse(jsonOf(body));
          if (!result.success) return reply.code(400).send({ error: { kind: 'invalid', reason: 'requestMalformed' } });
          try {
            await take(result.data);
          } catch (fault) {
            log.warn(faultFields(fault), 'a result of the carrier not taken: it brings it again');
            return reply
              .code(503)
              .header('retry-after', '5')
              .send({ error: { kind: 'offline' } });
          }
          return reply.send({});
        });
      }),
  };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
