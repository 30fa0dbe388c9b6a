import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { type Opened, openDesk, ready, seen } from './open-desk.ts';

// R19–R21, R25: the next customer at the desk; R20, R27: a lead's tasks.
const faults = async (): Promise<readonly string[]> => {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};
const shown = async (language: Language = 'zh-CN', over: object = {}): Promise<Opened> => {
  const opened = await ready(language);
  opened.engine.world.tasks.give(over);
  await screen.findByRole('region', { name: language === 'en' ? 'Outbound tasks' : '外呼任务' });
  await seen(language === 'en' ? 'May be called' : '可以拨打：');
  return opened;
};
const isOnCall = ({ engine }: Opened) => waitFor(() => expect(engine.agent().kind).toBe('onCall'));

describe('the next customer of a task', () => {
  it.each(['zh-CN', 'en'] as const)('axe finds nothing (%s)', async (language) => {
    await shown(language);
    expect(await faults()).toEqual([]);
  });

  it('is shown with why, and dialled by one key; the number is not', async () => {
    const opened = await shown();
    await seen('高端客户优先');
    await seen('138****8000');
    expect(document.body.textContent).not.toContain('13800138000');
    await opened.user.keyboard('{F2}');
    await isOnCall(opened);
    expect(opened.engine.world.tasks.state.kind).toBe('dialling');
  });

  it('is passed by with a digit, which says why', async () => {
    const opened = await shown();
    await opened.user.keyboard('3');
    await waitFor(() => expect(opened.engine.world.tasks.skipped).toEqual(['settled']));
    await seen('已跳过');
    await opened.user.keyboard('{Enter}');
    await waitFor(() => expect(opened.engine.world.tasks.state.kind).toBe('preview'));
  });

  it('is passed by with a digit that was the last one before F8, however fast', async () => {
    const opened = await shown();
    await opened.user.keyboard('33');
    await waitFor(() => expect(opened.engine.world.tasks.skipped).toEqual(['settled']));
    opened.engine.world.tasks.give();
    await opened.user.keyboard('{F8}{Escape}3');
    await waitFor(() => expect(opened.engine.world.tasks.skipped).toEqual(['settled', 'settled']));
  });

  it('R25 progressive: is dialled by itself when the box is over', async () => {
    const opened = await ready('zh-CN');
    opened.engine.world.tasks.give({ mode: 'progressive', boxSeconds: 3 });
    await seen('自动拨打');
    expect(opened.engine.agent().kind).toBe('ready');
    await waitFor(() => expect(opened.engine.agent().kind).toBe('onCall'), { timeout: 6_000 });
  });

  it.each<[Language, RegExp, string]>([
    ['zh-CN', /综合服务队列来电多于空闲坐席，\d\d:\d\d 起/, '来电优先'],
    ['en', /has more callers than free agents: .*since \d\d:\d\d/, 'Calls first'],
  ])('R19: callers first is said with the queue, why and since when (%s)', async (language, sentence, word) => {
    const opened = await ready(language);
    const { tasks } = opened.engine.world;
    const shift = { queue: 'service', why: 'waiting', sinceMs: Date.now() - 90_000 } as const;
    for (const kind of ['turnedOn', 'asked'] as const) tasks.on({ kind });
    tasks.on({ kind: 'nobody', why: 'inboundFirst', againAtMs: null, tasks: [], shift });
    await seen(sentence);
    await seen(word);
    const said = screen.getByText(sentence);
    // Asked again every ten seconds: the sentence stays as it is, and is not read out again.
    tasks.on({ kind: 'asked' });
    await waitFor(() => expect(tasks.state.kind).toBe('asking'));
    expect(screen.getByText(sentence)).toBe(said);
    expect(await faults()).toEqual([]);
  });

  it('tasks are taken, and no longer', async () => {
    const opened = await ready('zh-CN');
    await opened.user.click(screen.getByRole('button', { name: '开始接任务' }));
    await waitFor(() => expect(opened.engine.world.tasks.state.kind).toBe('aside'));
    await opened.user.click(await screen.findByRole('button', { name: '停止接任务' }));
    await waitFor(() => expect(opened.engine.world.tasks.state.kind).toBe('off'));
  });
});

const aLead = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = openDesk(language);
  opened.engine.world.role = 'lead';
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: language === 'en' ? 'Tasks' : '任务' }));
  await screen.findByRole('heading', { level: 1, name: language === 'en' ? 'Outbound tasks' : '外呼任务' });
  return opened;
};

describe('a lead’s tasks', () => {
  it.each(['zh-CN', 'en'] as const)('axe finds nothing in the form and the table (%s)', async (language) => {
    const { user } = await aLead(language);
    await user.click(await screen.findByRole('button', { name: language === 'en' ? 'New task' : '新建任务' }));
    await screen.findByRole('form');
    expect(await faults()).toEqual([]);
  });

  it('is written, estimated, started, paused, resumed and ended', async () => {
    const { user, engine } = await aLead();
    await user.click(await screen.findByRole('button', { name: '新建任务' }));
    await user.type(await screen.findByLabelText('任务名称'), '春季升级');
    await user.click(screen.getByRole('button', { name: '估算' }));
    await seen('100 人中可拨打 80 人');
    await seen(/15.*红名单/);
    await user.click(screen.getByRole('button', { name: '开始' }));
    await seen('进行中');
    const row = within(await screen.findByRole('row', { name: /春季升级/ }));
    await user.click(row.getByRole('button', { name: '暂停' }));
    await seen('已暂停');
    await user.click(await screen.findByRole('button', { name: '继续' }));
    await seen('进行中');
    await user.click(await screen.findByRole('button', { name: '结束' }));
    await seen('已结束');
    expect(engine.world.tasks.tasks).toHaveLength(1);
  });

  it('R24, R26: takes up what is due, as a care task, and writes first', async () => {
    const { user, engine } = await aLead();
    await user.click(await screen.findByRole('button', { name: '新建任务' }));
    await user.type(await screen.findByLabelText('任务名称'), '关怀');
    await user.selectOptions(screen.getByLabelText('客户来源'), '到期的回访与关怀（自动加入）');
    await user.click(screen.getByLabelText('VIP 关怀'));
    await user.click(screen.getByLabelText('先发短信（热呼）'));
    await user.type(screen.getByLabelText('短信内容'), '体验即将到期');
    await user.click(screen.getByRole('button', { name: '保存草稿' }));
    await waitFor(() => expect(engine.world.tasks.tasks).toHaveLength(1));
    expect(engine.world.tasks.tasks[0]?.plan).toMatchObject({
      ...{ kind: 'care', source: { kind: 'list' }, hot: { text: '体验即将到期', waitHours: 24 } },
      due: { kinds: ['trialEnd', 'newService', 'newSubscriber', 'retention', 'handOver'] },
    });
    expect(await faults()).toEqual([]);
  });

  it('R24: what is due is said in words to the agent', async () => {
    await shown('zh-CN', { note: 'due:handOver:沈经理' });
    await seen('离网预警，属客户经理 沈经理：请说明情况并交接');
    expect(document.body.textContent).not.toContain('due:');
  });

  it('what is missing is said, and nothing is lost', async () => {
    const { user, engine } = await aLead();
    await user.click(await screen.findByRole('button', { name: '新建任务' }));
    await user.type(await screen.findByLabelText('任务名称'), '没有话术');
    await user.selectOptions(screen.getByLabelText('话术'), '');
    await user.click(screen.getByRole('button', { name: '开始' }));
    await seen('请选择话术。');
    expect(engine.world.tasks.tasks[0]?.plan.title).toBe('没有话术');
    expect(screen.getByLabelText('任务名称')).toHaveProperty('value', '没有话术');
  });

  it('a pasted list is taken, and its bad lines are named', async () => {
    const { user } = await aLead();
    await user.click(await screen.findByRole('button', { name: '新建任务' }));
    await user.click(screen.getByText('粘贴名单'));
    await user.type(screen.getByLabelText('名单名称'), '春季');
    await user.type(screen.getByLabelText(/每行一个号码/), '13900139000{Enter}abc');
    await user.click(screen.getByRole('button', { name: '导入名单' }));
    await seen(/第 2 行：/);
    expect(screen.getByLabelText(/每行一个号码/)).toHaveProperty('value', '');
  });
});
