import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Forced, TeamState } from '../../../shared/forced-state.ts';
import { AgentId } from '../../../shared/ids.ts';
import { checkedIn, openDesk, page, seen } from './open-desk.ts';

const forced = (outcome: Forced['outcome'], why: string | null = null): Forced => ({
  ...{ outcome, why },
  order: {
    ...{ id: '01900000-0000-7000-8000-0000000000f1', why: '排队人多', byName: '叶长歌', atMs: 1 },
    to: { kind: 'notReady', reason: 'break' },
  },
});

describe('R38: a state a lead wants', () => {
  it('the agent reads who, what and why; what is still to come says when; done, it is put away', async () => {
    const { user, engine } = await checkedIn();
    engine.world.force(forced('waiting'));
    await seen('叶长歌请您转为“小休”：排队人多。本次接触处理完后生效。');
    expect(screen.queryByRole('button', { name: '知道了' })).toBeNull();
    engine.world.force(forced('refused', 'shiftCheckFirst'));
    await seen(/叶长歌请您转为“小休”（排队人多），现在做不到：.+/);
    engine.world.force(forced('done'));
    await seen('叶长歌已将您的状态改为“小休”：排队人多');
    await user.click(screen.getByRole('button', { name: '知道了' }));
    await waitFor(() => expect(page()).not.toContain('叶长歌'));
  });

  it('a lead sees the team, and sends somebody away with a reason, by keyboard', async () => {
    const { user, engine } = openDesk();
    engine.world.role = 'lead';
    const team = (over: Partial<TeamState>): TeamState => ({
      ...{ agentId: AgentId.parse('A9'), agentName: '周南乔', agentNumber: '1009', state: 'onCall', reason: null },
      ...{ sinceMs: Date.now(), forced: null, ...over },
    });
    engine.world.states = [team({})];
    await screen.findByRole('button', { name: /林小满/ });
    await user.keyboard('1');
    await user.click(await screen.findByRole('button', { name: '监控' }));
    const change = await screen.findByRole('button', { name: '改状态' });
    change.focus();
    await user.keyboard('{Enter}{Tab}');
    await seen('对方有接触在处理，处理完后生效。');
    await user.selectOptions(screen.getByLabelText('改为'), '签出');
    await user.type(screen.getByLabelText('原因（坐席会看到）'), '提前下班{Enter}');
    await waitFor(() =>
      expect(engine.asked.find(({ name }) => name === 'team.force')?.args).toEqual({
        ...{ agentId: 'A9', to: { kind: 'signOut' }, why: '提前下班' },
      }),
    );
    expect(screen.queryByLabelText('改为')).toBeNull();
    engine.world.states = [
      team({ forced: { to: { kind: 'signOut' }, byName: '林小满', outcome: 'waiting', why: null } }),
    ];
    await seen('林小满要求“签出”，接触处理完后生效');
  });

  it('R19: a lead sees how the queues stand between callers and tasks, and who is kept for callers', async () => {
    const { user, engine } = openDesk();
    engine.world.role = 'lead';
    const sinceMs = Date.now() - 65_000;
    engine.world.switches = [
      { kind: 'loaded', queue: 'service', why: 'waiting', sinceMs },
      { kind: 'open', queue: 'vip' },
    ];
    engine.world.states = [
      {
        ...{ agentId: AgentId.parse('A9'), agentName: '周南乔', agentNumber: '1009', state: 'ready', reason: null },
        ...{ sinceMs, forced: null, shift: { queue: 'service', why: 'waiting', sinceMs } },
      },
    ];
    await screen.findByRole('button', { name: /林小满/ });
    await user.keyboard('1');
    await user.click(await screen.findByRole('button', { name: '监控' }));
    const switches = await screen.findByRole('list', { name: '各队列的来电与外呼切换' });
    const [first, second] = within(switches).getAllByRole('listitem');
    expect(first?.textContent).toMatch(/来电优先排队客户多于空闲坐席自 \d\d:\d\d 起01:0\d/);
    expect(second?.textContent).toContain('来电与外呼');
    await seen(/暂留给.+：排队客户多于空闲坐席/);
  });

  it('how many are away stands in the menu before a reason is chosen', async () => {
    const { user, engine } = await checkedIn();
    engine.world.rooms = [
      { reason: 'break', limit: 2, taken: 2 },
      { reason: 'meal', limit: 5, taken: 1 },
      { reason: 'meeting', limit: 3, taken: null },
    ];
    await user.keyboard('{F8}');
    await seen('已满 2/2 人');
    await seen('已有 1/5 人');
    expect(await seen('最多 3 人')).toBe(true);
  });
});
