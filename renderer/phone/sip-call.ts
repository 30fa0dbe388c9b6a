import { type Invitation, Inviter, type Session, SessionState } from 'sip.js';
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
 * - CALL-2 After a return of the line every talking call is renewed by a re-INVITE, or a far-end hang-up never arrives.
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
  /** Nothing more to be done, not even after a return of the line. */
  readonly isSettled: () => boolean;
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
};

const ghostLimitMs = 20_000;
const renewAgainMs = 1_000;
/** Paths that broke without any sound in between: more than this and the call is over. */
const mostBreaks = 2;

export const createSipCall = (plan: SipCallPlan): SipCall => {
  const { session, call, store, clock, microphone, isLineOpen } = plan;
  let cause: EndCause | undefined;
  let owes: 'nothing' | 'bye' | 'cancel' = 'nothing';
  let breaks = 0;
  let stopWatch = (): void => {};
  let stopLevels = (): void => {};
  let stopGhost = (): void => {};
  let stopRenewal = (): void => {};

  const state = (): CallState => store.find(call.id)?.state ?? call.state;
  const apply = (event: Parameters<PhoneStore['apply']>[1]): void => {
    const before = store.find(call.id);
    const after = store.apply(call.id, event);
    if (after !== undefined && after !== before) plan.onChange(after.state);
  };

  const over = (finalCause: EndCause): void => {
    cause ??= finalCause;
    for (const stop of [stopWatch, stopLevels, stopGhost, stopRenewal]) stop();
    plan.media()?.close();
    apply({ kind: 'ended', cause, atMs: clock.nowMs() });
  };

  const talking = (): void => {
    stopGhost();
    apply({ kind: 'established', atMs: clock.nowMs() });
    const media = plan.media();
    if (media === undefined) return;
    stopWatch = watchMedia({
      clock,
      counters: media.counters,
      expectsSound: media.expectsSound,
      onFlowing: (atMs) => {
        breaks = 0;
        apply({ kind: 'mediaFlowing', atMs });
      },
      onLost: (atMs) => apply({ kind: 'mediaLost', atMs }),
    });
    stopLevels = startLevels({
      clock,
      callId: call.id,
      meter: plan.meter,
      microphone: media.sent,
      customer: media.received,
      emit: plan.emitLevels,
    });
  };

  /** CALL-3 */
  const sayBye = (): void => {
    owes = 'bye';
    if (!isLineOpen()) return;
    const requestDelegate = {
      onAccept: () => void (owes = 'nothing'),
      onReject: ({ message }: { message: { statusCode: number | undefined } }) => {
        // Anything from the peer settles it; what we were told by nobody is still owed.
        if (message.statusCode !== 503 && message.statusCode !== 408) owes = 'nothing';
      },
    };
    if (session.state === SessionState.Established) void session.bye({ requestDelegate }).catch(ignore);
    else if (session.dialog !== undefined && session.state === SessionState.Terminated)
      session.dialog.bye(requestDelegate);
  };
  const sayCancel = (): void => {
    owes = 'cancel';
    if (!isLineOpen() || !(session instanceof Inviter)) return;
    owes = 'nothing';
    void session.cancel().catch(ignore);
  };

  const end = (why: EndCause): void => {
    if (state().kind === 'ended') return;
    cause ??= why;
    switch (session.state) {
      case SessionState.Established:
        sayBye();
        break;
      case SessionState.Initial:
      case SessionState.Establishing:
        if (session instanceof Inviter) sayCancel();
        else void session.reject({ statusCode: why === 'rejected' ? 603 : 480 }).catch(ignore);
        break;
      case SessionState.Terminating:
      case SessionState.Terminated:
        break;
    }
    over(why);
  };

  /** CALL-2. State-preserving: nothing about holding changes, ICE restarts only on a broken path. */
  const renew = (): void => {
    stopRenewal();
    if (session.state !== SessionState.Established || state().kind !== 'talking' || !isLineOpen()) return;
    const again = (): void => {
      stopRenewal();
      // RFC 3261 14.1: the owner of the Call-ID waits longer, so that two do not collide for ever.
      const delayMs = session instanceof Inviter ? 2_100 + plan.random() * 1_900 : plan.random() * 2_000;
      stopRenewal = clock.after(Math.max(renewAgainMs, delayMs), renew);
    };
    session
      .invite({
        requestDelegate: {
          onReject: ({ message }) => {
            const verdict = renewalVerdict(message.statusCode ?? 500);
            if (verdict === 'again') again();
            // The far end hung up while we could not hear it.
            else if (verdict === 'gone') end('customerHungUp');
          },
        },
      })
      .catch(again);
  };

  listenTo(session, { hint: (why) => (cause ??= why), talking, over: () => over(cause ?? silentCause(state(), call)) });

  return {
    id: call.id,
    answer: async () => {
      const clickedMs = clock.nowMs();
      if (state().kind === 'ringing' && microphone.track() === undefined) {
        // PHONE-4
        const devices: DeviceState = await microphone.open();
        if (devices.kind !== 'ready') return refused(whyNoMicrophone(devices) ?? refusal('phone', 'microphoneFailed'));
      }
      if (state().kind === 'answering' || state().kind === 'talking') return done;
      if (state().kind !== 'ringing' || session instanceof Inviter) return refused(refusal('conflict', 'callEnded'));
      apply({ kind: 'answerClicked', atMs: clickedMs });
      await session.accept().catch(() => {
        if (session.state !== SessionState.Established) over('media');
      });
      return done;
    },
    hangUp: () => end(state().kind === 'ringing' ? 'rejected' : 'agentHungUp'),
    mute: (isMuted) => {
      plan.media()?.setMuted(isMuted);
      apply({ kind: 'microphone', to: isMuted ? 'muted' : 'open', atMs: clock.nowMs() });
    },
    lineLost: () => {
      stopRenewal();
      // Its answer would come to the old socket: such a call cannot be saved, and is cancelled once that can be said.
      if (['dialling', 'ringingOut'].includes(state().kind)) end('network');
    },
    lineBack: () => {
      if (owes === 'bye') sayBye();
      if (owes === 'cancel') sayCancel();
      if (state().kind === 'talking') renew();
      if (state().kind === 'ringing') {
        stopGhost();
        stopGhost = clock.after(ghostLimitMs, () => end('missed'));
      }
    },
    mediaBroken: () => {
      if (state().kind !== 'talking') return;
      breaks += 1;
      if (breaks > mostBreaks) end('media');
      else renew();
    },
    end,
    isSettled: () => state().kind === 'ended' && owes === 'nothing',
  };
};

type Ears = { readonly hint: (cause: EndCause) => void; readonly talking: () => void; readonly over: () => void };

/** CALL-1. What SIP.js would do by itself with unasked requests is switched off here as well as in the guard. */
const listenTo = (session: Session, ears: Ears): void => {
  session.delegate = {
    onBye: (bye) => {
      ears.hint('customerHungUp');
      void bye.accept().catch(ignore);
    },
    onCancel: () => ears.hint('missed'),
    onRefer: (referral) => void referral.reject().catch(ignore),
    onInfo: (info) => void info.reject().catch(ignore),
    onMessage: (message) => void message.reject().catch(ignore),
    onNotify: (notification) => void notification.reject().catch(ignore),
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

const ignore = (): void => {};
