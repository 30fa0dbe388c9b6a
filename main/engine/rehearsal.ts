import { nextContact } from '../../shared/contact.ts';
import type { CallId, ContactId } from '../../shared/ids.ts';
import { unverified } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import { callerOf, customerOf, viewOf } from './pop.ts';
import { firstScript } from './script.ts';
import type { Seat, Work } from './seat.ts';
import { notVerifying } from './seat.ts';
import type { Db } from './store/db.ts';
import { someNumbers } from './store/working-set.ts';

/**
 * The first customers of a shift would else wait while this thread does everything of a pop for the first time: the spelling of a queue's whole
 * tree of outcomes alone is some ten times the work of a pop. Once the working set is there, what a pop reads is read for some customers of each of
 * the agent's queues, one in a turn. Nothing is written or told, and a call ends it.
 */
export interface Rehearsal {
  /** A sync round is over; the first one of a session counts. */
  caughtUp(): void;
  close(): void;
}

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly log: Log;
};

/** As often as it takes until the code is compiled. */
const perQueue = 8;

export const createRehearsal = (needs: Needs): Rehearsal => {
  const { db, seat, log } = needs;
  let rehearsedFor = '';
  let isClosed = false;
  const next = (pops: readonly MadeUp[]): void =>
    void setImmediate(() => {
      const [pop, ...rest] = pops;
      if (isClosed || seat.work !== null || seat.session === null) return;
      if (pop === undefined) return log.debug('pops rehearsed');
      try {
        read(needs, pop);
        next(rest);
      } catch (fault) {
        // Whatever it is, a real pop meets it and says so.
        log.debug('pop not rehearsed', faultFields(fault));
      }
    });
  return {
    caughtUp: () => {
      const { session } = seat;
      if (session === null || session.agent.id === rehearsedFor) return;
      rehearsedFor = session.agent.id;
      const numbers = someNumbers(db.read, perQueue);
      next(numbers.flatMap((number) => session.agent.queues.map(({ id }) => ({ number, queue: id }))));
    },
    close: () => {
      isClosed = true;
    },
  };
};

/** A UUIDv7 of 1970. */
const nobodys: string = '00000000-0000-7000-8000-000000000000';

type MadeUp = { readonly number: string; readonly queue: string };

const read = ({ db, seat, clock, log }: Needs, { number, queue }: MadeUp): void => {
  const { session } = seat;
  if (session === null) return;
  const caller = callerOf(db.read, number);
  const customerId = customerOf(caller.candidates);
  const quiet = { clock, log: { ...log, warn: () => {} } };
  const script = firstScript(db.read, { task: null, queue, customerId }, session.policy, quiet);
  const atMs = clock.nowMs();
  const contact = nextContact(
    undefined,
    {
      ...{ name: 'contact.opened', contactId: nobodys as ContactId, callId: nobodys as CallId, direction: 'inbound' },
      ...{ number: caller.number, queue, customerId, atMs },
      ...(script === undefined ? {} : { script: { id: script.id, version: script.version } }),
    },
    session.agent.id,
  );
  if (!contact.ok) return;
  const work: Work = {
    ...{ ...caller, contact: contact.value, source: 'seat' as const, verification: unverified, triedBefore: new Map() },
    ...{ revealed: {}, verifying: notVerifying, readyAtMs: atMs },
  };
  JSON.stringify(viewOf(db.read, { session, work }, atMs));
};
