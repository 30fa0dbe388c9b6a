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
    await user.click(screen.getByText('粘贴名单或选择文件'));
    await user.type(screen.getByLabelText('名单名称'), '春季');
    await user.type(screen.getByLabelText(/每行一个号码/), '13900139000{Enter}abc');
    await user.click(screen.getByRole('button', { name: '导入名单' }));
    await seen(/第 2 行：/);
    expect(screen.getByLabelText(/每行一个号码/)).toHaveProperty('value', '');
  });

  const paste = async (opened: Opened, text: string): Promise<void> => {
    await opened.user.click(await screen.findByRole('button', { name: '新建任务' }));
    await opened.user.click(screen.getByText('粘贴名单或选择文件'));
    await opened.user.type(screen.getByLabelText('名单名称'), '长名单');
    await opened.user.click(screen.getByLabelText(/每行一个号码/));
    await opened.user.paste(text);
  };
  const numbers = (count: number): string => Array.from({ length: count }, (_, n) => `1390${1_000_000 + n}`).join('\n');
  const take = (opened: Opened) => opened.user.click(screen.getByRole('button', { name: '导入名单' }));

  it('R20: a long list is put aside with what is wrong with it, and goes in parts; nobody is laid out in a text field', async () => {
    const opened = await aLead();
    await paste(opened, `${numbers(4_999)}\nabc\n+44 20 7946 0000\n13901000000`);
    await seen('已粘贴 5,002 行：可用号码 4,999 个，无法导入 3 行');
    expect(screen.queryByLabelText(/每行一个号码/)).toBeNull();
    await seen('第 5000 行：');
    await take(opened);
    await seen(/导入 4,999 个号码/);
    await seen('其中 4,996 个不是现有客户');
    expect(opened.engine.world.tasks.pastes.map((text) => text.split('\n').length)).toEqual([2_000, 2_000, 999]);
    expect(await faults()).toEqual([]);
  });

  it('central goes away in the middle: how far it came is said, and the list is still there to be sent again', async () => {
    const opened = await aLead();
    const { tasks } = opened.engine.world;
    tasks.mostPastes = 1;
    await paste(opened, numbers(3_000));
    await take(opened);
    await seen('已有 2,000 个号码进入名单');
    tasks.mostPastes = 10;
    await take(opened);
    await seen(/导入 3,000 个号码/);
    expect(tasks.pastes).toHaveLength(3);
  });

  it('a file is chosen, in GB18030 as spreadsheets here save it; one that is none of ours is refused in words', async () => {
    const opened = await aLead();
    await opened.user.click(await screen.findByRole('button', { name: '新建任务' }));
    await opened.user.click(screen.getByText('粘贴名单或选择文件'));
    const field = screen.getByLabelText(/或选择文本文件/);
    // 姓名,手机号 and 张三,13900139000.
    const bytes = [
      0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xca, 0xd6, 0xbb, 0xfa, 0xba, 0xc5, 0x0a, 0xd5, 0xc5, 0xc8, 0xfd, 0x2c,
    ];
    const body = Uint8Array.from([...bytes, ...new TextEncoder().encode('13900139000\n')]);
    await opened.user.upload(field, new File([body], '春季名单.csv', { type: 'text/csv' }));
    await seen('春季名单.csv：共 1 行，可用号码 1 个，无法导入 0 行');
    expect(screen.getByLabelText('名单名称')).toHaveProperty('value', '春季名单');
    await take(opened);
    await seen(/导入 1 个号码/);
    expect(opened.engine.world.tasks.pastes).toEqual(['"+8613900139000","张三",""']);
    await opened.user.upload(field, new File([Uint8Array.from([0x50, 0x4b, 3, 4])], '名单.csv', { type: 'text/csv' }));
    await seen('这是 Excel 工作簿');
  });
});
