import { expect, test } from 'vitest';
import { openAmi } from '../../central/ami.ts';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import { systemClock } from '../../central/pbx.ts';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import { logInto } from '../central/log-lines.ts';
import { pbxContract } from '../central/pbx-contract.ts';
import { whyNotHere } from './here.ts';

const why = whyNotHere('exchange');

const startAsterisk = async () => {
  const asterisk = await startPbx();
  const { ami } = asterisk.descriptor;
  const lines: string[] = [];
  const pbx = connectAsterisk({
    ami,
    clock: systemClock,
    random: Math.random,
    log: logInto(lines),
  });
  /** A second eye on the exchange, for what the port does not tell. */
  const watch = () => openAmi({ ...ami, deadlineMs: 3_000, clock: systemClock });
  return { asterisk, pbx, watch, lines };
};

if (why === undefined)
  pbxContract('Asterisk', async () => {
    const { asterisk, pbx, watch } = await startAsterisk();
    const ami = await watch();
    let callers = 0;
    return {
      pbx,
      queues: ['service', 'vip'],
      users: ['1001', '1002'],
      callerEnters: async (queue) => {
        const number = new Map(Object.entries(asterisk.descriptor.queues)).get(queue);
        const ChannelId = `caller-${(callers += 1)}`;
        // A caller without a telephone: one half waits, the other half is in the dial plan.
        const entered = await ami.action('Originate', {
          Channel: `Local/${number}@from-customers/n`,
          ChannelId,
          Application: 'Wait',
          Data: '60',
          Async: 'true',
        });
        expect(entered.get('response')).toBe('Success');
        return async () => {
          await ami.action('Hangup', { Channel: ChannelId });
        };
      },
      isPaused: async (sipUser) => {
        const items = await ami.list('QueueStatus', { Member: `PJSIP/${sipUser}` });
        const paused = items
          .filter((item) => item.get('event') === 'QueueMember')
          .map((item) => item.get('paused') === '1');
        return paused.length === 0 ? undefined : paused.every(Boolean);
      },
      stop: async () => {
        ami.close();
        await asterisk.stop();
      },
    };
  });

test('a real restart of Asterisk: members and pauses are back by themselves', async ({ skip }) => {
  if (why !== undefined) skip(why);
  const { asterisk, pbx, watch, lines } = await startAsterisk();
  try {
    await pbx.addMember({ sipUser: '1001', name: 'Ann', queues: ['service', 'vip'] });
    await pbx.addMember({ sipUser: '1002', name: 'Ben', queues: ['vip'] });
    await pbx.setPaused('1001', false, 'ready');
    await asterisk.restart();
    await expect
      .poll(async () => (await pbx.queues().catch(() => [])).map(({ members }) => members), { timeout: 10_000 })
      .toEqual([0, 1, 2]); // marketing, service, vip
    const ami = await watch();
    const items = await ami.list('QueueStatus');
    ami.close();
    const paused = items
      .filter((item) => item.get('event') === 'QueueMember')
      .map((item) => `${item.get('queue')} ${item.get('location')} ${item.get('paused')}`);
    expect(new Set(paused)).toEqual(new Set(['service PJSIP/1001 0', 'vip PJSIP/1001 0', 'vip PJSIP/1002 1']));
    expect(lines.filter((line) => line === 'info exchange connected')).toHaveLength(2);
  } finally {
    await pbx.close();
    await asterisk.stop();
  }
});

test('a wrong AMI secret is a sentence, not a hang', async ({ skip }) => {
  if (why !== undefined) skip(why);
  const asterisk = await startPbx({ agents: 1 });
  try {
    const wrong = { ...asterisk.descriptor.ami, secret: 'wrong', deadlineMs: 3_000, clock: systemClock };
    await expect(openAmi(wrong)).rejects.toMatchObject({ kind: 'refusedLogin' });
  } finally {
    await asterisk.stop();
  }
});
