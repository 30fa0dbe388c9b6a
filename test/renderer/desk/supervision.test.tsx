import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { AgentId } from '../../../shared/ids.ts';
import { refusal } from '../../../shared/result.ts';
import type { TeamCall } from '../../../shared/supervision.ts';
import { type Opened, openDesk, page, seen, signedIn, talking } from './open-desk.ts';

// R35 at the desk: the lead's board and session, and what the agent sees of it.

const call = (over: Partial<TeamCall> = {}): TeamCall => ({
  ...{ agentId: AgentId.parse('A1002'), agentName: '周南乔', agentNumber: '1002', state: 'talking' },
  ...{ sinceMs: Date.now() - 65_000, contactId: null, direction: 'inbound', queue: 'service', supervisedBy: null },
  ...over,
});

const aLead = async (...team: TeamCall[]): Promise<Opened> => {
  const opened = openDesk();
  opened.engine.world.role = 'lead';
  opened.engine.world.team = team;
  await screen.findByRole('button', { name: /林小满/ });
  await opened.user.keyboard('1');
  await opened.user.click(await screen.findByRole('button', { name: '监控' }));
  await screen.findByRole('region', { name: '本组通话' });
  return opened;
};
const button = (name: string | RegExp) => screen.findByRole('button', { name });
const session = () => screen.findByRole('region', { name: '通话监控' });

describe('the board', () => {
  it('lists who has a call, of which queue, in what state, since when, and who is in it', async () => {
    await aLead(
      call(),
      call({ agentId: AgentId.parse('A1003'), agentName: '陈一诺', agentNumber: '1003', state: 'wrapUp' }),
      call({ agentId: AgentId.parse('A1004'), agentName: '许星河', queue: null, supervisedBy: '顾千帆' }),
    );
    await seen('周南乔，工号 1002');
    await seen(/01:0\d/);
    await seen('话后处理');
    await seen('直接呼叫');
    await seen('顾千帆正在此通话中');
    // Nobody can be listened to in a wrap-up.
    expect(screen.getAllByRole('button', { name: '监听' })).toHaveLength(2);
  });

  it('says so when there is nobody, and when the list cannot be had; what was there stays', async () => {
    const opened = await aLead();
    await seen('目前本组没有通话。');
    opened.engine.world.team = [call()];
    await waitFor(() => expect(page()).toContain('周南乔'), { timeout: 5_000 });
    opened.engine.world.role = 'agent';
    await waitFor(() => expect(page()).toContain('暂时取不到列表'), { timeout: 5_000 });
    expect(page()).toContain('周南乔');
  });

  it('is not there for agents', async () => {
    await signedIn();
    expect(screen.queryByRole('button', { name: '监控' })).toBeNull();
  });
});

describe('the lead’s session', () => {
  it('says who hears the lead, is switched by key and click, and stopped by F4', async () => {
    const { user, engine } = await aLead(call());
    await user.click(await button('监听'));
    await session();
    await seen('正在监听周南乔 · 双方都听不到您');
    await user.keyboard('2');
    await seen('正在辅导周南乔 · 客户听不到您');
    await user.click(within(await session()).getByRole('button', { name: /^插话/ }));
    await seen('正与周南乔和客户三方通话 · 双方都听得到您');
    await user.keyboard('{F4}');
    await waitFor(() => expect(screen.queryByRole('region', { name: '通话监控' })).toBeNull());
    expect(engine.snapshot().supervision).toEqual({ kind: 'none' });
  });

  it('takes over only when asked twice, and nothing leads back', async () => {
    const { user, engine } = await aLead(call());
    await user.click(await button('监听'));
    await session();
    await user.keyboard('4');
    await button(/^确认接管：坐席将退出/);
    expect(engine.snapshot().supervision).toMatchObject({ mode: 'listen' });
    await user.keyboard('1');
    await button(/^接管/);
    await user.keyboard('4');
    await user.click(await button(/^确认接管/));
    await seen('已接管周南乔的通话 · 客户听得到您');
    expect(screen.queryByRole('button', { name: /^接管/ })).toBeNull();
  });

  it.each([
    ['notInCall', '这位坐席目前没有通话。'],
    ['leadBusy', '您的电话正在通话中'],
    ['leadUnreachable', '您的电话没有接入。'],
    ['takenOver', '这通电话已被接管'],
    ['noSupervision', '交换机'],
  ])('a refusal (%s) is a sentence', async (reason, words) => {
    const { user, engine } = await aLead(call());
    engine.world.refuseNext = refusal('conflict', reason);
    await user.click(await button('监听'));
    await seen(words);
    expect(screen.queryByRole('region', { name: '通话监控' })).toBeNull();
  });
});

it('axe finds nothing on the board and in a session', async () => {
  const { user } = await aLead(
    call(),
    call({ agentId: AgentId.parse('A1004'), agentName: '许星河', state: 'ringing' }),
  );
  await user.click(await button('监听'));
  await session();
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
});

describe('the agent', () => {
  it('sees that a lead is there when told so, and how, until it is over', async () => {
    const { engine } = await talking();
    expect(page()).not.toContain('班组长');
    engine.world.supervise('whisper');
    await seen('班组长正在辅导您 · 客户听不到');
    engine.world.supervise('listen');
    await seen('班组长正在监听');
    engine.world.supervise(null);
    await waitFor(() => expect(page()).not.toContain('班组长'));
  });
});
