import { expect } from 'vitest';
import { endBy } from './endings.ts';
import { scenario } from './scenario.ts';

// Keys in both directions (RFC 4733), and SIP INFO, which a seat refuses.

const all = '0123456789*#ABCD';

scenario('keys, all 16 to the customer', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.agent.press(all)).toBe(true);
  await expect.poll(() => w.sipp.media().keys()).toBe(all);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('keys, a pasted account number in one go', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.agent.press('6222021234567890#')).toBe(true);
  await expect.poll(() => w.sipp.media().keys()).toBe('6222021234567890#');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

scenario('keys, one after the other without waiting keep their order', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  for (const key of '11223') await w.agent.press(key);
  await expect.poll(() => w.sipp.media().keys()).toBe('11223');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('keys, the customer’s 16 reach the seat and disturb nothing', 'SIPp → queue → seat', async (w, m) => {
  await w.sipp.call('6001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.sipp.media().press(all);
  await m.bothWays(w.agent, w.sipp);
  expect(w.agent.newest()?.state).toMatchObject({ kind: 'talking', hold: { kind: 'none' } });
  await endBy(w, 'customer', w.sipp);
});

scenario('keys, while the customer is on hold', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  await w.agent.hold(true);
  await w.agent.holds('held');
  await m.silent(w.sipp, w.agent);
  await w.agent.press('42');
  await w.agent.hold(false);
  await w.agent.holds('none');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('keys, to a colleague', 'seat 1001 → seat 1002', async (w, m) => {
  await w.agent.dial('1002');
  await w.colleague.answer();
  await m.bothWays(w.agent, w.colleague);
  expect(await w.agent.press('159#')).toBe(true);
  // A browser plays the keys it receives as tones: until the last one is over they are louder than the voice.
  await w.agent.page.waitForTimeout(1_200);
  await m.bothWays(w.agent, w.colleague);
  await endBy(w, 'agent', w.colleague);
});

scenario('keys, none but keys are sent', 'seat → SIPp', async (w, m) => {
  await w.agent.dial(w.sipp.number);
  await w.sipp.answer();
  await m.bothWays(w.agent, w.sipp);
  expect(await w.agent.press('12a\r\n')).toBe(false);
  expect(await w.agent.press('7')).toBe(true);
  await expect.poll(() => w.sipp.media().keys()).toBe('7');
  await endBy(w, 'agent', w.sipp);
});

scenario('keys by SIP INFO from the customer are harmless', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001');
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  expect([200, 405, 415, 488]).toContain(await w.sipp.info());
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'customer', w.sipp);
});

for (const method of ['INFO', 'UPDATE', 'MESSAGE', 'NOTIFY', 'REFER', 'SUBSCRIBE'])
  scenario(
    `an unasked ${method} in the call is refused by the seat (405) and harmless`,
    'SIPp → queue → seat',
    async (w, m) => {
      await w.sipp.call('6001');
      await w.agent.answer();
      await m.bothWays(w.agent, w.sipp);
      const invite = await w.agent.line.tape.until('INVITE', ({ line }) => line.startsWith('INVITE '));
      w.agent.line.tellInDialog(invite, method);
      await w.agent.line.tape.until(
        '405',
        ({ from, line, text }) => from === 'seat' && line.includes(' 405 ') && text.includes(` ${method}\r\n`),
      );
      await m.bothWays(w.agent, w.sipp);
      await endBy(w, 'agent', w.sipp);
    },
  );
