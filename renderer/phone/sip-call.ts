import { Core, type Invitation, Inviter, type Session, SessionState } from 'sip.js';
import type { Call, CallState, EndCause } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { DeviceState, Levels } from '../../shared/phone.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { startLevels } from './levels.ts';
import { watchMedia } from './media-watch.ts';
import type { Microphone } from './microphone.ts';
import { type Done, done, whyNoMicrophone } from './phone.ts';
import type { PhoneStore } from './phone-store.ts';
import { causeOfStatus, renewalVerdict } from './sip-causes.ts';
import type { CallMedia } from './sip-media.ts';
import type { Meter } from './sound.ts';

/**
 * One call on the wire: translates SIP.js's session into events of `nextCall` and back, and outlives lost sockets.
 *
 * - CALL-1 What ended a call is known before SIP.js says that it ended; the first reason counts.
 * - CALL-2 After a return of the line every talking call is renewed by a re-INVITE, or a far-end hang-up never arrives. One whose
 *   answer is not acknowledged yet is renewed once it is: SIP.js goes on sending the answer until then.
 * - CALL-3 What could not be said while the line was lost (BYE, CANCEL) is owed and said after its return.
 * - CALL-4 A call that was ringing while the line was lost may be a ghost: it rings 20 s more and not for ever.
 */
export type SipCall = {
  readonly id: CallId;
  readonly answer: () => Promise<Result<Done>>;
  readonly hangUp: () => void;
  readonly mute: (isMuted: boolean) => void;
  readonly lineLost: () => void;
  readonly lineBack: () => void;
  /** ICE or DTLS gave up. */
  readonly mediaBroken: () => void;
  /** Ends it here with this cause, telling the peer when possible. */
  readonly end: (cause: EndCause) => void;
};

export type SipCallPlan = {
  readonly session: Inviter | Invitation;
  readonly call: Call;
  readonly store: PhoneStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly microphone: Microphone;
  readonly meter: (stream: MediaStream) => Meter;
  readonly emitLevels: (levels: Levels) => void;
  readonly isLineOpen: () => boolean;
  readonly media: () => CallMedia | undefined;
  /** The call's state changed: tones, keep-alive and the like follow it. */
  readonly onChange: (state: CallState) => void;
  /** It ended and nothing is owed any more. */
  readonly onSettled: () => void;
};

const ghostLimitMs = 20_000;
const renewAgainMs = 1_000;
/** Paths that broke without any sound in between: more than this and the call is over. */
const mostBreaks = 2;

export const createSipCall = (plan: SipCallPlan): SipCall => new SessionCall(plan);

class SessionCall implements SipCall {
  readonly id: CallId;
  readonly #plan: SipCallPlan;
  #cause: EndCause | undefined;
  #owes: 'nothing' | 'bye' | 'cancel' = 'nothing';
  #breaks = 0;
  #isRenewalDue = false;
  /** What runs besides the call: ended with it. */
  readonly #stops = { watch: nothing, levels: nothing, ghost: nothing, renewal: nothing };

  constructor(plan: SipCallPlan) {
    this.#plan = plan;
    this.id = plan.call.id;
    listenTo(plan.session, {
      hint: (cause) => (this.#cause ??= cause),
      talking: () => this.#talk(),
      over: () => this.#over(this.#cause ?? silentCause(this.#state(), plan.call)),
      acknowledged: () => {
        if (this.#isRenewalDue) this.#renew();
      },
    });
  }

  answer = async (): Promise<Result<Done>> => {
    const { session, clock, microphone } = this.#plan;
    const clickedMs = clock.nowMs();
    if (this.#state().kind === 'ringing' && microphone.track() === undefined) {
      // PHONE-4
      const devices: DeviceState = await microphone.open();
      if (devices.kind !== 'ready') return refused(whyNoMicrophone(devices) ?? refusal('phone', 'microphoneFailed'));
    }
    const { kind } = this.#state();
    if (kind === 'answering' || kind === 'talking') return done;
    if (kind !== 'ringing' || session instanceof Inviter) return refused(refusal('conflict', 'callEnded'));
    this.#apply({ kind: 'answerClicked', atMs: clickedMs });
    await session.accept().catch(() => {
      if (session.state !== SessionState.Established) this.#over('media');
    });
    return done;
  };

  hangUp = (): void => this.end(this.#state().kind === 'ringing' ? 'rejected' : 'agentHungUp');

  mute = (isMuted: boolean): void => {
    this.#plan.media()?.setMuted(isMuted);
    this.#apply({ kind: 'microphone', to: isMuted ? 'muted' : 'open', atMs: this.#plan.clock.nowMs() });
  };

  lineLost = (): void => {
    this.#stops.renewal();
    // Its answer would come to the old socket: such a call cannot be saved, and is cancelled once that can be said.
    if (['dialling', 'ringingOut'].includes(this.#state().kind)) this.end('network');
  };

  lineBack = (): void => {
    if (this.#owes === 'bye') this.#sayBye();
    if (this.#owes === 'cancel') this.#sayCancel();
    const { kind } = this.#state();
    if (kind === 'talking') this.#renew();
    if (kind === 'ringing')
      this.#start(
        'ghost',
        this.#plan.clock.after(ghostLimitMs, () => this.end('missed')),
      );
  };

  mediaBroken = (): void => {
    if (this.#state().kind !== 'talking') return;
    this.#breaks += 1;
    if (this.#breaks > mostBreaks) this.end('media');
    else this.#renew();
  };

  end = (why: EndCause): void => {
    const { session } = this.#plan;
    if (this.#state().kind === 'ended') return;
    this.#cause ??= why;
    switch (session.state) {
      case SessionState.Established:
        this.#sayBye();
        break;
      case SessionState.Initial:
      case SessionState.Establishing:
        if (session instanceof Inviter) this.#sayCancel();
        else void session.reject({ statusCode: why === 'rejected' ? 603 : 480 }).catch(nothing);
        break;
      case SessionState.Terminating:
      case SessionState.Terminated:
        break;
    }
    this.#over(why);
  };

  #isSettled(): boolean {
    return this.#state().kind === 'ended' && this.#owes === 'nothing';
  }

  #state(): CallState {
    return this.#plan.store.find(this.id)?.state ?? this.#plan.call.state;
  }

  #apply(event: Parameters<PhoneStore['apply']>[1]): void {
    const before = this.#plan.store.find(this.id);
    const after = this.#plan.store.apply(this.id, event);
    if (after !== undefined && after !== before) this.#plan.onChange(after.state);
  }

  #start(which: 'watch' | 'levels' | 'ghost' | 'renewal', stop: () => void): void {
    this.#stops[which]();
    this.#stops[which] = stop;
  }

  #over(cause: EndCause): void {
    this.#cause ??= cause;
    for (const stop of Object.values(this.#stops)) stop();
    this.#plan.media()?.close();
    this.#apply({ kind: 'ended', cause: this.#cause, atMs: this.#plan.clock.nowMs() });
    if (this.#isSettled()) this.#plan.onSettled();
  }

  #talk(): void {
    const { clock, meter, emitLevels } = this.#plan;
    this.#stops.ghost();
    this.#apply({ kind: 'established', atMs: clock.nowMs() });
    const media = this.#plan.media();
    if (media === undefined) return;
    const { counters, expectsSound } = media;
    const onFlowing = (atMs: number): void => {
      this.#breaks = 0;
      this.#apply({ kind: 'mediaFlowing', atMs });
    };
    const onLost = (atMs: number): void => this.#apply({ kind: 'mediaLost', atMs });
    this.#start('watch', watchMedia({ clock, counters, expectsSound, onFlowing, onLost }));
    const ears = { microphone: media.sent, customer: media.received };
    this.#start('levels', startLevels({ clock, callId: this.id, meter, ...ears, emit: emitLevels }));
  }

  /** CALL-3 */
  #sayBye(): void {
    const { session, isLineOpen } = this.#plan;
    this.#owes = 'bye';
    if (!isLineOpen()) return;
    const requestDelegate: Core.OutgoingRequestDelegate = {
      onAccept: () => this.#settle(),
      onReject: ({ message }) => {
        // Anything from the peer settles it; what reached nobody is still owed.
        if (message.statusCode !== 503 && message.statusCode !== 408) this.#settle();
      },
    };
    if (session.state === SessionState.Established) void session.bye({ requestDelegate }).catch(nothing);
    // Said before and not heard. While terminating, SIP.js waits for the ACK and says it then.
    else if (session.state === SessionState.Terminated) session.dialog?.bye(requestDelegate);
  }

  #settle(): void {
    this.#owes = 'nothing';
    if (this.#isSettled()) this.#plan.onSettled();
  }

  #sayCancel(): void {
    const { session, isLineOpen } = this.#plan;
    this.#owes = 'cancel';
    if (!isLineOpen() || !(session instanceof Inviter)) return;
    this.#settle();
    void session.cancel().catch(nothing);
  }

  /** CALL-2. State-preserving: nothing about holding changes, ICE restarts only on a broken path. */
  #renew(): void {
    const { session, isLineOpen, clock, random } = this.#plan;
    this.#stops.renewal();
    this.#isRenewalDue = session.dialog?.sessionState === Core.SessionState.AckWait;
    if (session.state !== SessionState.Established || this.#state().kind !== 'talking' || !isLineOpen()) return;
    if (this.#isRenewalDue) return;
    const again = (): void => {
      // RFC 3261 14.1: the owner of the Call-ID waits longer, so that two do not collide for ever.
      const delayMs = session instanceof Inviter ? 2_100 + random() * 1_900 : random() * 2_000;
      this.#start(
        'renewal',
        clock.after(Math.max(renewAgainMs, delayMs), () => this.#renew()),
      );
    };
    const onReject = ({ message }: { readonly message: { readonly statusCode: number | undefined } }): void => {
      const verdict = renewalVerdict(message.statusCode ?? 500);
      if (verdict === 'again') again();
      // The far end hung up while we could not hear it.
      else if (verdict === 'gone') this.end('customerHungUp');
    };
    session.invite({ requestDelegate: { onReject } }).catch(again);
  }
}

type Ears = {
  readonly hint: (cause: EndCause) => void;
  readonly talking: () => void;
  readonly over: () => void;
  readonly acknowledged: () => void;
};

/** CALL-1. What SIP.js would do by itself with unasked requests is switched off here as well as in the guard. */
const listenTo = (session: Session, ears: Ears): void => {
  session.delegate = {
    onBye: (bye) => {
      ears.hint('customerHungUp');
      void bye.accept().catch(nothing);
    },
    onCancel: () => ears.hint('missed'),
    // SIP.js is still in the middle of taking it in.
    onAck: () => queueMicrotask(ears.acknowledged),
    onRefer: (referral) => void referral.reject().catch(nothing),
    onInfo: (info) => void info.reject().catch(nothing),
    onMessage: (message) => void message.reject().catch(nothing),
    onNotify: (notification) => void notification.reject().catch(nothing),
  };
  session.stateChange.addListener((next) => {
    if (next === SessionState.Established) ears.talking();
    // A moment later: SIP.js says why an INVITE was refused only after it ended the session.
    if (next === SessionState.Terminated) queueMicrotask(ears.over);
  });
};

/** Sends the INVITE; progress and refusals become events. Resolves when it is on the wire or failed. */
export const placeCall = async (plan: SipCallPlan & { session: Inviter }, sipCall: SipCall): Promise<void> => {
  const { session, store, call, clock } = plan;
  await session
    .invite({
      requestDelegate: {
        onProgress: ({ message }) => {
          if ((message.statusCode ?? 0) <= 100) return;
          const after = store.apply(call.id, { kind: 'progress', atMs: clock.nowMs() });
          if (after !== undefined) plan.onChange(after.state);
        },
        onReject: ({ message }) => {
          const status = message.statusCode ?? 500;
          sipCall.end(plan.isLineOpen() ? causeOfStatus(status) : 'network');
        },
        onRedirect: () => sipCall.end('notFound'),
      },
    })
    .catch(() => sipCall.end(plan.isLineOpen() ? 'media' : 'network'));
};

/** Why a session ended that gave no reason. */
const silentCause = (state: CallState, call: Call): EndCause => {
  if (state.kind === 'ringing') return 'missed';
  if (state.kind === 'talking') return 'network';
  return call.direction === 'inbound' ? 'media' : 'server';
};

function nothing(): void {}
