import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { keepFinding } from '../../../renderer/desk/find/find-store.ts';
import { ok } from '../../../shared/result.ts';
import type { SearchAnswer } from '../../../shared/search.ts';
import { manualClock } from './manual-clock.ts';
import { ready, ringing, seen } from './open-desk.ts';
import { sampleCustomers } from './sample.ts';
import zh from '../../../renderer/desk/locales/zh-CN.json' with { type: 'json' };

const openFind = async (desk: Awaited<ReturnType<typeof ready>>): Promise<HTMLElement> => {
  await desk.user.keyboard('{Control>}f{/Control}');
  const field = await screen.findByLabelText(zh['find.text']);
  await waitFor(() => expect(document.activeElement).toBe(field));
  return field;
};

describe('Ctrl+F', () => {
  it('finds while typing, walks with the arrows, opens with Enter, and Back leads to the field again', async () => {
    const desk = await ready();
    const field = await openFind(desk);
    await desk.user.keyboard('王');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    expect(document.activeElement).toBe(field);
    expect(await seen(zh['find.by.surname'])).toBe(true);
    await desk.user.keyboard('{ArrowDown}');
    await waitFor(() =>
      expect(screen.getAllByRole('option').map((row) => row.getAttribute('aria-selected'))).toEqual(['false', 'true']),
    );
    const [, second] = screen.getAllByRole('option');
    expect(field.getAttribute('aria-activedescendant')).toBe(second?.id);
    await desk.user.keyboard('{Enter}');
    await screen.findByRole('heading', { name: zh['find.opened'] });
    await desk.user.click(screen.getByRole('button', { name: zh['find.back'] }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText(zh['find.text'])));
    expect(screen.getByLabelText(zh['find.text'])).toHaveProperty('value', '王');
  });

  it('F2 calls the row; while a customer rings it answers instead', async () => {
    const desk = await ready();
    await openFind(desk);
    await desk.user.keyboard('13600136000');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(1));
    await desk.user.keyboard('{F2}');
    await waitFor(() => expect(desk.phone.state().calls.at(-1)?.number).toBe('13600136000'));
  });

  it('a call that rings is answered with F2 from the field', async () => {
    const desk = await ringing();
    await openFind(desk);
    await desk.user.keyboard('王');
    await waitFor(() => expect(screen.getAllByRole('option')).toHaveLength(2));
    await desk.user.keyboard('{F2}');
    await waitFor(() => expect(desk.engine.agent().kind).toBe('onCall'));
  });

  it.each<[string, string]>([
    ['1', zh['find.unclear.tooShort']],
    ['😀', zh['find.unclear.notUnderstood']],
    ['13999999999', '没有找到'],
  ])('%s is answered in words', async (text, said) => {
    const desk = await ready();
    const field = await openFind(desk);
    await desk.user.click(field);
    await desk.user.paste(text);
    expect(await seen(said)).toBe(true);
  });

  it('pasted novels are told of and asked of nobody', async () => {
    const desk = await ready();
    await openFind(desk);
    await desk.user.paste('NEAR('.repeat(2_000));
    expect(await seen(zh['find.unclear.tooLong'])).toBe(true);
    expect(desk.engine.asked.filter(({ name }) => name === 'customer.search')).toEqual([]);
  });

  it('customers of central come below the others, marked', async () => {
    const desk = await ready();
    const [one, ...others] = desk.engine.world.customers;
    if (one === undefined) throw new Error('no sample');
    desk.engine.world.customers = others;
    desk.engine.world.atCentral = [one];
    await openFind(desk);
    await desk.user.keyboard('13800138000');
    expect(await seen(zh['find.fromCentral'])).toBe(true);
    expect(screen.getAllByRole('option')).toHaveLength(1);
  });
});

describe('what is found does not move under the hand', () => {
  const [one, two, three] = sampleCustomers(0);
  const found = (...customers: (typeof one)[]): SearchAnswer => ({
    kind: 'found',
    rows: customers.flatMap((customer) =>
      customer === undefined ? [] : [{ customer, by: 'name' as const, numberIndex: null }],
    ),
  });
  const settle = () => new Promise<void>((done) => void setImmediate(done));

  it('central adds behind and never twice; an answer to what was typed over is thrown away', async () => {
    const clock = manualClock(0);
    const waiting: { text: string; where: string; answer: (told: SearchAnswer) => void }[] = [];
    const finding = keepFinding(
      (text, where) => new Promise((done) => void waiting.push({ text, where, answer: (told) => done(ok(told)) })),
      clock,
    );
    const ids = () => finding.store.getState().rows.map((row) => `${row.customer.id}:${row.source}`);
    finding.type('王');
    finding.type('王小');
    waiting[1]?.answer(found(two));
    await settle();
    waiting[0]?.answer(found(one, two));
    await settle();
    expect(ids()).toEqual([`${two?.id}:seat`]);
    await clock.pass(400);
    finding.move(1);
    waiting[2]?.answer(found(one, two, three));
    await settle();
    expect(waiting[2]?.where).toBe('central');
    expect(ids()).toEqual([`${two?.id}:seat`, `${one?.id}:central`, `${three?.id}:central`]);
    expect(finding.store.getState().at).toBe(0);
    finding.stop();
  });
});
