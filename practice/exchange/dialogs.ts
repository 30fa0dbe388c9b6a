import type { Party } from './flow.ts';
import { parseParams, splitOutsideQuotes } from './sip-fields.ts';
import { headerOf, tagOf, type SipRequest } from './sip-message.ts';

/** A dialog as one of its ends names it (RFC 3261 section 12); `fromTag` is that end's own. */
export type DialogName = { readonly callId: string; readonly fromTag: string; readonly toTag: string };

type Dialogs = { readonly callId: string; readonly caller: Party; readonly callees: readonly Party[] };

/**
 * Whom a phone page dials that takes up the call of one that died, naming it by Replaces: nobody's extension. The exchange sends
 * such an INVITE on to the other end of that call, which changes over (renderer/phone/sip-reattach.ts).
 */
export const reattachUser = 'reattach';

/** Undefined for a request that is in none. */
export const dialogOf = (request: SipRequest): DialogName | undefined => {
  const [callId, fromTag, toTag] = [headerOf(request, 'call-id'), tagOf(request, 'from'), tagOf(request, 'to')];
  return callId === undefined || fromTag === undefined || toTag === undefined ? undefined : { callId, fromTag, toTag };
};

/**
 * The dialog that an INVITE asks to be put in the place of (RFC 3891). Its tags are those of the end that is asked: `to-tag` that end's,
 * `from-tag` of who is replaced. `malformed`: more than one, or without its tags.
 */
export const replacedDialog = (request: SipRequest): DialogName | 'malformed' | undefined => {
  const values = request.headers.filter(({ name }) => name === 'replaces').map(({ value }) => value);
  const [value] = values;
  if (value === undefined) return undefined;
  const [callId = '', ...rest] = splitOutsideQuotes(value, ';');
  const params = parseParams(rest.join(';'));
  const [fromTag, toTag] = [params.get('from-tag'), params.get('to-tag')];
  const isWhole = values.length === 1 && callId !== '' && fromTag !== undefined && toTag !== undefined;
  return isWhole ? { callId, fromTag, toTag } : 'malformed';
};

/** The call with this dialog: `from` is the end whose name for it was given, `to` the other one. */
export const findEnds = <C extends Dialogs>(
  calls: Iterable<C>,
  { callId, fromTag, toTag }: DialogName,
): { readonly call: C; readonly from: Party; readonly to: Party } | undefined => {
  for (const call of calls) {
    if (call.callId !== callId) continue;
    const { caller } = call;
    for (const callee of call.callees) {
      if (caller.tag === fromTag && callee.tag === toTag) return { call, from: caller, to: callee };
      if (callee.tag === fromTag && caller.tag === toTag) return { call, from: callee, to: caller };
    }
  }
  return undefined;
};
