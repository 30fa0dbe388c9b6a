import type { Contact } from '../../shared/contact.ts';
import type { ColleagueStates, RecentNumber, Target } from '../../shared/directory.ts';
import { mostRecent } from '../../shared/directory.ts';
import { groupNumber, maskNumber, parseNumber } from '../../shared/phone-number.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { CentralClient } from './central-client.ts';
import type { Seat } from './seat.ts';
import { recentContacts } from './store/contacts.ts';
import type { Db, ReadDb } from './store/db.ts';
import { customerById, targets } from './store/working-set.ts';

export interface Directory {
  list(): Result<{ targets: Target[]; recent: RecentNumber[] }>;
  states(): Promise<Result<ColleagueStates>>;
}

/** While the agent looks at the list: later it is of no use. */
const statesMs = 2_000;

export const createDirectory = (db: Db, seat: Seat, client: CentralClient): Directory => ({
  list: () => {
    const { session } = seat;
    if (session === null) return refused(refusal('unauthorised', 'signInFirst'));
    const own = `colleague:${session.agent.number}`;
    return ok({
      targets: targets(db.read).filter(({ id }) => id !== own),
      recent: recentContacts(db.read, session.agent.id, mostRecent).map((contact) => recentOf(db.read, contact)),
    });
  },
  states: () => client.call('colleagues', {}, seat.session?.token ?? null, statesMs),
});

/** A stranger's number is shown whole, as in the call itself: the agent may have to write it down. A customer's is masked (R44). */
const recentOf = (db: ReadDb, contact: Contact): RecentNumber => {
  const { customerId, number } = contact;
  const parsed = parseNumber(number);
  const national = 'national' in parsed ? parsed.national : number;
  return {
    contactId: contact.id,
    direction: contact.direction,
    shown: customerId === null ? groupNumber(national) : maskNumber(national),
    name: (customerId === null ? undefined : customerById(db, customerId)?.nameMasked) ?? null,
    atMs: contact.openedAtMs,
    wasAnswered: contact.answeredAtMs !== null,
  };
};
