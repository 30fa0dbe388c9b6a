import type { LiveMessage } from '../shared/central-api.ts';
import { uuidv7 } from '../shared/ids.ts';
import { defaultPolicy, type Policy } from '../shared/policy.ts';
import type { Clock, Log, Random } from './ambient.ts';
import { openBlending } from './blending.ts';
import type { Database } from './db.ts';
import type { Dialler } from './dialler/dialler-port.ts';
import { openDialler } from './dialler/dialler.ts';
import { openDueTasks } from './due-tasks.ts';
import { hotHandlers, type HotPorts } from './hot-calls.ts';
import { openHotTexts } from './hot-texts.ts';
import type { Handlers } from './http.ts';
import { tellAgent } from './live.ts';
import { necessityHandlers } from './necessities.ts';
import { openOptOuts } from './opt-outs.ts';
import type { Pbx } from './pbx.ts';
import type { Sms } from './sms.ts';
import { nextHandlers } from './task-next.ts';
import { taskHandlers, type TaskPorts } from './tasks.ts';

/**
 * Outbound tasks, put together: what seats ask (R20–R22), and what central does by itself: dialling (R25), keeping agents for callers (R19),
 * texts that go first (R26), what is due (R24), and a word to whoever asked by text to be left alone (R22).
 */
export type OutboundWork = {
  readonly handlers: Partial<Handlers>;
  /** R22: a text asked to be left alone, and its sender is to hear that it was heard. */
  readonly optedOut: () => void;
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Needs = {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly pbx: Pbx;
  readonly dialler?: Dialler;
  readonly sms?: Sms;
  readonly policy?: Policy;
};

export const openOutbound = (
  { db: database, clock, random, log, pbx, dialler, sms, policy = defaultPolicy }: Needs,
  { auditKey }: Pick<TaskPorts, 'auditKey'>,
  instance: string,
): OutboundWork => {
  const newId = (): string => uuidv7(clock.nowMs(), random(10));
  const tasks: TaskPorts = { nowMs: clock.nowMs, newId, auditKey, policy, sendsTexts: sms !== undefined };
  const tell = (agentId: string, message: LiveMessage): Promise<void> => tellAgent(database.db, agentId, message);
  const taken: HotPorts['taken'] = (agentId, grantId) => tell(agentId, { t: 'calledIn', grantId });
  const dialling = openDialler({ database, clock, log, instance, dialler, tasks, tell });
  const optOuts = openOptOuts({ database, clock, log, sms, policy });
  const rounds = [
    optOuts,
    openBlending({ db: database.db, pbx, clock, log, policy }),
    openHotTexts({ database, clock, log, sms, tasks, taken }),
    openDueTasks({ database, clock, log, policy }),
  ];
  const settled = async (): Promise<void> => {
    await Promise.all([dialling, ...rounds].map((one) => one.settled()));
  };
  return {
    handlers: {
      ...taskHandlers(tasks),
      ...nextHandlers({ ...tasks, ...dialling.port }),
      ...necessityHandlers(tasks),
      ...hotHandlers({ ...tasks, taken }),
    },
    optedOut: optOuts.look,
    settled,
    close: async () => {
      await Promise.all([dialling, ...rounds].map((one) => one.close()));
    },
  };
};
