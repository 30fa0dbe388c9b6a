import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { dayOf, momentOf } from '../../../shared/calendar.ts';
import { WorkId } from '../../../shared/ids.ts';
import { type Opened, openDesk, page, seen } from './open-desk.ts';

// R24: the working calendar, written by a lead.

const year = Number(dayOf(Date.now()).slice(0, 4));
const next = year + 1;

const atCalendar = async (prepare: (opened: Opened) => void = () => {}): Promise<Opened> => {
  const opened = openDesk();
  opened.engine.world.role = 'lead';
  prepare(opened);
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: '待办' }));
  await opened.user.click(await screen.findByRole('button', { name: '工作日历' }));
  await screen.findByRole('region', { name: '工作日历' });
  return opened;
};
const form = async (of: number) => within(await screen.findByRole('form', { name: `${of} 年的日历` }));
const write = async ({ user }: Opened, off: string, work = ''): Promise<Awaited<ReturnType<typeof form>>> => {
  await user.click(await screen.findByRole('button', { name: String(next) }));
  const fields = await form(next);
  fireEvent.change(fields.getByLabelText('依据（文件名称或文号）'), { target: { value: '样例通知' } });
  fireEvent.change(fields.getByLabelText(/^放假/), { target: { value: off } });
  fireEvent.change(fields.getByLabelText(/^调休上班/), { target: { value: work } });
  return fields;
};

it('a missing year is named; a lead writes it, sees what is due on another day, and only then saves', async () => {
  const [fromMs, toMs] = [momentOf(`${next}-01-07`, 900) ?? 0, momentOf(`${next}-01-11`, 900) ?? 0];
  const opened = await atCalendar(({ engine }) => {
    const workId = WorkId.parse('01900000-0000-7000-8000-000000000001');
    engine.world.calendar.changes = {
      total: 3,
      shown: [{ workId, record: 'case', kind: 'complaint', agentName: '林小满', fromMs, toMs }],
      others: [
        { workId, record: 'escalation', kind: 'second', agentName: '林小满', fromMs, toMs },
        { workId, record: 'order', kind: 'lead', agentName: '林小满', fromMs, toMs: fromMs },
      ],
      late: 2,
    };
  });
  const { engine, user } = opened;
  await seen(new RegExp(`${next} 年还没有日历`));
  const fields = await write(opened, `${next}-01-01 ~ ${next}-01-03\n05-01`);
  expect(fields.getByLabelText('放假（4 天）')).toBeTruthy();
  await user.click(fields.getByRole('button', { name: '查看影响' }));
  await seen('3 件未完成事项将改到新的到期日：');
  await seen('另有 2 件已超时，仍按原到期日，不重新计算。');
  expect(screen.getByRole('row', { name: /升级处理（二线处理）/ }).textContent).toContain('01-11');
  expect(screen.getByRole('row', { name: /订单（登记线索）/ }).textContent).toContain('日期不变');
  const row = screen.getByRole('row', { name: /投诉/ });
  expect(row.textContent).toContain('01-07');
  expect(row.textContent).toContain('01-11');
  expect(engine.asked.some(({ name }) => name === 'calendar.set')).toBe(false);
  // Another word, and what was said of the old ones is gone.
  fireEvent.change(fields.getByLabelText(/^放假/), { target: { value: `${next}-01-01` } });
  await user.click(fields.getByRole('button', { name: '查看影响' }));
  await user.click(await fields.findByRole('button', { name: '保存并重新计算' }));
  await waitFor(() => expect(page()).not.toContain('年还没有日历'));
  expect(engine.world.calendar.calendar.years.find((one) => one.year === next)).toEqual({
    ...{ year: next, source: '样例通知', off: [`${next}-01-01`], work: [] },
  });
  const found = await axe.run(screen.getByRole('region', { name: '工作日历' }), {
    rules: { 'color-contrast': { enabled: false } },
  });
  expect(found.violations).toEqual([]);
});

it('bad input is said in words as it is typed, and cannot be sent', async () => {
  const opened = await atCalendar();
  for (const [off, words] of [
    ['02-30', '“02-30”不是日期。'],
    [`${year}-01-01`, `${year}-01-01 不在 ${next} 年。`],
    ['01-01 1月1日', `${next}-01-01 写了两次。`],
  ] as const) {
    const fields = await write(opened, off);
    await seen(words);
    expect(fields.getByRole<HTMLButtonElement>('button', { name: '查看影响' }).disabled).toBe(true);
  }
  expect(opened.engine.asked.some(({ name }) => name === 'calendar.try')).toBe(false);
});

it('somebody else was quicker: it is said, and what was typed stays', async () => {
  const opened = await atCalendar();
  const fields = await write(opened, '01-01');
  await opened.user.click(fields.getByRole('button', { name: '查看影响' }));
  const save = await fields.findByRole('button', { name: '保存并重新计算' });
  const { calendar } = opened.engine.world;
  calendar.calendar = { years: [...calendar.calendar.years, { year: next + 5, source: 'x', off: [], work: [] }] };
  await opened.user.click(save);
  await seen('日历刚被他人修改，请重新打开后再改。');
  expect(fields.getByLabelText(/^放假/)).toHaveProperty('value', '01-01');
});

it('who may not write reads it', async () => {
  await atCalendar(({ engine }) => {
    engine.world.calendar.mayEdit = false;
  });
  await seen('日历由运营方的班组长和经理维护，这里只能查看。');
  expect(screen.queryByRole('button', { name: '查看影响' })).toBeNull();
});
