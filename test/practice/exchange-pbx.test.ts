import { pbxContract } from '../central/pbx-contract.ts';
import { createCustomers } from '../../practice/customers.ts';
import { createExchange } from '../../practice/exchange.ts';

pbxContract('the practice exchange', async () => {
  const exchange = await createExchange({
    port: 0,
    auth: (user) => (user === 'outside' ? 'pw' : undefined),
    trunkUser: 'outside',
    queues: ['vip', 'service', 'marketing'].map((id) => ({ id, name: { zh: id, en: id } })),
  });
  const customers = await createCustomers({ exchange, user: 'outside', password: 'pw', random: () => 0.5 });
  return {
    pbx: exchange.pbx,
    queues: ['marketing', 'service'],
    users: ['1001', '1002'],
    callerEnters: async (queue) => {
      const call = customers.call({ from: { number: '13800138000' }, to: queue });
      return async () => {
        call.hangUp();
        await call.done;
      };
    },
    isPaused: async (sipUser) => exchange.isPaused(sipUser),
    stop: async () => {
      await customers.close();
      await exchange.close();
    },
  };
});
