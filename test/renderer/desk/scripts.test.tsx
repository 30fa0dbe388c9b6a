import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../shared/result.ts';
import type { Language } from '../../../shared/text.ts';
import { type Opened, openDesk, page, seen, signedIn } from './open-desk.ts';
import { sampleScript } from './sample.ts';

// R14: scripts as leads write them, at the desk.
const words = {
  'zh-CN': { rail: '话术', version: /第 \d+ 版：已发布/, draft: '起草新版本', steps: '步骤' },
  en: { rail: 'Scripts', version: /Version \d+: Published/, draft: 'Draft a new version', steps: 'Steps' },
} as const;

const aLead = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = openDesk(language);
  opened.engine.world.role = 'lead';
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: words[language].rail }));
  return opened;
};
/** The next version of the sample, being written. */
const drafting = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const opened = await aLead(language);
  await opened.user.click(await screen.findByRole('button', { name: words[language].version }));
  await opened.user.click(await screen.findByRole('button', { name: words[language].draft }));
  await screen.findByRole('navigation', { name: words[language].steps });
  await waitFor(() => expect(opened.engine.world.scripts.versions).toHaveLength(2));
  return opened;
};
const draftOf = ({ engine }: Opened) => engine.world.scripts.versions.at(-1);
const outline = async () => within(await screen.findByRole('navigation', { name: '步骤' }));
const items = async () =>
  (await outline()).getAllByRole('button').filter(({ className }) => className === 'outline-item');
const sentence = () => screen.findByLabelText('要说的话（中文）');

describe('a draft', () => {
  it('is kept at central a second after the last change, and says so', async () => {
    const opened = await drafting();
    await opened.user.click((await items())[1] ?? document.body);
    const field = await sentence();
    await opened.user.clear(field);
    await opened.user.type(field, '您好，请讲');
    await seen('正在保存…');
    await waitFor(() => expect(draftOf(opened)?.script.steps[0]?.say.zh).toBe('您好，请讲'), { timeout: 4_000 });
    await seen('已保存');
  });

  it('what central did not take stays on the screen, with why', async () => {
    const opened = await drafting();
    opened.engine.world.scripts.isAway = true;
    await opened.user.click((await items())[1] ?? document.body);
    await opened.user.type(await sentence(), '。');
    await waitFor(() => expect(page()).toContain('没有保存'), { timeout: 4_000 });
    await seen('中心暂时不可达');
    expect(await sentence()).toHaveProperty('value', `${sampleScript.steps[0]?.say.zh}。`);
  });

  it('a call comes first, and finds it again as it was', async () => {
    const opened = await drafting();
    await opened.user.click((await items())[1] ?? document.body);
    await opened.user.type(await sentence(), '好');
    opened.desk.ui.setState({ scripts: false });
    await waitFor(() => expect(screen.queryByRole('region', { name: '话术管理' })).toBeNull());
    opened.desk.ui.setState({ scripts: true });
    await screen.findByRole('navigation', { name: '步骤' });
    await waitFor(() => expect(draftOf(opened)?.script.steps[0]?.say.zh).toContain('好'), { timeout: 4_000 });
  });

  it('R15, R16: what is wrong is told in sentences, and leads to its step', async () => {
    const opened = await drafting();
    await opened.user.click((await items())[1] ?? document.body);
    await opened.user.clear(await sentence());
    await seen(/步骤“open”还缺中文文字/);
    await seen(/预计时长：中文 \d:\d\d/);
    await opened.user.click((await items())[0] ?? document.body);
    await opened.user.click(screen.getByRole('button', { name: /还缺中文文字/ }));
    expect(await sentence()).toHaveProperty('value', '');
  });
});

describe('by keyboard alone', () => {
  it('steps are walked, added, moved and taken away', async () => {
    const opened = await drafting();
    const before = sampleScript.steps.map(({ id }) => id);
    const ids = () => opened.desk.scripts.store.getState().open?.script.steps.map(({ id }) => id);
    (await items())[0]?.focus();
    await opened.user.keyboard('{ArrowDown}');
    expect(await sentence()).toHaveProperty('value', sampleScript.steps[0]?.say.zh);
    await opened.user.keyboard('{Insert}');
    await waitFor(() => expect(ids()).toHaveLength(before.length + 1));
    const added = ids()?.[1];
    await opened.user.keyboard('{ArrowDown}');
    await opened.user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    await waitFor(() => expect(ids()?.[2]).toBe(added));
    await opened.user.keyboard('{Delete}');
    await waitFor(() => expect(ids()).toEqual(before));
  });
});

describe('R14 two persons', () => {
  it('the writer sends it in and cannot publish it; another can, and why it is sent back is read', async () => {
    const opened = await drafting();
    const { scripts } = opened.engine.world;
    await opened.user.click(await screen.findByRole('button', { name: '提交审核' }));
    await seen(/待审核|还有 \d+ 个问题/);
    // Whatever the sample lacks: as if it were whole and had come from somebody else.
    const draft = draftOf(opened);
    if (draft === undefined) throw new Error('no draft');
    scripts.versions[1] = { ...draft, life: { kind: 'review', by: draft.life.by, atMs: 0 } };
    await opened.desk.scripts.open(draft.script.id, draft.script.version);
    await screen.findByRole('button', { name: '退回修改' });
    expect(screen.queryByRole('button', { name: '发布' })).toBeNull();
    scripts.versions[1] = { ...draft, authors: ['somebody'], life: { kind: 'review', by: draft.life.by, atMs: 0 } };
    await opened.desk.scripts.open(draft.script.id, draft.script.version);
    await screen.findByRole('button', { name: '发布' });
    await opened.user.type(screen.getByLabelText('原因'), '价格要写清楚');
    await opened.user.click(screen.getByRole('button', { name: '退回修改' }));
    await seen('价格要写清楚');
    expect(draftOf(opened)?.life).toMatchObject({ kind: 'draft', note: '价格要写清楚' });
  });

  it('a published version cannot be typed into, and shows how far its calls came', async () => {
    const opened = openDesk();
    const { world } = opened.engine;
    world.role = 'lead';
    const [first] = sampleScript.steps;
    world.scripts.coverage.set(`${sampleScript.id}@${sampleScript.version}`, {
      ...{ runs: 40, finished: 30, steps: [{ stepId: first?.id ?? '', reached: 38, leftAt: 2 }] },
    });
    await screen.findByRole('button', { name: /林小满/ });
    await opened.user.keyboard('1');
    await opened.user.click(await screen.findByRole('button', { name: '话术' }));
    await opened.user.click(await screen.findByRole('button', { name: words['zh-CN'].version }));
    await seen('40 通，走完 30 通');
    await seen('38/40 通到达');
    expect(screen.getByRole('group', { name: '编辑' })).toHaveProperty('disabled', true);
  });

  it('what changed since the version before is listed, with both texts', async () => {
    const opened = await drafting();
    await opened.user.click((await items())[1] ?? document.body);
    await opened.user.type(await sentence(), '请讲');
    await opened.user.click(screen.getByRole('button', { name: '改动' }));
    expect(await seen('修改步骤 open')).toBe(true);
    await seen('要说的话、中文');
    await seen(`${sampleScript.steps[0]?.say.zh}请讲`);
  });
});

it('the preview goes through the script on a made-up customer, in either language', async () => {
  const opened = await drafting();
  await opened.user.click(screen.getByRole('button', { name: '试读' }));
  const preview = within(await screen.findByRole('region', { name: '试读' }));
  await opened.user.click(preview.getByRole('button', { name: '英文' }));
  await waitFor(() => expect(document.querySelector('.script-side .say')?.getAttribute('lang')).toBe('en'));
});

it('central’s refusal is told where the lead looks', async () => {
  const opened = await aLead();
  await screen.findByRole('button', { name: words['zh-CN'].version });
  opened.desk.scripts.store.setState({ why: refusal('conflict', 'scriptOpenDraft') });
  expect(await seen('这套话术已有一份草稿')).toBe(true);
});

describe('R18 the objections library', () => {
  it('an entry is written as a script is, with its category; scripts refer to what is published', async () => {
    const opened = await aLead();
    await opened.user.click(await screen.findByRole('button', { name: '异议库' }));
    await seen('异议库还是空的');
    await opened.user.click(screen.getByRole('button', { name: '新建异议应对' }));
    await opened.user.type(await screen.findByLabelText('客户的顾虑（中文）'), '太贵了');
    await opened.user.selectOptions(screen.getByLabelText('类别'), '价格');
    await waitFor(
      () =>
        expect(draftOf(opened)?.script).toMatchObject({ title: { zh: '太贵了' }, objection: { category: 'price' } }),
      {
        timeout: 4_000,
      },
    );
    const entry = draftOf(opened);
    if (entry === undefined) throw new Error('no entry');
    const { versions } = opened.engine.world.scripts;
    versions[versions.length - 1] = { ...entry, life: { kind: 'published', by: entry.life.by, atMs: 0 } };
    await opened.desk.scripts.close();
    await screen.findByRole('button', { name: '新建异议应对' });
    await opened.user.click(screen.getAllByRole('button', { name: '话术' }).at(-1) ?? document.body);
    await opened.user.click(await screen.findByRole('button', { name: words['zh-CN'].version }));
    await opened.user.click(await screen.findByRole('button', { name: words['zh-CN'].draft }));
    await opened.user.click(await screen.findByRole('button', { name: /^异议应对（/ }));
    await opened.user.selectOptions(await screen.findByLabelText('引用'), '太贵了');
    await waitFor(() => expect(draftOf(opened)?.script.library?.map(({ id }) => id)).toEqual([entry.script.id]), {
      timeout: 4_000,
    });
    // Withdrawn while it is referred to: the lead is told, here and among the problems.
    const at = versions.findIndex(({ script }) => script.id === entry.script.id);
    versions[at] = { ...entry, life: { kind: 'withdrawn', by: entry.life.by, atMs: 0, note: 'x' } };
    await opened.desk.scripts.load();
    await seen('坐席现在看不到');
    await seen(/引用的异议应对.*没有发布或已撤回/);
  });
});

describe('R17 which call gets which', () => {
  it('a made-up call is decided in words; gaps are named', async () => {
    const opened = await aLead();
    await opened.user.click(await screen.findByRole('button', { name: '哪通电话用哪套' }));
    const sample = within(await screen.findByRole('region', { name: '试一通电话' }));
    expect(sample.getByRole('status').textContent).toContain('没有话术');
    await opened.user.selectOptions(sample.getByLabelText('主题'), '话费查询');
    await waitFor(() =>
      expect(sample.getByRole('status').textContent).toContain('用《话费说明》第 7 版：主题指定了它'),
    );
    await seen(/没有话术的主题：.*故障报修/);
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

it('is not there for agents', async () => {
  await signedIn();
  expect(screen.queryByRole('button', { name: '话术' })).toBeNull();
});

it.each(['zh-CN', 'en'] as const)('axe finds nothing in the list and the editor (%s)', async (language) => {
  const opened = await drafting(language);
  const faults = async () => {
    const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  };
  expect(await faults()).toEqual([]);
  const steps = within(screen.getByRole('navigation', { name: words[language].steps }));
  await opened.user.click(steps.getAllByRole('button')[1] ?? document.body);
  expect(await faults()).toEqual([]);
  await opened.desk.scripts.close();
  await screen.findByRole('button', { name: words[language].version });
  expect(await faults()).toEqual([]);
});
