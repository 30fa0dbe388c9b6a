import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { AgentId, ContactId } from '../../../shared/ids.ts';
import type { MissedCall } from '../../../shared/missed-calls.ts';
import { openDesk, ready, seen } from './open-desk.ts';

// R38 at the desk: who was not answered here, and calling back.

const contactId = ContactId.parse('01900000-0000-7000-8000-000000000001');
const call = (over: Partial<MissedCall> = {}): MissedCall => ({
  ...{ contactId, shown: '137 0013 7000', name: null, queue: 'service', how: 'rangOut', times: 2 },
  ...{ atMs: Date.now() - 60_000, state: { kind: 'open', triedAtMs: null } },
  ...over,
});

it('a call that rings out says why nobody is offered, and stands in the list with the key that calls back', async () => {
  const opened = await ready();
  const { engine, user, far } = opened;
  const { missed } = engine.world;
  far.call({ number: '13700137000', queue: 'service' });
  await waitFor(() => expect(engine.agent().kind).toBe('reserved'));
  missed.list = { calls: [call()], colleagues: [] };
  await user.keyboard('{F4}');
  await seen('刚才有来电未接，暂不再派来电；回到座位后请按 F8 就绪。');
  const list = await screen.findByRole('region', { name: '未接来电' });
  expect(list.textContent).toContain('振铃未接');
  expect(list.textContent).toContain('共 2 次');
  expect(list.textContent).toContain('待回拨');
  await user.keyboard('{Control>}j{/Control}');
  await waitFor(() => expect(engine.snapshot().contact?.contact).toMatchObject({ direction: 'outbound' }));
  expect(engine.agent().kind).toBe('onCall');
});

it('what became of it is in words; a colleague who rang, too; withheld numbers have no button', async () => {
  const { engine } = await ready();
  const nth = (n: number): ContactId => ContactId.parse(`01900000-0000-7000-8000-00000000000${n}`);
  const at = Date.now() - 5_000;
  engine.world.missed.list = {
    calls: [
      call({ shown: '', times: 1 }),
      call({ contactId: nth(2), name: '李*', state: { kind: 'open', triedAtMs: at } }),
      call({ contactId: nth(3), state: { kind: 'calledBack', atMs: at } }),
      call({ contactId: nth(4), state: { kind: 'colleague', atMs: at, by: '周南乔' } }),
    ],
    colleagues: [{ number: '1003', name: { zh: '叶长歌', en: '' }, atMs: at, times: 1 }],
  };
  engine.world.setAsOf(Date.now());
  const list = await screen.findByRole('region', { name: '未接来电' });
  for (const words of [/未显示号码/, /回拨未接通/, /已回拨/, /由周南乔接通/, /叶长歌/, /同事来电未接/])
    expect(list.textContent).toMatch(words);
  expect(
    within(list)
      .getAllByRole('button')
      .map(({ textContent }) => textContent),
  ).toEqual(['回拨 137 0013 7000Ctrl+J', '回拨 1003']);
  const found = await axe.run(list, { rules: { 'color-contrast': { enabled: false } } });
  expect(found.violations).toEqual([]);
});

it('central’s word replaces the seat’s; with nothing to call back the key says so', async () => {
  const { engine, user } = await ready();
  const { missed } = engine.world;
  missed.list = { calls: [call()], colleagues: [] };
  missed.atCentral = { calls: [call({ state: { kind: 'colleague', atMs: 1, by: '周南乔' } })], colleagues: [] };
  engine.world.setAsOf(Date.now());
  await seen(/由周南乔接通/);
  missed.list = { calls: [], colleagues: [] };
  await user.keyboard('{Control>}j{/Control}');
  expect(await seen('没有可以回拨的未接来电。')).toBe(true);
});

it('a lead reads the team’s when they open the list, and each opens its contact', async () => {
  const { engine, user } = openDesk();
  engine.world.role = 'lead';
  engine.world.missed.team = [
    {
      ...{ contactId, agentId: AgentId.parse('A1002'), agentName: '周南乔', agentNumber: '1002', who: '李*' },
      ...{ number: '138****8000', queue: 'service', how: 'declined', atMs: Date.now() - 60_000, settled: null },
    },
  ];
  await screen.findByRole('button', { name: /林小满/ });
  await user.keyboard('1');
  await user.click(await screen.findByRole('button', { name: '监控' }));
  expect(engine.asked.some(({ name }) => name === 'missed.team')).toBe(false);
  await user.click(await screen.findByRole('button', { name: '今日未接来电' }));
  await seen('共 1 个，其中 1 个尚未联系上。');
  await user.click(screen.getByRole('button', { name: '李* 138****8000' }));
  await waitFor(() => expect(engine.asked.some(({ name }) => name === 'history.open')).toBe(true));
});
