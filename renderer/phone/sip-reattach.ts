import { Inviter, type Session, SessionState, type UserAgent } from 'sip.js';
import { type Call, exchangeName } from '../../shared/call.ts';
import type { CallId } from '../../shared/ids.ts';
import type { KeptCall, SipDialog } from '../../shared/phone.ts';
import type { Clock } from './clock.ts';
import type { Microphone } from './microphone.ts';
import type { PhoneStore } from './phone-store.ts';
import type { SipCall } from './sip-call.ts';
import type { SipLink } from './sip-link.ts';
import { headerValue } from './sip-text.ts';

/**
 * Calls of a phone page that died, taken over by this one: an INVITE with Replaces (RFC 3891) tells the exchange to put this
 * page where the dead one was. The customer hears a gap and nothing else.
 *
 * - TAKE-1 Tried after each registration until it is agreed to; a line that is lost meanwhile only costs time.
 * - TAKE-2 A refusal (481: the exchange has ended it) ends the call here; so does `takeLimitMs` without success.
 * - TAKE-3 Without a microphone there is no taking over: an agent who cannot answer is worse than a line that ends.
 */
export type Reattachment = {
  readonly takeUp: (calls: readonly KeptCall[]) => void;
  /** `registered`: what was under way on an older socket is over. `microphone`: it was opened, which something may have waited for. */
  readonly goOn: (link: SipLink | undefined, why: 'registered' | 'microphone') => void;
  /** Still to be taken over. */
  readonly waiting: () => readonly KeptCall[];
  /** The agent will not wait for it. */
  readonly forget: (callId: CallId) => void;
};

type Plan = {
  readonly clock: Clock;
  readonly store: PhoneStore;
  readonly microphone: Microphone;
  /** Makes the call of this session the one that was kept. */
  readonly adopt: (session: Inviter, call: Call) => SipCall;
};

export const takeLimitMs = 20_000;
/** Nobody's extension: an exchange that ignores Replaces refuses it instead of ringing somebody. */
const reattachUser = 'reattach';

type Waiting = {
  readonly kept: KeptCall;
  readonly stopLimit: () => void;
  sipCall: SipCall | undefined;
  /** Counts attempts: two INVITEs would replace each other. */
  attempt: number;
  isUnderWay: boolean;
  /** Over which it is under way. */
  link: SipLink | undefined;
};

export const createReattachment = ({ clock, store, microphone, adopt }: Plan): Reattachment => {
  const waiting = new Map<CallId, Waiting>();

  const done = (callId: CallId): void => {
    waiting.get(callId)?.stopLimit();
    waiting.delete(callId);
  };
  const lose = (callId: CallId, cause: 'network' | 'agentHungUp'): void => {
    const sipCall = waiting.get(callId)?.sipCall;
    done(callId);
    if (sipCall === undefined) store.apply(callId, { kind: 'ended', cause, atMs: clock.nowMs() });
    else sipCall.end(cause);
  };
  const attempt = async (entry: Waiting, link: SipLink): Promise<void> => {
    const { call, dialog } = entry.kept;
    entry.attempt += 1;
    const mine = entry.attempt;
    entry.isUnderWay = true;
    entry.link = link;
    entry.sipCall?.abandon();
    entry.sipCall = undefined;
    const isReady = microphone.track() !== undefined || (await microphone.open()).kind === 'ready';
    if (mine !== entry.attempt || !waiting.has(call.id)) return;
    entry.isUnderWay = isReady && link.isOpen();
    if (!entry.isUnderWay) return;
    const session = inviteInstead(link.userAgent, link, dialog, call);
    const sipCall = adopt(session, store.find(call.id) ?? call);
    entry.sipCall = sipCall;
    await session
      .invite({
        requestDelegate: {
          onAccept: () => done(call.id),
          // TAKE-2. What failed for want of a line is tried again.
          onReject: () => {
            if (link.isOpen()) lose(call.id, 'network');
          },
          onRedirect: () => lose(call.id, 'network'),
        },
      })
      .catch(() => undefined);
  };

  return {
    takeUp: (calls) => {
      for (const kept of calls.toReversed()) {
        const { id } = kept.call;
        if (store.find(id) !== undefined) continue;
        const stopLimit = clock.after(takeLimitMs, () => lose(id, 'network'));
        waiting.set(id, { kept, stopLimit, sipCall: undefined, attempt: 0, isUnderWay: false, link: undefined });
        store.add(kept.call);
      }
    },
    goOn: (link, why) => {
      if (link === undefined || !link.isOpen()) return;
      // Registered once more over the same socket: its INVITE is on its way, and a second one would find the dialog replaced.
      const isOver = (entry: Waiting): boolean => !entry.isUnderWay || (why === 'registered' && entry.link !== link);
      for (const entry of waiting.values()) if (isOver(entry)) void attempt(entry, link);
    },
    waiting: () => [...waiting.values()].map(({ kept }) => kept),
    forget: (callId) => {
      if (waiting.has(callId)) lose(callId, 'agentHungUp');
    },
  };
};

const inviteInstead = (userAgent: UserAgent, link: SipLink, dialog: SipDialog, call: Call): Inviter => {
  // From where the exchange stands: its own tag is the `to` one (RFC 3891 section 3).
  const { sipCallId, localTag, remoteTag } = dialog;
  const replaces = [sipCallId, `to-tag=${remoteTag}`, `from-tag=${localTag}`].join(';');
  return new Inviter(userAgent, link.target(reattachUser), {
    extraHeaders: [
      `Replaces: ${headerValue(replaces)}`,
      'Require: replaces',
      `X-Contact-Id: ${headerValue(exchangeName(call))}`,
    ],
  });
};

/** Only what talks can be taken over: the rest is asked for again, or gone. */
export const keptCall = (session: Session, call: Call | undefined): readonly KeptCall[] => {
  const { dialog } = session;
  if (call?.state.kind !== 'talking' || session.state !== SessionState.Established || dialog === undefined) return [];
  const { callId: sipCallId, localTag, remoteTag } = dialog;
  return [{ call, dialog: { sipCallId, localTag, remoteTag } }];
};
