import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { twoHeadsets } from '../../../renderer/phone/fake-devices.ts';
import type { Language } from '../../../shared/text.ts';
import { type Opened, ready, seen, signedIn, talking } from './open-desk.ts';

const title = { 'zh-CN': '选择语音设备', en: 'Choose voice devices' } as const;
const faults = async (panel: HTMLElement): Promise<readonly string[]> => {
  const { violations } = await axe.run(panel, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};

/** By keyboard alone: the palette, its name in pinyin, Enter. */
const openPanel = async (opened: Opened, language: Language = 'zh-CN'): Promise<HTMLElement> => {
  await opened.user.keyboard('{Control>}k{/Control}');
  await opened.user.keyboard('yysb{Enter}');
  return screen.findByRole('region', { name: title[language] });
};
const field = (panel: HTMLElement, name: string): HTMLSelectElement => {
  const found = within(panel).getByRole('combobox', { name });
  if (!(found instanceof HTMLSelectElement)) throw new Error('no select');
  return found;
};
const without = (group: string) => twoHeadsets.filter(({ groupId }) => groupId !== group);

describe('the device panel', () => {
  it('is opened, read and used by keyboard; the choice is the phone’s at once', async () => {
    const opened = await signedIn();
    const panel = await openPanel(opened);
    const microphone = field(panel, '麦克风');
    await waitFor(() => expect(document.activeElement).toBe(microphone));
    expect([...microphone.options].map(({ text }) => text)).toEqual([
      '系统默认（Headset A）',
      'Headset A',
      'Headset B',
    ]);
    await opened.user.selectOptions(microphone, 'Headset B');
    await opened.user.selectOptions(field(panel, '振铃'), 'Loudspeaker');
    await waitFor(() => {
      const { uses } = opened.phone.devices();
      expect([uses.microphone, uses.speaker.kind, uses.ring]).toMatchObject([
        { kind: 'chosen', id: 'mic-b' },
        'standard',
        { kind: 'chosen', id: 'out-c' },
      ]);
    });
    await opened.user.tab();
    expect(document.activeElement).not.toBe(document.body);
  });

  it('its meter moves while it is open and not afterwards', async () => {
    const opened = await signedIn();
    await openPanel(opened);
    await waitFor(() => expect(opened.desk.levels.getState().microphoneDb).toBeGreaterThan(-60));
    await opened.user.click(screen.getByRole('button', { name: '关闭' }));
    let heard = 0;
    opened.phone.onLevels(() => (heard += 1));
    const during = async (ms: number): Promise<number> => {
      const before = heard;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return heard - before;
    };
    await expect.poll(() => during(400)).toBe(0);
  });

  it('DEVICE-1 a remembered device that is gone is said, here and between calls, and nothing waits for it', async () => {
    const opened = await ready();
    const panel = await openPanel(opened);
    await opened.user.selectOptions(field(panel, '麦克风'), 'Headset B');
    opened.devices.plug(without('b'));
    await seen('上次选择的“Headset B”未连接，现在使用“Headset A”；接回后自动换回。');
    await seen('麦克风：上次选择的“Headset B”未连接，现在使用“Headset A”。');
    expect(field(panel, '麦克风').selectedOptions[0]?.text).toBe('Headset B（未连接）');
    expect(opened.engine.agent().kind).toBe('ready');
    opened.devices.plug(twoHeadsets);
    await waitFor(() => expect(field(panel, '麦克风').selectedOptions[0]?.text).toBe('Headset B'));
  });

  it('two headsets of one name are told apart', async () => {
    const opened = await signedIn();
    opened.devices.plug(twoHeadsets.map((device) => ({ ...device, label: device.label.replace('B', 'A') })));
    const panel = await openPanel(opened);
    await waitFor(() =>
      expect([...field(panel, '麦克风').options].map(({ text }) => text)).toEqual([
        '系统默认（Headset A）',
        'Headset A（第 1 个）',
        'Headset A（第 2 个）',
      ]),
    );
  });

  it('connects a headset: its hook answers, its mute and the desk’s are one', async () => {
    const opened = await ready();
    const panel = await openPanel(opened);
    await opened.user.click(within(panel).getByRole('button', { name: '连接耳机按键' }));
    await seen('“Fake headset”的接听键和静音键可用。');
    opened.far.call({ number: '13800138000', queue: 'service' });
    await waitFor(() => expect(opened.headset.lights().ring).toBe(true));
    opened.headset.press('hook');
    const mute = await screen.findByRole('button', { name: /^静音/ });
    expect(mute.getAttribute('aria-pressed')).toBe('false');
    opened.headset.press('mute');
    await waitFor(() =>
      expect(screen.getByRole('button', { name: /^已静音/ }).getAttribute('aria-pressed')).toBe('true'),
    );
    await opened.user.keyboard('{F5}');
    await waitFor(() => expect(opened.headset.lights().mute).toBe(false));
    opened.headset.unplug();
    await seen('“Fake headset”已拔出，接回后自动恢复。');
    expect(opened.phone.state().calls[0]?.state.kind).toBe('talking');
  });

  it('the echo test runs while not ready, and F4 ends it', async () => {
    const opened = await signedIn();
    const panel = await openPanel(opened);
    await opened.user.click(within(panel).getByRole('button', { name: '开始测试' }));
    await seen('请说话，您会听到自己的声音。还剩');
    expect(document.querySelector('.callbar')).toBeNull();
    expect(opened.phone.state().calls[0]?.aside).toEqual({ kind: 'check' });
    await opened.user.keyboard('{F4}');
    await seen('测试结束。如果没有听到自己的声音，请检查上面的设备。');
    expect(opened.engine.agent().kind).toBe('notReady');
  });

  it('an exchange without the echo says so', async () => {
    const opened = await signedIn();
    const panel = await openPanel(opened);
    opened.far.policy(404);
    await opened.user.click(within(panel).getByRole('button', { name: '开始测试' }));
    expect(await seen(/测试没有接通/)).toBe(true);
  });

  it('Ready agents are told what to do before an echo test', async () => {
    const opened = await ready();
    const panel = await openPanel(opened);
    await seen('回声测试只能在示忙时进行，请先示忙。');
    expect(within(panel).getByRole('button', { name: '开始测试' })).toHaveProperty('disabled', true);
  });

  it('in a call devices can be changed, and tests wait', async () => {
    const opened = await talking();
    const panel = await openPanel(opened);
    expect(within(panel).getByRole('button', { name: '试听振铃' })).toHaveProperty('disabled', true);
    await opened.user.selectOptions(field(panel, '麦克风'), 'Headset B');
    await waitFor(() => expect(opened.phone.devices().uses.microphone.kind).toBe('chosen'));
    expect(opened.phone.state().calls[0]?.state.kind).toBe('talking');
  });

  it.each(['zh-CN', 'en'] as const)('axe finds nothing (%s)', async (language) => {
    const opened = await signedIn(language);
    const panel = await openPanel(opened, language);
    expect(await faults(panel)).toEqual([]);
    const [microphone] = within(panel).getAllByRole('combobox');
    if (microphone === undefined) throw new Error('no field');
    await opened.user.selectOptions(microphone, 'Headset B');
    opened.devices.plug(without('b'));
    await seen('Headset B');
    expect(await faults(panel)).toEqual([]);
  });
});
