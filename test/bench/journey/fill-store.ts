import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../../main/engine/clock.ts';
import { openStore } from '../../../main/engine/store/open-store.ts';
import { applyChange, countCustomers } from '../../../main/engine/store/working-set.ts';
import { consoleLog } from '../../../main/web/console-log.ts';
import { profileKey } from '../../../main/web/profile-key.ts';
import { generateOperator } from '../../../practice/operator/operator.ts';

/** Rows of many customers in one transaction: the index over contacts is random, and its pages are then written once. */
const batch = 10_000;

/**
 * Fills a seat's store, which no engine may hold now, up to so many customers with their histories: the sample operator's next
 * ones, written by the function that applies central's change feed. @returns customers in the store
 */
export const fillStore = (dir: string, customers: number): number => {
  const profileDir = join(dir, 'seat');
  const db = openStore(profileDir, profileKey(profileDir, randomBytes), systemClock, consoleLog('error'));
  try {
    const operator = generateOperator({ seed: 1, customers, nowMs: Date.now() });
    for (let from = countCustomers(db.read); from < customers; from += batch)
      db.fill('fill', (write) => {
        for (let index = from; index < Math.min(customers, from + batch); index += 1) {
          // Private values never reach a seat: how they are marked does not matter here.
          const { customer, history } = operator.customerAt(index, () => '');
          applyChange(write, { entity: 'customer', id: customer.id, row: customer });
          for (const past of history)
            applyChange(write, { entity: 'history', id: past.contactId, row: { customerId: customer.id, past } });
        }
      });
    return countCustomers(db.read);
  } finally {
    db.close();
  }
};
