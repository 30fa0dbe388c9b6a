import { expect } from 'vitest';
import { endBy, expectEnd } from './endings.ts';
import { sleep } from './far-end.ts';
import { scenario } from './scenario.ts';
import type { World } from './world.ts';

// The line breaks, the exchange is reloaded and restarted. A call that talks goes on talking (PHONE-2), and no ghost is left.

/** Everything the seat says and hears is renewed on the new socket: a re-INVITE in the dialog (CALL-2). */
const renewed = async ({ agent }: World, from: number): Promise<void> => {
  await agent.line.tape.until('re-INVITE', ({ from: who, line }) => who === 'seat' && line.startsWith('INVITE '), from);
};

for (const how of ['queue', 'out'] as const)
  scenario(
    `line cut for 2 s in mid-call (${how}): sound goes on, then the call is renewed`,
    'SIPp ↔ seat',
    async (w, m) => {
      if (how === 'queue') {
        await w.sipp.call('6001');
        await w.agent.answer();
      } else {
        await w.agent.dial(w.sipp.number);
        await w.sipp.answer();
      }
      await m.bothWays(w.agent, w.sipp);
      const from = w.agent.line.tape.passed.length;
      w.agent.line.refuse(true);
      w.agent.line.cut();
      await w.agent.until('line lost', ({ line }) => line.kind === 'lost');
      await m.bothWays(w.agent, w.sipp);
      await sleep(1_500);
      await m.bothWays(w.agent, w.sipp);
      w.agent.line.refuse(false);
      await w.agent.registered();
      await renewed(w, from);
      await m.bothWays(w.agent, w.sipp);
      await endBy(w, how === 'queue' ? 'customer' : 'agent', w.sipp);
    },
  );

scenario(
  'line stalled in mid-call (half open): noticed, replaced, sound goes on',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    const from = w.agent.line.tape.passed.length;
    const sinceMs = Date.now();
    w.agent.line.stall();
    await m.bothWays(w.agent, w.sipp);
    await w.agent.registered(sinceMs);
    await renewed(w, from);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'customer', w.sipp);
  },
);

scenario('line cut five times in a row in one call', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  for (let time = 0; time < 5; time += 1) {
    const sinceMs = Date.now();
    w.agent.line.cut();
    await w.agent.registered(sinceMs);
  }
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('line cut in mid-call, the customer hangs up meanwhile: no ghost', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.agent.line.refuse(true);
  w.agent.line.cut();
  await w.agent.until('line lost', ({ line }) => line.kind === 'lost');
  await w.sipp.hangUp();
  w.agent.line.refuse(false);
  await expectEnd(w, 'customerHungUp');
});

scenario(
  'line cut in mid-call, the agent hangs up meanwhile: the customer is told',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    w.agent.line.refuse(true);
    w.agent.line.cut();
    await w.agent.until('line lost', ({ line }) => line.kind === 'lost');
    await w.agent.hangUp();
    await expectEnd(w, 'agentHungUp');
    await m.silent(w.sipp, w.agent);
    w.agent.line.refuse(false);
    await w.sipp.ended();
  },
);

scenario('line cut while it rings: back in time, answered on the new one', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.reaches('ringing');
  const sinceMs = Date.now();
  w.agent.line.cut();
  await w.agent.registered(sinceMs);
  await w.agent.pickUp();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario(
  'line cut while the agent’s call rings over there: ended, the customer’s telephone stops',
  'seat → SIPp',
  async (w, m) => {
    await w.agent.dial(w.sipp.number);
    await w.sipp.called();
    w.sipp.say(180);
    await w.agent.reaches('ringingOut');
    await m.hears(w.agent, { name: 'ring-back', hz: 450 });
    w.agent.line.cut();
    await expectEnd(w, 'network');
    await w.trunk.tape.until('CANCEL', ({ from, line }) => from === 'exchange' && line.startsWith('CANCEL '));
    await m.silent(w.agent, { name: 'ring-back', hz: 450 });
  },
);

scenario(
  'line doubted in mid-call (reconnect): registered anew, sound goes on',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    const sinceMs = Date.now();
    await w.agent.reconnect();
    await w.agent.registered(sinceMs);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  },
);

scenario('a call arrives while the seat registers anew', 'SIPp → queue → seat', async (w, m) => {
  const sinceMs = Date.now();
  await w.agent.reconnect();
  await w.sipp.call('6001');
  await w.agent.registered(sinceMs);
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('the agent dials the moment the line is back', 'seat → SIPp', async (w, m) => {
  const sinceMs = Date.now();
  w.agent.line.cut();
  await w.agent.registered(sinceMs);
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

for (const module of ['res_pjsip.so', 'pbx_config.so', 'app_queue.so'])
  scenario(`the exchange reloads ${module} in mid-call`, 'SIPp → queue → seat', async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    await w.reload(module);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
    await w.second.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.second);
    await endBy(w, 'customer', w.second);
  });

scenario(
  'the exchange restarts with a running call: ended with a word, registered again, the next call is taken',
  'SIPp → queue → seat',
  async (w, m) => {
    await w.sipp.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    const sinceMs = Date.now();
    await w.exchange.restart();
    await w.agent.registered(sinceMs);
    await w.colleague.registered(sinceMs);
    await w.reopen();
    expect(['customerHungUp', 'network', 'server', 'media']).toContain((await w.agent.reaches('ended')).cause);
    await w.second.call('6001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.second);
    await endBy(w, 'agent', w.second);
  },
  true,
);
