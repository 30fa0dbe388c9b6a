import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { page, ready, ringing, seen, signedIn, talking } from './open-desk.ts';

describe('an incoming call', () => {
  it('never takes the focus from where the agent types', async () => {
    const { user, far } = await ready();
    await user.keyboard('{Control>}f{/Control}');
    const field = await screen.findByLabelText('号码、姓名、拼音或客户编号');
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.keyboard('139');
    far.call({ number: '13800138000', queue: 'service' });
    await screen.findByRole('region', { name: '客户' });
    await user.keyboard('0013');
    expect(document.activeElement).toBe(field);
    expect(field).toHaveProperty('value', '1390013');
  });

  it('F2 answers even from a field; the live region says who calls', async () => {
    const { user, engine } = await ringing();
    expect(screen.getAllByRole('status').some((node) => node.textContent?.includes('来电：李**'))).toBe(true);
    await user.click(screen.getByLabelText('备注'));
    await user.keyboard('{F2}');
    await waitFor(() => expect(engine.agent().kind).toBe('onCall'));
  });

  it('declined with F4: Not ready because missed', async () => {
    const { user } = await ringing();
    await user.keyboard('{F4}');
    expect(await seen('示忙 · 未接来电')).toBeTruthy();
  });

  it('a microphone that fails at the answer is told; the call keeps ringing', async () => {
    const { user, engine } = await ringing();
    const { refusal } = await import('../../../shared/result.ts');
    await user.keyboard('{F8}');
    // The menu has asked how many are away.
    await waitFor(() => expect(engine.asked.some(({ name }) => name === 'day.rooms')).toBe(true));
    engine.world.refuseNext = refusal('policy', 'redList');
    await user.keyboard('2');
    await seen('红名单客户，不允许营销拨打。');
    expect(engine.agent().kind).toBe('reserved');
  });
});

describe('during a call', () => {
  it('a customer nobody hears any more is told in one sentence with what is done about it, gone when it is over', async () => {
    const { far } = await talking();
    far.goSilent(true);
    await seen('收不到客户的声音，正在换一条网络路径，请稍候。');
    expect(screen.getByRole('status', { name: '故障提示' }).textContent).toContain('收不到客户的声音');
    far.goSilent(false);
    await waitFor(() => expect(page()).not.toContain('收不到客户的声音'), { timeout: 5_000 });
  });

  it('F5 mutes unmistakably and back; it never reloads', async () => {
    const { user, phone } = await talking();
    await user.keyboard('{F5}');
    await seen('已静音 · 客户听不到您');
    expect(phone.state().calls.at(-1)?.state).toMatchObject({ microphone: 'muted' });
    await user.keyboard('{F5}');
    await waitFor(() => expect(page()).not.toContain('已静音'));
    const event = new KeyboardEvent('keydown', { key: 'F5', bubbles: true, cancelable: true });
    window.dispatchEvent(event);
    expect(event.defaultPrevented).toBe(true);
  });

  it('F3 holds and resumes: who hears whom is said in words, and read out; the microphone stays as it was', async () => {
    const { user, phone } = await talking();
    await user.keyboard('{F5}');
    await user.keyboard('{F3}');
    await seen('已保持 · 互相听不到');
    expect(screen.getAllByRole('status').some((node) => node.textContent?.includes('已保持'))).toBe(true);
    expect(screen.getByRole('button', { name: /^恢复通话/ }).getAttribute('aria-pressed')).toBe('true');
    await user.keyboard('{F3}');
    await waitFor(() =>
      expect(phone.state().calls[0]?.state).toMatchObject({ hold: { kind: 'none' }, microphone: 'muted' }),
    );
    await waitFor(() => expect(page()).not.toContain('正在恢复'));
  });

  it('a hold the other side refuses is shown as failed, never as held; F3 lets the agent be heard again', async () => {
    const { user, far, phone } = await talking();
    far.takesHold(false);
    await user.keyboard('{F3}');
    await seen('保持失败 · 客户听不到您');
    expect(page()).not.toContain('已保持');
    await user.keyboard('{F3}');
    await waitFor(() => expect(page()).not.toContain('保持失败'));
    expect(phone.state().calls[0]?.state).toMatchObject({ hold: { kind: 'none' }, microphone: 'open' });
  });

  it('F7 opens the keypad; digits go into the call and not into the script', async () => {
    const { user, far, engine } = await talking();
    await user.keyboard('{F7}');
    await user.keyboard('12#');
    await waitFor(() => expect(far.digits()).toBe('12#'));
    expect(engine.snapshot().contact?.contact.topicId).toBeNull();
    await user.keyboard('{F7}');
    await user.keyboard('1');
    await waitFor(() => expect(engine.snapshot().contact?.contact.topicId).toBe('bill'));
  });

  it('digits pasted with the keypad open go into the call; other text and text for a field do not', async () => {
    const { user, far } = await talking();
    await user.keyboard('{F7}');
    await screen.findByRole('region', { name: '拨号键盘' });
    await user.paste('密码 12');
    await user.paste('6222 02-1#');
    await waitFor(() => expect(far.digits()).toBe('6222021#'));
    await user.click(screen.getByLabelText('备注'));
    await user.paste('99');
    await waitFor(() => expect(screen.getByLabelText('备注')).toHaveProperty('value', '99'));
    expect(far.digits()).toBe('6222021#');
  });

  it('a choice of state is kept for after the call', async () => {
    const { user } = await talking();
    await user.keyboard('{F8}');
    await user.keyboard('3');
    expect(await seen('之后：用餐')).toBeTruthy();
  });

  it('signalling lost: the sentence says that the call goes on', async () => {
    const { far } = await talking();
    far.cutLine();
    expect(await seen('与交换机的联系中断，正在自动重连。当前通话继续')).toBeTruthy();
  });

  it('the customer hangs up: said in words, wrap-up begins with its timer', async () => {
    const { far } = await talking();
    far.hangUp();
    await seen('客户已挂断');
    expect(await screen.findByRole('button', { name: /^完成小结/ })).toBeTruthy();
  });

  it('F1 lists every key; Esc closes it', async () => {
    const { user } = await talking();
    await user.keyboard('{F1}');
    const sheet = await screen.findByRole('dialog', { name: '快捷键' });
    for (const key of [
      'F1',
      'F2',
      'F3',
      'F4',
      'F5',
      'F7',
      'F8',
      'F9',
      'F10',
      'Ctrl+K',
      'Ctrl+F',
      'Ctrl+Enter',
      'Enter',
      'Esc',
      '1–9',
    ])
      expect(sheet.textContent).toContain(key);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('Ctrl+K finds by pinyin', async () => {
    const { user, engine } = await talking();
    await user.keyboard('{Control>}k{/Control}');
    await screen.findByRole('combobox', { name: '命令面板' });
    await user.keyboard('yhzx{Enter}');
    await waitFor(() => expect(engine.snapshot().contact?.contact.topicId).toBe('offer'));
  });
});

describe('outbound', () => {
  it('by a typed number: the verdict in words before, the call after', async () => {
    const { user, phone } = await signedIn();
    await user.click(screen.getByRole('button', { name: '拨号', pressed: false }));
    const field = await screen.findByLabelText('号码');
    await user.type(field, '010 6554');
    await seen('号码不完整或格式不对');
    await user.clear(field);
    await user.type(field, '+44 20 7946 0000');
    await seen('国际号码不允许拨打');
    expect(screen.getByRole('button', { name: /^呼叫/ })).toHaveProperty('disabled', true);
    await user.clear(field);
    await user.type(field, '138 0013 8000');
    await seen('可以拨打：138 0013 8000（手机）');
    await user.keyboard('{Enter}');
    await waitFor(() =>
      expect(phone.state().calls.at(-1)).toMatchObject({ direction: 'outbound', number: '13800138000' }),
    );
    await seen('您好，这里是客户服务中心');
  });

  it('by a click on a customer found by surname', async () => {
    const { user, phone } = await ready();
    await user.keyboard('{Control>}f{/Control}');
    await screen.findByLabelText('号码、姓名、拼音或客户编号');
    await user.keyboard('Walker{Enter}');
    await seen('客户正在漫游，接听会产生费用');
    await user.click(await screen.findByRole('button', { name: '拨打' }));
    await waitFor(() => expect(phone.state().calls.at(-1)?.number).toBe('13600136000'));
  });

  it('a refusal of the phone is told beside the number', async () => {
    const { user, far } = await signedIn();
    far.cutLine();
    await user.click(screen.getByRole('button', { name: '拨号', pressed: false }));
    await user.type(await screen.findByLabelText('号码'), '13800138000');
    await seen('电话线路未就绪');
    expect(screen.getByRole('button', { name: /^呼叫/ })).toHaveProperty('disabled', true);
  });
});

describe('practice', () => {
  it('asks for a call by a chosen customer', async () => {
    const { user } = await ready();
    await user.click(await screen.findByRole('button', { name: '黑名单客户' }));
    expect(await seen('黑名单客户：有骚扰或欺诈记录')).toBeTruthy();
  });
});
