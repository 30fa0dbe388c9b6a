import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { unfinished } from '../../shared/disposition.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { Shift } from './fault-desk.ts';
import {
  callerBy,
  finish,
  lastContactOf,
  onBreak,
  openShift,
  readsWell,
  ring,
  sentence,
  takeBreak,
  talk,
  tidy,
} from './fault-desk.ts';
import { agentIs, answer, becomeReady, button, shows } from './steps.ts';

/** Calls that do not go as planned: not answered, given up, ended by the other side, keys pressed twice, a wrap-up that runs out. */
let shift: Shift;
beforeAll(async () => {
  shift = await openShift();
});
afterAll(() => shift?.end());
afterEach(async () => {
  await readsWell(shift.at);
  await tidy(shift);
  expect(shift.at.complaints).toEqual([]);
});

const missed = (): string => sentence(shift.at, 'agent.notReadyBecause', { reason: shift.at.words['notReady.missed'] });
const ringsNoMore = (): Promise<void> =>
  button(shift.at, shift.at.words['call.answer']).first().waitFor({ state: 'detached', timeout: 30_000 });
const noCallLeft = (): Promise<unknown> =>
  expect.poll(() => shift.world.practice.telephony.customers.active().length, { timeout: 10_000 }).toBe(0);
const complaint = () => callerBy(shift.world, (label) => label.includes('未结投诉'));

describe('a ring that is not answered', () => {
  it('R38 the agent does not answer: Not ready, with the reason; the caller waits on and is served next', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    await ringsNoMore();
    await shows(at, missed());
    await at.shot('missed');
    // The caller was not dropped: whoever becomes Ready next takes the call.
    expect(call.state().kind).toBe('ringing');
    await becomeReadyAgain();
    await button(at, at.words['call.answer']).first().waitFor({ timeout: 15_000 });
    await answer(at);
    await expect.poll(() => call.heard.frames(), { timeout: 5_000 }).toBeGreaterThan(10);
    await finish(at);
  });

  it('the caller gives up at once: back to Ready, and the next one rings', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    call.hangUp();
    await ringsNoMore();
    await agentIs(at, 'agent.ready');
    await at.shot('caller-gave-up');
    const next = await ring(shift, 'withheld');
    await answer(at);
    expect(call.state()).toMatchObject({ kind: 'ended', outcome: { kind: 'gaveUp' } });
    await expect.poll(() => next.state().kind).toBe('talking');
    await finish(at);
  });

  it('the agent rejects: Not ready, and the caller is not lost', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    await at.page.keyboard.press('F4');
    await ringsNoMore();
    await shows(at, missed());
    expect(call.state().kind).toBe('ringing');
    call.hangUp();
    await noCallLeft();
  });
});

/** The menu's first choice; an agent who was away may find the next caller already ringing. */
const becomeReadyAgain = async (): Promise<void> => {
  await shift.at.page.keyboard.press('F8');
  await shift.at.page.keyboard.press('1');
};

describe('ends and double keys', () => {
  it('the customer hangs up first: said, wrap-up with the note, next call', async () => {
    const { at, world } = shift;
    const { id, customerId } = complaint();
    const call = await talk(shift, id);
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill('客户先挂断');
    call.hangUp();
    await agentIs(at, 'agent.wrapUp');
    await shows(at, at.words['endCause.customerHungUp']);
    await finish(at);
    expect(await lastContactOf(world, customerId)).toMatchObject({ endCause: 'customerHungUp', note: '客户先挂断' });
  });

  it('F2 twice answers once', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    await at.page.keyboard.press('F2');
    await at.page.keyboard.press('F2');
    await button(at, at.words['call.hangUp']).first().waitFor();
    await shows(at, at.words['call.state.talking']);
    await expect.poll(() => call.heard.frames(), { timeout: 5_000 }).toBeGreaterThan(10);
    expect(await at.desk.getByRole('alert').allInnerTexts()).toEqual(['']);
    await finish(at);
  });

  it('hung up right after the answer: never connected against the agent’s wish, nothing stuck', async () => {
    const { at } = shift;
    await becomeReady(at);
    const call = await ring(shift, 'unknown');
    await at.page.keyboard.press('F2');
    await at.page.keyboard.press('F4');
    const state = at.desk.locator('.agentstate');
    await expect.poll(() => state.getAttribute('data-state'), { timeout: 10_000 }).toMatch(/^(wrapUp|notReady)$/);
    // Answered and ended, or declined just in time: then the caller waits on for somebody else.
    expect(['ringing', 'ended']).toContain(call.state().kind);
    call.hangUp();
    await noCallLeft();
    if ((await state.getAttribute('data-state')) === 'wrapUp') await finish(at);
    else await takeBreak(at);
    await onBreak(at);
    await talk(shift, 'withheld');
    await finish(at);
  });

  it('F4 twice hangs up once', async () => {
    const { at } = shift;
    await talk(shift, 'unknown');
    await at.page.keyboard.press('F4');
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    expect(await at.desk.getByRole('alert').allInnerTexts()).toEqual(['']);
    await finish(at);
  });
});

describe('R28 the wrap-up', () => {
  it('cannot be finished, nor Ready reached, before a disposition', async () => {
    const { at } = shift;
    await talk(shift, 'unknown');
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await shows(at, at.words['wrapUp.chooseFirst']);
    await at.page.keyboard.press('Control+Enter');
    await shows(at, at.words['reason.disposition']);
    await becomeReadyAgain();
    await agentIs(at, 'agent.wrapUp');
    expect(await at.desk.locator('.agentstate').getAttribute('data-state')).toBe('wrapUp');
    await at.shot('disposition-first');
    await at.page.keyboard.press('1');
    await finish(at);
  });

  it('that runs out is closed as unfinished, with its note', async () => {
    const { at, world } = shift;
    const { id, customerId } = complaint();
    const seconds = 15;
    const row = { ...defaultPolicy, version: 2, wrapUpSeconds: seconds };
    await transaction(world.practice.database.db, (tx) => publishReference(tx, 'policy', [{ id: 'policy', row }]));
    await talk(shift, id);
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill('没来得及选结果');
    await takeBreak(at);
    await at.page.keyboard.press('F4');
    await agentIs(at, 'agent.wrapUp');
    await shows(at, sentence(at, 'agent.notReadyBecause', { reason: at.words['notReady.break'] }), 25_000);
    await at.shot('wrap-up-ran-out');
    expect(await lastContactOf(world, customerId)).toMatchObject({
      forced: true,
      note: '没来得及选结果',
      disposition: unfinished,
    });
    await talk(shift, 'unknown');
    await finish(at);
  });
});
