import type { ContactId } from './ids.ts';
import { maySaySold } from './order.ts';
import type { Refusal } from './result.ts';
import { refusal } from './result.ts';
import type { WorkRow } from './work.ts';

/**
 * What the outcome of a disposition brings about by itself (R28): a promised callback (R24), a case (R29), a refusal of marketing (R22). Not
 * twice: what the agent entered during the call stands.
 */
export const followUps = ['callback', 'case', 'refusal'] as const;
export type FollowUp = (typeof followUps)[number];

/** @param refuses the customer refuses marketing calls already */
export const followUpOf = (
  outcome: string | undefined,
  contactId: ContactId,
  rows: readonly WorkRow[],
  refuses: boolean,
): FollowUp | null => {
  const kind = followUps.find((one) => one === outcome);
  const ofCall = rows.filter((row) => row.contactId === contactId);
  if (kind === 'callback' && ofCall.some((row) => row.record === 'obligation' && row.kind !== 'newService'))
    return null;
  if (kind === 'case' && ofCall.some((row) => row.record === 'case')) return null;
  if (kind === 'refusal' && refuses) return null;
  return kind ?? null;
};

/** R28, R41: whether the outcome may be said now. "Sold" needs an order of this call that its customer has confirmed. */
export const whyNotOutcome = (
  outcome: string | undefined,
  contactId: ContactId,
  rows: readonly WorkRow[],
): Refusal | undefined => {
  if (outcome !== 'sold') return undefined;
  const orders = rows.flatMap((row) => (row.record === 'order' && row.contactId === contactId ? [row] : []));
  if (orders.some(maySaySold)) return undefined;
  return refusal('policy', orders.length === 0 ? 'soldWithoutOrder' : 'soldTooEarly');
};
