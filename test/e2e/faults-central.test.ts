import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inLanguage } from '../../shared/text.ts';
import type { WireWeather } from './central-proxy.ts';
import type { Shift } from './fault-desk.ts';
import {
  callerBy,
  contactsOf,
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
import { answer, becomeReady, button, chooseTopic, runScript, shows, signIn } from './steps.ts';

/** Central in bad times: dead, silent, answering for somebody else. The call, the notes and the wrap-up go on; nothing is lost or doubled. */
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

const customer = () => callerBy(shift.world, (label) => label.includes('未结投诉'));
const topicOf = (queryClass: 1 | 2): string => {
  const found = shift.world.practice.operator.topics.find(
    (topic) => topic.class === queryClass && topic.scriptId !== null && topic.queues.includes('service'),
  );
  if (found === undefined) throw new Error('no such topic');
  return inLanguage(found.name, 'zh-CN');
};
/** "3 未同步 · 离线" */
const offLine = /\d+ 未同步 · 离线/;
const waitingCount = async (): Promise<number> =>
  Number(/\d+/.exec((await shift.at.desk.locator('.syncbadge').innerText()).trim())?.[0] ?? '0');

const says: Readonly<Record<Exclude<WireWeather, 'passes' | 'silent'>, 'verify.offline' | 'refusal.garbled'>> = {
  away: 'verify.offline',
  deaf: 'verify.offline',
  html: 'refusal.garbled',
  notJson: 'refusal.garbled',
  otherShape: 'refusal.garbled',
  failing: 'refusal.garbled',
};
const weathers = Object.keys(says) as (keyof typeof says)[];

describe('in the middle of a call central', () => {
  it.each(weathers)('is %s: everything goes on, and arrives once it is back', async (weather) => {
    const { at, world, wire } = shift;
    const { id, customerId } = customer();
    const before = (await contactsOf(world, customerId)).length;
    const call = await talk(shift, id);
    await wire.weather(weather);
    await chooseTopic(at, topicOf(2));
    await shows(at, offLine);
    // R11: only central compares; without it the agent is told so, and nothing is opened.
    await tryName(customerId);
    await shows(at, at.words[says[weather]]);
    await at.shot(`central-${weather}`);
    await chooseTopic(at, topicOf(1));
    const steps = await runScript(at);
    expect(steps).toBeGreaterThan(0);
    const note = `中心 ${weather}：请回电`;
    await at.desk.getByRole('textbox', { name: at.words['wrapUp.note'] }).fill(note);
    await shows(at, at.words['draft.saved'].split('{')[0] ?? '');
    const heard = call.heard.frames();
    await expect.poll(() => call.heard.frames()).toBeGreaterThan(heard + 25);
    await finish(at);
    await shows(at, offLine);
    expect(await waitingCount()).toBeGreaterThan(3);
    await wire.weather('passes');
    // No click: it comes back by itself.
    await shows(at, at.words['sync.saved'], 25_000);
    const contact = await lastContactOf(world, customerId);
    expect(contact).toMatchObject({ note, endCause: 'agentHungUp', forced: false });
    expect(contact.answers).toHaveLength(steps);
    expect(contact.disposition?.length).toBeGreaterThan(0);
    expect(await contactsOf(world, customerId)).toHaveLength(before + 1);
    expect(await at.desk.getByText(at.words['sync.refused'].replace('{count} ', '')).count()).toBe(0);
  });

  it('gives no answer at all: the same, and the screen never waits for it', async () => {
    const { at, world, wire } = shift;
    const { id, customerId } = customer();
    const before = (await contactsOf(world, customerId)).length;
    await talk(shift, id);
    await wire.weather('silent');
    await chooseTopic(at, topicOf(1));
    const steps = await runScript(at);
    await finish(at);
    expect(await waitingCount()).toBeGreaterThan(3);
    await wire.weather('passes');
    await shows(at, at.words['sync.saved'], 25_000);
    expect((await lastContactOf(world, customerId)).answers).toHaveLength(steps);
    expect(await contactsOf(world, customerId)).toHaveLength(before + 1);
  });
});

const tryName = async (customerId: string): Promise<void> => {
  const { at, world } = shift;
  const fullName = world.practice.operator.answersOf(customerId)?.fullName ?? '';
  const label = sentence(at, 'verify.typed', { factor: at.words['factor.fullName'] });
  const field = at.desk.getByLabel(label);
  if ((await field.count()) === 0)
    await at.desk
      .getByRole('button', { name: new RegExp(at.words['factor.fullName']) })
      .first()
      .click();
  await field.fill(fullName);
  await at.page.keyboard.press('Enter');
};

describe('central away from before the ring', () => {
  it('the whole call: known by the working set, greeted, served, wrapped up, delivered later', async () => {
    const { at, world, wire } = shift;
    const { id, customerId, label } = customer();
    await becomeReady(at);
    await shows(at, at.words['sync.saved']);
    await wire.weather('away');
    // The desk's own wish for a caller needs central, and says so.
    await at.desk.getByRole('button', { name: label.zh }).click();
    await shows(at, at.words['refusal.offline']);
    const call = await ring(shift, id);
    const surname = world.practice.operator.answersOf(customerId)?.fullName.slice(0, 1) ?? '?';
    await shows(at, sentence(at, 'greeting.byName.madam', { surname }));
    await at.shot('pop-off-line');
    await answer(at);
    await expect.poll(() => call.heard.frames()).toBeGreaterThan(10);
    await chooseTopic(at, topicOf(1));
    const steps = await runScript(at);
    await finish(at);
    await wire.weather('passes');
    await shows(at, at.words['sync.saved'], 25_000);
    const contact = await lastContactOf(world, customerId);
    expect(contact.answers).toHaveLength(steps);
    expect(contact.wrappedUpAtMs).not.toBeNull();
  });

  it('a stranger: said why nobody is known, looked up no more than that', async () => {
    const { at, wire } = shift;
    await becomeReady(at);
    await shows(at, at.words['sync.saved']);
    await wire.weather('away');
    const call = await ring(shift, 'unknown');
    await answer(at);
    await shows(at, at.words['source.unavailable']);
    await expect.poll(() => call.heard.frames()).toBeGreaterThan(10);
    await finish(at);
  });
});

describe('central away at sign-in', () => {
  it('a sentence at the door, and the same account works when it is back', async () => {
    const { at, wire } = shift;
    await at.desk.locator('.whoami').click();
    await button(at, at.words['account.signOut']).click();
    await button(at, at.words['day.signOut']).click();
    await button(at, at.words['signIn.signIn']).first().waitFor();
    const ends = [
      ['away', 'refusal.offline'],
      ['html', 'refusal.garbled'],
      ['failing', 'refusal.garbled'],
      ['otherShape', 'refusal.garbled'],
    ] as const;
    for (const [weather, key] of ends) {
      await wire.weather(weather);
      await at.desk.getByLabel(at.words['signIn.number']).fill('1001');
      await at.desk.getByLabel(at.words['signIn.password']).fill('lanqiao-1001');
      await at.page.keyboard.press('Enter');
      await shows(at, at.words[key]);
      await readsWell(at);
      expect(await at.desk.locator('.agentbar').count()).toBe(0);
      await at.shot(`sign-in-${weather}`);
    }
    await wire.weather('passes');
    await at.desk.getByLabel(at.words['signIn.password']).fill('lanqiao-1002');
    await at.page.keyboard.press('Enter');
    await shows(at, at.words['reason.wrongPassword']);
    await at.desk.getByLabel(at.words['signIn.number']).fill('');
    await at.page.keyboard.press('Escape');
    await at.page.reload();
    await signIn(at);
    await takeBreak(at);
    await onBreak(at);
  });
});
