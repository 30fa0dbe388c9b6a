import type { Clock } from './clock.ts';
import { leastSessionS } from './sip-guard.ts';

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

/** What is offered; no other side is waited for longer than a day. */
const offeredIntervalS = 1_800;
const longestIntervalS = 86_400;

type Refresher = 'us' | 'them';
/** What was asked of us and is not answered yet, or answered once and may be said again. */
type Asked = {
  readonly cseq: string;
  readonly intervalS: number;
  readonly refresher: Refresher;
  readonly isKnown: boolean;
};
type Timer = { refresher: Refresher; stop: () => void };
/** How both sides of a call name themselves, and the CSeq of the far end's last UPDATE. */
type Dialog = {
  readonly ourTag: string;
  readonly theirTag: string;
  readonly contact: string;
  readonly lastUpdate: number;
};

export const createSessionTimers = ({ clock, onRefresh, onExpired }: Plan): SessionTimers => {
  const asked = new Map<string, Asked>();
  const running = new Map<string, Timer>();
  const dialogs = new Map<string, Dialog>();
  /** Of our INVITEs, before there is a dialog. */
  const contacts = new Map<string, string>();
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
  const forget = (callId: string): void => {
    running.get(callId)?.stop();
    running.delete(callId);
    asked.delete(callId);
    dialogs.delete(callId);
    contacts.delete(callId);
  };
  const begun = (text: string, callId: string, isOurs: boolean): void => {
    const [from, to] = [tagOf(text, 'From|f'), tagOf(text, 'To|t')];
    const contact = isOurs ? headerOf(text, 'Contact|m') : (contacts.get(callId) ?? '');
    if (from === '' || to === '' || contact === '') return;
    const tags = isOurs ? { ourTag: to, theirTag: from } : { ourTag: from, theirTag: to };
    dialogs.set(callId, { ...tags, contact, lastUpdate: dialogs.get(callId)?.lastUpdate ?? -1 });
  };

  const offer = (text: string, callId: string): string => {
    const timer = running.get(callId);
    const role = timer === undefined ? '' : `;refresher=${timer.refresher === 'us' ? 'uac' : 'uas'}`;
    return withHeaders(withTimerSupported(text), [`Session-Expires: ${wantedS}${role}`, `Min-SE: ${leastSessionS}`]);
  };
  const answer = (text: string, callId: string): string => {
    begun(text, callId, true);
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
    const expires = sessionExpires(text);
    if (expires === undefined) asked.delete(callId);
    else {
      const isKnown = supportsTimer(text);
      // TIMER-2
      const refresher = !isKnown || expires.refresher === 'uas' ? 'us' : 'them';
      asked.set(callId, { cseq: cseqOf(text), intervalS: expires.intervalS, refresher, isKnown });
    }
  };
  const answered = (text: string, callId: string, status: number): void => {
    if (status === 422) {
      // TIMER-4
      const least = Number(/^Min-SE\s*:\s*(\d{1,6})/im.exec(headOf(text))?.[1] ?? 0);
      wantedS = Math.min(longestIntervalS, Math.max(wantedS, least));
    }
    if (status >= 300) return;
    begun(text, callId, false);
    const expires = sessionExpires(text);
    // TIMER-1
    if (expires === undefined) running.get(callId)?.stop();
    else run(callId, expires.intervalS, expires.refresher === 'uac' ? 'us' : 'them');
    if (expires === undefined) running.delete(callId);
  };

  const refreshed = (text: string): string | undefined => {
    const callId = callIdOf(text);
    const [dialog, expires] = [dialogs.get(callId), sessionExpires(text)];
    const isBare = text.length === text.indexOf('\r\n\r\n') + 4;
    const isItsOwn = tagOf(text, 'From|f') === dialog?.theirTag && tagOf(text, 'To|t') === dialog.ourTag;
    if (dialog === undefined || !isItsOwn || !isBare || expires === undefined) return undefined;
    const cseq = Number.parseInt(cseqOf(text), 10);
    // RFC 3261 12.2.2: older than one that was heard already.
    if (cseq <= dialog.lastUpdate) return answerTo(text, '500 Server Internal Error', []);
    dialogs.set(callId, { ...dialog, lastUpdate: cseq });
    const isKnown = supportsTimer(text);
    const refresher = !isKnown || expires.refresher === 'uas' ? 'us' : 'them';
    run(callId, expires.intervalS, refresher);
    return answerTo(text, '200 OK', [
      `Contact: ${dialog.contact}`,
      ...(isKnown ? ['Require: timer'] : []),
      `Session-Expires: ${expires.intervalS};refresher=${refresher === 'us' ? 'uas' : 'uac'}`,
    ]);
  };

  return {
    refreshed,
    leaving: (text) => {
      const callId = callIdOf(text);
      if (text.startsWith('INVITE ')) {
        contacts.set(callId, headerOf(text, 'Contact|m'));
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

const headOf = (text: string): string => text.slice(0, text.indexOf('\r\n\r\n'));
const callIdOf = (text: string): string => /^(?:Call-ID|i)\s*:\s*(\S+)/im.exec(headOf(text))?.[1] ?? '';
const cseqOf = (text: string): string => /^CSeq\s*:\s*(\d+)\s+(\S+)/im.exec(headOf(text))?.slice(1).join(' ') ?? '';
const headerOf = (text: string, names: string): string =>
  new RegExp(`^(?:${names})\\s*:\\s*([^\\r\\n]*)`, 'im').exec(headOf(text))?.[1]?.trim() ?? '';
const tagOf = (text: string, names: string): string =>
  /;\s*tag\s*=\s*([^\s;,>]+)/i.exec(headerOf(text, names))?.[1] ?? '';
const supportsTimer = (text: string): boolean => /^(?:Supported|k)\s*:[^\r\n]*\btimer\b/im.test(headOf(text));

const sessionExpires = (
  text: string,
): { readonly intervalS: number; readonly refresher: 'uac' | 'uas' | undefined } | undefined => {
  const match = /^(?:Session-Expires|x)\s*:\s*(\d{1,6})([^\r\n]{0,200})/im.exec(headOf(text));
  const intervalS = Number(match?.[1] ?? 0);
  if (intervalS < leastSessionS) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\b/i.exec(match?.[2] ?? '')?.[1]?.toLowerCase();
  return {
    intervalS: Math.min(longestIntervalS, intervalS),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
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

/** A stateless answer in a dialog: what it must repeat of the request, and some more. */
const answerTo = (request: string, status: string, more: readonly string[]): string => {
  const repeated = headOf(request)
    .split('\r\n')
    .filter((line) => /^(?:Via|v|From|f|To|t|Call-ID|i|CSeq)\s*:/i.test(line));
  return [`SIP/2.0 ${status}`, ...repeated, ...more, 'Content-Length: 0', '', ''].join('\r\n');
};
