import type { DispositionPath, DispositionTree } from '../../../shared/disposition.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { SeatLink } from '../seat-store.ts';

export type Mended = { readonly note?: string; readonly disposition?: DispositionPath; readonly value?: string };
/** Each answers with why it was not done, or null. */
export type RepairActions = {
  readonly retry: (opId: string) => Promise<Refusal | null>;
  readonly edit: (opId: string, mended: Mended) => Promise<Refusal | null>;
  readonly discard: (opId: string, reason: string) => Promise<Refusal | null>;
  readonly tree: (opId: string) => Promise<Result<{ readonly tree: DispositionTree }>>;
};

/** Every refusal is told beside what it is about. */
export const repairActions = (seatLink: SeatLink): RepairActions => {
  const why = async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
    const answer = await asked;
    return answer.ok ? null : answer.error;
  };
  return {
    retry: (opId) => why(seatLink.call('refused.retry', { opId })),
    edit: (opId, mended) => why(seatLink.call('refused.edit', { opId, ...mended })),
    discard: (opId, reason) => why(seatLink.call('refused.discard', { opId, reason })),
    tree: (opId) => seatLink.call('refused.tree', { opId }),
  };
};
