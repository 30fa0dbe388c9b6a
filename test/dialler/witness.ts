import { randomUUID } from 'node:crypto';
import type { AmiMessage } from '../../central/ami.ts';
import type { AsteriskCalls } from '../../central/asterisk-calls.ts';
import { readChannel, watchAsteriskCalls } from '../../central/asterisk-calls.ts';
import { silent } from '../../central/ambient.ts';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';
import type { BentClock } from '../faults/bent-clock.ts';

/** A call to a customer as the exchange saw it; nothing here comes from central. */
export type SeenCall = {
  readonly id: string;
  readonly beganMs: number;
  answeredMs?: number;
  machineMs?: number;
  abandonedMs?: number;
  bridgedMs?: number;
  endedMs?: number;
};
/** An agent's leg: when it was answered, came together with a customer's, and ended. */
export type SeenLeg = { readonly agent: string; readonly contactId: string; bridgedMs?: number; endedMs?: number };

/** What an agent's telephone does in a call of a queue: with whose number, as the exchange shows it. */
export type SeenRing = {
  readonly what: 'rings' | 'answered' | 'ended';
  readonly agent: string;
  readonly contactId: string;
  readonly from: string;
};

export type Witness = {
  readonly calls: ReadonlyMap<string, SeenCall>;
  readonly legs: ReadonlyMap<string, SeenLeg>;
  /** How often each number was rung, on the customers' side of the trunk. */
  readonly rung: ReadonlyMap<string, number>;
  readonly onLeg: (listener: (what: 'answered' | 'ended', leg: SeenLeg) => void) => void;
  readonly onCall: (listener: (call: SeenCall) => void) => void;
  readonly onRing: (listener: (ring: SeenRing) => void) => void;
  /** A customer calls this number of the exchange, over the trunk. @returns hangs up */
  readonly customerCalls: (from: string, number: string, sip: PbxDescriptor['sip']) => Promise<() => Promise<void>>;
  readonly close: () => void;
};

type Inside = {
  readonly clock: BentClock;
  readonly calls: Map<string, SeenCall>;
  readonly legs: Map<string, SeenLeg>;
  readonly rung: Map<string, number>;
  readonly legListeners: ((what: 'answered' | 'ended', leg: SeenLeg) => void)[];
  readonly callListeners: ((call: SeenCall) => void)[];
  readonly ringListeners: ((ring: SeenRing) => void)[];
};

export const watchExchange = async (ami: PbxDescriptor['ami'], clock: BentClock): Promise<Witness> => {
  const watched: AsteriskCalls = watchAsteriskCalls({ ami, clock, random: Math.random, log: silent });
  const inside: Inside = {
    ...{ clock, calls: new Map(), legs: new Map(), rung: new Map(), legListeners: [], callListeners: [] },
    ringListeners: [],
  };
  watched.onEvent((event) => hear(inside, event));
  await watched.channels();
  const { calls, legs, rung, legListeners, callListeners, ringListeners } = inside;
  return {
    ...{ calls, legs, rung },
    onLeg: (listener) => void legListeners.push(listener),
    onCall: (listener) => void callListeners.push(listener),
    onRing: (listener) => void ringListeners.push(listener),
    customerCalls: async (from, number, sip) => {
      const id = randomUUID();
      await watched.act('Originate', {
        ...{ Channel: `PJSIP/carrier/sip:${number}@${sip.host}:${sip.port}`, ChannelId: id, CallerID: `"" <${from}>` },
        // Sound, so that the exchange does not take them for gone.
        ...{ Application: 'MusicOnHold', Data: 'default,600', Timeout: '30000', Async: 'true' },
      });
      return async () => {
        await watched.act('Hangup', { Channel: id, Cause: '16' }).catch(() => undefined);
      };
    },
    close: watched.close,
  };
};

const hear = (inside: Inside, event: AmiMessage): void => {
  const { clock, calls, legs } = inside;
  const { id, name, contactId } = readChannel(event);
  const atMs = clock.nowMs();
  const call = calls.get(id);
  const leg = legs.get(id);
  rings(inside, event);
  switch (event.get('event')) {
    case 'Newchannel':
      return begun(inside, event, atMs);
    case 'Newstate':
      if (event.get('channelstatedesc') !== 'Up') return;
      if (call !== undefined) call.answeredMs ??= atMs;
      return;
    case 'UserEvent': {
      if (event.get('userevent') !== 'ZuoxiDialler') return;
      const what = event.get('what');
      if (call !== undefined && what === 'machine') call.machineMs ??= atMs;
      if (call !== undefined && what === 'abandoned') call.abandonedMs ??= atMs;
      if (what !== 'agent') return;
      const answered: SeenLeg = { agent: /^PJSIP\/(.+)-/.exec(name)?.[1] ?? '', contactId };
      legs.set(id, answered);
      return tell(inside, 'answered', answered);
    }
    case 'BridgeEnter':
      if (call !== undefined) call.bridgedMs ??= atMs;
      if (leg !== undefined) leg.bridgedMs ??= atMs;
      return;
    case 'Hangup':
      if (call !== undefined) call.endedMs ??= atMs;
      if (leg === undefined) return;
      leg.endedMs ??= atMs;
      return tell(inside, 'ended', leg);
    default:
  }
};

const agentLeg = /^PJSIP\/(\d{4})-/;
const ringOf = (event: AmiMessage): SeenRing['what'] | undefined => {
  if (event.get('event') === 'Hangup') return 'ended';
  if (event.get('event') !== 'Newstate') return undefined;
  const state = event.get('channelstatedesc');
  return state === 'Ringing' ? 'rings' : state === 'Up' ? 'answered' : undefined;
};
const rings = ({ ringListeners }: Inside, event: AmiMessage): void => {
  const { name, contactId } = readChannel(event);
  const agent = agentLeg.exec(name)?.[1];
  const what = ringOf(event);
  if (agent === undefined || what === undefined) return;
  const from = event.get('connectedlinenum') ?? '';
  for (const listener of ringListeners) listener({ what, agent, contactId, from });
};

const tell = ({ legListeners }: Inside, what: 'answered' | 'ended', leg: SeenLeg): void => {
  for (const listener of legListeners) listener(what, leg);
};

const begun = ({ calls, rung, callListeners }: Inside, event: AmiMessage, atMs: number): void => {
  const { id, name, extension } = readChannel(event);
  if (name.startsWith('PJSIP/carrier-') && extension.length > 6) rung.set(extension, (rung.get(extension) ?? 0) + 1);
  if (!name.startsWith('PJSIP/customers-')) return;
  const call: SeenCall = { id, beganMs: atMs };
  calls.set(id, call);
  for (const listener of callListeners) listener(call);
};
