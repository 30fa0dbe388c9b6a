import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { openDesk, ready, ringing, seen, signedIn, talking, wrapping } from './open-desk.ts';

/** Contrast needs real colours: the gallery in a browser shows it; everything structural is checked here. */
const faults = async (): Promise<readonly string[]> => {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};

describe.each(['zh-CN', 'en'] as const satisfies readonly Language[])('axe finds nothing (%s)', (language) => {
  it('sign-in', async () => {
    openDesk(language);
    await screen.findByRole('button', { name: /林小满/ });
    expect(await faults()).toEqual([]);
  });

  it('between calls, state menu, account menu', async () => {
    const { user } = await signedIn(language);
    expect(await faults()).toEqual([]);
    await user.keyboard('{F8}');
    await screen.findByRole('region', { name: language === 'en' ? 'Agent state' : '坐席状态' });
    expect(await faults()).toEqual([]);
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: /林小满/ }));
    expect(await faults()).toEqual([]);
  });

  it('ringing, candidates, unknown', async () => {
    const first = await ringing('13700137000', language);
    expect(await faults()).toEqual([]);
    first.far.hangUp();
    await waitFor(() => expect(first.engine.agent().kind).toBe('ready'));
    first.far.call({ number: '13000130000' });
    await screen.findByRole('region', { name: language === 'en' ? 'Customer' : '客户' });
    expect(await faults()).toEqual([]);
  });

  it('talking: topics, verification, script, objections, keypad, mute', async () => {
    const { user } = await talking('13800138000', language);
    expect(await faults()).toEqual([]);
    await user.keyboard('2');
    await user.keyboard('1');
    await seen('请您报一下六位服务密码。');
    expect(await faults()).toEqual([]);
    await user.keyboard('258036{Enter}');
    await screen.findByRole('region', { name: language === 'en' ? 'Script' : '话术' });
    expect(await faults()).toEqual([]);
    await user.keyboard('{F9}');
    await user.keyboard('{F5}');
    await user.keyboard('{F7}');
    await waitFor(() => expect(document.querySelector('.keypad')).not.toBeNull());
    expect(await faults()).toEqual([]);
  });

  it('wrap-up', async () => {
    const { user } = await wrapping(language);
    await user.keyboard('1');
    expect(await faults()).toEqual([]);
    await user.keyboard('/1');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(3));
    expect(await faults()).toEqual([]);
  });

  it('side panels, keys, palette, banner', async () => {
    const { user, engine, far } = await ready(language);
    await user.keyboard('{Control>}f{/Control}');
    await screen.findByRole('combobox');
    await user.keyboard('王');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(await faults()).toEqual([]);
    await user.keyboard('{ArrowDown}{Enter}');
    await screen.findByRole('button', { name: language === 'en' ? 'Back to the results' : '返回结果' });
    expect(await faults()).toEqual([]);
    await user.click(screen.getByRole('button', { name: language === 'en' ? 'Dial' : '拨号', pressed: false }));
    expect(await faults()).toEqual([]);
    engine.world.setSync({ kind: 'offline', waiting: 2, why: 'offline', attempt: 1, retryAtMs: Date.now() + 5_000 });
    far.cutLine();
    await waitFor(() => expect(document.querySelector('.banner')).not.toBeNull());
    await user.click(screen.getByRole('button', { name: language === 'en' ? /2 to sync/ : /2 未同步/ }));
    expect(await faults()).toEqual([]);
    await user.keyboard('{F1}');
    await screen.findByRole('dialog');
    expect(await faults()).toEqual([]);
    await user.keyboard('{Escape}{Control>}k{/Control}');
    await screen.findByRole('combobox');
    expect(await faults()).toEqual([]);
    await user.keyboard('{Escape}');
    engine.world.displace();
    await screen.findByRole('heading', { level: 1 });
    expect(await faults()).toEqual([]);
  });
});
