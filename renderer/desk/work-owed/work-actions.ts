import type { CaseStep } from '../../../shared/case.ts';
import type { EscalationLevel } from '../../../shared/case-escalation.ts';
import type { WorkId } from '../../../shared/ids.ts';
import type { ObligationKind, obligationOutcomes } from '../../../shared/obligation.ts';
import { ok, type Refusal, type Result } from '../../../shared/result.ts';
import type { SeatLink, SeatStore } from '../seat-store.ts';

export type Promised = { readonly kind: ObligationKind; readonly what: string; readonly dueAtMs: number | null };
export type Complaint = {
  readonly kind: 'complaint' | 'report' | 'request';
  readonly title: string;
  readonly text: string;
  readonly department: string;
};

/** Obligations (R24) and cases (R29). Refusals go back to the field they belong to. */
export const workActions = ({ seat, seatLink }: { readonly seat: SeatStore; readonly seatLink: SeatLink }) => {
  const contactId = () => seat.getState().snapshot?.contact?.contact.id;
  const why = async (asked: Promise<Result<unknown>>): Promise<Refusal | null> => {
    const answer = await asked;
    return answer.ok ? null : answer.error;
  };
  return {
    promise: (asked: Promised) => {
      const of = contactId();
      return why(
        of === undefined ? Promise.resolve(ok({})) : seatLink.call('obligation.open', { contactId: of, ...asked }),
      );
    },
    move: (workId: WorkId, dueAtMs: number) => why(seatLink.call('obligation.move', { workId, dueAtMs })),
    finishObligation: (workId: WorkId, outcome: (typeof obligationOutcomes)[number]) =>
      why(seatLink.call('obligation.finish', { workId, outcome })),
    openCase: (asked: Complaint) => {
      const of = contactId();
      return why(of === undefined ? Promise.resolve(ok({})) : seatLink.call('case.open', { contactId: of, ...asked }));
    },
    stepCase: (workId: WorkId, step: CaseStep, note: string, department: string | null) =>
      why(seatLink.call('case.step', { workId, step, note, department })),
    escalateCase: (workId: WorkId, level: EscalationLevel, note: string) =>
      why(seatLink.call('case.escalate', { workId, level, note })),
    takeCase: (workId: WorkId) => why(seatLink.call('case.take', { workId })),
    handBackCase: (workId: WorkId, note: string) => why(seatLink.call('case.handBack', { workId, note })),
  };
};
export type WorkActions = ReturnType<typeof workActions>;
