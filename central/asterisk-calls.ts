import type { AmiLinkOptions } from './ami-link.ts';
import { linkAmi } from './ami-link.ts';
import type { AmiFields, AmiMessage, AmiSession } from './ami.ts';
import type { Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { AsteriskOptions } from './asterisk-pbx.ts';
import { PbxFault } from './pbx.ts';

/** One leg of a call, as Asterisk lists it. */
export type Channel = {
  /** As "PJSIP/1001-0000002a". */
  readonly name: string;
  readonly id: string;
  /** '' while it is not connected with another one. */
  readonly bridgeId: string;
  /** '' without one. */
  readonly contactId: string;
  /** Where in the dial plan, as "supervise" and "whisper". */
  readonly context: string;
  readonly extension: string;
};

/**
 * The calls of an Asterisk, for those who do something with one that is running. A connection of its own beside the queues': call
 * events are many, and a queue must not wait behind them.
 */
export type AsteriskCalls = {
  readonly channels: () => Promise<readonly Channel[]>;
  readonly variable: (channel: string, name: string) => Promise<string>;
  /** @throws PbxFault `refused` when Asterisk answers with an error, `unreachable` */
  readonly act: (name: string, fields: AmiFields) => Promise<AmiMessage>;
  readonly onEvent: (listener: (event: AmiMessage) => void) => () => void;
  /** After connecting, and after every loss: events in between were missed. */
  readonly onUp: (listener: () => void) => () => void;
  readonly clock: AsteriskOptions['clock'];
  readonly log: Log;
  readonly close: () => void;
};

/** @param options `events`: classes wanted when others than those of calls */
export const watchAsteriskCalls = (options: AsteriskOptions & { readonly events?: string }): AsteriskCalls => {
  const listeners = new Set<(event: AmiMessage) => void>();
  const ups = new Set<() => void>();
  const linkOptions: AmiLinkOptions = {
    ...options.ami,
    ...options,
    deadlineMs: options.deadlineMs ?? 3_000,
    // `system` tells when Asterisk has started.
    events: options.events ?? 'system,call,user',
    onUp: async (session: AmiSession) => {
      session.onEvent((event) => {
        for (const listener of listeners) listener(event);
      });
      // After this function the link is up for everyone; listeners may ask at once.
      queueMicrotask(() => {
        for (const up of ups) up();
      });
    },
    onChange: () => {},
  };
  const link = linkAmi(linkOptions);
  return {
    channels: async () =>
      (await (await link.session()).list('CoreShowChannels'))
        .filter((item) => item.get('event') === 'CoreShowChannel')
        .map(readChannel),
    variable: async (channel, name) => {
      const answer = await (await link.session()).action('Getvar', { Channel: channel, Variable: name });
      return answer.get('value') ?? '';
    },
    act: async (name, fields) => {
      const answer = await (await link.session()).action(name, fields);
      if (answer.get('response') === 'Success') return answer;
      throw new PbxFault('refused', `The exchange refused ${name}.`);
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onUp: (listener) => {
      ups.add(listener);
      return () => ups.delete(listener);
    },
    clock: options.clock,
    log: options.log,
    close: () => {
      listeners.clear();
      ups.clear();
      link.close();
    },
  };
};

/** A leg in an event or a list; both carry the same headers. */
export const readChannel = (message: AmiMessage): Channel => ({
  name: message.get('channel') ?? '',
  id: message.get('uniqueid') ?? '',
  bridgeId: message.get('bridgeid') ?? message.get('bridgeuniqueid') ?? '',
  contactId: /^ZUOXI_CONTACT=(.+)$/.exec(message.get('chanvariable') ?? '')?.[1] ?? '',
  context: message.get('context') ?? '',
  extension: message.get('exten') ?? message.get('extension') ?? '',
});

/** Runs what an event set off; nobody waits for it, so its fault is logged here. */
export const beside = (log: Log, work: () => Promise<void>, what: string): void =>
  void work().catch((fault: unknown) => log.warn(faultFields(fault), what));
