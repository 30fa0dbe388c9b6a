import { screen, waitFor, within } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { amountFen } from '../../../renderer/desk/orders/order-actions.ts';
import type { Order } from '../../../shared/order.ts';
import { Script } from '../../../shared/script.ts';
import type { Language } from '../../../shared/text.ts';
import { type Opened, seen, signedIn, talking } from './open-desk.ts';
import { sampleScript } from './sample.ts';

const text = (zh: string, en: string) => ({ zh, en });
const tariff = Script.parse({
  ...sampleScript,
  tariffId: 'T-10G',
  first: 'tell',
  steps: [
    {
      ...{ id: 'tell', part: 'close', say: text('逐项确认。', 'Let me confirm.'), next: null },
      answers: [{ id: 'yes', label: text('同意', 'I agree'), next: null }],
      disclosures: [
        { id: 'price', kind: 'price', label: text('10 GB，15 元', '10 GB for 15 yuan') },
        { id: 'leaving', kind: 'leaving', label: text('发 TD 退订', 'Text TD to leave') },
      ],
    },
  ],
});

const reading = async (language: Language = 'zh-CN'): Promise<Opened> => {
  const desk = await talking('13800138000', language);
  desk.engine.world.script = tariff;
  await desk.user.keyboard('6');
  await screen.findByRole('region', { name: language === 'en' ? 'Script' : '话术' });
  return desk;
};
const order = ({ engine }: Opened): Order => {
  const found = engine.snapshot().work.rows.flatMap(({ row }) => (row.record === 'order' ? [row] : []))[0];
  if (found === undefined) throw new Error('no order');
  return found;
};
/** Read, ticked, agreed, and on to the order. */
const ordering = async (): Promise<Opened> => {
  const desk = await reading();
  await desk.user.keyboard('{Enter}');
  await seen('还要告知 1 项');
  await desk.user.keyboard('2');
  await seen('已全部告知');
  await desk.user.keyboard('1');
  await seen('话术已完成');
  await desk.user.keyboard('{Enter}');
  await screen.findByRole('region', { name: '新订单' });
  return desk;
};
/** The same key right away would be a bounce of it. */
const deliberate = async (user: Opened['user'], key: string): Promise<void> => {
  await new Promise((done) => setTimeout(done, 150));
  await user.keyboard(key);
};
const kind = (desk: Opened, to: NonNullable<Order['sale']>['kind']): void =>
  desk.engine.orders((one) => ({
    ...one,
    sale: one.sale === null ? null : { ...one.sale, kind: to, untilMs: Date.now() },
  }));

describe('R42: what must be told', () => {
  it('each item is ticked when it was read; no answer is taken before all were, and a tick is not taken back', async () => {
    const { user, engine } = await reading();
    await seen('还要告知 2 项');
    expect(screen.getByRole('button', { name: '同意' })).toHaveProperty('disabled', true);
    await user.keyboard('1');
    await seen('本通无录音');
    await waitFor(() => expect(engine.snapshot().contact?.contact.told).toHaveLength(1));
    await user.click(screen.getByRole('button', { name: /15 元/, pressed: true }));
    await user.keyboard('2');
    await seen('已全部告知');
    expect(engine.snapshot().contact?.contact.told?.map(({ itemId }) => itemId)).toEqual(['price', 'leaving']);
    await user.keyboard('1');
    await seen('话术已完成');
  });
});

describe('R30, R41: an order in the call, by keyboard', () => {
  it('from the script to “sold”: every step on a digit, what is waited for in words', async () => {
    const desk = await ordering();
    const { user } = desk;
    await deliberate(user, '1');
    await seen('请问客户：“您同意办理吗？”');
    await deliberate(user, '1');
    await seen('请发送确认短信');
    await deliberate(user, '1');
    await seen('确认短信马上发出');
    kind(desk, 'asked');
    await seen('等客户回复');
    kind(desk, 'confirmed');
    await seen('客户已回复确认');
    await deliberate(user, '1');
    await seen('成功短信正在发出');
    kind(desk, 'sold');
    await seen('已办理成功');
    expect(order(desk)).toMatchObject({ flow: 'onSpot', offer: { name: '话费说明' }, payment: null });
    // The flow says where the order stands, without going there.
    expect(screen.getByRole('button', { name: /订单\s*已完成/ })).toBeDefined();
  });

  it('delivery and money are chosen before; what does not fit is said beside it and loses nothing', async () => {
    const desk = await ordering();
    const { user } = desk;
    await user.selectOptions(screen.getByLabelText('付款方式'), 'cash');
    await user.type(screen.getByLabelText('金额（元）'), '十五');
    const two = () => user.click(screen.getByRole('button', { name: '预受理，之后配送' }));
    await two();
    await seen('金额写成 15 或 15.50。');
    expect(screen.getByLabelText('金额（元）')).toHaveProperty('value', '十五');
    await user.clear(screen.getByLabelText('金额（元）'));
    await user.type(screen.getByLabelText('金额（元）'), '15.5');
    await two();
    await seen('待付款');
    expect(order(desk)).toMatchObject({ payment: { way: 'cash', amountFen: 1_550 }, delivery: { by: 'courier' } });
    await user.click(screen.getByRole('button', { name: '取消订单' }));
    await seen('请写明原因。');
  });

  it('without a script of a tariff nothing is sold; interest can be registered and followed up in the list', async () => {
    const desk = await talking();
    const { user } = desk;
    await user.click(flowStep());
    await seen('只能登记意向');
    expect(screen.getByRole('button', { name: '当场办理' })).toHaveProperty('disabled', true);
    await user.type(screen.getByLabelText('办理内容'), '企业专线');
    await user.click(screen.getByRole('button', { name: '登记意向，转后台跟进' }));
    await seen('已登记');
    await user.click(within(screen.getByRole('navigation', { name: '功能' })).getByRole('button', { name: '订单' }));
    const panel = within(screen.getByRole('complementary', { name: '订单' }));
    await user.click(panel.getByRole('button', { name: /企业专线/ }));
    await user.click(panel.getByRole('button', { name: '开始跟进' }));
    await waitFor(() => expect(order(desk).lead).toBe('taken'));
  });
});

const flowStep = (): Element =>
  within(screen.getByRole('list', { name: '服务步骤' })).getByRole('button', { name: /订单/ });

it.each(['zh-CN', 'en'] as const)(
  'axe finds nothing on what must be told, the order and the list (%s)',
  async (language) => {
    const faults = async (): Promise<readonly string[]> => {
      const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
    };
    const desk = await reading(language);
    await desk.user.keyboard('1');
    expect(await faults()).toEqual([]);
    await desk.user.keyboard('2');
    await seen(language === 'en' ? 'Everything was disclosed' : '已全部告知');
    await desk.user.keyboard('1');
    await seen(language === 'en' ? 'Take the order' : '办理订单');
    await desk.user.keyboard('{Enter}');
    await screen.findByRole('region', { name: language === 'en' ? 'New order' : '新订单' });
    expect(await faults()).toEqual([]);
    await desk.user.keyboard('1');
    await seen(language === 'en' ? 'Do you agree' : '您同意办理吗');
    expect(await faults()).toEqual([]);
  },
);

it('an amount is what people write', () => {
  expect(['15', '¥15.5', '１５．５０', ' 0 '].map(amountFen)).toEqual([1_500, 1_550, 1_550, 0]);
  expect(['', '-1', '1e3', '15,5', '1.234', 'x'].map(amountFen)).toEqual(Array.from({ length: 6 }));
});

it('between calls the list is there', async () => {
  const { user } = await signedIn();
  await user.click(screen.getByRole('button', { name: '订单' }));
  expect(await seen('没有订单')).toBe(true);
});
