import { type Call, isCutOff, liveCalls } from '../../shared/call.ts';
import { CallId, type NewId } from '../../shared/ids.ts';
import type { PhoneContract } from '../../shared/phone.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { type Phone, whyNotDial } from './phone.ts';
import type { SeatLink } from './seat-link.ts';

/** Somebody else beside the customer. Each number is the engine's word as well: no path dials what it did not permit (R21). */
export const secondParty = (phone: Phone, seat: Pick<SeatLink, 'authorise'>, newId: NewId) =>
  ({
    transfer: async ({ callId, to }) => {
      const permitted = await seat.authorise('dial.authorise', { callId, what: to, purpose: 'transfer' });
      return permitted.ok ? phone.transfer(callId, permitted.value.dial) : permitted;
    },
    consult: async ({ callId, to }) => {
      const aside = { kind: 'consult', of: callId } as const;
      const why = whyNotDial(phone.state(), aside);
      if (why !== undefined) return refused(why);
      const permitted = await seat.authorise('dial.authorise', { callId, what: to, purpose: 'consult' });
      if (!permitted.ok) return permitted;
      const { contactId, dial } = permitted.value;
      const consultId = CallId.parse(newId());
      const dialled = await phone.dial({ callId: consultId, contactId, dial, aside });
      return dialled.ok ? ok({ callId: consultId }) : dialled;
    },
    completeTransfer: async ({ callId, consultId }) => {
      const other = callOf(phone, consultId);
      if (other === undefined) return refused(refusal('conflict', 'notTwoCalls'));
      // Who may be asked is not always somebody a customer may be handed to.
      const text = other.aside?.kind === 'colleague' ? other.aside.number : other.number;
      const permitted = await seat.authorise('dial.authorise', {
        callId,
        what: { text },
        purpose: 'transfer',
        consultId,
      });
      return permitted.ok ? phone.completeTransfer(callId, consultId) : permitted;
    },
    cancelConsult: ({ consultId }) => {
      const waiting = liveCalls(phone.state().calls).find((call) => call.id !== consultId && isWaiting(call));
      const ended = phone.hangUp(consultId);
      return ended.ok && waiting !== undefined ? phone.hold(waiting.id, false) : ended;
    },
    swap: () => phone.swap(),
    merge: ({ callId, otherId }) => phone.merge(callId, otherId),
    part: () => phone.part(),
    divert: async ({ callId, to }) => {
      const permitted = await seat.authorise('dial.authorise', { callId, what: to, purpose: 'divert' });
      return permitted.ok ? phone.divert(callId, permitted.value.dial) : permitted;
    },
  }) satisfies Partial<Handlers<PhoneContract, { readonly role: string }>>;

const callOf = (phone: Phone, callId: CallId): Call | undefined =>
  liveCalls(phone.state().calls).find(({ id }) => id === callId);

const isWaiting = ({ state }: Call): boolean => state.kind === 'talking' && isCutOff(state.hold);
