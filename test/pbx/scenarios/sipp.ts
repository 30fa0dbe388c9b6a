import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setpriv } from '../../../scripts/pbx-install.mjs';
import { toneIn } from './ear.ts';
import { type FarEnd, freeUdpPort, sleep } from './far-end.ts';
import type { Law } from './g711.ts';
import { openRtpPeer, type RtpPeer } from './rtp-peer.ts';
import { calledXml, callerXml } from './sipp-xml.ts';
import { headerIn } from './tape.ts';
import type { Packet, Trunk } from './trunk.ts';

/** A customer whose signalling is SIPp and whose media is an RTP peer: does at every step what the table says. */
export type Sipp = Omit<FarEnd, 'call' | 'answer'> & {
  /** Where the exchange's calls arrive. */
  readonly port: number;
  readonly call: (number: string, how?: Calling) => Promise<void>;
  /** The exchange's call has arrived here; nothing but 100 is answered yet. The number it was dialled with. */
  readonly called: (number?: string, from?: number) => Promise<string>;
  /** 180 and 200 to the next call, which came after this place of the trunk's tape if one is named. */
  readonly answer: (from?: number) => Promise<void>;
  /** Provisional answers its own call got so far. */
  readonly ringsSeen: () => readonly number[];
  /** 180, 181, 182, 183 (with early media) or a refusal to the exchange's call. */
  readonly say: (status: number) => void;
  readonly pickUp: (how?: Media) => void;
  readonly established: () => Promise<void>;
  readonly cancel: () => void;
  /** The final status of its own call. */
  readonly status: () => Promise<number>;
  /** A new offer in the call (or, `late`, an INVITE without one); resolves with the answer's status. */
  readonly reinvite: (how: Media & { readonly late?: boolean }) => Promise<number>;
  readonly update: () => Promise<number>;
  /** A key by SIP INFO, as telephones without RFC 4733 do. */
  readonly info: () => Promise<number>;
  readonly media: () => RtpPeer;
  /** Another port for its media from the next offer on. */
  readonly moveMedia: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type Format = 'PCMU' | 'PCMA' | 'opus' | 'G722' | 'CN';
export type Media = {
  readonly formats?: readonly Format[];
  readonly direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** What the connection line says; `0.0.0.0` is the old way to hold. */
  readonly address?: string;
};
export type Calling = Media & {
  /** From without the address: `"Wang"` or nothing. */
  readonly display?: string;
  readonly user?: string;
  readonly headers?: readonly string[];
  /** No offer in the INVITE; ours is the answer in the ACK. */
  readonly late?: boolean;
};

export type SippPlan = {
  readonly trunk: Trunk;
  /** Port of the exchange's side of the trunk is the trunk's matter; files go here. */
  readonly dir: string;
  readonly hz: number;
  /** Beginning of the numbers it is reached at, and what it calls from. */
  readonly number: string;
};

const rtpMaps: Readonly<Record<Format, string>> = {
  PCMU: '0 PCMU/8000',
  PCMA: '8 PCMA/8000',
  opus: '107 opus/48000/2',
  G722: '9 G722/8000',
  CN: '13 CN/8000',
};
const defaults: readonly Format[] = ['PCMA', 'PCMU'];

export const startSipp = async (plan: SippPlan): Promise<Sipp> => {
  const port = await freeUdpPort(plan.trunk.host);
  const file = join(plan.dir, `sipp-called-${plan.hz}.xml`);
  await writeFile(file, calledXml());
  const called = run(plan, file, port, []);
  plan.trunk.route(plan.number, port);
  return new SippEnd(plan, called, port);
};

class SippEnd implements Sipp {
  readonly name: string;
  readonly hz: number;
  readonly number: string;
  readonly port: number;
  readonly #plan: SippPlan;
  readonly #called: ChildProcess;
  #caller: ChildProcess | undefined;
  #rtp: RtpPeer | undefined;
  #call: { readonly id: string; readonly port: number } | undefined;
  #commands = 0;
  #version = 1;

  constructor(plan: SippPlan, called: ChildProcess, port: number) {
    this.port = port;
    this.#plan = plan;
    this.#called = called;
    this.hz = plan.hz;
    this.name = `SIPp ${plan.number}`;
    this.number = `${plan.number}00139000`.slice(0, 11);
    plan.trunk.tape.onAdd((packet) => this.#aim(packet));
  }

  call: Sipp['call'] = async (number, how = {}) => {
    const { trunk, dir } = this.#plan;
    await this.#fresh();
    const id = randomBytes(6).toString('hex');
    const port = await freeUdpPort(trunk.host);
    const user = how.user ?? this.number;
    const sdp = this.#sdp(how);
    const file = join(dir, `sipp-${id}.xml`);
    const text = {
      id,
      from: `${how.display ?? ''} <sip:${user}@${trunk.host}>`.trim(),
      user,
      target: number,
      headers: how.headers ?? [],
      offer: how.late === true ? '' : sdp,
      answer: how.late === true ? sdp : '',
    };
    await writeFile(file, callerXml(text));
    this.#call = { id, port };
    this.#caller = run(this.#plan, file, port, ['-m', '1', '-cid_str', id]);
    await trunk.tape.until(`INVITE of ${id}`, (packet) => packet.callId === id && packet.line.startsWith('INVITE'));
  };

  called: Sipp['called'] = async (number = this.#plan.number, from) => {
    await this.#fresh();
    const invite = await this.#plan.trunk.tape.until(
      'a call for SIPp',
      ({ from, line, text }) =>
        from === 'exchange' && line.startsWith(`INVITE sip:${number}`) && !/;\s*tag=/.test(headerIn(text, 'To')),
      from,
    );
    this.#call = { id: invite.callId, port: invite.port };
    this.#aim(invite);
    return /^INVITE sip:([^@]*)@/.exec(invite.line)?.[1] ?? '';
  };

  say: Sipp['say'] = (status) => this.#command(`X${status}`, status === 183 ? this.#sdp({}) : '');
  pickUp: Sipp['pickUp'] = (how = {}) => this.#command('X200', this.#sdp(how));

  answer: Sipp['answer'] = async (from) => {
    await this.called(undefined, from);
    this.say(180);
    this.pickUp();
    await this.established();
  };

  established: Sipp['established'] = async () => {
    await this.#plan.trunk.tape.until('ACK', (packet) => this.#isMine(packet) && packet.line.startsWith('ACK '));
  };

  cancel: Sipp['cancel'] = () => this.#command('XCANCEL', '');
  hangUp: Sipp['hangUp'] = async () => {
    this.#command('XBYE', '');
    await this.ended();
  };

  /** The answer to a BYE, or a refusal, in either direction. */
  ended: Sipp['ended'] = async () => {
    await this.#plan.trunk.tape.until(
      `end of ${this.#call?.id}`,
      (packet) =>
        this.#isMine(packet) &&
        ((/ (?:200|481) /.test(packet.line) && headerIn(packet.text, 'CSeq').endsWith(' BYE')) ||
          (/^SIP\/2\.0 [3-6]/.test(packet.line) && headerIn(packet.text, 'CSeq').endsWith(' INVITE'))),
    );
  };

  status: Sipp['status'] = async () => {
    const packet = await this.#plan.trunk.tape.until(
      'a final answer',
      (one) => this.#isMine(one) && one.from === 'exchange' && /^SIP\/2\.0 [2-6]/.test(one.line) && isOf(one, 'INVITE'),
    );
    return Number(packet.line.slice(8, 11));
  };

  reinvite: Sipp['reinvite'] = (how) => this.#ask(how.late === true ? 'XLATE' : 'XINVITE', 'INVITE', this.#sdp(how));
  update: Sipp['update'] = () => this.#ask('XUPDATE', 'UPDATE', '');
  info: Sipp['info'] = () => this.#ask('XINFO', 'INFO', '');

  ringsSeen: Sipp['ringsSeen'] = () =>
    this.#plan.trunk.tape
      .sinceMark()
      .filter((packet) => this.#isMine(packet) && packet.from === 'exchange' && packet.line.startsWith('SIP/2.0 1'))
      .map(({ line }) => Number(line.slice(8, 11)));
  moveMedia: Sipp['moveMedia'] = async () => {
    this.#rtp?.close();
    this.#rtp = await openRtpPeer(this.#plan.trunk.host, this.hz);
  };

  media: Sipp['media'] = () => {
    if (this.#rtp === undefined) throw new Error('SIPp has no call');
    return this.#rtp;
  };

  hear: Sipp['hear'] = async (hzs, ms) => {
    await sleep(ms);
    const heard = this.media().heard(ms);
    return hzs.map((one) => toneIn(heard, 8_000, one));
  };

  stop: Sipp['stop'] = async () => {
    this.#rtp?.close();
    for (const child of [this.#called, this.#caller]) child?.kill('SIGKILL');
  };

  async #fresh(): Promise<void> {
    this.#rtp?.close();
    this.#rtp = await openRtpPeer(this.#plan.trunk.host, this.hz);
    this.#version = 1;
    // What is left of a caller whose call went wrong.
    if (this.#caller?.exitCode === null) this.#caller.kill('SIGKILL');
    this.#caller = undefined;
  }

  #isMine = (packet: Packet): boolean => packet.callId === this.#call?.id;

  async #ask(command: string, method: string, body: string): Promise<number> {
    const { tape } = this.#plan.trunk;
    const from = tape.passed.length;
    this.#command(command, body);
    const answer = await tape.until(
      `answer to ${method}`,
      (packet) =>
        this.#isMine(packet) &&
        packet.from === 'exchange' &&
        /^SIP\/2\.0 [2-6]/.test(packet.line) &&
        isOf(packet, method),
      from,
    );
    // Only then is the exchange ready for another one.
    if (method === 'INVITE')
      await tape.until(
        `ACK to ${method}`,
        (packet) => this.#isMine(packet) && packet.from === 'customer' && packet.line.startsWith('ACK '),
        from,
      );
    return Number(answer.line.slice(8, 11));
  }

  #command(method: string, body: string): void {
    if (this.#call === undefined) throw new Error('SIPp has no call');
    this.#commands += 1;
    const lines = [
      `${method} sip:sipp@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcommand${this.#commands}`,
      'From: <sip:table@127.0.0.1>;tag=table',
      'To: <sip:sipp@127.0.0.1>',
      `Call-ID: ${this.#call.id}`,
      `CSeq: ${this.#commands} ${method}`,
      ...(body === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${body.length}`,
    ];
    this.#plan.trunk.tell(this.#call.port, `${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  #sdp({ formats = defaults, direction = 'sendrecv', address }: Media): string {
    const { trunk } = this.#plan;
    const maps = formats.map((format) => rtpMaps[format]);
    const types = [...maps.map((map) => map.split(' ')[0]), '101'].join(' ');
    this.#version += 1;
    return [
      'v=0',
      `o=customer 1 ${this.#version} IN IP4 ${trunk.host}`,
      's=-',
      `c=IN IP4 ${address ?? trunk.host}`,
      't=0 0',
      `m=audio ${this.media().port} RTP/AVP ${types}`,
      ...maps.map((map) => `a=rtpmap:${map}`),
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-16',
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  /** Media goes where the exchange's last description says. */
  #aim(packet: Packet): void {
    if (!this.#isMine(packet) || packet.from !== 'exchange') return;
    const media = /^m=audio (\d+) RTP\/AVP ([\d ]+)/m.exec(packet.text);
    const host = /^c=IN IP4 (\S+)/m.exec(packet.text)?.[1];
    const law = (media?.[2] ?? '').split(' ').map(lawOf).find(Boolean);
    if (media === null || host === undefined || law === undefined) return;
    this.#rtp?.sendTo(host, Number(media[1]), law);
  }
}

const lawOf = (type: string): Law | undefined => (type === '0' ? 'PCMU' : type === '8' ? 'PCMA' : undefined);
const isOf = (packet: Packet, method: string): boolean => headerIn(packet.text, 'CSeq').endsWith(` ${method}`);

const run = (plan: SippPlan, file: string, port: number, args: readonly string[]): ChildProcess => {
  const { trunk, dir } = plan;
  const command = ['sipp', '-sf', file, '-i', trunk.host, '-p', String(port), '-nostdin'];
  const rest = ['-default_behaviors', 'none', '-trace_err', '-error_file', join(dir, `sipp-${port}.log`), ...args];
  const all = [...command, ...rest, `${trunk.host}:${trunk.port}`];
  // Ended by the kernel with this process, however that ends.
  const [program = '', ...given] = existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...all] : all;
  const child = spawn(program, given, { cwd: dir, stdio: 'ignore', env: { ...process.env, TERM: 'vt100' } });
  child.on('error', () => undefined); // seen as a call that never comes
  return child;
};
