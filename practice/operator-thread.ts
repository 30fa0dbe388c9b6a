import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { systemRandom } from '../central/ambient.ts';
import { openLog } from '../central/log.ts';
import { systemClock } from './clock.ts';
import { operatorKey } from './operator/seed.ts';
import type { FromOperator, OperatorAsked } from './operator-side.ts';
import { startPractice } from './practice.ts';
import { practiceTelephony } from './telephony.ts';

/** Of nice(1): a third of the seat's share where both want all of it, enough for the customers' voices. */
const afterTheSeat = 5;

/** The thread of operator-side.ts. */
if (parentPort === null) throw new Error('this is a thread of practice mode');
const port = parentPort;
const tell = (message: FromOperator): void => port.postMessage(message);
const { dataDir, customers, centralPort, isAutomatic } = workerData as OperatorAsked;

// Nor does another machine take a processor from the seat's engine and pages when a call comes. Linux alone lowers one thread (setpriority(2)).
if (process.platform === 'linux') setPriority(afterTheSeat);

let close: (() => Promise<void>) | undefined;
port.once('message', () => {
  // Still starting: the embedded database takes being stopped, as it takes a killed process.
  if (close === undefined) process.exit(0);
  void close().then(() => process.exit(0));
});

const log = openLog(join(dataDir, 'practice.log'));
const clock = systemClock;
const telephony = practiceTelephony({
  ...{ port: 0, clock, random: Math.random, log: (line) => log.info({}, line) },
  recordings: join(dataDir, 'recordings'),
});
// Waited for inside startPractice; until then a failure must not count as unhandled.
telephony.catch(() => {});
try {
  const practice = await startPractice({
    ...{ dataDir, seed: 1, customers, port: centralPort, clock, random: systemRandom, log, telephony, isAutomatic },
    isTroubled: true,
  });
  close = practice.close;
  const { seed, count } = practice.operator;
  tell({
    ready: {
      centralUrl: practice.centralUrl,
      sipOrigin: practice.telephony.origin,
      operatorKey: operatorKey({ seed, customers: count }),
    },
  });
} catch (fault) {
  tell({ failed: fault instanceof Error ? fault.message : String(fault) });
}
