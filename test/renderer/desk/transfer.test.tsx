import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import type { Language } from '../../../shared/text.ts';
import { page, ready, ringing, seen, talking, type Opened } from './open-desk.ts';

const own = ({ phone }: Opened): Call | undefined => phone.state().calls.find(({ aside }) => aside === undefined);
const consult = ({ phone }: Opened): Call | undefined =>
  phone.state().calls.find(({ aside }) => aside?.kind === 'consult');
const holdOf = (call: Call | undefined): string | undefined =>
  call?.state.kind === 'talking' ? call.state.hold.kind : call?.state.kind;

const choosing = async (number = '13800138000', language: Language = 'zh-CN'): Promise<Opened> => {
  const desk = await talking(number, language);
  await desk.user.keyboard('{F6}');
  const field = await screen.findByRole('combobox', { name: language === 'en' ? /Name, initials/ : /姓名、拼音/ });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await screen.findByRole('option', { name: /1002/ });
  return desk;
};

const consulting = async (): Promise<Opened> => {
  const desk = await choosing();
  await desk.user.keyboard('znq{Enter}');
  await waitFor(() => expect(consult(desk)?.state.kind).toBe('talking'));
  await waitFor(() => expect(holdOf(own(desk))).toBe('held'));
  return desk;
};

const handedOn = (desk: Opened): Promise<void> =>
  waitFor(() => expect(own(desk)?.state).toMatchObject({ kind: 'ended', cause: 'transferred' }));

describe('F6: to whom', () => {
  it('is chosen with the keyboard alone; Ctrl+Enter hands over without asking and never finishes the wrap-up', async () => {
    const desk = await choosing();
    expect(screen.getByRole('option', { name: /周南乔/ }).textContent).toContain('空闲');
    await desk.user.keyboard('尊享');
    expect(screen.getAllByRole('option')).toHaveLength(1);
    await desk.user.keyboard('{Control>}{Enter}{/Control}');
    await handedOn(desk);
    await seen('已转接');
    await waitFor(() => expect(desk.engine.agent().kind).toBe('wrapUp'));
    expect(desk.engine.asked.some(({ name }) => name === 'contact.wrapUp')).toBe(false);
  });

  it('arrows walk, Enter asks the one chosen', async () => {
    const desk = await choosing();
    await desk.user.keyboard('{ArrowDown}{ArrowDown}{ArrowUp}');
    expect(screen.getByRole('option', { selected: true }).textContent).toContain('陈一诺');
    await desk.user.keyboard('{Enter}');
    await waitFor(() => expect(consult(desk)?.number).toBe('1003'));
    expect(screen.queryByRole('combobox', { name: /姓名、拼音/ })).toBeNull();
  });

  it('Esc closes it and leaves the call as it is', async () => {
    const desk = await choosing();
    await desk.user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('option', { name: /1002/ })).toBeNull());
    expect(holdOf(own(desk))).toBe('none');
  });

  it('an unlisted number is refused beside the list, in words; nothing is dialled', async () => {
    const desk = await choosing();
    await desk.user.keyboard('13900139000{Enter}');
    await seen('只能转给号码本中的对象。请从列表中选择。');
    await desk.user.keyboard('{Control>}{Enter}{/Control}');
    expect([desk.phone.state().calls.length, holdOf(own(desk))]).toEqual([1, 'none']);
  });

  it('digits typed there are not choices of the script behind it', async () => {
    const desk = await choosing();
    await desk.user.keyboard('1');
    expect(screen.getByRole('combobox', { name: /姓名、拼音/ })).toHaveProperty('value', '1');
    expect(desk.engine.asked.some(({ name }) => name.startsWith('script.') || name === 'contact.chooseTopic')).toBe(
      false,
    );
  });
});

describe('two lines', () => {
  it('say who hears whom in words, and whose the keys are', async () => {
    const desk = await consulting();
    const lines = await screen.findByRole('region', { name: '两路通话' });
    await waitFor(() => expect(lines.textContent).toMatch(/客户.*李\*\*.*保持中（听音乐）/));
    expect(lines.textContent).toMatch(/同事.*周南乔 1002.*通话中/);
    await desk.user.keyboard('{F5}');
    await waitFor(() => expect(consult(desk)?.state).toMatchObject({ microphone: 'muted' }));
    expect(own(desk)?.state).toMatchObject({ microphone: 'open' });
  });

  it('F6 hands the customer over to whoever was asked', async () => {
    const desk = await consulting();
    await desk.user.keyboard('{F6}');
    await handedOn(desk);
    await waitFor(() => expect(consult(desk)?.state.kind).toBe('ended'));
    await seen('已转接');
    expect(screen.queryByRole('region', { name: '两路通话' })).toBeNull();
  });

  it('F4 hangs up the colleague; the customer waits until F3 takes them back', async () => {
    const desk = await consulting();
    await desk.user.keyboard('{F4}');
    await waitFor(() => expect(consult(desk)?.state.kind).toBe('ended'));
    expect([holdOf(own(desk)), desk.engine.agent().kind]).toEqual(['held', 'onCall']);
    expect(desk.desk.ui.getState().drawer).toBe('strip');
    await desk.user.keyboard('{F3}');
    await waitFor(() => expect(holdOf(own(desk))).toBe('none'));
  });

  it('Shift+F4 ends the consultation and takes the customer back in one', async () => {
    const desk = await consulting();
    await desk.user.keyboard('{Shift>}{F4}{/Shift}');
    await waitFor(() => expect([consult(desk)?.state.kind, holdOf(own(desk))]).toEqual(['ended', 'none']));
  });

  it('Shift+F3 switches; the customer’s buttons are back in the call bar then', async () => {
    const desk = await consulting();
    expect(screen.queryByRole('button', { name: /^挂断$|^挂断F4/ })).toBeNull();
    await desk.user.keyboard('{Shift>}{F3}{/Shift}');
    await waitFor(() => expect([holdOf(own(desk)), holdOf(consult(desk))]).toEqual(['none', 'held']));
    await screen.findByRole('button', { name: /^挂断(?!同事)/ });
    expect(screen.queryByRole('button', { name: /^挂断同事/ })).toBeNull();
  });

  it('Shift+F6 brings all three together and apart; muted is muted for both', async () => {
    const desk = await consulting();
    await desk.user.keyboard('{Shift>}{F6}{/Shift}');
    await seen('三方通话：互相都听得到');
    expect(desk.far.mixed()).toBe(2);
    await desk.user.keyboard('{F5}');
    await waitFor(() =>
      expect([own(desk)?.state, consult(desk)?.state]).toMatchObject([
        { microphone: 'muted' },
        { microphone: 'muted' },
      ]),
    );
    await desk.user.keyboard('{F5}');
    await desk.user.keyboard('{Shift>}{F6}{/Shift}');
    await waitFor(() => expect([holdOf(own(desk)), holdOf(consult(desk))]).toEqual(['none', 'held']));
    expect(desk.far.mixed()).toBe(0);
  });

  it('F4 amid three hangs up the colleague, never the customer', async () => {
    const desk = await consulting();
    await desk.user.keyboard('{Shift>}{F6}{/Shift}');
    await seen('三方通话：互相都听得到');
    await desk.user.keyboard('{F4}');
    await waitFor(() => expect(consult(desk)?.state.kind).toBe('ended'));
    await waitFor(() => expect(holdOf(own(desk))).toBe('none'));
  });
});

describe('what goes wrong', () => {
  it('a busy target: why, and that the customer is back; gone with Esc', async () => {
    const desk = await choosing();
    desk.far.target(486);
    await desk.user.keyboard('1003{Control>}{Enter}{/Control}');
    await seen('转接未成功：对方忙。');
    await seen('客户已回到通话中。');
    expect(holdOf(own(desk))).toBe('none');
    await desk.user.keyboard('{Escape}');
    await waitFor(() => expect(page()).not.toContain('转接未成功'));
  });

  it('a colleague who does not answer: who, why, and that the customer still waits', async () => {
    const desk = await choosing();
    desk.far.policy(480);
    await desk.user.keyboard('znq{Enter}');
    await seen(/周南乔 1002：.*客户仍在保持，按 F3 恢复通话。/);
    await desk.user.keyboard('{F3}');
    await waitFor(() => expect(page()).not.toContain('客户仍在保持'));
  });

  it('a refusal of handing over while consulting is told, and both calls stay', async () => {
    const desk = await choosing();
    desk.far.policy('ring');
    await desk.user.keyboard('znq{Enter}');
    await waitFor(() => expect(consult(desk)?.state.kind).toBe('ringingOut'));
    await desk.user.keyboard('{F6}');
    expect(consult(desk)?.state.kind).toBe('ringingOut');
    await seen('对方振铃');
    desk.far.pickUp();
    await waitFor(() => expect(consult(desk)?.state.kind).toBe('talking'));
    desk.engine.world.targets = [];
    await desk.user.keyboard('{F6}');
    await seen('只能转给号码本中的对象。');
    expect([own(desk)?.state.kind, consult(desk)?.state.kind]).toEqual(['talking', 'talking']);
  });
});

describe('a colleague who calls', () => {
  it('during a call is told softly and takes neither focus nor call; Shift+F2 declines', async () => {
    const desk = await talking();
    const note = screen.getByLabelText('备注');
    await desk.user.click(note);
    desk.far.call({ number: '1003', colleague: '1003' });
    await seen('同事来电：陈一诺 1003（接听后当前通话保持）');
    await desk.user.keyboard('写');
    expect([document.activeElement, holdOf(own(desk))]).toEqual([note, 'none']);
    await desk.user.keyboard('{Shift>}{F2}{/Shift}');
    await waitFor(() => expect(page()).not.toContain('同事来电'));
    expect([holdOf(own(desk)), desk.engine.agent().kind]).toEqual(['none', 'onCall']);
  });

  it('F2 answers and holds the customer; F4 then ends the colleague’s call alone', async () => {
    const desk = await talking();
    desk.far.call({ number: '1003', colleague: '1003' });
    await seen('同事来电');
    await desk.user.keyboard('{F2}');
    await waitFor(() => expect(holdOf(own(desk))).toBe('held'));
    await seen(/同事.*陈一诺 1003.*通话中/);
    await desk.user.keyboard('{F4}');
    await waitFor(() => expect(desk.phone.state().calls.filter(({ state }) => state.kind !== 'ended')).toHaveLength(1));
    expect(holdOf(own(desk))).toBe('held');
  });

  it('with the customer held, F4 means the customer and not who rings', async () => {
    const desk = await talking();
    await desk.user.keyboard('{F3}');
    await waitFor(() => expect(holdOf(own(desk))).toBe('held'));
    desk.far.call({ number: '1003', colleague: '1003' });
    await seen('同事来电');
    await desk.user.keyboard('{F3}');
    await waitFor(() => expect(holdOf(own(desk))).toBe('none'));
  });

  it('while idle is a line without a customer', async () => {
    const desk = await ready();
    desk.far.call({ number: '1002', colleague: '1002' });
    await seen('同事来电：周南乔 1002');
    await desk.user.keyboard('{F2}');
    await screen.findByRole('region', { name: '两路通话' });
    await seen(/同事.*周南乔 1002.*通话中/);
    expect(screen.queryByRole('region', { name: '客户' })).toBeNull();
    await desk.user.keyboard('{F4}');
    await waitFor(() => expect(page()).not.toContain('周南乔'));
  });
});

it('a ringing call is passed on with F6, without being missed', async () => {
  const desk = await ringing();
  await desk.user.keyboard('{F6}');
  await screen.findByRole('option', { name: /6002/ });
  await desk.user.keyboard('zxfw{Enter}');
  await waitFor(() => expect(desk.far.divertedTo()).toBe('6002'));
});
