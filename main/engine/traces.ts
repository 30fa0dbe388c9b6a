import type { ContactId } from '../../shared/ids.ts';
import type { Log } from './log.ts';
import type { Seat } from './seat.ts';

/** Epoch milliseconds of one pop, for benches: INVITE seen, pop ready in the engine, painted by the desk. */
export type PopTrace = {
  readonly contactId: ContactId;
  readonly inviteMs: number | null;
  readonly readyMs: number;
  readonly paintedMs: number;
};

/** The last thousand pops, measured. */
export const createTraces = (seat: Seat, log: Log) => {
  const traces: PopTrace[] = [];
  return {
    all: (): readonly PopTrace[] => traces,
    painted: (contactId: ContactId, paintedMs: number): void => {
      const { work } = seat;
      if (work?.contact.id !== contactId) return;
      const call = seat.phone.calls.find((other) => other.id === work.contact.callId);
      const trace = { contactId, inviteMs: call?.trace.inviteMs ?? null, readyMs: work.readyAtMs, paintedMs };
      traces.push(trace);
      if (traces.length > 1_000) traces.shift();
      log.info('pop painted', trace);
    },
  };
};
