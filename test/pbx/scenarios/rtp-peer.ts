import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { decode, encode, type Law, silenceByte } from './g711.ts';

/**
 * The media of a SIPp customer: one RTP stream each way (RFC 3550) in G.711 with telephone events (RFC 4733). SIPp signals and says in
 * its SDP that media goes here. Sends a tone, remembers what it hears, and can misbehave as gateways do.
 */
export type RtpPeer = {
  readonly port: number;
  /** Where the exchange wants its packets, and how they are coded; may change in a call. */
  readonly sendTo: (host: string, port: number, law: Law) => void;
  /** `tone`, `quiet` (packets of silence), `nothing` (none at all: DTX, a dead network). */
  readonly say: (what: 'tone' | 'quiet' | 'nothing') => void;
  /** A new stream in the middle of a call: other SSRC, sequence and time. */
  readonly newStream: () => void;
  /** One packet of comfort noise (RFC 3389). */
  readonly comfortNoise: () => void;
  /** Resolves when the last key was sent. */
  readonly press: (keys: string) => Promise<void>;
  /** Keys heard so far as telephone events. */
  readonly keys: () => string;
  /** The last milliseconds heard, 8 kHz. Where no packets came, silence. */
  readonly heard: (ms: number) => Float32Array;
  readonly packetsHeard: () => number;
  readonly close: () => void;
};

const rate = 8_000;
const perPacket = 160;
const packetMs = 20;
const payloadTypes: Readonly<Record<Law, number>> = { PCMU: 0, PCMA: 8 };
export const eventType = 101;
const keyNames = '0123456789*#ABCD';

export const openRtpPeer = async (host: string, hz: number): Promise<RtpPeer> => {
  const socket = createSocket('udp4');
  // A peer that is gone is no fault here: calls end in any order.
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return new Peer(socket, hz);
};

class Peer implements RtpPeer {
  readonly port: number;
  readonly #socket: Socket;
  readonly #hz: number;
  #to: { readonly host: string; readonly port: number; readonly law: Law } | undefined;
  #what: 'tone' | 'quiet' | 'nothing' = 'tone';
  #stream = freshStream();
  #sentPackets = 0;
  #startedMs = 0;
  #keysToSend: { readonly event: number; count: number }[] = [];
  #keysDone: (() => void)[] = [];
  #keys = '';
  #lastEventStart = -1;
  #chunks: { readonly atMs: number; readonly samples: Float32Array }[] = [];
  #packets = 0;
  readonly #timer = setInterval(() => this.#tick(), packetMs / 2);

  constructor(socket: Socket, hz: number) {
    this.#socket = socket;
    this.#hz = hz;
    this.port = socket.address().port;
    socket.on('message', (packet) => this.#heardPacket(packet));
  }

  sendTo: RtpPeer['sendTo'] = (host, port, law) => {
    if (this.#to === undefined) this.#startedMs = performance.now();
    this.#to = { host, port, law };
  };
  say: RtpPeer['say'] = (what) => {
    this.#what = what;
  };
  newStream: RtpPeer['newStream'] = () => {
    this.#stream = freshStream();
  };
  comfortNoise: RtpPeer['comfortNoise'] = () => this.#send(13, Buffer.from([60]), this.#stream.time, false);
  press: RtpPeer['press'] = (keys) => {
    this.#keysToSend.push(...Array.from(keys, (key) => ({ event: keyNames.indexOf(key), count: 0 })));
    return new Promise((resolve) => this.#keysDone.push(resolve));
  };
  keys: RtpPeer['keys'] = () => this.#keys;
  packetsHeard: RtpPeer['packetsHeard'] = () => this.#packets;
  heard: RtpPeer['heard'] = (ms) => {
    const sinceMs = performance.now() - ms;
    const recent = this.#chunks.filter(({ atMs }) => atMs > sinceMs);
    const all = new Float32Array((rate * ms) / 1_000);
    let end = all.length;
    // From the newest backwards: what is missing is silence at the beginning.
    for (const { samples } of recent.toReversed()) {
      const start = Math.max(0, end - samples.length);
      all.set(samples.subarray(samples.length - (end - start)), start);
      end = start;
    }
    return all;
  };
  close: RtpPeer['close'] = () => {
    clearInterval(this.#timer);
    this.#socket.close();
  };

  /** As many packets as are due by now: a late timer is made up for. */
  #tick(): void {
    if (this.#to === undefined) return;
    const due = Math.floor((performance.now() - this.#startedMs) / packetMs);
    // After a long stop of the machine nobody wants the seconds gone by.
    if (due - this.#sentPackets > 25) this.#sentPackets = due - 1;
    for (; this.#sentPackets < due; this.#sentPackets += 1) this.#sendOne(this.#to.law);
  }

  #sendOne(law: Law): void {
    const stream = this.#stream;
    const key = this.#keysToSend[0];
    if (key !== undefined) this.#sendKey(key);
    else if (this.#what !== 'nothing') {
      const payload = Buffer.alloc(perPacket, silenceByte[law]);
      if (this.#what === 'tone')
        for (let i = 0; i < perPacket; i += 1)
          payload[i] = encode(law, 0.35 * Math.sin((2 * Math.PI * this.#hz * (stream.time + i)) / rate));
      this.#send(payloadTypes[law], payload, stream.time, stream.isFirst);
      stream.isFirst = false;
    }
    stream.time = (stream.time + perPacket) >>> 0;
  }

  /** 100 ms per key: five packets with a growing duration, the end said three times, then a pause. */
  #sendKey(key: { readonly event: number; count: number }): void {
    const stream = this.#stream;
    if (key.count === 0) stream.keyTime = stream.time;
    key.count += 1;
    const isEnd = key.count >= 5;
    if (key.count <= 7) {
      const payload = Buffer.from([key.event, (isEnd ? 0x80 : 0) | 10, 0, 0]);
      payload.writeUInt16BE(Math.min(key.count, 5) * perPacket, 2);
      this.#send(eventType, payload, stream.keyTime, key.count === 1);
    }
    if (key.count < 11) return;
    this.#keysToSend.shift();
    if (this.#keysToSend.length === 0) for (const done of this.#keysDone.splice(0)) done();
  }

  #send(type: number, payload: Buffer, time: number, isMarked: boolean): void {
    const to = this.#to;
    if (to === undefined) return;
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (isMarked ? 0x80 : 0) | type;
    header.writeUInt16BE(this.#stream.sequence, 2);
    header.writeUInt32BE(time, 4);
    header.writeUInt32BE(this.#stream.ssrc, 8);
    this.#stream.sequence = (this.#stream.sequence + 1) & 0xffff;
    this.#socket.send(Buffer.concat([header, payload]), to.port, to.host);
  }

  #heardPacket(packet: Buffer): void {
    if (packet.length < 13 || ((packet[0] ?? 0) & 0xc0) !== 0x80) return;
    const type = (packet[1] ?? 0) & 0x7f;
    const payload = packet.subarray(12 + 4 * ((packet[0] ?? 0) & 0x0f));
    if (type === eventType) return this.#heardKey(payload, packet.readUInt32BE(4));
    const law = type === 0 ? 'PCMU' : type === 8 ? 'PCMA' : undefined;
    if (law === undefined) return;
    this.#packets += 1;
    this.#chunks.push({ atMs: performance.now(), samples: Float32Array.from(payload, (byte) => decode(law, byte)) });
    if (this.#chunks.length > 400) this.#chunks.splice(0, 200);
  }

  /** One key is many packets with one time of their beginning. */
  #heardKey(payload: Buffer, startedAt: number): void {
    if (startedAt === this.#lastEventStart) return;
    this.#lastEventStart = startedAt;
    this.#keys += keyNames[payload[0] ?? 99] ?? '?';
  }
}

/**
 * Sequence and time run by the wall clock, so that a later stream's are later. (Asterisk 22.10 forwards nothing of a stream that begins
 * again with an earlier sequence number, until that has caught up; random ones would meet it every second time.)
 */
const freshStream = () => ({
  ssrc: Math.floor(Math.random() * 2 ** 32),
  sequence: Math.floor(Date.now() / packetMs) % 2 ** 16,
  time: (Date.now() * (rate / 1_000)) % 2 ** 31,
  keyTime: 0,
  isFirst: true,
});
