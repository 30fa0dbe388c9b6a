import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Script } from '../../../shared/script.ts';
import { type Opened, page, ready, seen, talking } from './open-desk.ts';
import { sampleScript } from './sample.ts';

/** An offer topic (class 1) with a script. */
const reading = async (opened?: Opened): Promise<Opened> => {
  const desk = opened ?? (await talking());
  await desk.user.keyboard('6');
  await screen.findByRole('region', { name: '话术' });
  return desk;
};
const script = () => screen.getByRole('region', { name: '话术' });

describe('R17: the script of the topic', () => {
  it('branches by digit, goes on by Enter, back by the arrow; every step is the engine’s', async () => {
    const { user, engine } = await reading();
    await seen('第 1 步');
    await user.keyboard('2');
    await seen('您的长途通话比较多');
    await user.keyboard('{Enter}');
    await seen('请问还有其他可以帮您的吗？');
    expect(engine.snapshot().contact?.contact.answers.map(({ stepId }) => stepId)).toEqual(['open', 'long']);
    await user.keyboard('{ArrowLeft}');
    await seen('您的长途通话比较多');
    await user.keyboard('{Enter}');
    await seen('请问还有其他可以帮您的吗？');
    await user.keyboard('1');
    await seen('话术已完成');
    expect(engine.snapshot().contact?.script?.run.stepId).toBeNull();
  });

  it('R16: the time it takes is shown against what it may take, from the first answer on, and so is going over it', async () => {
    const { user, desk } = await reading();
    expect(script().textContent).not.toContain('上限');
    await user.keyboard('2');
    await seen(/用时 00:0\d，上限 05:00/);
    const { snapshot } = desk.seat.getState();
    const view = snapshot?.contact;
    if (snapshot === null || view?.script == null) throw new Error('no script');
    const { run } = view.script;
    const taken = run.taken.map((one) => ({ ...one, atMs: one.atMs - 301_000 }));
    desk.seat.setState({
      snapshot: { ...snapshot, contact: { ...view, script: { ...view.script, run: { ...run, taken } } } },
    });
    expect(await seen('已超过上限')).toBe(true);
  });

  it('a double press answers once', async () => {
    const { engine } = await reading();
    // At once, however busy the machine: later it would be a second choice.
    for (const press of ['1', '1']) fireEvent.keyDown(document.body, { key: press });
    await seen('请问还有其他可以帮您的吗？');
    await waitFor(() => expect(engine.snapshot().contact?.contact.answers).toHaveLength(1));
  });

  it('R18: objections on one key from anywhere, and back to where the agent was', async () => {
    const { user } = await reading();
    await user.keyboard('2');
    await seen('您的长途通话比较多');
    await user.keyboard('{F9}');
    await seen('客户有什么顾虑？');
    await user.keyboard('1');
    await seen('我理解，我们可以先看看更合适的套餐。');
    await user.keyboard('{Escape}');
    await seen('您的长途通话比较多');
    expect(script().textContent).not.toContain('客户有什么顾虑');
  });

  it('R18: entries of the library: of this step first, found by initials, by digit all the same, gone when withdrawn', async () => {
    const opened = await ready();
    const { world } = opened.engine;
    const entry = (id: string, zh: string, pinyin: string, steps: string[]) => ({
      ...{ id, label: { zh, en: id }, say: { zh: `${zh}：请放心。`, en: id }, category: 'trust' as const, steps },
      pinyin: [pinyin],
    });
    world.libraryEntries = [entry('o-1', '再考虑一下', 'zklyx', []), entry('o-2', '怕被套牢', 'pbtl', ['open'])];
    opened.far.call({ number: '13800138000', queue: 'service' });
    await opened.user.keyboard('{F2}');
    await screen.findByRole('button', { name: /^静音/ });
    await reading(opened);
    await opened.user.keyboard('{F9}');
    await seen('客户有什么顾虑？');
    const names = () => [...script().querySelectorAll('.choice-label')].map((one) => one.textContent);
    expect(names()[0]).toBe('怕被套牢');
    // Letters search while digits choose.
    await opened.user.keyboard('zkl');
    await waitFor(() => expect(names()).toEqual(['再考虑一下']));
    await opened.user.keyboard('{Enter}');
    await seen('再考虑一下：请放心。');
    await opened.user.keyboard('{Escape}{F9}');
    await seen('客户有什么顾虑？');
    await opened.user.keyboard('nothing');
    await seen('没有找到');
    await opened.user.keyboard('{Escape}{F9}1');
    await seen('怕被套牢：请放心。');
  });

  it('a missing variable stands out, is named, and is not read as text', async () => {
    const { user } = await reading();
    await seen('缺少：上月账单。请照原意说，不要念出占位文字。');
    const marks = (): (string | null)[] => [...script().querySelectorAll('mark')].map((mark) => mark.textContent);
    expect(marks()).toEqual(['上月账单']);
    // Once the call is over nobody reads it out.
    await user.keyboard('{F4}');
    await waitFor(() => expect(page()).not.toContain('请照原意说'));
    expect(marks()).toEqual(['上月账单']);
  });

  it('a variable nobody knows is named as it is, never left empty', async () => {
    const opened = await ready();
    opened.engine.world.script = Script.parse({
      ...sampleScript,
      steps: [
        { ...sampleScript.steps[0], say: { zh: '您的{offer.nonsense}到了', en: 'Your {offer.nonsense}' } },
        ...sampleScript.steps.slice(1),
      ],
    });
    opened.far.call({ number: '13800138000', queue: 'service' });
    await opened.user.keyboard('{F2}');
    await screen.findByRole('button', { name: /^静音/ });
    await reading(opened);
    expect(await seen('缺少：offer.nonsense。')).toBeTruthy();
  });

  it('speaks the customer’s language, with answers in the agent’s', async () => {
    await reading(await talking('13600136000'));
    await seen('your last bill was');
    expect(await seen('客户清楚了')).toBeTruthy();
  });

  it('a topic without a script says what to do', async () => {
    const { user } = await talking();
    await user.keyboard('7');
    expect(await seen('这个主题没有话术')).toBeTruthy();
  });

  it('topics are found by pinyin and chosen with Enter', async () => {
    const { user, engine } = await talking();
    await user.type(screen.getByLabelText('按名称、拼音或首字母查找'), 'tssl');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(engine.snapshot().contact?.contact.topicId).toBe('complaint'));
  });

  it('a reload in mid-call finds call, script position and draft again', async () => {
    const opened = await reading();
    await opened.user.keyboard('2');
    await seen('您的长途通话比较多');
    await opened.user.type(screen.getByLabelText('备注'), '要求短信说明');
    await seen('已保存');
    opened.reload();
    await seen('您的长途通话比较多');
    expect(screen.getByLabelText('备注')).toHaveProperty('value', '要求短信说明');
    expect(page()).toContain('通话中');
  });
});
