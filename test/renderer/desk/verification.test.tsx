import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { type Opened, page, ready, seen, talking } from './open-desk.ts';
import { customer } from './sample.ts';

/** A topic of class 3 is chosen; the factors are on the screen. */
const strict = async (opened?: Opened): Promise<Opened> => {
  const desk = opened ?? (await talking());
  await desk.user.keyboard('5');
  await screen.findByRole('region', { name: '身份核验' });
  return desk;
};

const check = async ({ user }: Opened, digit: string, said: string): Promise<void> => {
  await user.keyboard(digit);
  const field = await screen.findByLabelText(/^客户所说的/);
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard(`${said}{Enter}`);
};

describe('R9: which topics need a check', () => {
  it('class 1 goes straight to the script', async () => {
    const { user } = await talking();
    await user.keyboard('6');
    expect(await screen.findByRole('region', { name: '话术' })).toBeTruthy();
  });

  it('class 2 asks for any one simple item', async () => {
    const desk = await talking();
    await desk.user.keyboard('1');
    await seen('简单核验：一项相符即可');
    await check(desk, '2', '400');
    await screen.findByRole('region', { name: '话术' });
    expect(await seen('简单核验通过')).toBeTruthy();
  });
});

describe('R10–R12: the check itself', () => {
  it('a weak match that passed a check is no longer asked for', async () => {
    const desk = await talking('13900139000');
    await seen('号码匹配不确定，请先确认身份');
    await desk.user.keyboard('1');
    await check(desk, '2', '400');
    await screen.findByRole('region', { name: '话术' });
    await waitFor(() => expect(page()).not.toContain('号码匹配不确定'));
  });

  it('asks in the customer’s language, takes what the caller says, opens the fields and goes on to the script', async () => {
    const desk = await strict();
    await desk.user.keyboard('1');
    await seen('请您报一下六位服务密码。');
    await desk.user.keyboard('258036{Enter}');
    await screen.findByRole('region', { name: '话术' });
    await seen('严格核验通过');
    await seen('330900000000000011');
    expect(await seen('李知远')).toBeTruthy();
  });

  it('asks an English speaker in English on a Chinese desk', async () => {
    const desk = await strict(await talking('13600136000'));
    await desk.user.keyboard('1');
    expect(await seen('Please tell me your six-digit service password.')).toBeTruthy();
  });

  it('says match or no match and the tries left, empties the field, never says the answer', async () => {
    const desk = await strict();
    await check(desk, '1', '000000');
    await seen('不相符，还可尝试 2 次。请再问一次，不要提示答案。');
    expect(screen.getByLabelText(/^客户所说的/)).toHaveProperty('value', '');
    expect(page().replace(/练习.*$/, '')).not.toContain('000000');
  });

  it('closes a factor for the call after three failures and points to another', async () => {
    const desk = await strict();
    await check(desk, '1', '1');
    await seen('还可尝试 2 次');
    await desk.user.keyboard('2{Enter}');
    await seen('还可尝试 1 次');
    await desk.user.keyboard('3{Enter}');
    await seen('该项错误次数已用完，本次通话不再接受，请改用其他项目。');
    expect(screen.getByRole('button', { name: /^服务密码.*本次通话已关闭/ })).toHaveProperty('disabled', true);
  });

  it('two of three: says that one more is needed', async () => {
    const desk = await strict();
    await check(desk, '3', '330900000000000011');
    await seen('相符，还需再核对一项。');
    expect(screen.getByRole('button', { name: /^证件号码.*相符/ })).toHaveProperty('disabled', true);
    await check(desk, '5', '13900000002');
    await screen.findByRole('region', { name: '话术' });
  });

  it('locked until: a sentence with the time, and nothing to type into', async () => {
    const opened = await ready();
    opened.engine.world.lockedUntilMs = Date.now() + 86_400_000;
    opened.far.call({ number: '13800138000', queue: 'service' });
    await screen.findByRole('region', { name: '客户' });
    await opened.user.keyboard('{F2}');
    await strict(opened);
    await seen(/该客户的严格核验已锁定至 \d\d-\d\d 周. \d\d:\d\d/);
    expect(screen.queryByLabelText(/^客户所说的/)).toBeNull();
  });

  it('central away: says that nothing can be checked and what still works', async () => {
    const desk = await strict();
    desk.engine.world.central = 'away';
    await check(desk, '1', '258036');
    expect(await seen('中心暂时不可达，无法核对。请告知客户稍后再办')).toBeTruthy();
  });

  it('sends a code and shows how long it is valid; without text messages it names another way', async () => {
    const desk = await strict();
    await desk.user.keyboard('2');
    await desk.user.click(await screen.findByRole('button', { name: '发送验证码' }));
    await seen('已发送，有效期');
    desk.engine.world.sms = 'away';
    await desk.user.click(await screen.findByRole('button', { name: '重新发送' }));
    expect(await seen('短信暂时无法发送，请改用其他核验项。')).toBeTruthy();
  });

  it('nobody to check against: first settle who it is', async () => {
    const { user } = await talking('13000130000');
    await user.keyboard('2');
    expect(await seen('请先在左侧确认是哪位客户，再核验身份。')).toBeTruthy();
  });

  it('Esc leaves the field, so that digits choose again', async () => {
    const desk = await strict();
    await desk.user.keyboard('1');
    const field = await screen.findByLabelText(/^客户所说的服务密码/);
    await waitFor(() => expect(document.activeElement).toBe(field));
    await desk.user.keyboard('{Escape}');
    await desk.user.keyboard('4');
    await screen.findByLabelText(/^客户所说的登记地址/);
  });

  it('the practice cue shows what the simulated customer answers', async () => {
    await talking();
    const side = await screen.findByRole('complementary', { name: '练习' });
    await waitFor(() => expect(side.textContent).toContain('258036'));
  });

  it('a customer whom somebody imported has no cue sheet, which is no fault; no area leaves no dot', async () => {
    const opened = await ready();
    const { world } = opened.engine;
    const numbers = [{ key: '+8613500135009', confidence: 'certain' as const }];
    world.customers = [...world.customers, customer('I-1', { numbers, area: { zh: '', en: '' } })];
    opened.far.call({ number: '13500135009', queue: 'service' });
    const side = await screen.findByRole('complementary', { name: '练习' });
    await seen('这位客户不是练习模式自带的，没有提示卡。');
    expect(side.querySelector('[data-tone="danger"]')).toBeNull();
    const facts = document.querySelectorAll('.identity-facts > span');
    expect([...facts].every((fact) => fact.textContent !== '')).toBe(true);
    expect(facts.length).toBeGreaterThan(0);
  });
});
