import type { ContactId } from './ids.ts';
import type { WorkRow } from './work.ts';
/**
 * What the outcome of a disposition brings about by itself (R28): a promised callback (R24), a case (R29), a refusal of marketing (R22). Not
 * twice: what the agent entered during the call stands.
 */
export declare const followUps: readonly ['callback', 'case', 'refusal'];
export type FollowUp = (typeof followUps)[number];
/** @param refuses the customer refuses marketing calls already */
export declare const followUpOf: (outcome: string | undefined, contactId: ContactId, rows: readonly WorkRow[], refuses: boolean) => FollowUp | null;
