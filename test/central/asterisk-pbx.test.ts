import { afterEach, expect, test } from 'vitest';
import { connectAsterisk } from '../../central/asterisk-pbx.ts';
import { systemClock } from '../../central/pbx.ts';
import { logInto } from './log-lines.ts';
import { scriptedAmi } from './scripted-ami.ts';
import type { Received, Script } from './scripted-ami.ts';

// The adapter's own behaviour under faults; that Asterisk understands it is proven on a real one, in test/pbx.

const opened: { stop: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const item of opened.splice(0).reverse()) await item.stop();
});

/** Members as app_queue would hold them; forgotten by `forget`, as when Asterisk restarts. */
const memberBook = () => {
  const members = new Map<string, string>();
  const script: Script = (action, { say }) => {
    const ActionID = action['ActionID'] ?? '';
    const key = `${action['Queue']} ${action['Interface']}`;
    switch (action['Action']) {
      case 'QueueStatus':
        say({ Response: 'Success', ActionID, EventList: 'start' });
        for (const [member, paused] of members) {
          const [Queue = '', Location = ''] = member.split(' ');
          if ((action['Member'] ?? Location) === Location)
            say({ Event: 'QueueMember', ActionID, Queue, Location, Paused: paused });
        }
        say({ Event: 'QueueStatusComplete', ActionID, EventList: 'Complete' });
        return true;
      case 'QueueAdd':
        if (action['Queue'] === 'gone')
          say({ Response: 'Error', ActionID, Message: 'Unable to add interface to queue: No such queue' });
        else {
          members.set(key, action['Paused'] ?? '');
          say({ Response: 'Success', ActionID });
        }
        return true;
      case 'QueueRemove':
        say(
          members.delete(key)
            ? { Response: 'Success', ActionID }
            : { Response: 'Error', ActionID, Message: 'Not there' },
        );
        return true;
      case 'QueuePause':
        for (const member of members.keys())
          if (member.endsWith(` ${action['Interface']}`)) members.set(member, action['Paused'] ?? '');
        say({ Response: 'Success', ActionID });
        return true;
      default:
        return false;
    }
  };
  return { members, script };
};

const start = async (script: Script, deadlineMs = 400) => {
  const ami = await scriptedAmi(script);
  const lines: string[] = [];
  const pbx = connectAsterisk({
    ami: { host: '127.0.0.1', port: ami.port, user: 'central', secret: 'x' },
    clock: systemClock,
    random: () => 0.5,
    log: logInto(lines),
    deadlineMs,
  });
  opened.push({ stop: ami.stop }, { stop: () => pbx.close() });
  return { ami, pbx, lines };
};

test('after Asterisk restarts, members and pauses are back before anything else is asked', async () => {
  const { members, script } = memberBook();
  const { ami, pbx, lines } = await start(script);
  await pbx.addMember({ sipUser: '1001', name: 'Ann', queues: ['service', 'vip'] });
  await pbx.setPaused('1001', false, 'ready');
  await pbx.addMember({ sipUser: '1002', name: 'Ben', queues: ['service'] });
  const asked = ami.received.length;
  members.clear();
  ami.cut();
  await expect.poll(() => members.size, { timeout: 3_000 }).toBe(3);
  await pbx.queues();
  expect(sorted(members)).toEqual([
    ['service PJSIP/1001', 'false'],
    ['service PJSIP/1002', 'true'],
    ['vip PJSIP/1001', 'false'],
  ]);
  const adds = ami.received.slice(asked).filter(is('QueueAdd'));
  // Straight into the right state: nobody is offered a call in a pause between adding and pausing.
  expect(adds.filter((add) => add['Paused'] === 'true').map((add) => add['Interface'])).toEqual(['PJSIP/1002']);
  expect(lines).toContain('warn exchange lost: The exchange closed the connection.');
});

test('what was asked while the exchange was away is refused in time, and done when it is back', async () => {
  const { members, script } = memberBook();
  const { ami, pbx } = await start(script, 150);
  await pbx.addMember({ sipUser: '1001', name: 'Ann', queues: ['service'] });
  await pbx.addMember({ sipUser: '1003', name: 'Eve', queues: ['service'] });
  let isAway = true;
  const away = setInterval(() => isAway && ami.cut(), 5);
  opened.push({ stop: async () => clearInterval(away) });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const started = Date.now();
  const results = await Promise.allSettled([
    pbx.addMember({ sipUser: '1002', name: 'Ben', queues: ['vip'] }),
    pbx.setPaused('1001', false, 'ready'),
    pbx.removeMember('1003'),
    pbx.queues(),
  ]);
  expect(Date.now() - started).toBeLessThan(1_500);
  expect(results.at(-1)).toMatchObject({ status: 'rejected', reason: { kind: 'unreachable' } });
  isAway = false;
  await expect
    .poll(() => sorted(members), { timeout: 4_000 })
    .toEqual([
      ['service PJSIP/1001', 'false'],
      ['vip PJSIP/1002', 'true'],
    ]);
});

test('a queue that was taken out keeps nobody else away after a restart', async () => {
  const { members, script } = memberBook();
  let isGone = false;
  const { ami, pbx, lines } = await start((action, conversation) =>
    script(isGone && action['Queue'] === 'vip' ? { ...action, Queue: 'gone' } : action, conversation),
  );
  await pbx.addMember({ sipUser: '1001', name: 'Ann', queues: ['vip'] });
  await pbx.addMember({ sipUser: '1002', name: 'Ben', queues: ['service'] });
  isGone = true;
  members.clear();
  ami.cut();
  await expect.poll(() => [...members.keys()], { timeout: 3_000 }).toEqual(['service PJSIP/1002']);
  expect(lines).toContain('error a member was not re-applied');
});

test('an exchange that refuses the log-in is tried again, and said once', async () => {
  const { ami, pbx, lines } = await start(
    (action, { say }) =>
      action['Action'] === 'Login' && (say({ Response: 'Error', ActionID: action['ActionID'] ?? '' }), true),
    300,
  );
  await expect(pbx.queues()).rejects.toMatchObject({ kind: 'refusedLogin' });
  await expect.poll(() => ami.connections(), { timeout: 3_000 }).toBeGreaterThanOrEqual(3);
  expect(lines).toHaveLength(1);
});

test('an account that names another channel technology is refused before anything is sent', async () => {
  const { ami, pbx } = await start(memberBook().script);
  await pbx.queues();
  const asked = ami.received.length;
  await expect(pbx.addMember({ sipUser: '../Local/1@x', name: '', queues: ['service'] })).rejects.toMatchObject({
    kind: 'refused',
  });
  await expect(pbx.setPaused('1001\r\nPaused: 0', false, '')).rejects.toMatchObject({ kind: 'refused' });
  expect(ami.received).toHaveLength(asked);
});

test('a session in use that falls silent is noticed by the deadline and replaced', async () => {
  let isSilent = false;
  const { script } = memberBook();
  const { ami, pbx } = await start((action, conversation) => isSilent || script(action, conversation), 120);
  await pbx.queues();
  isSilent = true;
  await expect(pbx.queues()).rejects.toMatchObject({ kind: 'unreachable', message: /did not answer QueueStatus/ });
  isSilent = false;
  await expect
    .poll(
      () =>
        pbx.queues().then(
          () => 'up',
          () => 'down',
        ),
      { timeout: 3_000 },
    )
    .toBe('up');
  expect(ami.connections()).toBe(2);
});

const sorted = (members: ReadonlyMap<string, string>) => [...members].sort(([a], [b]) => a.localeCompare(b));

const is = (name: string) => (action: Received) => action['Action'] === name;
