import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { checkedIn, page, seen, signedIn } from './open-desk.ts';

describe('the shift-start check', () => {
  it('Ready waits for it, and says so in words wherever it is asked for', async () => {
    const { user, engine } = await signedIn();
    await seen('开班检查');
    expect(await screen.findByRole('button', { name: /^切换为就绪|^就绪/ })).toHaveProperty('disabled', true);
    await user.keyboard('{F8}1');
    await seen('请先完成开班检查，再切换就绪。');
    expect(engine.agent().kind).toBe('notReady');
  });

  it('hears the microphone by itself; one key says that the tone was heard', async () => {
    const { user, engine, desk } = await signedIn();
    await seen('麦克风：已听到您');
    expect(page()).toContain('耳机：听到提示音了吗？');
    await user.keyboard('1');
    await waitFor(() => expect(page()).not.toContain('开班检查'));
    expect(engine.asked.find(({ name }) => name === 'shift.checked')?.args).toEqual({ microphone: 'heard' });
    expect(desk.phone.getState().state.line.kind).toBe('registered');
    await user.keyboard('{F8}1');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
  });

  it('the agent may vouch for a microphone whose meter does not move', async () => {
    const { user, engine } = await checkedIn();
    await user.keyboard('{F8}1');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    const asked = engine.asked.filter(({ name }) => name === 'shift.checked').map(({ args }) => args);
    expect(asked).toEqual([{ microphone: expect.stringMatching(/^(?:heard|confirmed)$/) as string }]);
  });

  it('is done once per sign-in: not again after a reload, again after the next sign-in', async () => {
    const opened = await checkedIn();
    const again = opened.reload();
    await screen.findByRole('navigation', { name: '功能' });
    await waitFor(() => expect(again.desk.phone.getState().state.line.kind).toBe('registered'));
    expect(page()).not.toContain('开班检查');
    await again.desk.actions.leave();
    await screen.findByRole('button', { name: /林小满/ });
    await again.user.keyboard('1');
    expect(await seen('开班检查')).toBe(true);
  });
});
