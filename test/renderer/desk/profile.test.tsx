import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import type { Language } from '../../../shared/text.ts';
import { type Opened, page, ringing, seen, talking } from './open-desk.ts';
import { customer } from './sample.ts';

// R4, R6, R7, R22 and stale data on the pop: what an agent completes and what the pop says of its own age.

const words = {
  'zh-CN': {
    edit: '补充资料',
    field: '项目',
    value: '客户说',
    save: /^记下/,
    saved: '已记下：电子邮箱',
    notOne: '这不像一个邮箱地址，请与客户核对。',
    from: /林小满记于 .*本次通话/,
    record: '客户资料',
    asOf: /资料截至 .*（3 小时前）/,
    refuse: '客户不愿接营销电话',
    yes: '是，不再营销',
    handOver: '转客户经理',
    transfer: '转接',
  },
  en: {
    edit: 'Add or correct',
    field: 'Field',
    value: 'Customer says',
    save: /^Put down/,
    saved: 'Put down: E-mail',
    notOne: 'That is not an e-mail address. Please ask the customer again.',
    from: /林小满, .*this call/,
    record: 'Customer record',
    asOf: /As of .*, 3 hours ago/,
    refuse: 'Customer wants no sales calls',
    yes: 'Yes, no sales calls',
    handOver: 'Hand over',
    transfer: 'Transfer',
  },
} as const;

const faults = async (): Promise<readonly string[]> => {
  const { violations } = await axe.run(document.body, { rules: { 'color-contrast': { enabled: false } } });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
};

/** Tab until the button has the focus, then Enter: no mouse. */
const press = async ({ user }: Opened, name: string | RegExp): Promise<void> => {
  const wanted = await screen.findByRole('button', { name });
  for (let n = 0; n < 80 && document.activeElement !== wanted; n += 1) await user.tab();
  expect(document.activeElement).toBe(wanted);
  await user.keyboard('{Enter}');
};

describe.each(['zh-CN', 'en'] as const satisfies readonly Language[])('profile keeping (%s)', (language) => {
  const said = words[language];

  it('R7: by keyboard alone a field is put down, masked, with who, when and from which call', async () => {
    const desk = await talking('13800138000', language);
    await press(desk, said.edit);
    const field = await screen.findByLabelText(said.field);
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(await faults()).toEqual([]);
    await desk.user.selectOptions(field, 'email');
    await desk.user.tab();
    expect(document.activeElement).toBe(screen.getByLabelText(said.value));
    // Digits belong to the field, not to the topics.
    await desk.user.keyboard('li 1@nowhere{Enter}');
    await seen(said.notOne);
    expect(desk.engine.snapshot().contact?.contact.topicId).toBeNull();
    await desk.user.clear(screen.getByLabelText(said.value));
    await desk.user.keyboard('zhiyuan@example.invalid{Enter}');
    await seen(said.saved);
    expect(screen.queryByLabelText(said.value)).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: said.edit }));
    const record = screen.getByRole('region', { name: said.record });
    expect(record.textContent).toMatch(said.from);
    expect(record.textContent).toContain('********id');
    expect(page()).not.toContain('zhiyuan@');
    expect(desk.engine.asked.at(-1)).toMatchObject({
      name: 'customer.setField',
      args: { key: 'email', value: 'zhiyuan@example.invalid' },
    });
    expect(await faults()).toEqual([]);
  });

  it('R7: Escape leaves everything as it was and gives the focus back', async () => {
    const desk = await talking('13800138000', language);
    await press(desk, said.edit);
    await desk.user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByLabelText(said.field)).toBeNull());
    expect(document.activeElement).toBe(screen.getByRole('button', { name: said.edit }));
    expect(desk.engine.asked.some(({ name }) => name === 'customer.setField')).toBe(false);
  });

  it('R22: "do not call me" takes a second press and is shown at once', async () => {
    const desk = await talking('13800138000', language);
    await press(desk, said.refuse);
    expect(desk.engine.asked.some(({ name }) => name === 'customer.refuse')).toBe(false);
    await press(desk, said.yes);
    await waitFor(() => expect(screen.queryByRole('button', { name: said.yes })).toBeNull());
    expect(desk.engine.asked.at(-1)).toMatchObject({ name: 'customer.refuse' });
    expect(screen.queryByRole('button', { name: said.refuse })).toBeNull();
  });

  it('R4: the hand-over to the account manager is one press, with their name looked for', async () => {
    const desk = await talking('13800138000', language);
    await press(desk, said.handOver);
    const panel = await screen.findByRole('dialog', { name: new RegExp(said.transfer) });
    expect(panel.querySelector('input')?.value).toBe('苏晚晴');
  });

  it('what the seat shows says its age when central was not heard for a while, and nothing when it was', async () => {
    const desk = await ringing('13800138000', language);
    await seen(/\d{2}:\d{2}/);
    expect(page()).not.toMatch(said.asOf);
    desk.engine.world.setAsOf(Date.now() - 3.5 * 3_600_000);
    await seen(said.asOf);
    desk.engine.world.setAsOf(Date.now());
    await waitFor(() => expect(page()).not.toMatch(said.asOf));
  });
});

describe('what belongs to nobody yet', () => {
  it('R7, R8: an uncertain customer is asked for first; then the record can be completed', async () => {
    await talking('13900139000');
    await seen(/欧阳/);
    expect(screen.queryByRole('button', { name: '补充资料' })).toBeNull();
    screen.getByRole('button', { name: '是本人' }).click();
    await screen.findByRole('button', { name: '补充资料' });
  });

  it('R34: the timeline has contacts and cases in one order, and says what was recorded', async () => {
    const desk = await ringing();
    const past = await screen.findByRole('region', { name: '最近接触' });
    const text = past.textContent ?? '';
    expect(text.indexOf('话费查询')).toBeLessThan(text.indexOf('国际漫游流量费争议'));
    expect(text).toContain('有录音');
    expect(text).toContain('投诉工单 T-88');
    expect(desk.engine.snapshot().contact?.history.filter(({ recorded }) => recorded === true)).toHaveLength(1);
    expect(text.match(/有录音/g)).toHaveLength(1);
  });

  it('R22: a text that asked to be left alone stands in the timeline, in the customer’s words, the number masked', async () => {
    await talking('13500135000');
    const text = (await screen.findByRole('region', { name: '最近接触' })).textContent ?? '';
    expect(text).toContain('短信，来自 135****5000');
    expect(text).toContain('要求不再营销“退订回T”');
  });

  it('security 21: what another agent put down is text', async () => {
    const desk = await ringing();
    const evil = '<img src=x onerror=alert(1)>';
    desk.engine.world.customers.push(
      customer('C-77', {
        numbers: [{ key: '+8613411134111', confidence: 'certain' }],
        fields: [{ key: 'remark', class: 1, shown: evil, from: { agentName: evil, atMs: 1, contactId: null } }],
      }),
    );
    await desk.user.keyboard('{F2}');
    await screen.findByRole('button', { name: /^静音/ });
    await desk.user.keyboard('{F4}');
    await screen.findByRole('button', { name: /^完成小结/ });
    await desk.user.keyboard('4{Control>}{Enter}{/Control}');
    await waitFor(() => expect(desk.engine.agent().kind).toBe('ready'));
    desk.far.call({ number: '13411134111', queue: 'service' });
    await seen(evil);
    expect(document.querySelector('img')).toBeNull();
  });
});
