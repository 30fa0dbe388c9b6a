import { dayOf, momentOf } from '../../shared/calendar.ts';
import type { Call } from '../../shared/call.ts';
import { maskedOf } from '../../shared/history.ts';
import type { Missed, MissedCall, MissedCalls, missedCalls } from '../../shared/missed-calls.ts';
import { missedForMs, missedOf, mostMissed, withCentral } from '../../shared/missed-calls.ts';
import { groupNumber, parseNumber } from '../../shared/phone-number.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Seat, Signed } from './seat.ts';
import { contactsSince, pastOf } from './store/contacts.ts';
import type { Db, ReadDb } from './store/db.ts';
import type { KeptColleague } from './store/meta.ts';
import { readMeta, writeMeta } from './store/meta.ts';
import { customerById, targetByNumber } from './store/working-set.ts';
import type { Caller } from './windows.ts';

/** R38: who called and was not answered here. Customers follow from the seat's contacts; colleagues have none, and are kept. */
export interface MissedWork {
  /** Calls as the phone reports them. */
  seen(calls: readonly Call[]): void;
  readonly handlers: Pick<Handlers<SeatContract, Caller>, keyof typeof missedCalls>;
}

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly clock: Clock;
  readonly client: CentralClient;
};

/** The agent looks at the list. */
const centralMs = 3_000;
/** Of a customer: an answer to a call of this day is among the newest. */
const linesOfCustomer = 30;

export const createMissed = (needs: Needs): MissedWork => {
  const { db, seat, clock, client } = needs;
  const signedIn = (): Result<Signed> =>
    seat.session === null ? refused(refusal('unauthorised', 'signInFirst')) : ok(seat.session);
  const here = (session: Signed): MissedCalls => {
    const since = clock.nowMs() - missedForMs;
    const own = contactsSince(db.read, session.agent.id, since).filter(({ openedAtMs }) => openedAtMs >= since);
    return {
      calls: missedOf(own, (id) => pastOf(db.read, id, linesOfCustomer))
        .slice(0, mostMissed)
        .map((one) => shown(db.read, one)),
      colleagues: keptOf(db.read, session)
        .filter(({ atMs }) => atMs >= since)
        .map((one) => ({ ...one, name: targetByNumber(db.read, one.number)?.name ?? null })),
    };
  };
  return {
    seen: rememberer(needs),
    handlers: {
      'missed.list': async ({ where }) => {
        const session = signedIn();
        if (!session.ok) return session;
        const list = here(session.value);
        if (where === 'seat' || list.calls.length === 0) return ok(list);
        const asked = { scope: 'own' as const, fromMs: clock.nowMs() - missedForMs };
        const told = await client.call('missed', asked, session.value.token, centralMs);
        if (!told.ok) return told;
        return ok({ ...list, calls: withCentral(list.calls, told.value.calls, session.value.agent.id) });
      },
      'missed.team': () => {
        const fromMs = momentOf(dayOf(clock.nowMs()), 0) ?? clock.nowMs();
        return client.call('missed', { scope: 'team', fromMs }, seat.session?.token ?? null);
      },
    },
  };
};

/** A stranger's number is shown whole, as when it rang: the agent may have to write it down. A customer's is masked (R44). */
const shown = (db: ReadDb, { contact, how, atMs, times, state }: Missed): MissedCall => {
  const { id, customerId, number, queue } = contact;
  const parsed = parseNumber(number);
  const whole = 'national' in parsed ? groupNumber(parsed.national) : number;
  return {
    ...{ contactId: id, queue, how, atMs, times, state },
    shown: customerId === null ? whole : maskedOf(number),
    name: (customerId === null ? undefined : customerById(db, customerId)?.nameMasked) ?? null,
  };
};

const keptOf = (db: ReadDb, { agent }: Signed): readonly KeptColleague[] => {
  const kept = readMeta(db, 'missedColleagues');
  return kept?.of === agent.id ? kept.calls : [];
};

/** A colleague's call is noted once it is over without a word, and forgotten once the two have talked. */
const rememberer = ({ db, seat, clock }: Needs): MissedWork['seen'] => {
  const done = new Set<string>();
  const put = (session: Signed, calls: readonly KeptColleague[]): void =>
    db.write('missed colleagues', (write) =>
      writeMeta(write, 'missedColleagues', { of: session.agent.id, calls: calls.slice(0, mostMissed) }),
    );
  return (calls) => {
    const { session } = seat;
    if (session === null) return;
    for (const { id, aside, direction, state } of calls) {
      if (aside?.kind !== 'colleague' || done.has(id)) continue;
      const { number } = aside;
      const kept = keptOf(db.read, session);
      const others = kept.filter((one) => one.number !== number);
      if (state.kind === 'talking') {
        done.add(id);
        if (others.length < kept.length) put(session, others);
      } else if (state.kind === 'ended') {
        done.add(id);
        const times = (kept.find((one) => one.number === number)?.times ?? 0) + 1;
        if (direction === 'inbound') put(session, [{ number, atMs: clock.nowMs(), times }, ...others]);
      }
    }
    for (const id of done) if (!calls.some((call) => call.id === id)) done.delete(id);
  };
};
