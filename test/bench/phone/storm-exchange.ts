import { createExchange } from '../../../practice/exchange.ts';
import { password } from './far-end.ts';

/** The practice exchange in a process of its own, so that it can be killed and started again: `storm-exchange.ts PORT`. */
const exchange = await createExchange({
  port: Number(process.argv[2] ?? 0),
  auth: () => password,
  trunkUser: 'trunk',
  queues: [],
});
process.send?.(exchange.url);
process.on('disconnect', () => process.exit(0));
