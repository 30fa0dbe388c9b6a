import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { page, ready, ringing, seen, talking } from './open-desk.ts';
import { customer } from './sample.ts';

const pane = (language: 'zh-CN' | 'en' = 'zh-CN') =>
  screen.getByRole('region', { name: language === 'en' ? 'Customer' : '客户' });

describe('R8: what to say first', () => {
  it.each([
    ['13800138000', '李先生您好，很高兴为您服务，请问有什么可以帮您？'],
    ['13900139000', '您好，请问是欧阳女士吗？'],
    ['13700137000', '您好，请问是王先生/女士吗？'],
    ['13000130000', '您好，很高兴为您服务，请问有什么可以帮您？'],
    ['anonymous', '您好，很高兴为您服务，请问有什么可以帮您？'],
    ['12-?', '您好，很高兴为您服务，请问有什么可以帮您？'],
  ])('%s', async (number, sentence) => {
    await ringing(number);
    await waitFor(() => expect(within(pane()).getByText(sentence)).toBeTruthy());
  });

  it('in the customer’s language, whatever the desk’s is', async () => {
    await ringing('13600136000');
    const said = await within(pane()).findByText('Hello Walker, thank you for calling. How may I help you?');
    expect(said.lang).toBe('en');
  });

  it('an English desk greets a Chinese customer in Chinese', async () => {
    await ringing('13800138000', 'en');
    const said = await within(pane('en')).findByText(/^李先生您好/);
    expect(said.lang).toBe('zh-CN');
  });

  it('one certain match with a title in English', async () => {
    const opened = await ringing('13000130000', 'en');
    opened.far.hangUp();
    opened.engine.world.customers.push(
      customer('C-2', {
        surname: 'Brook',
        language: 'en',
        gender: 'female',
        numbers: [{ key: '+8613100131000', confidence: 'certain' }],
      }),
    );
    await waitFor(() => expect(opened.engine.agent().kind).toBe('ready'));
    opened.far.call({ number: '13100131000' });
    await seen('Hello Ms Brook, thank you for calling.');
  });
});

describe('who it may be', () => {
  it('several: candidates to pick by digit, masked, with none of these', async () => {
    const { user, engine } = await talking('13700137000');
    await seen('该号码下有 2 位客户，请先问再选');
    expect(within(pane()).getByRole('button', { name: /^王\*男/ })).toBeTruthy();
    await user.keyboard('2');
    await seen('王女士您好');
    expect(engine.snapshot().contact?.contact.customerId).toBe('C-1004');
  });

  it('several: 0 is none of these', async () => {
    const { user, engine } = await talking('13700137000');
    await seen('该号码下有 2 位客户');
    await user.keyboard('0');
    await seen('已选“都不是”');
    expect(engine.snapshot().contact?.contact.customerId).toBeNull();
  });

  it('low confidence: asked for, then confirmed or refused', async () => {
    const { user, engine } = await talking('13900139000');
    await seen('可能是 欧阳*');
    await user.click(await screen.findByRole('button', { name: '是本人' }));
    await seen('欧阳女士您好');
    expect(engine.asked).toContainEqual({
      name: 'contact.identify',
      args: { contactId: engine.snapshot().contact?.contact.id, customerId: 'C-1002' },
    });
  });

  it.each([
    ['13000130000', '陌生号码', '130 0013 0000'],
    ['anonymous', '隐藏号码', ''],
    ['12-?', '号码异常', '12-?'],
  ])('%s: a sentence says what to do', async (number, title, shown) => {
    await ringing(number);
    expect(await within(pane()).findByRole('heading', { name: title })).toBeTruthy();
    expect(screen.getByRole('region', { name: '通话' }).textContent).toContain(shown);
  });

  it('central not reached: treated as unknown, and said so', async () => {
    const opened = await ringing('13000130000');
    opened.far.hangUp();
    opened.engine.world.central = 'away';
    await waitFor(() => expect(opened.engine.agent().kind).toBe('ready'));
    opened.far.call({ number: '13000130001' });
    await seen('中心暂时不可达，请按陌生来电服务');
  });

  it('a stranger is found by surname and made the customer', async () => {
    const { user, engine } = await talking('13000130000');
    await user.keyboard('{Control>}f{/Control}');
    const field = await screen.findByLabelText('号码、姓名、拼音或客户编号');
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.keyboard('李{Enter}');
    await user.click(await screen.findByRole('button', { name: '就是这位来电客户' }));
    await waitFor(() => expect(engine.snapshot().contact?.contact.customerId).toBe('C-1001'));
  });
});

describe('what is known of them', () => {
  it('R1: the tier says why, on focus as on hover', async () => {
    await ringing();
    const tier = await screen.findByRole('button', { name: /^高端/ });
    const why = document.getElementById(tier.getAttribute('aria-describedby') ?? '');
    expect(why?.textContent).toContain('月均消费达到 ¥200');
    expect(why?.textContent).toContain('在网 96 个月');
  });

  it('R2: black list warns before the greeting; red list is shown', async () => {
    await ringing('13500135000');
    const text = pane().textContent ?? '';
    expect(text.indexOf('黑名单客户：')).toBeGreaterThanOrEqual(0);
    expect(text.indexOf('黑名单客户：')).toBeLessThan(text.indexOf('赵先生您好'));
  });

  it('R3, R4, R5, R6: life cycle with reasons, manager first, hints with reasons, notices above all', async () => {
    await ringing();
    await seen('离网预警');
    expect(page()).toContain('账单上涨 60%');
    expect(page()).toContain('客户经理：苏晚晴。先问是否转由客户经理服务。');
    expect(page()).toContain('推荐 IP 长途包');
    expect(page()).toContain('长途费占 38%');
    const text = pane().textContent ?? '';
    expect(text.indexOf('南岸区部分基站检修')).toBeLessThan(text.indexOf('李先生您好'));
  });

  it('R5: nothing is offered to the red list', async () => {
    await ringing('13600136000');
    await seen('红名单');
    expect(screen.queryByRole('region', { name: '消费提示' })).toBeNull();
    expect(page()).toContain('漫游中');
  });

  it('open cases by deadline, overdue in words; last contacts newest first', async () => {
    await ringing();
    const cases = await screen.findByRole('region', { name: '未结工单' });
    expect(cases.textContent).toMatch(/国际漫游流量费争议.*已超时/);
    const past = screen.getByRole('region', { name: '最近接触' });
    expect(past.textContent?.indexOf('话费查询')).toBeLessThan(past.textContent?.indexOf('投诉受理') ?? 0);
  });

  it('R11: fields above the level are masked, with the word for what opens them', async () => {
    await ringing();
    const record = await screen.findByRole('region', { name: '客户资料' });
    expect(record.textContent).toContain('证件号码3309**********0011需严格核验');
    expect(record.textContent).toContain('积分3,260');
    // The practice cue beside it shows what the simulated customer would say; the pop does not.
    expect(pane().textContent).not.toContain('330900000000000011');
    expect(page()).not.toContain('13800138000');
  });

  it('who calls is drawn first, what is looked up and worked with a frame later, and no key waits for it', async () => {
    const opened = await ready();
    const frames: string[] = [];
    const wanted = ['.greeting', '.fields', '.timeline', '.flow', '#note'];
    const drawn = new MutationObserver(() => {
      const now = wanted.map((some) => (document.querySelector(some) === null ? '-' : 'x')).join('');
      if (now !== frames.at(-1)) frames.push(now);
    });
    drawn.observe(document.body, { subtree: true, childList: true });
    opened.far.call({ number: '13800138000', queue: 'service' });
    await opened.user.keyboard('{F2}');
    await waitFor(() => expect(frames.at(-1)).toBe('xxxxx'));
    drawn.disconnect();
    expect(frames.filter((frame) => frame.startsWith('x'))[0]).toBe('x----');
    await waitFor(() => expect(opened.engine.agent().kind).toBe('onCall'));
  });

  it('the pop is painted once per contact and told with the time', async () => {
    const { engine } = await ringing();
    await waitFor(() => expect(engine.asked.some(({ name }) => name === 'trace.popPainted')).toBe(true));
    const contact = engine.snapshot().contact;
    const told = engine.asked.filter(({ name }) => name === 'trace.popPainted');
    expect(told).toHaveLength(1);
    expect(told[0]?.args).toMatchObject({ contactId: contact?.contact.id });
    const { atMs } = { atMs: 0, ...(told[0]?.args as { atMs: number } | undefined) };
    expect(atMs).toBeGreaterThanOrEqual((contact?.readyAtMs ?? 0) - 1);
  });
});
