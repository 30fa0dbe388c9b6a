import { expect, test } from 'vitest';
import { makeFakePbx } from '../../central/fake-pbx.ts';
import { systemClock } from '../../central/pbx.ts';
import { pbxContract } from './pbx-contract.ts';

pbxContract('the exchange in memory', async () => {
  const pbx = makeFakePbx(['vip', 'service'], systemClock);
  return {
    pbx,
    queues: ['service', 'vip'],
    users: ['1001', '1002'],
    callerEnters: async (queue) => {
      const hangUp = pbx.callerEnters(queue);
      return async () => hangUp();
    },
    isPaused: async (sipUser) => {
      const isMember = pbx.isMember(sipUser);
      return isMember ? !(await pbx.queues()).some(({ queue }) => pbx.available(queue).includes(sipUser)) : undefined;
    },
    stop: async () => {},
  };
});

test('R38 only members that are not paused are available, and waiting time follows the clock', async () => {
  let nowMs = 1_000;
  const pbx = makeFakePbx(['service'], { nowMs: () => nowMs });
  await pbx.addMember({ sipUser: '1001', name: 'Ann', queues: ['service'] });
  await pbx.addMember({ sipUser: '1002', name: 'Ben', queues: ['service'] });
  expect(pbx.available('service')).toEqual([]);
  await pbx.setPaused('1002', false, 'ready');
  expect(pbx.available('service')).toEqual(['1002']);
  const hangUp = pbx.callerEnters('service');
  nowMs += 7_500;
  expect(await pbx.queues()).toEqual([{ queue: 'service', waiting: 1, longestWaitMs: 7_500, members: 2 }]);
  hangUp();
  hangUp();
  expect((await pbx.queues())[0]?.waiting).toBe(0);
  expect(() => pbx.callerEnters('nowhere')).toThrow('no such queue');
});
