import { expect } from 'vitest';
import { endBy } from './endings.ts';
import { scenario } from './scenario.ts';

// Who calls is text from strangers: shown as such, never more (security 71, 76). And a call like any other.

const names: readonly (readonly [what: string, sent: string, shown: string])[] = [
  ['Chinese', '"张三丰"', '张三丰'],
  ['emoji', '"😀 Wang"', '😀 Wang'],
  // Asterisk keeps the quoted pairs as they are written and quotes them again: one level of the two is its own.
  ['quotes', String.raw`"Wang \"Boss\" Li"`, String.raw`Wang \"Boss\" Li`],
  ['an encoded line end and header', '"Wang%0D%0AX-Queue: vip"', 'Wang%0D%0AX-Queue: vip'],
  ['60 characters', `"${'Wang Xiaoming '.repeat(5).slice(0, 60)}"`, 'Wang Xiaoming '.repeat(5).slice(0, 60)],
  ['markup', '"<script>alert(1)</script>"', '<script>alert(1)</script>'],
  ['a dial plan function', '"${SHELL(id)}${HANGUPCAUSE}"', '${SHELL(id)}${HANGUPCAUSE}'],
  ['a SIP address', '"<sip:1001@127.0.0.1>;tag=1"', '<sip:1001@127.0.0.1>;tag=1'],
  ['no name', '', ''],
];
for (const [what, sent, shown] of names)
  scenario(`name: ${what}`, 'SIPp → direct → seat', async (w, m) => {
    await w.sipp.call('1001', { display: sent });
    await w.agent.answer();
    const call = w.agent.newest();
    expect(call?.display).toBe(shown);
    expect(call?.queue).toBeUndefined();
    expect(call?.number).toBe(w.sipp.number);
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'agent', w.sipp);
  });

scenario('name: 300 characters are cut', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { display: `"${'长'.repeat(100)}"` });
  await w.agent.answer();
  const display = w.agent.newest()?.display ?? '';
  expect(display).toMatch(/^长+/);
  expect(display.length).toBeLessThanOrEqual(64);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('name: turned around (U+202E) is made inert', 'SIPp → direct → seat', async (w, m) => {
  await w.sipp.call('1001', { display: '"abc\u202Etxt.exe"' });
  await w.agent.answer();
  expect(w.agent.newest()?.display).not.toContain('\u202E');
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

const numbers = ['anonymous', '+8613800138000', '013800138000', '8001', '1001', '4008123123', 'alice', '95588'];
for (const user of numbers)
  scenario(`number: ${user}`, 'SIPp → queue → seat', async (w, m) => {
    await w.sipp.call('6001', { user });
    await w.agent.answer();
    expect(w.agent.newest()).toMatchObject({ number: user, direction: 'inbound', queue: 'service' });
    await m.bothWays(w.agent, w.sipp);
    await endBy(w, 'customer', w.sipp);
  });

scenario('number: withheld by the network (Privacy: id)', 'SIPp → queue → seat', async (w, m) => {
  const headers = ['Privacy: id', 'P-Asserted-Identity: <sip:13800138000@127.0.0.2>'];
  await w.sipp.call('6001', { user: 'anonymous', display: '"Anonymous"', headers });
  await w.agent.answer();
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('number: 60 digits', 'SIPp → queue → seat', async (w, m) => {
  const user = '1234567890'.repeat(6);
  await w.sipp.call('6001', { user });
  await w.agent.answer();
  expect(user.startsWith(w.agent.newest()?.number ?? 'x')).toBe(true);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});

scenario('headers of a stranger choose neither queue nor contact', 'SIPp → queue → seat', async (w, m) => {
  const chosen = '0199a000-0000-7000-8000-00000000beef';
  await w.sipp.call('6001', {
    headers: ['X-Queue: vip', `X-Contact-Id: ${chosen}`, 'X-Colleague: 1002', 'X-Supervision: 1'],
  });
  await w.agent.answer();
  expect(w.agent.newest()?.queue).toBe('service');
  expect(w.agent.newest()?.exchangeId).not.toBe(chosen);
  await m.bothWays(w.agent, w.sipp);
  await endBy(w, 'agent', w.sipp);
});
