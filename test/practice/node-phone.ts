import {
  Inviter,
  Registerer,
  SessionState,
  URI,
  UserAgent,
  type Session,
  type SessionDescriptionHandler,
} from 'sip.js';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import { createEar, type Heard } from '../../practice/customers/ear.ts';
import { systemClock } from '../../practice/clock.ts';

/**
 * An agent's phone without a browser: SIP.js with WebRTC in Node, a full ICE agent where the customers are lite, written
 * apart from theirs. Answers at once and sends one sound over and over.
 */
export type NodePhone = {
  readonly heard: () => Heard;
  readonly state: () => string;
  readonly headers: () => { readonly queue: string; readonly contactId: string; readonly from: string };
  readonly dial: (target: string, extraHeaders?: readonly string[]) => Promise<number>;
  /** Value of the Replaces header by which another phone takes this one's call up (RFC 3891 section 3). */
  readonly replaces: () => string;
  /** Gone without a word, as a page that crashed: no BYE, no sound, no socket. */
  readonly die: () => Promise<void>;
  readonly hangUp: () => Promise<void>;
  readonly reinvite: () => Promise<number>;
  readonly reconnect: () => Promise<void>;
  readonly setAnswering: (isAnswering: boolean) => void;
  readonly close: () => Promise<void>;
};

type Media = SessionDescriptionHandler & { readonly heard: Heard };

const media = (sound: Uint8Array, mimeType: 'audio/PCMU' | 'audio/opus'): Media => {
  const ear = createEar(systemClock);
  const peer = new RTCPeerConnection({
    codecs: {
      audio: [
        mimeType === 'audio/PCMU'
          ? new RTCRtpCodecParameters({ mimeType, clockRate: 8_000, channels: 1, payloadType: 0 })
          : new RTCRtpCodecParameters({ mimeType, clockRate: 48_000, channels: 2, payloadType: 111 }),
      ],
      video: [],
    },
    // A STUN address that nobody answers on: without one the library asks a server on the Internet.
    iceServers: [{ urls: 'stun:127.0.0.1:9' }],
    iceStunGatherTimeout: 0.02,
    iceUseIpv6: false,
    iceUseTcp: false,
  });
  const track = new MediaStreamTrack({ kind: 'audio' });
  peer.addTransceiver(track, { direction: 'sendrecv' });
  peer.onTrack.subscribe((remote) => {
    remote.onReceiveRtp.subscribe((packet) => {
      ear.hear(packet.payload);
    });
  });
  let sent = 0;
  const timer = setInterval(() => {
    const at = (sent * 160) % sound.length;
    const header = new RtpHeader({ sequenceNumber: sent & 0xffff, timestamp: sent * 160, payloadType: 0 });
    track.writeRtp(new RtpPacket(header, Buffer.from(sound.subarray(at, at + 160))));
    sent++;
  }, 20);
  return {
    heard: ear.heard,
    close: () => {
      clearInterval(timer);
      void peer.close();
    },
    hasDescription: () => true,
    getDescription: async () => {
      const isAnswer = peer.signalingState === 'have-remote-offer';
      await peer.setLocalDescription(isAnswer ? await peer.createAnswer() : await peer.createOffer());
      return { body: peer.localDescription?.sdp ?? '', contentType: 'application/sdp' };
    },
    setDescription: async (sdp) => {
      await peer.setRemoteDescription({ type: peer.signalingState === 'have-local-offer' ? 'answer' : 'offer', sdp });
    },
    sendDtmf: () => false,
  };
};

export const openNodePhone = async (options: {
  readonly url: string;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly sound: Uint8Array;
  readonly codec?: 'audio/PCMU' | 'audio/opus';
}): Promise<NodePhone> => {
  let session: Session | undefined;
  let isAnswering = true;
  let headers = { queue: '', contactId: '', from: '' };
  const agent = new UserAgent({
    uri: new URI('sip', options.user, options.domain),
    authorizationUsername: options.user,
    authorizationPassword: options.password,
    transportOptions: { server: options.url },
    reconnectionAttempts: 0,
    logBuiltinEnabled: false,
    sessionDescriptionHandlerFactory: () => media(options.sound, options.codec ?? 'audio/PCMU'),
    delegate: {
      onInvite: (invitation) => {
        const { request } = invitation;
        headers = {
          queue: request.getHeader('X-Queue') ?? '',
          contactId: request.getHeader('X-Contact-Id') ?? '',
          from: request.getHeader('From') ?? '',
        };
        session = invitation;
        if (isAnswering) void invitation.accept().catch(() => {});
      },
    },
  });
  const registerer = new Registerer(agent);
  const deaf = createEar(systemClock).heard;
  const register = async (): Promise<void> =>
    new Promise((resolve, reject) => {
      registerer
        .register({ requestDelegate: { onAccept: () => resolve(), onReject: () => reject(new Error('refused')) } })
        .catch(reject);
    });
  await agent.start();
  await register();
  return {
    heard: () => (session?.sessionDescriptionHandler as Media | undefined)?.heard ?? deaf,
    state: () => session?.state ?? 'none',
    headers: () => headers,
    dial: async (target, extraHeaders = []) => {
      const inviter = new Inviter(agent, new URI('sip', target, options.domain), { extraHeaders: [...extraHeaders] });
      session = inviter;
      return new Promise((resolve, reject) => {
        const settled = { message: { statusCode: 0 } };
        const done = (response: { message: { statusCode?: number | undefined } }): void =>
          resolve(response.message.statusCode ?? settled.message.statusCode);
        inviter.invite({ requestDelegate: { onAccept: done, onReject: done } }).catch(reject);
      });
    },
    replaces: () => {
      const dialog = session?.dialog;
      if (dialog === undefined) throw new Error('in no call');
      return `${dialog.callId};to-tag=${dialog.remoteTag};from-tag=${dialog.localTag}`;
    },
    die: async () => {
      session?.sessionDescriptionHandler?.close();
      await agent.transport.disconnect();
    },
    hangUp: async () => {
      if (session?.state === SessionState.Established) await session.bye();
    },
    reinvite: async () =>
      new Promise((resolve, reject) => {
        const done = (response: { message: { statusCode?: number | undefined } }): void =>
          resolve(response.message.statusCode ?? 0);
        session?.invite({ requestDelegate: { onAccept: done, onReject: done } }).catch(reject);
      }),
    reconnect: async () => {
      if (agent.isConnected()) await agent.transport.disconnect().catch(() => {});
      await agent.reconnect();
      await register();
    },
    setAnswering: (next) => {
      isAnswering = next;
    },
    close: async () => {
      await agent.stop();
    },
  };
};
