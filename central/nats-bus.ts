import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Bus } from './bus.ts';

const retryMs = 1_000;

/** NATS cannot be used; the message is a sentence for whoever starts central, without the password of the address. */
export class NatsUnavailable extends Error {}

/**
 * @param url nats://host:4222 or tls://user:password@host:4222
 * @param name keeps apart several centres on one NATS
 * @throws NatsUnavailable
 */
export const openNatsBus = async (url: string, name: string, log: Log): Promise<Bus> => {
  const { protocol, host, username, password } = new URL(url);
  const connection = await connect({
    servers: `${protocol}//${host}`,
    ...(username === '' ? {} : { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    name: 'zuoxi-central',
    maxReconnectAttempts: -1,
    reconnectTimeWait: retryMs,
  }).catch((fault: unknown) => {
    throw new NatsUnavailable(`NATS at ${host} cannot be used.`, { cause: fault });
  });
  const resumes = new Set<() => void>();
  void follow(connection, resumes, log);
  const subject = (channel: string): string => `zuoxi.${name}.${channel}`;
  return {
    publish: (channel, payload) => {
      connection.publish(subject(channel), payload);
      return Promise.resolve();
    },
    listen: async (channel, heard, resumed) => {
      const subscription = connection.subscribe(subject(channel), {
        callback: (fault, message) =>
          fault === null ? heard(message.string()) : log.warn(faultFields(fault), 'not heard'),
      });
      if (resumed !== undefined) resumes.add(resumed);
      // The server knows of it before anything that is told from now on.
      await connection.flush();
      return async () => {
        subscription.unsubscribe();
        if (resumed !== undefined) resumes.delete(resumed);
      };
    },
    close: () => connection.close(),
  };
};

const follow = async (connection: NatsConnection, resumes: ReadonlySet<() => void>, log: Log): Promise<void> => {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') log.warn({}, 'NATS lost; connecting again');
    if (type !== 'reconnect') continue;
    log.info({}, 'NATS is back');
    for (const resumed of resumes) resumed();
  }
};
