import { type Core, Grammar, type Invitation } from 'sip.js';
import type { Call } from '../../shared/call.ts';
import { CallId, ContactId, type NewId } from '../../shared/ids.ts';
import { asideOf } from './phone.ts';
import {
  colleagueNumber,
  contactIdText,
  presentedName,
  presentedNumber,
  queueName,
  supervisionName,
} from './sip-text.ts';

/** The call an INVITE asks for, by what it says: our own PBX's headers are taken at their word, everything else is inert text. */
export const incomingCall = (invitation: Invitation, newId: NewId, atMs: number): Call => {
  const { request, remoteIdentity } = invitation;
  const queue = queueName(request.getHeader('X-Queue'));
  const exchangeId = contactIdText(request.getHeader('X-Contact-Id'));
  const aside = asideOf(
    supervisionName(request.getHeader('X-Supervision')),
    colleagueNumber(request.getHeader('X-Colleague')),
  );
  return {
    id: CallId.parse(newId()),
    direction: 'inbound',
    number: presentedNumber(remoteIdentity.uri.user),
    display: presentedName(remoteIdentity.displayName),
    ...(queue === undefined ? {} : { queue }),
    contactId: ContactId.parse(newId()),
    ...(exchangeId === undefined ? {} : { exchangeId: ContactId.parse(exchangeId) }),
    ...(aside === undefined ? {} : { aside }),
    state: { kind: 'ringing', sinceMs: atMs },
    trace: { inviteMs: atMs },
  };
};

/** Who a re-INVITE of our own exchange says is there now; undefined when it names nobody. */
export const connectedParty = (
  request: Core.IncomingRequestMessage,
):
  | { readonly number: string; readonly display: string; readonly exchangeId?: ContactId; readonly queue?: string }
  | undefined => {
  const identity = request.getHeader('P-Asserted-Identity');
  const said = identity === undefined ? undefined : Grammar.nameAddrHeaderParse(identity);
  if (said === undefined) return undefined;
  const [queue, exchangeId] = [
    queueName(request.getHeader('X-Queue')),
    contactIdText(request.getHeader('X-Contact-Id')),
  ];
  return {
    number: presentedNumber(said.uri.user),
    display: presentedName(said.displayName),
    ...(queue === undefined ? {} : { queue }),
    ...(exchangeId === undefined ? {} : { exchangeId: ContactId.parse(exchangeId) }),
  };
};
