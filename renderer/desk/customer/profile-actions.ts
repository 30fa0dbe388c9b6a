import type { ContactId } from '../../../shared/ids.ts';
import type { EditableField } from '../../../shared/profile.ts';
import { type Refusal, refusal, type Result } from '../../../shared/result.ts';
import type { SeatLink, SeatStore } from '../seat-store.ts';

/** What the customer says of themselves in this call. */
export const profileActions = (
  seat: SeatStore,
  seatLink: SeatLink,
  told: (asked: Promise<Result<unknown>>) => Promise<Refusal | null>,
) => {
  const inHand = (): ContactId | undefined => seat.getState().snapshot?.contact?.contact.id;
  return {
    /** R7: why not belongs beside the field. */
    setField: async (key: EditableField, value: string): Promise<Refusal | null> => {
      const contactId = inHand();
      if (contactId === undefined) return refusal('conflict', 'contactNotInHand');
      const done = await seatLink.call('customer.setField', { contactId, key, value });
      return done.ok ? null : done.error;
    },
    /** R22: at once, whatever becomes of the call. */
    refuseMarketing: async (): Promise<Refusal | null> => {
      const contactId = inHand();
      return contactId === undefined ? null : told(seatLink.call('customer.refuse', { contactId }));
    },
  };
};
