import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js';
import { asksToHold, type Hold, isCutOff } from '../../shared/call.ts';
import { type CallReading, readStats } from './call-stats.ts';
import type { Clock } from './clock.ts';
import { sdpFault } from './sip-sdp.ts';

/**
 * The media of one call: one RTCPeerConnection behind SIP.js's SessionDescriptionHandler.
 *
 * - MEDIA-1 Gathering is over 20 ms after the last candidate: never at the first (calls without sound, Chrome may nominate a
 *   pair the far end never heard of), never after a fixed time (a dead STUN server would cost it on every call).
 * - MEDIA-2 Descriptions from outside pass `sdpFault` first.
 * - MEDIA-3 A renewed offer keeps what was agreed (holding included); ICE restarts only when the path is broken.
 * - MEDIA-4 A connection may be made long before its call; it has its candidates then. It is never told of an offer before the agent
 *   answers: it would greet the far end (STUN, DTLS), and a second one greeting for the same offer leaves the call without sound.
 */
export type CallMedia = SessionDescriptionHandler & {
  /** From now on it is a call's; once. */
  readonly belongTo: (events: MediaEvents) => void;
  readonly setMuted: (isMuted: boolean) => void;
  /** Cuts the sound off or lets it through; the next offer asks for what it says (RFC 3264 8.4: sendonly while held). */
  readonly setHold: (hold: Hold) => void;
  /** Another microphone for the running call; keeps the mute. */
  readonly useMicrophone: (track: MediaStreamTrack) => void;
  readonly counters: () => Promise<MediaCounters>;
  /** What is known of the sound's way so far (R40). */
  readonly reading: () => Promise<CallReading>;
  /** What the browser says of the microphone's track and of the way through the network. */
  readonly health: () => MediaHealth;
  /** The next offer looks for a new way. */
  readonly restartIce: () => void;
  /** False while either side holds: silence is expected then. */
  readonly expectsSound: () => boolean;
  /** What the customer hears: silent when muted. */
  readonly sent: () => MediaStream | undefined;
  readonly received: () => MediaStream | undefined;
};

export type MediaCounters = { readonly packetsSent: number; readonly packetsReceived: number };

export type MediaHealth = {
  readonly microphone: 'live' | 'muted' | 'gone';
  readonly ice: RTCIceConnectionState;
};

export type MediaHooks = {
  readonly clock: Clock;
  readonly iceServers: readonly RTCIceServer[];
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

export const createCallMedia = (hooks: MediaHooks): CallMedia => new PeerMedia(hooks);

class PeerMedia implements CallMedia {
  readonly #hooks: MediaHooks;
  readonly #connection: RTCPeerConnection;
  #track: MediaStreamTrack | undefined;
  #sent: MediaStream | undefined;
  #received: MediaStream | undefined;
  #isMuted = false;
  #hold: Hold = { kind: 'none' };
  #events: MediaEvents | undefined;
  #isClosed = false;
  #isRestartDue = false;
  #rollback: Promise<void> | undefined;

  constructor(hooks: MediaHooks) {
    this.#hooks = hooks;
    const connection = new RTCPeerConnection({
      iceServers: [...hooks.iceServers],
      bundlePolicy: 'max-bundle',
      // Candidates are gathered from here on, before there is a call (MEDIA-4).
      iceCandidatePoolSize: 1,
    });
    this.#connection = connection;
    connection.addEventListener('track', (event) => {
      this.#received = event.streams[0] ?? new MediaStream([event.track]);
      this.#events?.onRemote(this.#received);
    });
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed' && !this.#isClosed) this.#events?.onBroken();
    });
  }

  belongTo = (events: MediaEvents): void => {
    this.#events = events;
  };

  hasDescription = (contentType: string): boolean => /^application\/sdp\b/i.test(contentType);

  setDescription = (sdp: string): Promise<void> => this.#setRemote(sdp);
  getDescription = (): Promise<BodyAndContentType> => this.#describe();

  /** SIP.js may ask twice for one offer (a refusal, then its ACK not sent) and ends the call when one of them fails. */
  rollbackDescription = (): Promise<void> => {
    this.#rollback ??= this.#rollBack().finally(() => {
      this.#rollback = undefined;
    });
    return this.#rollback;
  };

  sendDtmf = (tones: string): boolean => {
    const sender = this.#connection.getSenders().find(({ dtmf }) => dtmf?.canInsertDTMF === true)?.dtmf;
    if (sender === undefined || sender === null) return false;
    sender.insertDTMF(sender.toneBuffer + tones, digitMs.tone, digitMs.gap);
    return true;
  };

  setMuted = (isMuted: boolean): void => {
    this.#isMuted = isMuted;
    this.#gate();
  };

  setHold = (hold: Hold): void => {
    this.#hold = hold;
    this.#gate();
  };

  useMicrophone = (original: MediaStreamTrack): void => {
    const old = this.#track;
    if (this.#isClosed || old === undefined) return;
    const sender = this.#connection.getSenders().find(({ track }) => track === old);
    const fresh = this.#copy(original);
    void sender?.replaceTrack(fresh).finally(() => old.stop());
  };

  counters = async (): Promise<MediaCounters> => {
    let packetsSent = 0;
    let packetsReceived = 0;
    const report: RTCStatsReport = await this.#connection.getStats();
    for (const stats of report.values() as Iterable<CountedStats>) {
      if (stats.type === 'outbound-rtp') packetsSent += stats.packetsSent ?? 0;
      if (stats.type === 'inbound-rtp') packetsReceived += stats.packetsReceived ?? 0;
    }
    return { packetsSent, packetsReceived };
  };

  reading = async (): Promise<CallReading> => {
    const report: RTCStatsReport = await this.#connection.getStats();
    return readStats(report.values() as Iterable<object>);
  };

  health = (): MediaHealth => {
    const track = this.#track;
    const microphone = track?.readyState === 'ended' ? 'gone' : track?.muted === true ? 'muted' : 'live';
    return { microphone, ice: this.#connection.iceConnectionState };
  };

  restartIce = (): void => {
    this.#isRestartDue = true;
  };

  expectsSound = (): boolean =>
    this.#connection
      .getTransceivers()
      .some(({ currentDirection }) => currentDirection === 'sendrecv' || currentDirection === 'recvonly');

  sent = (): MediaStream | undefined => this.#sent;
  received = (): MediaStream | undefined => this.#received;

  close = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#track?.stop();
    this.#connection.close();
  };

  async #rollBack(): Promise<void> {
    const { signalingState } = this.#connection;
    if (signalingState === 'have-local-offer') await this.#connection.setLocalDescription({ type: 'rollback' });
    if (signalingState === 'have-remote-offer') await this.#connection.setRemoteDescription({ type: 'rollback' });
  }

  /** MEDIA-2 */
  async #setRemote(sdp: string): Promise<void> {
    const fault = this.#isClosed ? 'closed' : sdpFault(sdp);
    if (fault !== undefined) throw new Error(`description refused: ${fault}`);
    const type = this.#connection.signalingState === 'have-local-offer' ? 'answer' : 'offer';
    await this.#connection.setRemoteDescription({ type, sdp });
  }

  /** An answer to a pending offer, else an offer (MEDIA-3). */
  async #describe(): Promise<BodyAndContentType> {
    const connection = this.#connection;
    if (this.#isClosed) throw new Error('closed');
    this.#attachMicrophone();
    const isAnswer = connection.signalingState === 'have-remote-offer';
    const isBroken = this.#isRestartDue || ['failed', 'disconnected'].includes(connection.iceConnectionState);
    this.#isRestartDue = false;
    // In an answer as well: what the far end offers while it is held must not take it back.
    for (const transceiver of connection.getTransceivers())
      if (transceiver.sender.track !== null) transceiver.direction = asksToHold(this.#hold) ? 'sendonly' : 'sendrecv';
    const gathered = candidatesOf(connection, this.#hooks.clock);
    const description = isAnswer
      ? await connection.createAnswer()
      : await connection.createOffer({ iceRestart: isBroken && connection.currentLocalDescription !== null });
    await connection.setLocalDescription(description);
    await gathered();
    return { body: connection.localDescription?.sdp ?? '', contentType: 'application/sdp' };
  }

  #gate(): void {
    if (this.#track !== undefined) this.#track.enabled = !this.#isMuted && !isCutOff(this.#hold);
  }

  #attachMicrophone(): void {
    if (this.#track !== undefined) return;
    const original = this.#hooks.microphone();
    if (original === undefined) throw new Error('no microphone');
    const track = this.#copy(original);
    this.#connection.addTrack(track, new MediaStream([track]));
  }

  /** A copy of the microphone per call: muting one never touches the warm one. */
  #copy(original: MediaStreamTrack): MediaStreamTrack {
    const copy = original.clone();
    this.#track = copy;
    this.#gate();
    this.#sent = new MediaStream([copy]);
    return copy;
  }
}

/** RFC 4733 events: long enough for every decoder, short enough for a menu. */
const digitMs = { tone: 100, gap: 70 } as const;

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
