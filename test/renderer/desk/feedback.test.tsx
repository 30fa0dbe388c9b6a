import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { type Opened, openDesk, seen } from './open-desk.ts';

// R31, R32: what customers said and what surveys found, at the desk of a lead and of a manager.
beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
});
const at = async (view: string, role: 'lead' | 'manager' = 'lead', language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = openDesk(language);
  opened.engine.world.role = role;
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: language === 'en' ? 'Figures' : '报表' }));
  await opened.user.click(await screen.findByRole('button', { name: view }));
  return opened;
};

it('R31 counts what was said, by any group, with the contacts and their words behind each; a contact opens in history', async () => {
  const { user, engine } = await at('客户反馈');
  await user.click(await screen.findByRole('button', { name: '不办理 › 嫌贵 3 条，查看明细' }));
  const list = within(await screen.findByRole('region', { name: '不办理 › 嫌贵 明细' }));
  expect(engine.asked.at(-1)).toMatchObject({ name: 'feedback.list', args: { by: 'said', row: 'declined/price' } });
  await user.click(await list.findByRole('button', { name: /嫌套餐贵/ }));
  await waitFor(() => expect(engine.asked.some(({ name }) => name === 'history.open')).toBe(true));
});

it('R31 by topic, what belongs to none has a word; a manager has the file, a lead has not', async () => {
  const { user, engine } = await at('客户反馈', 'manager');
  await user.selectOptions(await screen.findByLabelText('按'), '业务主题');
  expect(await screen.findByRole('row', { name: /未选主题/ })).toBeTruthy();
  const made: string[] = [];
  vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => {} }));
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
    made.push(this.download);
  });
  await user.click(screen.getByRole('button', { name: '导出 CSV' }));
  await waitFor(() => expect(made).toEqual(['feedback.csv']));
  const asked = engine.asked.find(({ name }) => name === 'feedback.export')?.args;
  expect(asked).toMatchObject({ heads: ['日期', '队列', '主题', '反馈内容', '标签', '备注'] });
});

it('R32 says how many were asked and finished, counts each answer, and lists who gave it', async () => {
  const { user, engine } = await at('问卷调查');
  await seen('共询问 8 人，完成 6 人，应答率 75.0 %。');
  expect(screen.queryByRole('button', { name: '导出 CSV' })).toBeNull();
  await user.click(screen.getByRole('button', { name: '满意 5 条，查看明细' }));
  await screen.findByRole('region', { name: '您满意吗？ › 满意 明细' });
  expect(engine.asked.at(-1)).toMatchObject({ args: { pick: { kind: 'answer', stepId: 'q1', answerId: 'good' } } });
  await user.click(screen.getByRole('button', { name: '林小满 完成 6 条，查看明细' }));
  await waitFor(() =>
    expect(engine.asked.at(-1)).toMatchObject({ args: { pick: { kind: 'finished', agentId: 'A1', day: null } } }),
  );
});

it.each([
  ['客户反馈', 'zh-CN'],
  ['Surveys', 'en'],
] as const)('axe finds nothing on %s with a list open', async (view, language) => {
  const { user } = await at(view, 'manager', language);
  await user.click((await screen.findAllByRole('button', { name: /查看明细|open the contacts/ }))[0] ?? document.body);
  await screen.findByRole('heading', { level: 2 });
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`))).toEqual([]);
});
