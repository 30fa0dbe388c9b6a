import { z } from 'zod';
import type { Log } from './ambient.ts';
import { watchAsteriskCalls } from './asterisk-calls.ts';
import { collectWithAsterisk } from './asterisk-keypad.ts';
import { connectAsterisk } from './asterisk-pbx.ts';
import { recordWithAsterisk } from './asterisk-recorder.ts';
import { superviseAsterisk } from './asterisk-supervision.ts';
import { CannotStart, fileFor } from './cannot-start.ts';
import type { CentralOptions } from './central.ts';
import { dialWithAsterisk } from './dialler/asterisk-dialler.ts';
import { makeFakePbx } from './fake-pbx.ts';
import { systemClock } from './pbx.ts';
import { recordingsIn } from './recording-files.ts';

/** The exchange central works with, by `--pbx` and `--pbx-descriptor`. */
type Given = { readonly pbx?: string | undefined; readonly 'pbx-descriptor'?: string | undefined };
type Exchange = Pick<CentralOptions, 'pbx' | 'supervision' | 'recorder' | 'recordings' | 'keypad' | 'dialler' | 'sip'>;

/** @throws CannotStart when the options do not fit, or the file is not what `npm run pbx` writes */
export const exchangeOf = async (given: Given, log: Log): Promise<Exchange> => {
  const descriptor = await descriptorOf(given);
  return descriptor === undefined ? withoutPbx(log) : withAsterisk(descriptor, log);
};

const Descriptor = z.object({
  ws: z.url(),
  domain: z.string(),
  ami: z.object({ host: z.string(), port: z.number().int(), user: z.string(), secret: z.string() }),
  agents: z.array(z.object({ user: z.string(), password: z.string() })),
  queues: z.record(z.string(), z.string()),
  /** Absent in descriptors of before: then nothing can be heard again. */
  recordings: z.string().optional(),
});
type Descriptor = z.infer<typeof Descriptor>;

const descriptorOf = async (values: Given): Promise<Descriptor | undefined> => {
  if (values.pbx === undefined) return undefined;
  if (values.pbx !== 'asterisk') throw new CannotStart('--pbx is asterisk.');
  const path = values['pbx-descriptor'];
  if (path === undefined) throw new CannotStart('--pbx asterisk needs --pbx-descriptor FILE.');
  const text = String(await fileFor('--pbx-descriptor', path));
  try {
    return Descriptor.parse(JSON.parse(text));
  } catch {
    throw new CannotStart('The file of --pbx-descriptor is not what "npm run pbx" writes.');
  }
};

const withAsterisk = (descriptor: Descriptor, log: Log): Exchange => {
  // Randomness spreads reconnects, no more: nothing is protected by it.
  const at = { ami: descriptor.ami, clock: systemClock, random: Math.random, log };
  return {
    pbx: connectAsterisk(at),
    supervision: superviseAsterisk(watchAsteriskCalls(at)),
    recorder: recordWithAsterisk(watchAsteriskCalls(at)),
    ...(descriptor.recordings === undefined ? {} : { recordings: recordingsIn(descriptor.recordings) }),
    dialler: dialWithAsterisk(watchAsteriskCalls(at)),
    keypad: collectWithAsterisk(watchAsteriskCalls({ ...at, events: 'system,call,dtmf' })),
    sip: ({ number }, expiresAtMs) => {
      const account = descriptor.agents.find((agent) => agent.user === number);
      if (account === undefined) throw new Error('the exchange has no account for this agent');
      return { server: descriptor.ws, domain: descriptor.domain, ...account, expiresAtMs, iceServers: [] };
    },
  };
};

/** Everything but telephony works; the seat's line stays down (RFC 2606: `.invalid` never resolves). */
const withoutPbx = (log: Log): Pick<CentralOptions, 'pbx' | 'sip'> => {
  log.warn({}, 'no exchange: give --pbx asterisk --pbx-descriptor FILE to take calls');
  return {
    pbx: makeFakePbx(['service', 'vip', 'marketing'], systemClock),
    sip: ({ number }, expiresAtMs) => ({
      server: 'wss://no-exchange.invalid/ws',
      domain: 'no-exchange.invalid',
      user: number,
      password: '',
      expiresAtMs,
      iceServers: [],
    }),
  };
};
