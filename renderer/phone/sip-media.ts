import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js';
import { asksToHold, type Hold, isCutOff } from '../../shared/call.ts';
import { type CallReading, readStats } from './call-stats.ts';
import type { Clock } from './clock.ts';
import {
  gatherCandidates,
  gathering,
  hasRelay,
  hasRelays,
  type IceSetup,
  ufragOf,
  watchLate,
  withRelaysOnly,
} from './ice-gathering.ts';
import { sdpFault } from './sip-sdp.ts';

/**
 * The media of one call: one RTCPeerConnection behind SIP.js's SessionDescriptionHandler.
 *
 * - MEDIA-1 Gathering is over 20 ms after the last candidate: never at the first (calls without sound, Chrome may nominate a
 *   pair the far end never heard of), never after a fixed time (a dead STUN server would cost it on every call). A connection that was
 *   made long before knows by the browser's own books that nothing is missing, and does not wait even those.
 * - MEDIA-5 Where only a relay is allowed, no other candidate is ever told; a description waits for the relay's, 4 s at most, and without
 *   one there is no description: a call that nobody could hear is refused instead.
 * - MEDIA-6 Where a relay is allowed and not needed, nobody waits for it: a warm connection has its candidates already. One that comes
 *   too late is told by a re-INVITE if no way was found without it, and a restart, which looks for another way, waits for it.
 * - MEDIA-7 A new way is looked for with the newest servers and credentials; a call that has its way keeps what it has.
 * - MEDIA-2 Descriptions from outside pass `sdpFault` first.
 * - MEDIA-3 A renewed offer keeps what was agreed (holding included); ICE restarts only when the path is broken.
 * - MEDIA-4 A connection may be made long before its call; it has its candidates then. It is never told of an offer before the agent
 *   answers: it would greet the far end (STUN, DTLS), and a second one greeting for the same offer leaves the call without sound.
 *   Chromium gives them to an offer and to a provisional answer, and throws them away for an answer: the first answer is a provisional
 *   one for the moment that takes (60 ms and more would be spent on a relay otherwise).
 */
export type CallMedia = SessionDescriptionHandler & {
  /** From now on it is a call's; once. */
  readonly belongTo: (events: MediaEvents) => void;
  readonly setMuted: (isMuted: boolean) => void;
  /** Cuts the sound off or lets it through; the next offer asks for what it says (RFC 3264 8.4: sendonly while held). */
  readonly setHold: (hold: Hold) => void;
  /** Another microphone for the running call; keeps the mute. */
  readonly useMicrophone: (track: MediaStreamTrack) => void;
  /**
   * Hears what the network says before the call is answered; the agent is not heard until then. False when there is nothing to hear:
   * the description is no good, or the answer has come.
   */
  readonly hearEarly: (sdp: string) => Promise<boolean>;
  /** Sends this in place of the microphone (a mix that has it in), until told otherwise; held back while the call is held. */
  readonly sendInstead: (mix: MediaStreamTrack | undefined) => void;
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
  /** As it is now (MEDIA-7). */
  readonly ice: () => IceSetup;
  /** The open microphone, or undefined when there is none (PHONE-4 keeps that from happening in a call). */
  readonly microphone: () => MediaStreamTrack | undefined;
};

export type MediaEvents = {
  readonly onRemote: (stream: MediaStream) => void;
  /** ICE or DTLS gave up on the path. */
  readonly onBroken: () => void;
  /** No way was found, and one is known by now of which the far end was not told (MEDIA-6). */
  readonly onLate?: () => void;
  /** A way is looked for anew, or there was none: is there a relay still? */
  readonly onRelayDoubted?: () => void;
};

export const createCallMedia = (hooks: MediaHooks): CallMedia => new PeerMedia(hooks);

class PeerMedia implements CallMedia {
  readonly #hooks: MediaHooks;
  readonly #connection: RTCPeerConnection;
  readonly #madeAtMs: number;
  #track: MediaStreamTrack | undefined;
  #sender: RTCRtpSender | undefined;
  #mix: MediaStreamTrack | undefined;
  #sent: MediaStream | undefined;
  #received: MediaStream | undefined;
  #isMuted = false;
  /** Something is heard before the answer, or the answer has come. */
  #early: 'none' | 'heard' | 'answered' = 'none';
  #hold: Hold = { kind: 'none' };
  #events: MediaEvents | undefined;
  #isClosed = false;
  #isRestartDue = false;
  #rollback: Promise<void> | undefined;
  /** What the connection was last told. */
  #ice: IceSetup;
  /** The last description as it was told. */
  #told: string | undefined;
  readonly #stopLate: () => void;

  constructor(hooks: MediaHooks) {
    this.#hooks = hooks;
    this.#ice = hooks.ice();
    const connection = new RTCPeerConnection(configurationFor(this.#ice));
    this.#connection = connection;
    this.#madeAtMs = hooks.clock.nowMs();
    this.#stopLate = watchLate(
      connection,
      hooks.clock,
      () => this.#told,
      () => this.#events?.onLate?.(),
    );
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
    const fresh = this.#copy(original);
    if (this.#mix !== undefined) old.stop();
    else void this.#sender?.replaceTrack(fresh).finally(() => old.stop());
  };

  hearEarly = async (sdp: string): Promise<boolean> => {
    const isOffered = ['have-local-offer', 'have-remote-pranswer'].includes(this.#connection.signalingState);
    if (this.#isClosed || !isOffered || this.#early === 'answered' || sdpFault(sdp) !== undefined) return false;
    this.#early = 'heard';
    this.#gate();
    try {
      await this.#connection.setRemoteDescription({ type: 'pranswer', sdp });
    } catch {
      return false;
    }
    // The answer may have overtaken it.
    return this.#isUnanswered();
  };

  sendInstead = (mix: MediaStreamTrack | undefined): void => {
    this.#mix = mix;
    this.#gate();
    if (!this.#isClosed) void this.#sender?.replaceTrack(mix ?? this.#track ?? null).catch(() => undefined);
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
    this.#stopLate();
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
    const isAnswer = ['have-local-offer', 'have-remote-pranswer'].includes(this.#connection.signalingState);
    this.#early = 'answered';
    await this.#connection.setRemoteDescription({ type: isAnswer ? 'answer' : 'offer', sdp });
    this.#gate();
  }

  /** An answer to a pending offer, else an offer (MEDIA-3). */
  async #describe(): Promise<BodyAndContentType> {
    const connection = this.#connection;
    if (this.#isClosed) throw new Error('closed');
    this.#attachMicrophone();
    const isAnswer = connection.signalingState === 'have-remote-offer';
    const isRestart = isAnswer ? this.#isRestartedThere() : this.#isRestartNeeded();
    this.#isRestartDue = false;
    if (isRestart) {
      this.#events?.onRelayDoubted?.();
      this.#ice = this.#hooks.ice();
      connection.setConfiguration(configurationFor(this.#ice));
    }
    // In an answer as well: what the far end offers while it is held must not take it back.
    for (const transceiver of connection.getTransceivers())
      if (transceiver.sender.track !== null) transceiver.direction = asksToHold(this.#hold) ? 'sendonly' : 'sendrecv';
    const isFirst = connection.currentLocalDescription === null;
    const gathered = gatherCandidates(connection, this.#hooks.clock, this.#awaited(isRestart));
    const description = isAnswer
      ? await connection.createAnswer()
      : await connection.createOffer({ iceRestart: isRestart });
    // MEDIA-4
    const isWarmAnswer = isAnswer && isFirst;
    await connection.setLocalDescription(isWarmAnswer ? { ...description, type: 'pranswer' } : description);
    // What is only renewed has its candidates; a server that is silent is not waited for again.
    if (isFirst || isRestart) await gathered();
    const sdp = connection.localDescription?.sdp ?? '';
    if (isWarmAnswer) await connection.setLocalDescription({ type: 'answer', sdp });
    const isRelayed = this.#ice.policy === 'relay';
    if (isRelayed && !hasRelay(sdp)) return this.#refuse(isAnswer, isRestart);
    this.#told = sdp;
    return { body: isRelayed ? withRelaysOnly(sdp) : sdp, contentType: 'application/sdp' };
  }

  /** MEDIA-5, MEDIA-6 */
  #awaited(isAnew: boolean): Parameters<typeof gatherCandidates>[2] {
    const isWarm = !isAnew && this.#hooks.clock.nowMs() - this.#madeAtMs >= gathering.warmMs;
    const plan = { isAnew, isWarm };
    if (this.#ice.policy === 'relay') return { ...plan, relay: true, capMs: gathering.relayCapMs };
    return { ...plan, relay: isAnew && hasRelays(this.#ice), capMs: gathering.capMs };
  }

  #isRestartNeeded(): boolean {
    const { currentLocalDescription, iceConnectionState } = this.#connection;
    const isBroken = this.#isRestartDue || ['failed', 'disconnected'].includes(iceConnectionState);
    return isBroken && currentLocalDescription !== null;
  }

  #isRestartedThere(): boolean {
    const { currentRemoteDescription, pendingRemoteDescription } = this.#connection;
    return (
      currentRemoteDescription !== null &&
      ufragOf(currentRemoteDescription.sdp) !== ufragOf(pendingRemoteDescription?.sdp)
    );
  }

  /** MEDIA-5. What was begun is taken back, so that it can be tried again. */
  async #refuse(isAnswer: boolean, isRestart: boolean): Promise<never> {
    if (!isAnswer) await this.rollbackDescription();
    this.#isRestartDue = isRestart && !isAnswer;
    this.#events?.onRelayDoubted?.();
    throw new Error('no relay');
  }

  #isUnanswered = (): boolean => this.#early === 'heard';

  #gate(): void {
    if (this.#track !== undefined)
      this.#track.enabled = this.#early !== 'heard' && !this.#isMuted && !isCutOff(this.#hold);
    if (this.#mix !== undefined) this.#mix.enabled = !isCutOff(this.#hold);
  }

  #attachMicrophone(): void {
    if (this.#track !== undefined) return;
    const original = this.#hooks.microphone();
    if (original === undefined) throw new Error('no microphone');
    const track = this.#copy(original);
    this.#sender = this.#connection.addTrack(track, new MediaStream([track]));
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

const configurationFor = ({ servers, policy }: IceSetup): RTCConfiguration => ({
  iceServers: [...servers],
  iceTransportPolicy: policy,
  bundlePolicy: 'max-bundle',
  // Candidates are gathered from here on, before there is a call (MEDIA-4).
  iceCandidatePoolSize: 1,
});
