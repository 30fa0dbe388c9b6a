import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { copied, page, ready, seen, talking, wrapping } from './open-desk.ts';

const minute = 60_000;

describe('R38 the shift at the desk', () => {
  it('the day so far and the summary are the engine’s record, by keyboard, and a digit signs out', async () => {
    const { user, engine } = await wrapping('en');
    await user.keyboard('11');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(engine.agent().kind).toBe('ready'));
    const day = await screen.findByRole('region', { name: 'My day so far' });
    expect(within(day).getByText('1')).toBeTruthy();
    await user.keyboard('{Control>}k{/Control}');
    await user.keyboard('sign out{Enter}');
    const sheet = await screen.findByRole('dialog', { name: 'Your shift' });
    expect(sheet).toBe(document.activeElement);
    await seen('Central has the same: 1 contact,');
    await seen('Nothing is owed to a customer, and everything is at central.');
    const rows = within(sheet)
      .getAllByRole('row')
      .map((row) => row.querySelector('th')?.textContent);
    expect(rows).toEqual(expect.arrayContaining(['Ready', 'Ringing', 'On a call', 'Wrap-up']));
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    await user.keyboard('{Control>}k{/Control}');
    await user.keyboard('qianchu{Enter}');
    await screen.findByRole('dialog', { name: 'Your shift' });
    await user.keyboard('1');
    expect(await screen.findByRole('button', { name: 'Sign in' })).toBeTruthy();
  });

  it('says what is still owed and not yet sent, and that central has it differently', async () => {
    const { user, engine } = await ready();
    engine.world.setSync({ kind: 'offline', waiting: 3, why: 'offline', attempt: 1, retryAtMs: Date.now() + 9_000 });
    engine.world.dayAtCentral = 'away';
    await user.click(screen.getByRole('button', { name: '查看班次小结' }));
    await seen('现在连不上中心，无法核对');
    await seen('3 条尚未同步：已保存在本机');
    await user.keyboard('{Escape}');
    engine.world.dayAtCentral = { contacts: 4, talkMs: 60_000, unfinished: 0, states: [] };
    await user.click(screen.getByRole('button', { name: '查看班次小结' }));
    await seen('中心目前记有接触 4 个');
    engine.world.setSync({ kind: 'idle', waiting: 0, atMs: Date.now() });
    expect(await seen('与中心的记录不一致：中心记有接触 4 个，通话 01:00。请告诉班组长。')).toBe(true);
  });

  it('in a call nobody signs out: the summary says why, and the digit does nothing', async () => {
    const { user, engine } = await talking();
    await user.keyboard('{Control>}k{/Control}');
    await user.keyboard('签出{Enter}');
    await screen.findByRole('dialog', { name: '班次小结' });
    expect(page()).toContain('请先结束当前通话并完成小结。');
    await user.keyboard('1');
    expect(engine.agent().kind).toBe('onCall');
    expect(engine.asked.some(({ name }) => name === 'session.signOut')).toBe(false);
    expect(copied).toEqual([]);
  });

  it('a planned break is announced, counted down, and said to be over by word and shape', async () => {
    const { user, engine } = await ready('en');
    const nowMs = Date.now();
    engine.world.breaks = [{ reason: 'break', fromMs: nowMs + 10 * minute, toMs: nowMs + 25 * minute }];
    await user.keyboard('{F8}');
    await user.keyboard('3');
    await seen('Not ready · Meal');
    // A meal may last an hour by the policy; the break is not it.
    await seen(/left (?:59|1:00):\d\d/);
    await user.keyboard('{F8}');
    await seen(/Next: Break \d\d:\d\d–\d\d:\d\d/);
    await user.keyboard('1');
    await seen(/Break \d\d:\d\d–\d\d:\d\d/);
    engine.world.setAgent({ kind: 'notReady', reason: 'break', sinceMs: nowMs - 20 * minute });
    await seen(/over by 0?5:\d\d/);
    const chip = document.querySelector('.breakchip');
    expect(chip?.getAttribute('data-tone')).toBe('danger');
    expect(chip?.querySelector('svg')).not.toBeNull();
  });
});
