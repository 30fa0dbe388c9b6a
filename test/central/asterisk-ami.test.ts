import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { openAmi } from '../../central/ami.ts';
import type { AmiMessage } from '../../central/ami.ts';
import { systemClock } from '../../central/pbx.ts';
import { scriptedAmi } from './scripted-ami.ts';
import type { Script, ScriptedAmi } from './scripted-ami.ts';

const opened: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const item of opened.splice(0)) await item.close();
});

const serve = async (script: Script = () => false, greeting?: string | null): Promise<ScriptedAmi> => {
  const ami = await scriptedAmi(script, greeting);
  opened.push({ close: ami.stop });
  return ami;
};

const open = async (port: number, deadlineMs = 500) => {
  const session = await openAmi({
    host: '127.0.0.1',
    port,
    user: 'central',
    secret: 's3cret',
    deadlineMs,
    clock: systemClock,
  });
  opened.push(session);
  return session;
};

const on =
  (name: string, answer: Script): Script =>
  (action, conversation) =>
    action['Action'] === name && (answer(action, conversation), true);

describe('log in', () => {
  test('the secret does not cross the wire, and booting is heard even when it comes with the answer', async () => {
    const ami = await serve();
    const session = await open(ami.port);
    await session.booted;
    expect(ami.received[1]).toMatchObject({
      Action: 'Login',
      AuthType: 'MD5',
      Username: 'central',
      Key: createHash('md5').update('840415273s3cret').digest('hex'),
    });
    expect(JSON.stringify(ami.received)).not.toContain('s3cret');
  });

  test('a refused log-in is said in a sentence', async () => {
    const ami = await serve(
      on('Login', ({ ActionID }, { say }) => {
        say({ Response: 'Error', ActionID: ActionID ?? '', Message: 'Authentication failed' });
        return true;
      }),
    );
    await expect(open(ami.port)).rejects.toMatchObject({
      kind: 'refusedLogin',
      message: 'The exchange refused the AMI user "central": name, secret or address is not permitted.',
    });
  });

  test.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['noise without an end', 'x'.repeat(5_000)],
  ])('%s on that port is recognised', async (_, greeting) => {
    const ami = await serve(undefined, greeting);
    await expect(open(ami.port)).rejects.toMatchObject({
      kind: 'garbled',
      message: 'That port does not speak the Asterisk Manager Interface.',
    });
  });

  test('nobody there and a silent peer are told apart only by the sentence', async () => {
    const silent = await serve(undefined, null);
    await expect(open(silent.port, 60)).rejects.toMatchObject({ kind: 'unreachable', message: /did not greet/ });
    const gone = await serve();
    await gone.stop();
    opened.pop();
    await expect(open(gone.port)).rejects.toMatchObject({ kind: 'unreachable', message: /ECONNREFUSED/ });
  });
});

describe('messages', () => {
  const queueList: Script = on('QueueStatus', ({ ActionID = '' }, { socket }) => {
    const text = [
      `Response: Success\r\nActionID: ${ActionID}\r\nEventList: start\r\n\r\n`,
      // A member's name in Chinese, and an event of nobody's list between the items.
      `Event: QueueMember\r\nActionID: ${ActionID}\r\nName: 王客服\r\n\r\n`,
      'Event: QueueCallerJoin\r\nQueue: service\r\n\r\n',
      `Event: QueueEntry\r\nActionID: ${ActionID}\r\nWait: 3\r\n\r\n`,
      `Event: QueueStatusComplete\r\nActionID: ${ActionID}\r\nEventList: Complete\r\nListItems: 2\r\n\r\n`,
    ].join('');
    // One byte at a time: every possible cut, in line ends and in UTF-8 characters.
    for (const byte of Buffer.from(text)) socket.write(Buffer.of(byte));
    return true;
  });

  test('a list arrives whole however the bytes are cut, and events beside it reach the listeners', async () => {
    const session = await open((await serve(queueList)).port);
    const heard: AmiMessage[] = [];
    session.onEvent((event) => heard.push(event));
    const items = await session.list('QueueStatus');
    expect(items.map((item) => item.get('event'))).toEqual(['QueueMember', 'QueueEntry']);
    expect(items[0]?.get('name')).toBe('王客服');
    expect(heard.map((event) => event.get('event'))).toContain('QueueCallerJoin');
  });

  test('answers that come in another order find their actions', async () => {
    const waiting: (() => void)[] = [];
    const ami = await serve(
      on('QueuePause', ({ ActionID = '', Reason = '' }, { say }) => {
        waiting.push(() => say({ Response: 'Success', ActionID, Message: Reason }));
        if (waiting.length === 3) for (const answer of waiting.reverse()) answer();
        return true;
      }),
    );
    const session = await open(ami.port);
    const answers = await Promise.all(['a', 'b', 'c'].map((Reason) => session.action('QueuePause', { Reason })));
    expect(answers.map((answer) => answer.get('message'))).toEqual(['a', 'b', 'c']);
  });

  test('line breaks in names and values cannot add headers or actions', async () => {
    const ami = await serve();
    const session = await open(ami.port);
    await session.action('QueuePause', { Reason: 'x\r\n\r\nAction: Command\r\nCommand: core stop now', 'Na\nme': 'y' });
    const [pause, ...others] = ami.received.slice(2);
    expect(others).toEqual([]);
    expect(pause).toMatchObject({ Reason: 'xAction: CommandCommand: core stop now', Name: 'y' });
  });

  test('an error is an answer to an action and a fault for a list', async () => {
    const ami = await serve((action, { say }) => {
      if (!action['Action']?.startsWith('Queue')) return false;
      say({ Response: 'Error', ActionID: action['ActionID'] ?? '', Message: 'No such queue' });
      return true;
    });
    const session = await open(ami.port);
    expect((await session.action('QueueAdd')).get('message')).toBe('No such queue');
    await expect(session.list('QueueStatus')).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('faults', () => {
  test('a connection cut in the middle of a list fails everything that waits, with one reason', async () => {
    const ami = await serve(
      on('QueueStatus', ({ ActionID = '' }, { socket }) => {
        socket.end(`Response: Success\r\nActionID: ${ActionID}\r\nEventList: start\r\n\r\nEvent: QueueMem`);
        return true;
      }),
    );
    const session = await open(ami.port);
    const results = await Promise.allSettled([session.list('QueueStatus'), session.list('QueueStatus')]);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { kind: 'unreachable' } });
    expect(await session.closed).toMatchObject({ kind: 'unreachable' });
    await expect(session.action('Ping')).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('no answer in time ends the session: a later answer could be taken for another', async () => {
    const ami = await serve(on('Ping', () => true));
    const session = await open(ami.port, 80);
    await expect(session.action('Ping')).rejects.toThrow('did not answer Ping within 80 ms');
    expect(await session.closed).toMatchObject({ kind: 'unreachable' });
  });

  test('a message or a list without end is cut off', async () => {
    const long = await open((await serve(on('Ping', (_, { socket }) => socket.write('a'.repeat(200_000))))).port);
    await expect(long.action('Ping')).rejects.toMatchObject({ kind: 'garbled' });
    const endless = await serve(
      on('QueueStatus', ({ ActionID = '' }, { socket, say }) => {
        say({ Response: 'Success', ActionID, EventList: 'start' });
        socket.write(`Event: QueueEntry\r\nActionID: ${ActionID}\r\n\r\n`.repeat(30_000));
        return true;
      }),
    );
    const session = await open(endless.port, 5_000);
    await expect(session.list('QueueStatus')).rejects.toMatchObject({ kind: 'garbled' });
  });

  test('lines without a colon, empty messages and answers of nobody are passed over', async () => {
    const ami = await serve(
      on('Ping', ({ ActionID = '' }, { socket }) => {
        socket.write('\r\n\r\nnonsense\r\n\r\nResponse: Success\r\nActionID: elsewhere\r\n\r\n: no name\r\n\r\n');
        socket.write(`Response: Success\r\nbroken line\r\nActionID: ${ActionID}\r\nPing: Pong\r\n\r\n`);
        return true;
      }),
    );
    expect((await (await open(ami.port)).action('Ping')).get('ping')).toBe('Pong');
  });
});
