import type { Clock } from './clock.ts';
import { leastSessionS } from './sip-guard.ts';
import { callIdOf, cseqOf, headOf, longestIntervalS, sessionExpires, supportsTimer } from './sip-session-texts.ts';
import { createSessionUpdates, type Refresher } from './sip-session-update.ts';

/**
 * Session timers (RFC 4028), which SIP.js lacks: a call whose far end has vanished ends by itself, and a far end that asks to be
 * reassured is. They live on the wire: what SIP.js sends gets the headers that belong to them, what it hears is read on the way.
 *
 * - TIMER-1 We offer 30 minutes in every INVITE and let the far end say who refreshes; without `Session-Expires` in its answer there is
 *   no timer.
 * - TIMER-2 Asked, we take the time that is asked for and leave refreshing to who asks, unless it says otherwise or cannot.
 * - TIMER-3 Our refresh is a re-INVITE at half of the time; the far end's silence ends the call min(32 s, a third) before it is over
 *   (section 10). The far end may refresh by UPDATE as well, though we do not say so: who was told would say by UPDATE what we hear
 *   only in a re-INVITE (who is there now). One in a call of ours that changes nothing else is granted (section 9); any other stays
 *   refused.
 * - TIMER-4 422 teaches the least the other side takes (section 7.3); what we ask for afterwards is no less. Less than 90 s is refused
 *   by the guard.
 */
export type SessionTimers = {
  /** A message about to leave; gives what leaves. */
  readonly leaving: (text: string) => string;
  /** A message that passed the guard. */
  readonly heard: (text: string) => void;
  /** An UPDATE that passed the guard in its shape: what to answer when it only refreshes the session of a call of ours. */
  readonly refreshed: (text: string) => string | undefined;
  /** The dialog is over. */
  readonly forget: (sipCallId: string) => void;
};

type Plan = {
  readonly clock: Clock;
  readonly onRefresh: (sipCallId: string) => void;
  readonly onExpired: (sipCallId: string) => void;
};

/** What is offered. */
const offeredIntervalS = 1_800;

/** What was asked of us and is not answered yet, or answered once and may be said again. */
type Asked = {
  readonly cseq: string;
  readonly intervalS: number;
  readonly refresher: Refresher;
  readonly isKnown: boolean;
};
type Timer = { refresher: Refresher; stop: () => void };
export const createSessionTimers = ({ clock, onRefresh, onExpired }: Plan): SessionTimers => {
  const asked = new Map<string, Asked>();
  const running = new Map<string, Timer>();
  let wantedS = offeredIntervalS;

  const run = (callId: string, intervalS: number, refresher: Refresher): void => {
    running.get(callId)?.stop();
    const waitS = refresher === 'us' ? intervalS / 2 : intervalS - Math.min(32, intervalS / 3);
    const stop = clock.after(waitS * 1_000, () => {
      // A refresh that gets no answer ends the call as well, when the time is over.
      if (refresher === 'us') {
        const rest = clock.after((intervalS / 2 - Math.min(32, intervalS / 3)) * 1_000, () => onExpired(callId));
        running.set(callId, { refresher, stop: rest });
        onRefresh(callId);
      } else onExpired(callId);
    });
    running.set(callId, { refresher, stop });
  };
  const updates = createSessionUpdates(run);
  const forget = (callId: string): void => {
    running.get(callId)?.stop();
    running.delete(callId);
    asked.delete(callId);
    updates.forget(callId);
  };

  const offer = (text: string, callId: string): string => {
    const timer = running.get(callId);
    const role = timer === undefined ? '' : `;refresher=${timer.refresher === 'us' ? 'uac' : 'uas'}`;
    return withHeaders(withTimerSupported(text), [`Session-Expires: ${wantedS}${role}`, `Min-SE: ${leastSessionS}`]);
  };
  const answer = (text: string, callId: string): string => {
    updates.begun(text, callId, 'us');
    const question = asked.get(callId);
    if (question === undefined || question.cseq !== cseqOf(text)) return text;
    const { intervalS, refresher, isKnown } = question;
    run(callId, intervalS, refresher);
    return withHeaders(text, [
      `Session-Expires: ${intervalS};refresher=${refresher === 'us' ? 'uas' : 'uac'}`,
      ...(isKnown ? ['Require: timer'] : []),
    ]);
  };
  const ask = (text: string, callId: string): void => {
    const question = askedIn(text);
    if (question === undefined) asked.delete(callId);
    else asked.set(callId, question);
  };
  const answered = (text: string, callId: string, status: number): void => {
    // TIMER-4
    if (status === 422) wantedS = Math.min(longestIntervalS, Math.max(wantedS, leastIn(text)));
    if (status >= 300) return;
    updates.begun(text, callId, 'them');
    const expires = sessionExpires(text);
    // TIMER-1
    if (expires === undefined) running.get(callId)?.stop();
    else run(callId, expires.intervalS, expires.refresher === 'uac' ? 'us' : 'them');
    if (expires === undefined) running.delete(callId);
  };

  return {
    refreshed: updates.refreshed,
    leaving: (text) => {
      const callId = callIdOf(text);
      if (text.startsWith('INVITE ')) {
        updates.asked(text, callId);
        return offer(text, callId);
      }
      if (/^SIP\/2\.0 2\d\d /.test(text) && /^\d+ INVITE$/.test(cseqOf(text))) return answer(text, callId);
      if (text.startsWith('BYE ')) forget(callId);
      return text;
    },
    heard: (text) => {
      const callId = callIdOf(text);
      const status = Number(/^SIP\/2\.0 (\d{3}) /.exec(text)?.[1] ?? 0);
      if (text.startsWith('INVITE ')) ask(text, callId);
      else if (text.startsWith('BYE ')) forget(callId);
      else if (status >= 200 && /^\d+ INVITE$/.test(cseqOf(text))) answered(text, callId, status);
    },
    forget,
  };
};

const leastIn = (text: string): number => Number(/^Min-SE\s*:\s*(\d{1,6})/im.exec(headOf(text))?.[1] ?? 0);

/** TIMER-2 */
const askedIn = (text: string): Asked | undefined => {
  const expires = sessionExpires(text);
  if (expires === undefined) return undefined;
  const isKnown = supportsTimer(text);
  const refresher = !isKnown || expires.refresher === 'uas' ? 'us' : 'them';
  return { cseq: cseqOf(text), intervalS: expires.intervalS, refresher, isKnown };
};

const withHeaders = (text: string, headers: readonly string[]): string =>
  text.replace('\r\n', `\r\n${headers.map((header) => `${header}\r\n`).join('')}`);

const withTimerSupported = (text: string): string => {
  if (supportsTimer(text)) return text;
  const head = headOf(text);
  return /^Supported: /m.test(head)
    ? text.replace(/^Supported: [^\r\n]*/m, (line) => `${line},timer`)
    : withHeaders(text, ['Supported: timer']);
};
