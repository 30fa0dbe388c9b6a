import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js';
import type { Clock } from './clock.ts';
import { sdpFault } from './sip-sdp.ts';

/**
 * The media of one call: one RTCPeerConnection behind SIP.js's SessionDescriptionHandler.
 *
 * - MEDIA-1 Gathering is over 20 ms after the last candidate: never at the first (calls without sound, Chrome may nominate a
 *   pair the far end never heard of), never after a fixed time (a dead STUN server would cost it on every call).
 * - MEDIA-2 Descriptions from outside pass `sdpFault` first.
 * - MEDIA-3 A renewed offer keeps what was agreed (holding included); ICE restarts only when the path is broken.
 */
export type CallMedia = SessionDescriptionHandler & {
  /** Works the answer to this offer out beforehand; `setDescription` and `getDescription` use it when it is about that offer. */
  readonly prepareAnswer: (offer: string) => void;
  readonly setMuted: (isMuted: boolean) => void;
  /** Another microphone for the running call; keeps the mute. */
  readonly useMicrophone: (track: MediaStreamTrack) => void;
  readonly canSendDigits: () => boolean;
  readonly counters: () => Promise<MediaCounters>;
  /** False while either side holds: silence is expected then. */
  readonly expectsSound: () => boolean;
  /** What the customer hears: silent when muted. */
  readonly sent: () => MediaStream | undefined;
  readonly received: () => MediaStream | undefined;
};

export type MediaCounters = { readonly packetsSent: number; readonly packetsReceived: number };

export type MediaHooks = {
  readonly clock: Clock;
  readonly iceServers: () => readonly RTCIceServer[];
  /** The open microphone, or undefined when there is none (PHONE-4 keeps that from happening in a call). */
  readonly microphone: () => MediaStreamTrack | undefined;
};

export type MediaEvents = {
  readonly onRemote: (stream: MediaStream) => void;
  /** ICE or DTLS gave up on the path. */
  readonly onBroken: () => void;
};

/** MEDIA-1 */
export const gathering = { quietMs: 20, capMs: 1_000 } as const;

export const createCallMedia = (hooks: MediaHooks, events: MediaEvents): CallMedia => {
  const connection = new RTCPeerConnection({ iceServers: [...hooks.iceServers()], bundlePolicy: 'max-bundle' });
  let track: MediaStreamTrack | undefined;
  let sent: MediaStream | undefined;
  let received: MediaStream | undefined;
  let isMuted = false;
  let isClosed = false;
  let prepared: { readonly offer: string; readonly answer: Promise<BodyAndContentType> } | undefined;

  connection.addEventListener('track', (event) => {
    received = event.streams[0] ?? new MediaStream([event.track]);
    events.onRemote(received);
  });
  connection.addEventListener('connectionstatechange', () => {
    if (connection.connectionState === 'failed' && !isClosed) events.onBroken();
  });

  /** A copy of the microphone per call: muting one never touches the warm one. */
  const copyOf = (original: MediaStreamTrack): MediaStreamTrack => {
    const copy = original.clone();
    copy.enabled = !isMuted;
    return copy;
  };
  const attachMicrophone = (): void => {
    if (track !== undefined) return;
    const original = hooks.microphone();
    if (original === undefined) throw new Error('no microphone');
    track = copyOf(original);
    sent = new MediaStream([track]);
    connection.addTrack(track, sent);
  };
  const isPathBroken = (): boolean => ['failed', 'disconnected'].includes(connection.iceConnectionState);

  const setRemote = async (sdp: string): Promise<void> => {
    if (isClosed) throw new Error('closed');
    const fault = sdpFault(sdp);
    if (fault !== undefined) throw new Error(`description refused: ${fault}`);
    const type = connection.signalingState === 'have-local-offer' ? 'answer' : 'offer';
    await connection.setRemoteDescription({ type, sdp });
  };
  const makeDescription = async (): Promise<BodyAndContentType> => {
    if (isClosed) throw new Error('closed');
    attachMicrophone();
    const isAnswer = connection.signalingState === 'have-remote-offer';
    const isRestart = !isAnswer && connection.currentLocalDescription !== null && isPathBroken();
    const gathered = candidatesOf(connection, hooks.clock);
    const description = isAnswer
      ? await connection.createAnswer()
      : await connection.createOffer({ iceRestart: isRestart });
    await connection.setLocalDescription(description);
    await gathered();
    return { body: connection.localDescription?.sdp ?? '', contentType: 'application/sdp' };
  };

  return {
    hasDescription: (contentType) => /^application\/sdp\b/i.test(contentType),
    prepareAnswer: (offer) => {
      const answer = setRemote(offer).then(makeDescription);
      // Whoever answers asks again and is told then.
      answer.catch(() => undefined);
      prepared = { offer, answer };
    },
    setDescription: async (sdp) => {
      const isPrepared = prepared?.offer === sdp && (await prepared.answer.then(yes, no));
      if (isPrepared) return;
      prepared = undefined;
      await setRemote(sdp);
    },
    getDescription: () => {
      const answer = prepared?.answer;
      prepared = undefined;
      return answer ?? makeDescription();
    },
    rollbackDescription: async () => {
      if (connection.signalingState === 'have-local-offer') await connection.setLocalDescription({ type: 'rollback' });
      else if (connection.signalingState === 'have-remote-offer')
        await connection.setRemoteDescription({ type: 'rollback', sdp: '' });
    },
    sendDtmf: (tones) => {
      const sender = connection.getSenders().find((candidate) => candidate.dtmf?.canInsertDTMF === true)?.dtmf;
      if (sender === undefined || sender === null) return false;
      sender.insertDTMF(sender.toneBuffer + tones, 100, 70);
      return true;
    },
    canSendDigits: () => connection.getSenders().some((sender) => sender.dtmf?.canInsertDTMF === true),
    setMuted: (muted) => {
      isMuted = muted;
      if (track !== undefined) track.enabled = !muted;
    },
    useMicrophone: (original) => {
      if (isClosed || track === undefined) return;
      const old = track;
      track = copyOf(original);
      sent = new MediaStream([track]);
      const fresh = track;
      const sender = connection.getSenders().find((candidate) => candidate.track === old);
      void sender?.replaceTrack(fresh).finally(() => old.stop());
    },
    counters: async () => {
      let packetsSent = 0;
      let packetsReceived = 0;
      const report: RTCStatsReport = await connection.getStats();
      for (const stats of report.values() as Iterable<CountedStats>) {
        if (stats.type === 'outbound-rtp') packetsSent += stats.packetsSent ?? 0;
        if (stats.type === 'inbound-rtp') packetsReceived += stats.packetsReceived ?? 0;
      }
      return { packetsSent, packetsReceived };
    },
    expectsSound: () =>
      connection
        .getTransceivers()
        .some(({ currentDirection }) => currentDirection === 'sendrecv' || currentDirection === 'recvonly'),
    sent: () => sent,
    received: () => received,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      track?.stop();
      connection.close();
    },
  };
};

const yes = (): boolean => true;
const no = (): boolean => false;

type CountedStats = { readonly type: string; readonly packetsSent?: number; readonly packetsReceived?: number };

/**
 * Starts listening for candidates; the returned function resolves when there are enough of them (MEDIA-1). Listening starts
 * before the local description is set, so none is missed.
 */
const candidatesOf = (connection: RTCPeerConnection, clock: Clock): (() => Promise<void>) => {
  let isOver = false;
  let stopQuiet: () => void = () => {};
  let resolve: () => void = () => {};
  const over = new Promise<void>((settle) => {
    resolve = settle;
  });
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stopQuiet();
    stopCap();
    connection.removeEventListener('icecandidate', heard);
    connection.removeEventListener('icegatheringstatechange', stateHeard);
    resolve();
  };
  const heard = (event: RTCPeerConnectionIceEvent): void => {
    if (event.candidate === null) return finish();
    stopQuiet();
    stopQuiet = clock.after(gathering.quietMs, finish);
  };
  const stateHeard = (): void => {
    if (connection.iceGatheringState === 'complete') finish();
  };
  connection.addEventListener('icecandidate', heard);
  connection.addEventListener('icegatheringstatechange', stateHeard);
  const stopCap = clock.after(gathering.capMs, finish);
  return () => {
    // A renewed offer without an ICE restart gathers nothing.
    if (connection.iceGatheringState === 'complete') finish();
    return over;
  };
};
