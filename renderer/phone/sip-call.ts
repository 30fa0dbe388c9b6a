import { type Core, type Invitation, Inviter, type Session, SessionState } from 'sip.js';
import { asksToHold, type Call, type CallState, type EndCause, type Hold } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { DeviceState, Levels } from '../../shared/phone.ts';
import { refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { startLevels } from './levels.ts';
import { watchMedia } from './media-watch.ts';
import type { Microphone } from './microphone.ts';
import { type Done, done, whyNoMicrophone } from './phone.ts';
import type { PhoneStore } from './phone-store.ts';
import type { CallMedia } from './sip-media.ts';
import { connectedParty } from './sip-incoming.ts';
import { refer, type Referring, type ReferWords } from './sip-refer.ts';
import { createRenewal, type Renewal } from './sip-renewal.ts';
import { listenTo } from './sip-session-ears.ts';
import type { Meter } from './meters.ts';
import type { ReferEvents } from './two-lines.ts';

/**
 * One call on the wire: translates SIP.js's session into events of `nextCall` and back, and outlives lost sockets.
 *
 * - CALL-1 What ended a call is known before SIP.js says that it ended; the first reason counts.
 * - CALL-2 After a return of the line every talking call is renewed by a re-INVITE, or a far-end hang-up never arrives.
 * - CALL-3 What could not be said while the line was lost (BYE, CANCEL) is owed and said after its return.
 * - CALL-4 A call that was ringing while the line was lost may be a ghost: it rings 20 s more and not for ever.
 * - CALL-5 Hold cuts the sound off here first and asks the far end then; no answer within 8 s of an open line counts as refused.
 */
export type SipCall = {
  readonly id: CallId;
  readonly answer: () => Promise<Result<Done>>;
  readonly hangUp: () => void;
  readonly mute: (isMuted: boolean) => void;
  readonly hold: (isHeld: boolean) => void;
  readonly lineLost: () => void;
  readonly lineBack: () => void;
  /** A re-INVITE that changes nothing, or one that looks for a new way through the network. */
  readonly repair: (how: 'renew' | 'restartIce') => void;
  /** Hands it on; gives what forgets it. */
  readonly refer: (words: ReferWords, on: ReferEvents) => () => void;
  /** Sends a ringing call elsewhere: 302 with this address, built by us. */
  readonly divert: (to: string) => void;
  /** What the next NOTIFY belongs to: the dialog's Call-ID while a transfer is under way. */
  readonly referringAs: () => string | undefined;
  /** ICE or DTLS gave up. */
  readonly mediaBroken: () => void;
  /** Ends it here with this cause, telling the peer when possible. */
  readonly end: (cause: EndCause) => void;
  /** Another session goes on with this call: nothing that happens to this one counts any more. */
  readonly abandon: () => void;
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
  /** PHONE-8 */
  readonly holdOthers: () => void;
  /** What a BYE of the far end means now. */
  readonly farHangUp: () => EndCause;
  readonly isLineOpen: () => boolean;
  readonly media: () => CallMedia | undefined;
  /** The call's state changed: tones, keep-alive and the like follow it. */
  readonly onChange: (state: CallState) => void;
  /** It ended and nothing is owed any more. */
  readonly onSettled: () => void;
};

const ghostLimitMs = 20_000;
/** CALL-5 */
const holdLimitMs = 8_000;
/** Paths that broke without any sound in between: more than this and the call is over. */
const mostBreaks = 2;

export const createSipCall = (plan: SipCallPlan): SipCall => new SessionCall(plan);

class SessionCall implements SipCall {
  readonly id: CallId;
  readonly #plan: SipCallPlan;
  #cause: EndCause | undefined;
  #owes: 'nothing' | 'bye' | 'cancel' = 'nothing';
  #breaks = 0;
  #isAbandoned = false;
  readonly #renewal: Renewal;
  #referring: Referring | undefined;
  /** What runs besides the call: ended with it. */
  readonly #stops = { watch: nothing, levels: nothing, ghost: nothing, hold: nothing };

  constructor(plan: SipCallPlan) {
    this.#plan = plan;
    this.id = plan.call.id;
    const { session, clock, random } = plan;
    this.#renewal = createRenewal({
      session,
      clock,
      random,
      canRenew: () => this.#state().kind === 'talking' && plan.isLineOpen(),
      wanted: () => (asksToHold(this.#hold()) ? 'held' : 'open'),
      onAgreed: (to) => this.#apply({ kind: 'holdAgreed', to, atMs: clock.nowMs() }),
      onRefused: () => this.#apply({ kind: 'holdRefused', atMs: clock.nowMs() }),
      onGone: () => this.end('customerHungUp'),
    });
    listenTo(plan.session, {
      hint: (cause) => (this.#cause ??= cause === 'customerHungUp' ? plan.farHangUp() : cause),
      talking: () => this.#talk(),
      over: () => this.#over(this.#cause ?? silentCause(this.#state(), plan.call)),
      acknowledged: this.#renewal.acknowledged,
      newsOf: (notification) => this.#referring?.newsOf(notification),
      reinvited: (request) => this.#identify(request),
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
    this.#plan.holdOthers();
    this.#apply({ kind: 'answerClicked', atMs: clickedMs });
    const accepted = session.accept().catch(() => {
      if (session.state !== SessionState.Established) this.#over('media');
    });
    // A caller who gives up meanwhile closes the connection, and what is asked of a closed one is never answered.
    await Promise.race([accepted, terminated(session)]);
    return done;
  };

  hangUp = (): void => this.end(this.#state().kind === 'ringing' ? 'rejected' : 'agentHungUp');

  mute = (isMuted: boolean): void => {
    this.#plan.media()?.setMuted(isMuted);
    this.#apply({ kind: 'microphone', to: isMuted ? 'muted' : 'open', atMs: this.#plan.clock.nowMs() });
  };

  /** CALL-5 */
  hold = (isHeld: boolean): void => {
    const before = this.#hold();
    this.#apply({ kind: isHeld ? 'holdAsked' : 'resumeAsked', atMs: this.#plan.clock.nowMs() });
    if (this.#hold() === before) return;
    this.#renewal.now();
    this.#limitHold();
  };

  lineLost = (): void => {
    this.#renewal.stop();
    // Its answer would come to the old socket: such a call cannot be saved, and is cancelled once that can be said.
    if (['dialling', 'ringingOut'].includes(this.#state().kind)) this.end('network');
  };

  lineBack = (): void => {
    if (this.#owes === 'bye') this.#sayBye();
    if (this.#owes === 'cancel') this.#sayCancel();
    const { kind } = this.#state();
    if (kind === 'talking') this.#renewal.now();
    if (kind === 'ringing')
      this.#start(
        'ghost',
        this.#plan.clock.after(ghostLimitMs, () => this.end('missed')),
      );
  };

  repair = (how: 'renew' | 'restartIce'): void => {
    if (this.#state().kind !== 'talking') return;
    if (how === 'restartIce') this.#plan.media()?.restartIce();
    this.#renewal.now();
  };

  refer = (words: ReferWords, on: ReferEvents): (() => void) => {
    const { session, clock } = this.#plan;
    // Later: what it says at once is heard by a caller that knows how to forget it.
    const stop = clock.after(0, () => {
      this.#referring = refer(session, words, on);
    });
    return () => {
      stop();
      this.#referring = undefined;
    };
  };

  divert = (to: string): void => {
    const { session } = this.#plan;
    if (session instanceof Inviter || this.#state().kind !== 'ringing') return;
    this.#cause ??= 'transferred';
    void session.reject({ statusCode: 302, extraHeaders: [`Contact: <${to}>`] }).catch(nothing);
    this.#over('transferred');
  };

  referringAs = (): string | undefined =>
    this.#referring === undefined ? undefined : this.#plan.session.dialog?.callId;

  mediaBroken = (): void => {
    if (this.#state().kind !== 'talking') return;
    this.#breaks += 1;
    if (this.#breaks > mostBreaks) this.end('media');
    else this.#renewal.now();
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

  abandon = (): void => {
    const { session, media } = this.#plan;
    this.#isAbandoned = true;
    for (const stop of Object.values(this.#stops)) stop();
    this.#renewal.stop();
    media()?.close();
    void session.dispose().catch(nothing);
  };

  /** Somebody else is there now: the exchange has joined us with them (RFC 4916 by way of P-Asserted-Identity). */
  #identify(request: Core.IncomingRequestMessage): void {
    const who = connectedParty(request);
    if (who !== undefined) this.#apply({ kind: 'identified', ...who, atMs: this.#plan.clock.nowMs() });
  }

  #isSettled(): boolean {
    return this.#state().kind === 'ended' && this.#owes === 'nothing';
  }

  #state(): CallState {
    return this.#plan.store.find(this.id)?.state ?? this.#plan.call.state;
  }

  #hold(): Hold {
    const state = this.#state();
    return state.kind === 'talking' ? state.hold : { kind: 'none' };
  }

  #limitHold(): void {
    const { clock, isLineOpen } = this.#plan;
    const refuse = (): void => {
      // A line that is lost has said neither yes nor no.
      if (isLineOpen()) this.#apply({ kind: 'holdRefused', atMs: clock.nowMs() });
      else this.#limitHold();
    };
    this.#start('hold', clock.after(holdLimitMs, refuse));
  }

  #apply(event: Parameters<PhoneStore['apply']>[1]): void {
    const before = this.#plan.store.find(this.id);
    const after = this.#plan.store.apply(this.id, event);
    if (after === undefined || after === before) return;
    if (after.state.kind === 'talking') this.#plan.media()?.setHold(after.state.hold);
    this.#plan.onChange(after.state);
  }

  #start(which: 'watch' | 'levels' | 'ghost' | 'hold', stop: () => void): void {
    this.#stops[which]();
    this.#stops[which] = stop;
  }

  #over(cause: EndCause): void {
    if (this.#isAbandoned) return;
    this.#cause ??= cause;
    for (const stop of Object.values(this.#stops)) stop();
    this.#renewal.stop();
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
}

const terminated = (session: Session): Promise<void> =>
  new Promise((resolve) => {
    session.stateChange.addListener((next) => {
      if (next === SessionState.Terminated) resolve();
    });
  });

/** Why a session ended that gave no reason. */
const silentCause = (state: CallState, call: Call): EndCause => {
  if (state.kind === 'ringing') return 'missed';
  if (state.kind === 'talking') return 'network';
  return call.direction === 'inbound' ? 'media' : 'server';
};

function nothing(): void {}
