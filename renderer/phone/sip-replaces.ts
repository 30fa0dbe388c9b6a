import { type Core, type Session, SessionState } from 'sip.js';

/**
 * An INVITE that asks to be put in the place of a call of ours (Replaces, RFC 3891): whoever was asked about a customer gets the
 * customer so, where the exchange leaves that to the telephones. SIP.js's own support stays off: it would take over before anybody
 * has looked.
 *
 * - REPL-1 Only a dialog of ours that stands, named by its Call-ID and both tags, from where we stand: `to-tag` is ours.
 * - REPL-2 One that names nothing of ours is refused 481, one that is no such name 400, one that wants an unanswered call only 486.
 */
export type Replacing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly status: 400 | 481 | 486 }
  | { readonly kind: 'session'; readonly session: Session };

export const replacing = (
  request: Pick<Core.IncomingRequestMessage, 'getHeaders'>,
  sessions: Iterable<Session>,
): Replacing => {
  const named = replacedDialog(request.getHeaders('Replaces'));
  if (named === undefined) return { kind: 'nothing' };
  if (named === 'malformed') return { kind: 'refused', status: 400 };
  for (const session of sessions) {
    const { dialog, state } = session;
    const isIt =
      state === SessionState.Established &&
      dialog?.callId === named.callId &&
      dialog.localTag === named.toTag &&
      dialog.remoteTag === named.fromTag;
    if (isIt) return named.isEarlyOnly ? { kind: 'refused', status: 486 } : { kind: 'session', session };
  }
  return { kind: 'refused', status: 481 };
};

type Named = {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly isEarlyOnly: boolean;
};

/** Pure; linear in its length. */
export const replacedDialog = (values: readonly string[]): Named | 'malformed' | undefined => {
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length > 1 || value.length > 600) return 'malformed';
  const [callId = '', ...params] = value.split(';').map((part) => part.trim());
  const named = new Map<string, string>();
  for (const param of params) {
    const [name = '', ...rest] = param.split('=');
    const key = name.trim().toLowerCase();
    if (named.has(key)) return 'malformed';
    named.set(key, rest.join('=').trim());
  }
  const [toTag = '', fromTag = ''] = [named.get('to-tag'), named.get('from-tag')];
  const isWhole = /^[\x21-\x7e]{1,256}$/.test(callId) && token.test(toTag) && token.test(fromTag);
  return isWhole ? { callId, toTag, fromTag, isEarlyOnly: named.has('early-only') } : 'malformed';
};

const token = /^[\w.!%*+`'~-]{1,128}$/;
