import { callIdOf, cseqOf, headerOf, headOf, sessionExpires, supportsTimer, tagOf } from './sip-session-texts.ts';

/**
 * Session refreshes by UPDATE (RFC 4028 section 9, RFC 3311), which SIP.js does not know: answered here, and SIP.js never hears of them.
 * Only in a call of ours, from its other side, without an offer; everything else is left to the guard's refusal.
 */
export type SessionUpdates = {
  /** An INVITE of ours leaves. */
  readonly asked: (text: string, callId: string) => void;
  /** An INVITE is accepted, by us or by them. */
  readonly begun: (text: string, callId: string, by: Refresher) => void;
  /** What to answer to an UPDATE, or undefined when it is none of ours. */
  readonly refreshed: (text: string) => string | undefined;
  readonly forget: (callId: string) => void;
};

export type Refresher = 'us' | 'them';
/** How both sides of a call name themselves, and the CSeq of the far end's last UPDATE. */
type Dialog = {
  readonly ourTag: string;
  readonly theirTag: string;
  readonly contact: string;
  readonly lastUpdate: number;
};

/** @param run begins the time anew */
export const createSessionUpdates = (
  run: (callId: string, intervalS: number, refresher: Refresher) => void,
): SessionUpdates => {
  const dialogs = new Map<string, Dialog>();
  /** Of our INVITEs, before there is a dialog. */
  const contacts = new Map<string, string>();

  return {
    asked: (text, callId) => void contacts.set(callId, headerOf(text, 'Contact|m')),
    begun: (text, callId, by) => {
      const [from, to] = [tagOf(text, 'From|f'), tagOf(text, 'To|t')];
      const contact = by === 'us' ? headerOf(text, 'Contact|m') : (contacts.get(callId) ?? '');
      if (from === '' || to === '' || contact === '') return;
      const tags = by === 'us' ? { ourTag: to, theirTag: from } : { ourTag: from, theirTag: to };
      dialogs.set(callId, { ...tags, contact, lastUpdate: dialogs.get(callId)?.lastUpdate ?? -1 });
    },
    refreshed: (text) => {
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
    },
    forget: (callId) => {
      dialogs.delete(callId);
      contacts.delete(callId);
    },
  };
};

/** A stateless answer in a dialog: what it must repeat of the request, and some more. */
const answerTo = (request: string, status: string, more: readonly string[]): string => {
  const repeated = headOf(request)
    .split('\r\n')
    .filter((line) => /^(?:Via|v|From|f|To|t|Call-ID|i|CSeq)\s*:/i.test(line));
  return [`SIP/2.0 ${status}`, ...repeated, ...more, 'Content-Length: 0', '', ''].join('\r\n');
};
