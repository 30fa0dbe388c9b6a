import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';

/**
 * A customer with a telephone that nobody here wrote: baresip, over UDP on the trunk side of the exchange. Plays a wav file
 * and records what it hears.
 */
export type Customer = {
  /** Calls a number of the exchange, as "6001". Resolves once it is on its way; wait for `established`. */
  readonly dial: (number: string) => Promise<void>;
  /** Resolves when a call is up (also one that was answered); rejects with the reason when it ends before. */
  readonly established: (withinMs?: number) => Promise<void>;
  readonly hangUp: () => Promise<void>;
  /** Presses keys in the call, one after the other (RFC 4733). */
  readonly press: (digits: string) => Promise<void>;
  /** Resolves with the reason when the call has ended, whoever ended it. */
  readonly ended: (withinMs?: number) => Promise<string>;
  /** What was heard so far in the last call: path of a wav file (8 kHz mono) that may still grow. */
  readonly heard: () => Promise<string>;
  /** From (or To, of an answered call) as the telephone saw it: "sip:6001@127.0.0.1". */
  readonly peer: () => string;
  readonly stop: () => Promise<void>;
};

export type CustomerOptions = {
  readonly pbx: PbxDescriptor;
  /** User part of the SIP address: a number, "anonymous", or nonsense. */
  readonly number: string;
  readonly display?: string;
  /** What the customer says: wav, 8 kHz, 16 bit, mono, long enough for the call. */
  readonly says: string;
  /** Listens where the exchange sends outbound calls, and answers at once. At most one such customer at a time. */
  readonly answers?: boolean;
  /** What it speaks, best first, as baresip writes it; G.711 by default. */
  readonly codecs?: readonly string[];
};

type Event = { readonly type: string; readonly param: string; readonly peeruri: string };

/** What this machine lacks for a customer, or undefined. */
export const whyNoCustomer = (): string | undefined => {
  const missing = ['baresip', 'espeak-ng', 'sox'].filter((name) => spawnSync('which', [name]).status !== 0);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
};

export const startCustomer = async (options: CustomerOptions): Promise<Customer> => {
  const dir = await mkdtemp(join(tmpdir(), 'zuoxi-customer-'));
  const controlPort = await freePort(options.pbx.customer.host);
  await configure(dir, controlPort, options);
  const child = spawn('baresip', ['-f', dir], { stdio: 'ignore', cwd: dir });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const events: Event[] = [];
  const end = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await exited;
    clearTimeout(timer);
    await rm(dir, { recursive: true, force: true });
  };
  const control = await connectControl(options.pbx.customer.host, controlPort, (event) => events.push(event)).catch(
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
  // Events before the last call began belong to the call before it.
  const ofThisCall = () =>
    events.slice(
      Math.max(
        0,
        events.findLastIndex(({ type }) => type === 'CALL_INCOMING' || type === 'DIALLED'),
      ),
    );
  const find = async (types: readonly string[], withinMs: number): Promise<Event> => {
    for (const until = Date.now() + withinMs; Date.now() < until; await sleep(5)) {
      const event = ofThisCall().find(({ type }) => types.includes(type));
      if (event !== undefined) return event;
    }
    throw new Error(
      `no ${types.join(' or ')} within ${withinMs} ms; seen: ${events.map(({ type }) => type).join(', ')}`,
    );
  };

  return {
    dial: async (number) => {
      events.push({ type: 'DIALLED', param: '', peeruri: '' });
      await control.command('dial', `sip:${number}@${options.pbx.sip.host}:${options.pbx.sip.port}`);
    },
    established: async (withinMs = 10_000) => {
      const event = await find(['CALL_ESTABLISHED', 'CALL_CLOSED'], withinMs);
      if (event.type === 'CALL_CLOSED') throw new Error(`the call was not answered: ${event.param}`);
    },
    hangUp: () => control.command('hangup', ''),
    press: async (digits) => {
      for (const digit of digits) {
        await control.command('sndcode', digit);
        await sleep(180);
        // Let go of the key.
        await control.command('sndcode', '');
        await sleep(60);
      }
    },
    ended: async (withinMs = 10_000) => (await find(['CALL_CLOSED'], withinMs)).param,
    heard: async () => {
      // The sound filter names its files by the second; the last one is the last call's.
      const file = (await readdir(join(dir, 'heard')))
        .filter((name) => name.endsWith('-dec.wav'))
        .sort()
        .at(-1);
      if (file === undefined) throw new Error('nothing was heard: no media was received');
      return join(dir, 'heard', file);
    },
    peer: () => ofThisCall().findLast(({ peeruri }) => peeruri !== '')?.peeruri ?? '',
    stop: async () => {
      control.close();
      await end();
    },
  };
};

const configure = async (
  dir: string,
  controlPort: number,
  { pbx, number, display, says, answers, codecs = ['PCMU/8000', 'PCMA/8000'] }: CustomerOptions,
) => {
  await mkdir(join(dir, 'heard'));
  const settings = [
    `sip_listen ${pbx.customer.host}:${answers === true ? pbx.customer.port : 0}`,
    `net_interface ${pbx.customer.host}`,
    'call_local_timeout 120',
    `audio_source aufile,${says}`,
    // A loudspeaker that exists nowhere: without one nothing is decoded and nothing recorded.
    'audio_player aubridge,nowhere',
    'audio_alert aubridge,nowhere',
    'audio_channels 1',
    'ausrc_channels 1',
    'auplay_channels 1',
    'ausrc_srate 8000',
    'auplay_srate 8000',
    `snd_path ${join(dir, 'heard')}`,
    'module_path /usr/lib/baresip/modules',
    ...['g711', 'g722', 'opus', 'aufile', 'aubridge', 'sndfile'].map((name) => `module ${name}.so`),
    'module_tmp account.so',
    ...['menu', 'ctrl_tcp'].map((name) => `module_app ${name}.so`),
    `ctrl_tcp_listen ${pbx.customer.host}:${controlPort}`,
  ];
  await writeFile(join(dir, 'config'), `${settings.join('\n')}\n`);
  await writeFile(join(dir, 'contacts'), '');
  const account = `"${display ?? ''}" <sip:${number}@${pbx.customer.host}>;regint=0;audio_codecs=${codecs.join(',')};answermode=${answers === true ? 'auto' : 'manual'}`;
  await writeFile(join(dir, 'accounts'), `${account}\n`);
};

/** baresip's control port: netstrings (`<length>:<json>,`) both ways. */
const connectControl = async (host: string, port: number, onEvent: (event: Event) => void) => {
  const socket = await retry(() => open(host, port), 5_000);
  const waiting = new Map<string, () => void>();
  let buffered = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const colon = buffered.indexOf(':');
      const end = colon + 1 + Number(buffered.subarray(0, Math.max(0, colon)).toString('latin1'));
      if (colon < 0 || buffered.length <= end) return;
      const message: Record<string, unknown> = JSON.parse(buffered.subarray(colon + 1, end).toString('utf8'));
      buffered = buffered.subarray(end + 1);
      if (message['event'] === true)
        onEvent({ type: text(message['type']), param: text(message['param']), peeruri: text(message['peeruri']) });
      else waiting.get(text(message['token']))?.();
    }
  });
  let last = 0;
  return {
    command: (command: string, params: string) =>
      new Promise<void>((resolve, reject) => {
        const token = String((last += 1));
        const timer = setTimeout(() => reject(new Error(`baresip did not answer ${command}`)), 5_000);
        waiting.set(token, () => {
          clearTimeout(timer);
          resolve();
        });
        const json = JSON.stringify({ command, params, token });
        socket.write(`${Buffer.byteLength(json)}:${json},`);
      }),
    close: () => socket.destroy(),
  };
};

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const open = (host: string, port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    socket.once('error', reject);
  });

const retry = async <T>(attempt: () => Promise<T>, withinMs: number): Promise<T> => {
  for (const until = Date.now() + withinMs; ; await sleep(20)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
};

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const freePort = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, host, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
