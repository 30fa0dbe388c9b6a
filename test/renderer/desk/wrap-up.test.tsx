import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../shared/result.ts';
import { page, seen, talking, wrapping } from './open-desk.ts';

describe('the note', () => {
  it('is there from the first second and saved within a second; "saved" only after the engine’s answer', async () => {
    const { user, engine } = await talking();
    const note = screen.getByLabelText('备注');
    await user.type(note, '客户想了解账单');
    const typedAt = Date.now();
    await seen(/已保存 \d\d:\d\d:\d\d/);
    expect(Date.now() - typedAt).toBeLessThan(1_000);
    expect(engine.snapshot().contact?.draft.note).toBe('客户想了解账单');
  });

  it('says that it is not saved, and why, and tries again', async () => {
    const { user, engine } = await talking();
    engine.world.refuseNext = refusal('internal');
    await user.type(screen.getByLabelText('备注'), '甲');
    await seen('未保存：程序内部出错');
    await waitFor(() => expect(engine.snapshot().contact?.draft.note).toBe('甲'), { timeout: 4_000 });
    await seen('已保存');
  });
});

describe('the note is drawn by the browser alone', () => {
  it('a key goes into the draft; what the draft gets from elsewhere stands in the field, and typing goes on from there', async () => {
    const { user, desk } = await talking();
    const note = screen.getByLabelText<HTMLTextAreaElement>('备注');
    await user.type(note, '甲');
    expect(desk.draft.getState().note).toBe('甲');
    desk.draft.setState({ note: '乙' });
    expect(note.value).toBe('乙');
    await user.type(note, '丙');
    expect(desk.draft.getState().note).toBe('乙丙');
    // The drawer opens around the same field: nothing typed is lost.
    await user.keyboard('{F10}');
    await seen('通话中可先选好结果');
    expect(screen.getByLabelText<HTMLTextAreaElement>('备注').value).toBe('乙丙');
  });
});

describe('R28: the disposition', () => {
  it('keyboard only: digits walk the tree, Ctrl+Enter finishes, Ready again', async () => {
    const { user, engine } = await wrapping();
    await user.keyboard('1');
    await seen('未解答');
    await user.keyboard('2');
    await seen('约定回电');
    await user.keyboard('1');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    const asked = engine.asked.find(({ name }) => name === 'contact.wrapUp');
    expect(asked?.args).toMatchObject({ disposition: ['question', 'open', 'callback'] });
    await seen('就绪，等待来电');
  });

  it('arrows walk, Enter chooses, Backspace goes up, another digit corrects a leaf', async () => {
    const { user, desk } = await wrapping();
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('toolbar'));
    await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['complaint']));
    await user.keyboard('1');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['complaint', 'solved']));
    await user.keyboard('2');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['complaint', 'handed']));
    await user.keyboard('{Backspace}{Backspace}');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual([]));
  });

  it('is mandatory: a sentence, not a silent no', async () => {
    const { user, engine } = await wrapping();
    await user.keyboard('{Control>}{Enter}{/Control}');
    await seen('请先选到最后一级结果，再完成小结。');
    expect(engine.agent().kind).toBe('wrapUp');
    await user.keyboard('4');
    await waitFor(() => expect(page()).not.toContain('请先选到最后一级结果，再完成小结。'));
  });

  it('cannot end while the call runs, but can be chosen during it', async () => {
    const { user, engine } = await talking();
    await user.keyboard('{F10}');
    await user.keyboard('4');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await seen('通话尚未结束，挂断后再完成小结。');
    await user.keyboard('{F4}');
    await waitFor(() => expect(engine.agent().kind).toBe('wrapUp'));
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
  });

  it('takes the note along even when its last words were not autosaved yet', async () => {
    const { user, engine } = await wrapping();
    await user.keyboard('4');
    await user.type(screen.getByLabelText('备注'), '打错了');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    expect(engine.asked.find(({ name }) => name === 'contact.wrapUp')?.args).toMatchObject({ note: '打错了' });
  });

  it('the day so far counts it, also over a reload', async () => {
    const opened = await wrapping();
    await opened.user.keyboard('4');
    await opened.user.keyboard('{Control>}{Enter}{/Control}');
    await seen(/接触数1/);
    await seen('打错');
    opened.reload();
    expect(await seen(/接触数1/)).toBeTruthy();
  });

  it('is found by typing: initials, Enter, Ctrl+Enter; five keys in all', async () => {
    const { user, engine, desk } = await wrapping();
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('toolbar'));
    await user.keyboard('dq');
    await seen('没有这样的结果');
    await user.keyboard('{Backspace}c');
    await seen('4打错');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['wrong']));
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('toolbar'));
    // Digits are where they were: another one corrects the leaf.
    await user.keyboard('3');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['offer']));
    await user.keyboard('/jujue{Enter}{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    const asked = engine.asked.find(({ name }) => name === 'contact.wrapUp');
    expect(asked?.args).toMatchObject({ disposition: ['offer', 'refused'] });
  });

  it('shows the path of what was found, walks it with arrows, and Esc leaves the wrap-up open', async () => {
    const { user, desk } = await wrapping();
    await user.click(screen.getByRole('combobox', { name: '查找接触结果' }));
    await user.keyboard('zixun');
    await seen('咨询 › 未解答 › 约定回电');
    await user.keyboard('{ArrowDown}{ArrowDown}');
    const field = screen.getByRole('combobox', { name: '查找接触结果' });
    const third = screen.getByRole('option', { selected: true });
    expect(field.getAttribute('aria-activedescendant')).toBe(third.id);
    expect(third.textContent).toContain('建工单');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement?.getAttribute('role')).toBe('toolbar'));
    expect(desk.draft.getState().disposition).toEqual([]);
    expect(screen.queryByRole('option')).toBeNull();
  });

  it('what the last call ended with is the first offer: / Enter Ctrl+Enter', async () => {
    const { user, engine, far, desk } = await wrapping();
    await user.keyboard('4{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    far.call({ number: '13800138000', queue: 'service' });
    await waitFor(() => expect(engine.agent().kind).toBe('reserved'));
    await user.keyboard('{F2}');
    await waitFor(() => expect(engine.agent().kind).toBe('onCall'));
    await user.keyboard('{F4}');
    await waitFor(() => expect(engine.agent().kind).toBe('wrapUp'));
    await user.keyboard('{F10}/');
    await seen('最近用过');
    await user.keyboard('{Enter}');
    await waitFor(() => expect(desk.draft.getState().disposition).toEqual(['wrong']));
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
  });

  it('the English desk wraps up in English', async () => {
    const { user } = await wrapping('en');
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(await seen('Choose an outcome down to the last level, then finish.')).toBeTruthy();
  });
});
