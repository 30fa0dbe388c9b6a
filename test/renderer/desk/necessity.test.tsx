import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };
import { type Opened, openDesk, ready, seen } from './open-desk.ts';

// R21, R22: marketing by hand asks central's leave; a customer's refusal is lifted once, by a second person, in writing.
const found = async (typed: string): Promise<Opened> => {
  const opened = await ready();
  await opened.user.keyboard('{Control>}f{/Control}');
  await screen.findByLabelText(zh['find.text']);
  await opened.user.keyboard(typed);
  await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
  await opened.user.keyboard('{Enter}');
  await screen.findByRole('heading', { name: zh['find.opened'] });
  return opened;
};
const marketing = () => screen.findAllByRole('button', { name: zh['numbers.marketing'] });
const press = async ({ user }: Opened): Promise<void> => user.click((await marketing())[0] ?? document.body);

it('R21 a marketing call by hand is made with central’s leave', async () => {
  const opened = await found('13800138000');
  await press(opened);
  await waitFor(() => expect(opened.engine.agent().kind).toBe('onCall'));
  expect(opened.engine.world.tasks.hand.size).toBe(1);
});

it('R22 a refusal is told, a reason is asked for, and once somebody agreed the call is made', async () => {
  const opened = await found('13500135000');
  await press(opened);
  await opened.user.type(await screen.findByLabelText(zh['necessity.reason']), '补充');
  expect(screen.getByRole('button', { name: zh['necessity.ask'] })).toHaveProperty('disabled', true);
  await opened.user.type(screen.getByLabelText(zh['necessity.reason']), '签合同资料');
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id }) => id)).toEqual([]);
  await opened.user.click(screen.getByRole('button', { name: zh['necessity.ask'] }));
  await seen(zh['necessity.asked']);
  const { wishes, agreed } = opened.engine.world.tasks;
  expect(wishes).toMatchObject([{ reason: '补充签合同资料' }]);
  agreed.add(wishes[0]?.customerId ?? '');
  await press(opened);
  await waitFor(() => expect(opened.engine.agent().kind).toBe('onCall'));
});

it('R22 a lead sees who asks and why, and agrees or does not', async () => {
  const opened = openDesk('zh-CN');
  const { world } = opened.engine;
  world.role = 'lead';
  const of = { agentName: '周南乔', agentNumber: '8002', customer: '王*', askedAtMs: Date.now(), customerId: 'C1' };
  world.tasks.wishes.push({ ...of, id: 'n1', reason: '客户要求的回电' }, { ...of, id: 'n2', reason: '没有理由的理由' });
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: zh['rail.board'] }));
  await seen('客户要求的回电');
  await opened.user.click(screen.getAllByRole('button', { name: zh['necessity.refuse'] })[1] ?? document.body);
  await waitFor(() => expect(world.tasks.wishes).toHaveLength(1));
  await opened.user.click(screen.getByRole('button', { name: zh['necessity.grant'] }));
  await waitFor(() => expect(world.tasks.agreed.has('C1')).toBe(true));
  await waitFor(() => expect(screen.queryByText(zh['necessity.region'])).toBeNull());
});
