import { type Core, type Notification, type Session, SessionState } from 'sip.js';
import type { EndCause } from '../../shared/call.ts';

/** What a call wants to hear of its session. */
export type Ears = {
  readonly hint: (cause: EndCause) => void;
  readonly talking: () => void;
  readonly over: () => void;
  readonly acknowledged: () => void;
  /** What a NOTIFY means; undefined when nobody asked for it. */
  readonly newsOf: (notification: Notification) => (() => void) | undefined;
  /** The far end renewed the session, and we agreed. */
  readonly reinvited: (request: Core.IncomingRequestMessage) => void;
};

/** CALL-1. What SIP.js would do by itself with unasked requests is switched off here as well as in the guard. */
export const listenTo = (session: Session, ears: Ears): void => {
  session.delegate = {
    onBye: (bye) => {
      ears.hint('customerHungUp');
      void bye.accept().catch(nothing);
    },
    onInvite: (request, _response, statusCode) => {
      if (statusCode < 300) ears.reinvited(request);
    },
    onCancel: () => ears.hint('missed'),
    // SIP.js is still in the middle of taking it in.
    onAck: () => queueMicrotask(ears.acknowledged),
    onRefer: (referral) => void referral.reject().catch(nothing),
    onInfo: (info) => void info.reject().catch(nothing),
    onMessage: (message) => void message.reject().catch(nothing),
    onNotify: (notification) => {
      const act = ears.newsOf(notification);
      void (act === undefined ? notification.reject() : notification.accept()).catch(nothing);
      // Answered before: it may end the dialog.
      act?.();
    },
  };
  session.stateChange.addListener((next) => {
    if (next === SessionState.Established) ears.talking();
    // A moment later: SIP.js says why an INVITE was refused only after it ended the session.
    if (next === SessionState.Terminated) queueMicrotask(ears.over);
  });
};

function nothing(): void {}
