import { systemClock, type Clock } from '../../practice/clock.ts';
import { createCustomers, type Customers } from '../../practice/customers.ts';
import { createExchange, type Exchange } from '../../practice/exchange.ts';

/** A real exchange on a free port with the simulated customers behind it. */
export type Stage = { readonly exchange: Exchange; readonly customers: Customers; readonly close: () => Promise<void> };

const passwords: Readonly<Record<string, string>> = { agent1: 'one', agent2: 'two', trunk: 'outside' };
export const agentPassword = (user: string): string => passwords[user] ?? '';

/** @param clock of the customers; the exchange lives by the system's. */
export const openStage = async (random: () => number = () => 0.5, clock: Clock = systemClock): Promise<Stage> => {
  const exchange = await createExchange({
    port: 0,
    auth: (user) => passwords[user],
    trunkUser: 'trunk',
    queues: [{ id: 'service', name: { zh: '客户服务', en: 'Service' } }],
  });
  const customers = await createCustomers({ exchange, user: 'trunk', password: 'outside', random, clock });
  return {
    exchange,
    customers,
    close: async () => {
      await customers.close();
      await exchange.close();
    },
  };
};

/** Polls until true; fails with the name of what was awaited. */
export const until = async (what: string, isTrue: () => boolean, timeoutMs = 5_000): Promise<void> => {
  const endMs = Date.now() + timeoutMs;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
};
