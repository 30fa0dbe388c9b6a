import { expect } from 'vitest';
import { endBy } from './endings.ts';
import { sleep } from './far-end.ts';
import { scenario } from './scenario.ts';
import { headerIn } from './tape.ts';

/** What was on its way before the change has been heard by then. */
const over = (): Promise<void> => sleep(500);

// What gateways do in the middle of a call: renew, change codec or address, fall silent, start over. The agent notices nothing.

scenario('session, renewed by the customer three times', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  for (let time = 0; time < 3; time += 1) expect(await w.sipp.reinvite({})).toBe(200);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('session, PCMA becomes PCMU', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { formats: ['PCMA'] });
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.sipp.reinvite({ formats: ['PCMU'] })).toBe(200);
  await over();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('session, PCMU becomes PCMA, outbound', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.called();
  w.sipp.pickUp({ formats: ['PCMU'] });
  await m.bothWays(w.agent, w.sipp);
  expect(await w.sipp.reinvite({ formats: ['PCMA'] })).toBe(200);
  await over();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('session, media moves to another address', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.sipp.moveMedia();
  expect(await w.sipp.reinvite({})).toBe(200);
  await over();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('session, renewed without an offer', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.sipp.reinvite({ late: true })).toBe(200);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('session, UPDATE from the customer', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect([200, 405]).toContain(await w.sipp.update());
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('session, an offer that nobody can take (488) changes nothing', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.sipp.reinvite({ formats: ['CN'] })).toBe(488);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('stream, another SSRC in mid-call', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.sipp.media().newStream();
  await over();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('stream, five SSRCs in a row', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  for (let time = 0; time < 5; time += 1) {
    w.sipp.media().newStream();
    await over();
    await m.hears(w.agent, w.sipp);
  }
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario(
  'stream, silence (DTX) until the phone says that sound is lost, then speech',
  'SIPp → direct → seat',
  async (w, m) => {
    await w.sipp.call('1001');
    await w.agent.answer();
    await m.bothWays(w.agent, w.sipp);
    w.sipp.media().say('nothing');
    await w.agent.media('lost');
    await m.silent(w.agent, w.sipp);
    w.sipp.media().say('tone');
    await m.bothWays(w.agent, w.sipp);
    await w.agent.media('flowing');
    await endBy(w, 'agent', w.sipp);
  },
);

scenario('stream, a customer who is silent but sends is not lost', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  w.sipp.media().say('quiet');
  await m.silent(w.agent, w.sipp);
  await m.hears(w.sipp, w.agent);
  expect(w.agent.newest()?.state).toMatchObject({ media: 'flowing' });
  w.sipp.media().say('tone');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('timer, the customer asks for 90 s and renews', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { headers: ['Supported: timer', 'Session-Expires: 90;refresher=uac', 'Min-SE: 90'] });
  await w.agent.answer();
  const answer = await w.trunk.tape.until(
    '200',
    ({ from, line, text }) => from === 'exchange' && line.includes(' 200 ') && /INVITE/.test(headerIn(text, 'CSeq')),
  );
  expect(headerIn(answer.text, 'Session-Expires')).toMatch(/^90/);
  expect(await w.sipp.reinvite({})).toBe(200);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('timer, too short (422), then 90 s', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { headers: ['Supported: timer', 'Session-Expires: 30'] });
  expect(await w.sipp.status()).toBe(422);
  await w.second.call('1001', { headers: ['Supported: timer', 'Session-Expires: 90', 'Min-SE: 90'] });
  await w.agent.answer();
  await m.bothWays(w.agent, w.second);
  await endBy(w, 'customer', w.second);
});

scenario('timer, the seat offers one and the exchange says who renews', 'seat 1002 → SIPp', async (w, m) => {
  await w.colleague.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.colleague, w.sipp);
  const { tape } = w.colleague.line;
  const invite = await tape.until('INVITE', ({ from, line }) => from === 'seat' && line.startsWith('INVITE '));
  expect(headerIn(invite.text, 'Session-Expires')).toBe('1800');
  const answer = await tape.until(
    '200',
    ({ from, line, text }) => from === 'exchange' && line.includes(' 200 ') && /INVITE/.test(headerIn(text, 'CSeq')),
  );
  expect(headerIn(answer.text, 'Session-Expires')).toMatch(/^\d+;refresher=(?:uac|uas)/);
  await w.colleague.hangUp();
  await w.sipp.ended();
});

/** Seat 1002 has `timers = always` in this suite; 90 s is the shortest RFC 4028 allows, renewed after half of it. */
scenario(
  'timer, the exchange always wants one from the seat: renewed after 45 s, the call goes on',
  'SIPp → seat 1002',
  async (w, m) => {
    await w.sipp.call('1002');
    await w.colleague.answer();
    await m.bothWays(w.colleague, w.sipp);
    const from = w.colleague.line.tape.passed.length;
    const isRenewal = (text: string): boolean => /^(?:INVITE|UPDATE) /.test(text);
    await w.colleague.line.tape.until('renewal', ({ line }) => isRenewal(line), from, 55_000);
    await m.bothWays(w.colleague, w.sipp);
    await w.sipp.hangUp();
    expect((await w.colleague.reaches('ended')).cause).toBe('customerHungUp');
  },
  true,
);

scenario(
  'timer, the exchange renews by UPDATE (RFC 3311): the seat answers 200, the call goes on',
  'SIPp → seat 1002',
  async (w, m) => {
    const { tape, sayUpdate } = w.colleague.line;
    sayUpdate(true);
    try {
      await w.sipp.call('1002');
      await w.colleague.answer();
      await m.bothWays(w.colleague, w.sipp);
      const from = tape.passed.length;
      const update = await tape.until(
        'UPDATE',
        (said) => said.from === 'exchange' && said.line.startsWith('UPDATE '),
        from,
        55_000,
      );
      expect(headerIn(update.text, 'Session-Expires')).toMatch(/^90/);
      const answer = await tape.until(
        'its answer',
        (said) => said.from === 'seat' && headerIn(said.text, 'CSeq') === headerIn(update.text, 'CSeq'),
        from,
      );
      expect(answer.line).toBe('SIP/2.0 200 OK');
      expect(headerIn(answer.text, 'Session-Expires')).toMatch(/^90;refresher=uac/);
      await m.bothWays(w.colleague, w.sipp);
      await w.sipp.hangUp();
      expect((await w.colleague.reaches('ended')).cause).toBe('customerHungUp');
    } finally {
      sayUpdate(false);
    }
  },
  true,
);
