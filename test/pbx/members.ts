import type { AmiSession } from '../../central/ami.ts';
import { openAmi } from '../../central/ami.ts';
import { systemClock } from '../../central/pbx.ts';
import type { PbxDescriptor } from '../../scripts/pbx-instance.mjs';

/** A second eye on Asterisk's queues, beside central's own. */
export type Members = {
  /** Of this agent's telephone in the queues it is in; undefined when it is in none, 'mixed' when they differ. */
  readonly pausedOf: (sipUser: string) => Promise<boolean | 'mixed' | undefined>;
  readonly waiting: (queue: string) => Promise<number>;
  readonly close: () => void;
};

export const watchMembers = async (pbx: PbxDescriptor): Promise<Members> => {
  const ami: AmiSession = await openAmi({ ...pbx.ami, deadlineMs: 3_000, clock: systemClock });
  return {
    pausedOf: async (sipUser) => {
      const items = await ami.list('QueueStatus', { Member: `PJSIP/${sipUser}` });
      const paused = new Set(
        items.filter((item) => item.get('event') === 'QueueMember').map((item) => item.get('paused') === '1'),
      );
      return paused.size > 1 ? 'mixed' : [...paused][0];
    },
    waiting: async (queue) =>
      (await ami.list('QueueStatus', { Queue: queue })).filter((item) => item.get('event') === 'QueueEntry').length,
    close: () => ami.close(),
  };
};
