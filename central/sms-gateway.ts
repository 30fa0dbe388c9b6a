import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Sms, SmsReply } from './sms.ts';

/**
 * Text messages over an operator's gateway (JSON over HTTPS). What it has to speak:
 *
 *   central → gateway  POST <url>          {id, to, text, about}       2xx: taken. 409: this id was taken before. 429, 5xx: asked again
 *   gateway → central  POST /v1/sms/events {events: [reply | report]}  2xx: kept. Anything else: brought again, ids tell them apart
 *
 * Both are signed: `x-sms-timestamp` (ms), `x-sms-signature` = hex HMAC-SHA256 of `<timestamp>.<body>` with the shared secret. The id goes as
 * `idempotency-key` too, and is the same at every try, so that a customer is asked once, however often central had to ask the gateway.
 */
export const SmsGatewaySettings = z.object({
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string().min(32).max(400),
  timeoutMs: z.number().int().min(100).max(60_000).default(5_000),
  tries: z.number().int().min(1).max(6).default(3),
});
export type SmsGatewaySettings = z.infer<typeof SmsGatewaySettings>;

export const smsEventsPath = '/v1/sms/events';
const stampHeader = 'x-sms-timestamp';
const signatureHeader = 'x-sms-signature';
/** How far the gateway's clock may be off. */
const skewMs = 5 * 60_000;
const firstPauseMs = 500;

const id = z.string().min(1).max(200);
const SmsEvents = z.object({
  events: z
    .array(
      z.discriminatedUnion('type', [
        z.object({
          type: z.literal('reply'),
          id,
          from: z.string().max(40),
          text: z.string().max(2_000),
          atMs: z.number(),
        }),
        z.object({ type: z.literal('report'), id, state: z.enum(['delivered', 'failed']), atMs: z.number() }),
      ]),
    )
    .min(1)
    .max(100),
});

export type SmsGateway = Sms & {
  /** The way back: replies and delivery reports. */
  readonly attach: (app: FastifyInstance) => void;
};

type Ports = { readonly clock: Clock; readonly log: Log; readonly newId: () => string };

export const openSmsGateway = (settings: SmsGatewaySettings, ports: Ports): SmsGateway => {
  const { clock, log } = ports;
  const takers = new Set<(reply: SmsReply) => Promise<void>>();
  return {
    send: ({ number, text, about, id: own }) => {
      const messageId = own ?? ports.newId();
      return deliver(settings, ports, { id: messageId, to: number, text, about: about ?? 'code' });
    },
    onReply: (taker) => {
      takers.add(taker);
      return () => void takers.delete(taker);
    },
    attach: (app) =>
      void app.register(async (scope) => {
        // Letter by letter: that is what was signed.
        scope.removeContentTypeParser('application/json');
        scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
          done(null, body),
        );
        scope.post(smsEventsPath, { bodyLimit: 512 * 1024 }, async (request, reply) => {
          const { [stampHeader]: stamp, [signatureHeader]: signature } = request.headers;
          const body = String(request.body);
          const isFresh = Math.abs(clock.nowMs() - Number(stamp)) <= skewMs;
          if (!isFresh || !isSigned(settings.secret, String(stamp), body, String(signature)))
            return reply.status(401).send({ error: { kind: 'unauthorised' } });
          const told = SmsEvents.safeParse(parsed(body));
          if (!told.success) return reply.status(400).send({ error: { kind: 'invalid', reason: 'requestMalformed' } });
          try {
            await take(told.data.events, takers, log);
          } catch (fault) {
            log.warn(faultFields(fault), 'replies were not kept; the gateway brings them again');
            return reply.status(503).send({ error: { kind: 'offline' } });
          }
          return reply.send({});
        });
      }),
  };
};

type Takers = ReadonlySet<(reply: SmsReply) => Promise<void>>;
const take = async (events: z.infer<typeof SmsEvents>['events'], takers: Takers, log: Log): Promise<void> => {
  for (const event of events) {
    if (event.type === 'report') log.info({ message: event.id, state: event.state }, 'a text was reported on');
    else for (const one of takers) await one({ id: event.id, number: event.from, text: event.text, atMs: event.atMs });
  }
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

export const smsSignature = (secret: string, stamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${stamp}.${body}`).digest('hex');

const isSigned = (secret: string, stamp: string, body: string, signature: string): boolean => {
  const [wanted, given] = [Buffer.from(smsSignature(secret, stamp, body)), Buffer.from(signature)];
  return wanted.length === given.length && timingSafeEqual(wanted, given);
};

type Message = { readonly id: string; readonly to: string; readonly text: string; readonly about: string };

/** @throws when the gateway does not take it, or not in time; it may have taken it all the same, and knows it by its id */
const deliver = async (settings: SmsGatewaySettings, { clock, log }: Ports, message: Message): Promise<void> => {
  const body = JSON.stringify(message);
  for (let tried = 1; ; tried += 1) {
    const said = await post(settings, clock, message.id, body);
    if (said === 'taken') return;
    log.warn({ message: message.id, said, tried }, 'the text gateway did not take a text');
    if (said === 'refused' || tried >= settings.tries) throw new Error(`the text gateway took no message: ${said}`);
    const pauseMs = firstPauseMs * 2 ** (tried - 1);
    await new Promise<void>((done) => void clock.after(pauseMs, done));
  }
};

const post = async (
  { url, secret, timeoutMs }: SmsGatewaySettings,
  clock: Clock,
  messageId: string,
  body: string,
): Promise<'taken' | 'refused' | 'busy' | 'unreachable'> => {
  const stamp = String(clock.nowMs());
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': messageId,
      [stampHeader]: stamp,
      [signatureHeader]: smsSignature(secret, stamp, body),
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(() => undefined);
  await answer?.body?.cancel();
  if (answer === undefined) return 'unreachable';
  if (answer.ok || answer.status === 409) return 'taken';
  return answer.status === 429 || answer.status >= 500 ? 'busy' : 'refused';
};
