import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { type Opened, openDesk, page, seen, talking } from './open-desk.ts';

// R44, R46, security 59, 61, 65 at the desk: by keyboard, in both languages, with nothing for axe to find.

const faults = async (): Promise<readonly string[]> => {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};
const words = {
  'zh-CN': {
    script: '话术',
    hidden: '已重新隐藏：上月账单。显示后再念。',
    show: '显示上月账单',
    field: /^显示.*账单（记录在案/,
    keypad: /客户按键输入密码/,
    start: '请客户按键输入',
    notKeyed: '没有收到完整的按键输入，请再试一次。',
    flag: '近三天换过 SIM 卡：验证码和回拨都不可靠',
    mismatch: '来电号码不是该客户登记的号码',
    owed: '小结后回拨 138****8000',
    ask: '都无法核验？请班组长确认',
    lost: '手机遗失',
    asked: '已请班组长确认，请稍候。',
  },
  en: {
    script: 'Script',
    hidden: 'Hidden again:',
    show: /^Show .*bill$/i,
    field: /^Show .*bill \(recorded/i,
    keypad: /Password by keypad/,
    start: 'Let the customer key it in',
    notKeyed: 'Not enough keys arrived. Please try again.',
    flag: 'New SIM card within three days: codes and call backs are not safe',
    mismatch: 'The call does not come from a number on file',
    owed: 'then call 138****8000',
    ask: 'Nothing works? Ask a lead',
    lost: 'Phone lost',
    asked: 'A lead has been asked. Please wait.',
  },
} as const;

/** Tab until the button has the focus, then Enter: no mouse. */
const press = async ({ user }: Opened, name: string | RegExp): Promise<void> => {
  const wanted = await screen.findByRole('button', { name });
  for (let n = 0; n < 80 && document.activeElement !== wanted; n += 1) await user.tab();
  expect(document.activeElement).toBe(wanted);
  await user.keyboard('{Enter}');
};

describe.each(['zh-CN', 'en'] as const satisfies readonly Language[])('verification beyond asking (%s)', (language) => {
  const said = words[language];
  const strict = async (): Promise<Opened> => {
    const desk = await talking('13800138000', language);
    await desk.user.keyboard('5');
    await waitFor(() => expect(document.querySelector('.verification')).not.toBeNull());
    return desk;
  };

  it('R44: masked again, the sentence says so and shows it again; so does the field', async () => {
    const desk = await talking('13800138000', language);
    await desk.user.keyboard('1');
    await desk.user.keyboard('2');
    await waitFor(() => expect(document.activeElement?.id).toBe('factor-value'));
    await desk.user.keyboard('400{Enter}');
    await screen.findByRole('region', { name: said.script });
    await seen('402.60');
    desk.engine.world.remask();
    await seen(said.hidden);
    expect(page()).not.toContain('402.60');
    expect(await faults()).toEqual([]);
    await press(desk, said.show);
    await waitFor(() => expect(document.querySelector('.sentence')?.textContent).toContain('402.60'));
    expect(page()).not.toContain(said.hidden);
    expect(desk.engine.asked.at(-1)).toMatchObject({ name: 'field.reveal', args: { key: 'lastBill' } });
    desk.engine.world.remask();
    await press(desk, said.field);
    await seen('¥402.60');
    expect(await faults()).toEqual([]);
  });

  it('R46: the customer keys it in; too few keys are told, a match opens', async () => {
    const desk = await strict();
    desk.engine.world.keypad = 'nothing';
    await press(desk, said.keypad);
    await press(desk, said.start);
    await seen(said.notKeyed);
    expect(await faults()).toEqual([]);
    desk.engine.world.keypad = 'matched';
    await press(desk, said.start);
    expect(await screen.findByRole('region', { name: said.script })).toBeTruthy();
  });

  it('security 65: warning signs in words; Ctrl+B stops and calls back, unless that is not safe either', async () => {
    const desk = await strict();
    desk.engine.world.flag(['callerMismatch']);
    await seen(said.mismatch);
    expect(await faults()).toEqual([]);
    await desk.user.keyboard('{Control>}b{/Control}');
    await seen(said.owed);
    expect(await faults()).toEqual([]);
  });

  it('security 59: no call back to a number that changed lately', async () => {
    const desk = await strict();
    desk.engine.world.flag(['simChanged']);
    await seen(said.flag);
    expect(
      screen.queryByRole('button', { name: /挂断回拨|Stop and call back|回拨登记号码|number on file/ }),
    ).toBeNull();
  });

  it('security 61: a lead is asked with a reason', async () => {
    const desk = await strict();
    await press(desk, said.ask);
    await press(desk, said.lost);
    await seen(said.asked);
    const asked = desk.engine.asked.find(({ name }) => name === 'verification.askOverride');
    expect(asked?.args).toMatchObject({ reason: 'phoneLost' });
    expect(await faults()).toEqual([]);
  });

  it('security 61: the lead sees the request on the board and decides', async () => {
    const desk = openDesk(language);
    desk.engine.world.role = 'lead';
    const one = { id: 'o1', agentName: '周南乔', agentNumber: '1002', customer: 'C-1', action: null };
    desk.engine.world.overrides = [{ ...one, reason: 'phoneLost', askedAtMs: Date.now() }];
    await screen.findByRole('button', { name: /林小满/ });
    await desk.user.keyboard('1');
    await press(desk, language === 'en' ? 'Board' : '监控');
    await seen(said.lost);
    expect(await faults()).toEqual([]);
    await press(desk, language === 'en' ? 'Vouch' : '确认放行');
    await waitFor(() => expect(page()).not.toContain(said.lost));
    expect(desk.engine.asked.find(({ name }) => name === 'override.decide')?.args).toEqual({ id: 'o1', granted: true });
  });
});
