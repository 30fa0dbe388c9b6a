import type { ContactId, CustomerId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Seat, Signed, Work } from './seat.ts';

export const isTalking = (seat: Seat, contactId: ContactId): boolean =>
  seat.agent.kind === 'onCall' && seat.agent.contactId === contactId;

export type Asked = {
  readonly contactId: ContactId;
  readonly work: Work;
  readonly session: Signed;
  readonly customerId: CustomerId;
};

/** Of the call that goes on, with whom it is known to be (security 45, 51). */
export const askable = (seat: Seat, contactId: ContactId): Result<Asked> => {
  const { session } = seat;
  if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
  const work = seat.inHand(contactId);
  if (!work.ok) return work;
  if (!isTalking(seat, contactId)) return refused(refusal('conflict', 'callOver'));
  const { customerId } = work.value.contact;
  if (customerId === null) return refused(refusal('conflict', 'identifyFirst'));
  return ok({ contactId, work: work.value, session, customerId });
};
