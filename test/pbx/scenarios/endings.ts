import { expect } from 'vitest';
import type { EndCause } from '../../../shared/call.ts';
import type { Party } from './far-end.ts';
import type { World } from './world.ts';

/** The newest call of the agent ends for this reason; the phone shows it. */
export const expectEnd = async ({ agent }: World, cause: EndCause): Promise<void> => {
  const state = await agent.reaches('ended');
  expect(state.cause).toBe(cause);
};

export type Ending = 'agent' | 'customer' | 'exchange';

/** Somebody ends an established call: both ends see that it is over. */
export const endBy = async (world: World, who: Ending, far: Party): Promise<void> => {
  if (who === 'agent') await world.agent.hangUp();
  if (who === 'customer') await far.hangUp();
  if (who === 'exchange') await world.kill('PJSIP/1001');
  await expectEnd(world, who === 'agent' ? 'agentHungUp' : 'customerHungUp');
  await far.ended();
};
