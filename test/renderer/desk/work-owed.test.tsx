import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import axe from 'axe-core';
import type { Case } from '../../../shared/case.ts';
import type { Obligation } from '../../../shared/obligation.ts';
import type { Language } from '../../../shared/text.ts';
import { AgentId, ContactId, CustomerId, WorkId } from '../../../shared/ids.ts';
import { openDesk, ready, seen, signedIn, talking, wrapping } from './open-desk.ts';

const panel = async (user: Awaited<ReturnType<typeof talking>>['user'], name: RegExp): Promise<void> =>
  user.click(screen.getByRole('button', { name }));

describe('R24: what is owed', () => {
  it('a promise is entered by keyboard during the call: the time stands there, one note and Enter', async () => {
    const { user, engine } = await talking();
    await panel(user, /^待办$/);
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('承诺什么')));
    await user.keyboard('告知账单复核结果{Enter}');
    await seen('已登记，到期会提醒。');
    const asked = engine.asked.find(({ name }) => name === 'obligation.open')?.args as { dueAtMs: number };
    expect(asked.dueAtMs).toBe(engine.snapshot().work.nextCallMs);
    expect(asked.dueAtMs).toBeGreaterThan(Date.now());
    // The bar says what is due next, and the agent stays where they were.
    await seen(/待办 · 约定回电 · /);
    expect(document.activeElement).toBe(screen.getByLabelText('承诺什么'));
  });

  it('a refusal is told beside the form and loses nothing; done, it leaves the list', async () => {
    const { user } = await talking();
    await panel(user, /^待办$/);
    const form = within(screen.getByRole('form', { name: '登记承诺' }));
    await user.clear(form.getByLabelText(/时间/));
    await user.type(form.getByLabelText('承诺什么'), '甲{Enter}');
    await seen('请填写约定的时间。');
    expect(form.getByLabelText('承诺什么')).toHaveProperty('value', '甲');
    await user.selectOptions(form.getByLabelText('类型'), 'answer');
    await user.click(form.getByRole('button', { name: '登记承诺' }));
    await seen('已登记，到期会提醒。');
    await user.click(screen.getByRole('button', { name: '已回复客户' }));
    await seen('没有到期的回访或承诺。');
  });
});

const next = (days: number, hour: number, minute = 0): number => {
  const at = new Date();
  at.setDate(at.getDate() + 7 + days - ((at.getDay() + 6) % 7));
  at.setHours(hour, minute, 0, 0);
  return at.getTime();
};
const owedAt = (n: number, dueAtMs: number, over: Partial<Obligation> = {}): Obligation => ({
  ...{ record: 'obligation', id: WorkId.parse(`01900000-0000-7000-8000-0000000000d${n}`), kind: 'callback' },
  ...{
    customerId: CustomerId.parse('C-1002'),
    agentId: AgentId.parse('A-801'),
    what: '',
    contactId: null,
    caseId: null,
  },
  ...{ openedAtMs: 0, dueAtMs, limitMs: null, missingYear: null, state: { kind: 'open' }, ...over },
});
/** Next week, whatever day it is today. */
const week = async (language: Language = 'zh-CN', rows: readonly Obligation[] = [owedAt(1, next(0, 10, 30))]) => {
  const opened = await ready(language);
  for (const row of rows) opened.engine.putWork(row);
  const isEnglish = language === 'en';
  await opened.user.click(screen.getByRole('button', { name: isEnglish ? /^Due$/ : /^待办$/ }));
  await opened.user.click(await screen.findByRole('button', { name: isEnglish ? 'Week' : '周历' }));
  await opened.user.click(await screen.findByRole('button', { name: isEnglish ? 'Next week' : '下一周' }));
  return opened;
};

describe('R24: the week', () => {
  it.each(['zh-CN', 'en'] as const)(
    'axe finds nothing, and an hour is named with what is due in it (%s)',
    async (language) => {
      await week(language);
      const name = language === 'en' ? /10:00 · 1 due .*Callback/i : /10:00 · 1 项 待办 约定回电 欧阳/;
      expect(screen.getByRole('button', { name })).toBeTruthy();
      const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
    },
  );

  it('is gone through by arrows from one tab stop, across weeks too', async () => {
    const { user } = await week();
    const grid = screen.getByRole('grid', { name: '周历' });
    const stops = () => [...grid.querySelectorAll<HTMLElement>('[tabindex="0"]')];
    expect(stops()).toHaveLength(1);
    stops()[0]?.focus();
    await user.keyboard(
      '{Home}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}{ArrowUp}',
    );
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/10:00 · 1 项/));
    // The only hour with something in it; below stands what can be done.
    const chosen = within(screen.getByRole('region', { name: '选中的时段' }));
    expect(chosen.getByRole('button', { name: '已回复客户' })).toBeTruthy();
    await user.keyboard('{ArrowLeft}{ArrowRight}');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/10:00 · 1 项/));
    await user.keyboard('{PageDown}');
    await seen('这一周没有待办。');
  });

  it('moves what is due by keyboard, the minutes as promised; not beyond its limit, and Esc leaves it', async () => {
    const { user, engine } = await week('zh-CN', [owedAt(1, next(0, 10, 30), { limitMs: next(2, 12) })]);
    await user.click(screen.getByRole('button', { name: /10:00 · 1 项/ }));
    await user.click(await screen.findByRole('button', { name: '移动到…' }));
    await seen(/正在移动/);
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/10:00 · 1 项/));
    await user.keyboard('{Escape}');
    await seen(/方向键选时段/);
    await user.click(screen.getByRole('button', { name: '移动到…' }));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/10:00 · 1 项/));
    await user.keyboard('{End}{Enter}');
    await seen('晚于规定时限，请选更早的时间。');
    await user.keyboard('{Home}{ArrowRight}{ArrowDown}{Enter}');
    await seen(/已改到/);
    const moves = engine.asked.filter(({ name }) => name === 'obligation.move').map(({ args }) => args);
    expect(moves.at(-1)).toMatchObject({ dueAtMs: next(1, 11, 30) });
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/11:00 · 1 项/));
  });
});

describe('R29: cases', () => {
  it('a new one is filled from the call, and every step stands in it with its note', async () => {
    const { user, engine } = await talking();
    await user.type(screen.getByLabelText('备注'), '三楼没有信号');
    await panel(user, /^工单$/);
    const form = within(screen.getByRole('form', { name: '新建工单' }));
    expect(form.getByLabelText('内容')).toHaveProperty('value', '三楼没有信号');
    await user.clear(form.getByLabelText('标题'));
    await user.type(form.getByLabelText('标题'), '室内无信号');
    await user.clear(form.getByLabelText('处理部门'));
    await user.type(form.getByLabelText('处理部门'), '网络部{Enter}');
    await seen('工单已建立，时限按工作日计算。');
    await user.click(screen.getByRole('button', { name: /室内无信号/ }));
    await user.click(screen.getByRole('button', { name: '标记已解决' }));
    await seen('请写明处理说明。');
    await user.type(screen.getByLabelText('处理说明'), '已加装室分');
    await user.click(screen.getByRole('button', { name: '标记已解决' }));
    await seen('已加装室分');
    expect(engine.snapshot().work.rows).toMatchObject([{ row: { title: '室内无信号', state: 'resolved' } }]);
    await user.click(screen.getByRole('button', { name: '返回列表' }));
    await seen(/已解决待回访 · 网络部/);
  });
});

const overdue = (over: Partial<Case> = {}): Case => ({
  ...{ record: 'case', id: WorkId.parse('01900000-0000-7000-8000-0000000000c1') },
  ...{ customerId: CustomerId.parse('c-li'), agentId: AgentId.parse('a-2'), kind: 'complaint', title: '多次断网' },
  ...{ text: '', department: '网络部', contactId: ContactId.parse('01900000-0000-7000-8000-0000000000c2') },
  ...{ openedAtMs: 0, dueAtMs: 1, missingYear: null, state: 'open', steps: [], ...over },
});

describe('R29: escalation', () => {
  it('an agent asks the lead, with a reason; the list says to whom and by when', async () => {
    const { user, engine } = await signedIn();
    engine.putWork(overdue({ dueAtMs: Date.now() + 86_400_000 }));
    await panel(user, /^工单$/);
    await user.click(await screen.findByRole('button', { name: /多次断网/ }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('处理说明')));
    await user.click(screen.getByRole('button', { name: '升级至班组长' }));
    await seen('请写明处理说明。');
    await user.type(screen.getByLabelText('处理说明'), '客户要求主管回电');
    await user.click(screen.getByRole('button', { name: '升级至班组长' }));
    await seen(/已升级：班组长 · .+前/);
    await seen('客户要求主管回电');
    expect(screen.queryByRole('button', { name: '接管' })).toBeNull();
    expect(screen.getByRole('button', { name: '升级至监管申诉' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: '返回列表' }));
    await seen('已升级或超时（1）');
  });

  it('a lead sees how many wait, takes one over that is overdue and hands it back', async () => {
    const { user, engine } = openDesk();
    engine.world.role = 'lead';
    await screen.findByRole('button', { name: /林小满/ });
    await user.keyboard('1');
    engine.putWork(overdue());
    await user.click(await screen.findByRole('button', { name: /^工单.*1 件待接管/ }));
    await user.click(await screen.findByRole('button', { name: /多次断网.*已超时，转班组长 · 已逾期/ }));
    await user.click(screen.getByRole('button', { name: '接管' }));
    await seen('林小满已接管（班组长）');
    await user.type(screen.getByLabelText('处理说明'), '请今天回电');
    await user.click(screen.getByRole('button', { name: '退回' }));
    await seen(/林小满已退回，请继续处理 · .+前/);
    expect(screen.queryByText('1 件待接管')).toBeNull();
  });
});

describe('R28: a wrap-up', () => {
  it('whose callback enters itself takes four keystrokes, six at most; the desk says what will follow', async () => {
    const { user, engine } = await wrapping();
    let pressed = 0;
    const press = async (key: string): Promise<void> => {
      pressed += 1;
      await user.keyboard(key);
    };
    for (const [digit, then] of [
      ['1', '未解答'],
      ['2', '约定回电'],
      ['1', '完成后自动登记：约定回电'],
    ] as const) {
      await press(digit);
      await seen(then);
    }
    await press('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    expect(pressed).toBeLessThanOrEqual(6);
  });
});
