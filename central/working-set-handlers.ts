import { numberKey } from '../shared/phone-number.ts';
import { ok } from '../shared/result.ts';
import type { Clock } from './ambient.ts';
import { customersByNumber, historyOf } from './customers.ts';
import type { Tx } from './db.ts';
import { forgetLookups, lookedUp } from './holdings.ts';
import type { Handlers } from './http.ts';
import { seatSeen } from './seats.ts';
import type { Scope } from './working-set.ts';
import { readChanges } from './working-set.ts';

/** A look-up's answer may still be under way when the seat says that it has none in memory. */
const lookupOnItsWayMs = 60_000;

/** What the seat holds of the customers, and whom it asks for besides; both are written down (holdings.ts). */
export const workingSetHandlers = (clock: Pick<Clock, 'nowMs'>, scope: Scope): Partial<Handlers> => ({
  changes: async ({ waiting, met, ...asked }, { agent, seatId, db }) => {
    const nowMs = clock.nowMs();
    const seen = async (tx: Tx): Promise<void> => {
      await seatSeen(tx, seatId, { waiting, nowMs });
      if (met === 0) await forgetLookups(tx, seatId, nowMs - lookupOnItsWayMs);
    };
    return readChanges(db, scope, { ...agent, seatId }, asked, seen);
  },
  lookup: async ({ key }, { seatId, db }) => {
    const customers = await customersByNumber(db, numberKey(key) ?? key);
    const ids = customers.map((customer) => customer.id);
    if (ids.length > 0) await lookedUp(db, seatId, ids, clock.nowMs());
    const history = await historyOf(db, ids, 20);
    return ok({ customers: [...customers], history: [...history] });
  },
});
