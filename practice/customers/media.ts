import { networkInterfaces } from 'node:os';
import {
  MediaStreamTrack,
  RTCDtlsTransport,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  type RTCSessionDescription,
  RtpHeader,
  RtpPacket,
} from 'werift';
import { frameMs, frameSamples, silentByte } from './g711.ts';

/**
 * One call's media: WebRTC in Node (ICE, DTLS-SRTP), G.711 µ-law and telephone events (RFC 4733). The door to werift.
 *
 * ICE-lite (RFC 8445 §2.5): a simulated customer sits on this machine with one known address, so it gathers nothing, asks no
 * STUN server and ignores the far end's candidates; the browser checks, we answer. One host candidate: the first address of
 * the machine's own network, or loopback where there is none. Chromium binds its sockets to that network's addresses and
 * does not take answers from 127.0.0.1 there. As DTLS server we start with the browser's first flight instead of waiting.
 */
export type Media = {
  readonly offer: () => Promise<string>;
  /** Sets a remote offer or answer. Rejects when there is no µ-law audio in it. */
  readonly accept: (type: 'offer' | 'answer', sdp: string) => Promise<void>;
  readonly answer: () => Promise<string>;
  readonly close: () => void;
};

export type MediaOptions = {
  /** Called every 20 ms for the next 160 bytes to send. */
  readonly nextFrame: () => Uint8Array;
  /** µ-law payloads as they arrive. */
  readonly onFrame: (payload: Uint8Array) => void;
  /** A key pressed at the far end, once, when it is let go (RFC 4733). */
  readonly onDigit: (digit: string) => void;
  readonly onState?: (state: 'connected' | 'lost') => void;
  /** `full`: checks like a PBX's leg (RFC 8445 §2.4) and is deaf to the far end's before it has its description. */
  readonly ice?: 'lite' | 'full';
};

const ulaw = new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: 0 });
const events = new RTCRtpCodecParameters({
  mimeType: 'audio/telephone-event',
  clockRate: 8_000,
  channels: 1,
  payloadType: 126,
});
/** RFC 4733 section 3.2: event codes 0–15. */
const eventKeys = '0123456789*#ABCD';

/** Makes the certificate all calls of this process share; otherwise the first call pays ~50 ms for it. */
export const warmUp = async (): Promise<void> => {
  await RTCDtlsTransport.SetupCertificate();
};

const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((a) => a.family === 'IPv4' && !a.internal && !a.address.startsWith('169.254.'))?.address ?? '127.0.0.1';

export const createMedia = (options: MediaOptions): Media => {
  const address = ownAddress();
  const isLite = options.ice !== 'full';
  let isDeaf = !isLite;
  const peer = new RTCPeerConnection({
    codecs: { audio: [ulaw, events], video: [] },
    // Without a STUN server a full agent asks one on the Internet: it gets one where nobody is, and hardly waits for it.
    iceServers: isLite ? [] : [{ urls: 'stun:127.0.0.1:9' }],
    iceStunGatherTimeout: 0.02,
    iceFilterStunResponse: () => !isDeaf,
    iceLite: isLite,
    iceUseIpv6: false,
    iceUseTcp: false,
    ...(address === '127.0.0.1' ? { iceAdditionalHostAddresses: [address] } : {}),
    bundlePolicy: 'max-bundle',
  });
  const track = new MediaStreamTrack({ kind: 'audio' });
  peer.addTransceiver(track, { direction: 'sendrecv' });
  keepEarlyFlight(peer);
  peer.onTrack.subscribe((remote) => {
    let lastEvent: number | undefined;
    remote.onReceiveRtp.subscribe(({ header, payload }) => {
      if (header.payloadType === 0) return options.onFrame(payload);
      // The end of an event is sent three times with one timestamp (RFC 4733 section 2.5.1.4).
      const isEnd = payload.length === 4 && ((payload[1] ?? 0) & 0x80) !== 0;
      if (!isEnd || header.timestamp === lastEvent) return;
      lastEvent = header.timestamp;
      const key = eventKeys[payload[0] ?? eventKeys.length];
      if (key !== undefined) options.onDigit(key);
    });
  });
  let stopSending = (): void => {};
  peer.connectionStateChange.subscribe((state) => {
    if (state === 'connected') {
      stopSending();
      stopSending = pacer.add(rtpSource(track, options.nextFrame));
      options.onState?.('connected');
    } else if (state === 'failed' || state === 'closed') {
      stopSending();
      options.onState?.('lost');
    }
  });
  const local = async (description: RTCSessionDescription): Promise<string> => {
    await peer.setLocalDescription(description);
    const sdp = peer.localDescription?.sdp ?? '';
    return isLite ? asLiteFrom(address, sdp) : sdp;
  };
  return {
    offer: async () => local(await peer.createOffer()),
    accept: async (type, sdp) => {
      if (!offersUlaw(sdp)) throw new Error('no G.711 µ-law audio offered');
      isDeaf = false;
      await peer.setRemoteDescription({ type, sdp: isLite ? withoutCandidates(sdp) : sdp });
    },
    answer: async () => {
      for (const transport of peer.dtlsTransports) if (transport.role === 'auto') transport.role = 'server';
      return local(await peer.createAnswer());
    },
    close: () => {
      stopSending();
      void peer.close().catch(() => {});
    },
  };
};

/**
 * The browser begins DTLS as soon as ICE works, which can be before its SDP answer has come through the exchange. What it
 * sends until then is kept and played back when our side starts; otherwise media waits for its retransmission (50–100 ms).
 */
const keepEarlyFlight = (peer: RTCPeerConnection): void => {
  for (const dtls of peer.dtlsTransports) {
    const { onData } = dtls.iceTransport.connection;
    const early: Buffer[] = [];
    const keeping = onData.subscribe((packet) => {
      if (early.length < 8) early.push(packet);
    });
    dtls.onStateChange.subscribe((state) => {
      keeping.unSubscribe();
      // The server side is built in the same turn as this change of state; it listens from the next one.
      if (state === 'connecting') queueMicrotask(() => early.splice(0).forEach((packet) => onData.execute(packet)));
    });
  }
};

/** Whether an audio section that is in use lists payload type 0 (static µ-law, RFC 3551 §6). */
export const offersUlaw = (sdp: string): boolean => {
  const audio = /^m=audio (\d+) \S+ (.*?)\r?$/m.exec(sdp);
  return audio !== null && audio[1] !== '0' && (audio[2] ?? '').split(' ').includes('0');
};

/**
 * One candidate, and `a=ice-lite` where RFC 8839 §5.3 has it: in the session part. werift writes it into the media section,
 * where Chromium does not see it; it then takes the wrong ICE role and loses 100 ms over the conflict.
 */
const asLiteFrom = (address: string, sdp: string): string =>
  sdp
    .split('\r\n')
    .filter((line) => line !== 'a=ice-lite')
    .filter((line) => !line.startsWith('a=candidate:') || line.split(' ')[4] === address)
    .map((line) => (line.startsWith('t=') ? `${line}\r\na=ice-lite` : line))
    .join('\r\n');

/** A lite agent needs none of them, and looking up `.local` names would go out to the network. */
const withoutCandidates = (sdp: string): string =>
  sdp
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('a=candidate:'))
    .join('\r\n');

const rtpSource = (track: MediaStreamTrack, nextFrame: () => Uint8Array): (() => void) => {
  let sequenceNumber = Math.floor(performance.now()) & 0x7fff;
  let timestamp = 0;
  return () => {
    const header = new RtpHeader({ sequenceNumber, timestamp, payloadType: 0, marker: timestamp === 0 });
    sequenceNumber = (sequenceNumber + 1) & 0xffff;
    timestamp = (timestamp + frameSamples) >>> 0;
    const frame = nextFrame();
    const payload = Buffer.alloc(frameSamples, silentByte);
    payload.set(frame.subarray(0, frameSamples));
    track.writeRtp(new RtpPacket(header, payload));
  };
};

/** One timer for all calls. Frames that a late timer owes are sent at once, up to a tenth of a second. */
const createPacer = (): { readonly add: (sendFrame: () => void) => () => void } => {
  const senders = new Map<() => void, { nextMs: number }>();
  let timer: NodeJS.Timeout | undefined;
  const tick = (): void => {
    const nowMs = performance.now();
    for (const [sendFrame, due] of senders) {
      if (nowMs - due.nextMs > 100) due.nextMs = nowMs;
      for (; due.nextMs <= nowMs; due.nextMs += frameMs) sendFrame();
    }
  };
  return {
    add: (sendFrame) => {
      senders.set(sendFrame, { nextMs: performance.now() });
      timer ??= setInterval(tick, frameMs / 2);
      return () => {
        senders.delete(sendFrame);
        if (senders.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
};
const pacer = createPacer();
