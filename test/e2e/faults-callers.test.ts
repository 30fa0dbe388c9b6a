import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import type { Script } from '../../shared/script.ts';
import { inLanguage } from '../../shared/text.ts';
import { button, chooseTopic, prove, runScript, shows } from './steps.ts';
import type { Shift } from './fault-desk.ts';
import {
  callerBy,
  contactsOf,
  deskText,
  finish,
  lastContactOf,
  openShift,
  readsWell,
  sentence,
  talk,
  tidy,
} from './fault-desk.ts';

/** Bad input: callers nobody can tell, two on one number, a script with a hole. */
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

describe('a caller nobody can tell', () => {
  it.each(['unknown', 'withheld', 'malformed'] as const)(
    'R8 %s: said in words, greeted neutrally, served',
    async (id) => {
      const { at } = shift;
      await talk(shift, id);
      await shows(at, at.words[`nobody.${id}.title`]);
      await shows(at, at.words[`nobody.${id}`]);
      await shows(at, at.words['greeting.neutral']);
      await at.shot(`caller-${id}`);
      // Class 1 needs nobody; a checked topic says first whom to find.
      await chooseTopic(at, topicOf(2));
      await shows(at, at.words['verify.whoFirst']);
      await chooseTopic(at, topicOf(1));
      expect(await runScript(at)).toBeGreaterThan(0);
      await readsWell(at);
      await finish(at);
    },
  );
});

describe('two customers on one number', () => {
  const couple = () => {
    const { operator } = shift.world.practice;
    const called = callerBy(shift.world, (label) => label.includes('两位客户'));
    const index = Array.from({ length: 20 }, (_, at) => at).find(
      (at) => operator.customerAt(at, () => '').customer.id === called.customerId,
    );
    if (index === undefined) throw new Error('nobody is two');
    const both = [index, index + 1].map((at) => {
      const { customer } = operator.customerAt(at, () => '');
      return { customer, fullName: operator.answersOf(customer.id)?.fullName ?? '' };
    });
    return { callerId: called.id, both };
  };
  const chooseAmong = () =>
    shift.at.desk.getByRole('region', { name: sentence(shift.at, 'candidates.title', { count: 2 }) });

  it('security 77, 51: listed masked, picked by digit; the other one after all begins unproven', async () => {
    const { at, world } = shift;
    const { callerId, both } = couple();
    await talk(shift, callerId);
    await chooseAmong().waitFor();
    const choices = await chooseAmong().getByRole('button').allInnerTexts();
    expect(choices).toHaveLength(3);
    // Neither is greeted as certain, neither is named in full.
    for (const { fullName } of both) expect(await deskText(at)).not.toContain(fullName);
    expect(await deskText(at)).toMatch(/请问是林先生\/女士吗/);
    await at.shot('two-customers');
    await at.page.keyboard.press('1');
    await chooseAmong().waitFor({ state: 'detached' });
    const isMan = choices[0]?.includes(at.words['gender.male']) === true;
    const picked = both.find(({ customer }) => (customer.gender === 'male') === isMan);
    const other = both.find((one) => one !== picked);
    if (picked === undefined || other === undefined) throw new Error('not a couple');
    const topic = topicOf(2);
    await chooseTopic(at, topic);
    await prove(at, 'fullName', picked.fullName);
    await shows(at, at.words['level.2']);
    await at.page.keyboard.press('Control+f');
    await at.desk.getByLabel(at.words['find.text']).fill(other.customer.numbers[0]?.key ?? '');
    await at.desk.getByRole('option').first().waitFor();
    await at.page.keyboard.press('Enter');
    await button(at, at.words['find.thisOne']).click();
    await shows(at, at.words['level.1']);
    expect(await deskText(at)).not.toContain(picked.fullName);
    await at.shot('the-other-after-all');
    await button(at, at.words['rail.practice']).click();
    await finish(at);
    expect((await lastContactOf(world, other.customer.id)).customerId).toBe(other.customer.id);
  });

  it('none of these: the call goes on as with a stranger, and nobody’s history gets it', async () => {
    const { at, world } = shift;
    const { callerId, both } = couple();
    const count = async () =>
      (await Promise.all(both.map(({ customer }) => contactsOf(world, customer.id)))).flat().length;
    const before = await count();
    await talk(shift, callerId);
    await chooseAmong().waitFor();
    await at.page.keyboard.press('0');
    await shows(at, at.words['nobody.declined']);
    await at.shot('none-of-these');
    await finish(at);
    await shows(at, at.words['sync.saved']);
    expect(await count()).toBe(before);
    expect(world.practice.telephony.customers.active()).toEqual([]);
  });
});

const topicOf = (queryClass: 1 | 2): string => {
  const found = shift.world.practice.operator.topics.find(
    (each) => each.class === queryClass && each.scriptId !== null,
  );
  if (found === undefined) throw new Error('no such topic');
  return inLanguage(found.name, 'zh-CN');
};

describe('a script that names a variable nobody has', () => {
  const holed = (id: string): Script => ({
    id: id as Script['id'],
    version: 99,
    title: { zh: '有缺口的话术', en: 'A script with a hole' },
    kind: 'service',
    first: 'one',
    steps: [
      {
        id: 'one',
        part: 'opening',
        say: {
          zh: '您的{customer.shoeSize}是{customer.balance}元。',
          en: 'Your {customer.shoeSize} is {customer.balance}.',
        },
        answers: [],
        next: 'two',
      },
      { id: 'two', part: 'ending', say: { zh: '再见。', en: 'Good-bye.' }, answers: [], next: null },
    ],
    objections: [],
  });

  it('R17: the hole stands out and is named in a sentence, and the script goes on', async () => {
    const { at, world } = shift;
    const topic = world.practice.operator.topics.find((each) => each.class === 1 && each.scriptId !== null);
    if (topic?.scriptId == null) throw new Error('no topic');
    const script = holed(topic.scriptId);
    await transaction(world.practice.database.db, (tx) =>
      publishReference(tx, 'script', [{ id: `${script.id}@${script.version}`, row: script }]),
    );
    await talk(shift, 'unknown');
    await chooseTopic(at, inLanguage(topic.name, 'zh-CN'));
    await shows(at, script.title.zh);
    const marks = at.desk.locator('mark');
    expect(await marks.count()).toBe(2);
    await shows(at, at.words['script.missing'].split('{')[0] ?? '');
    await readsWell(at);
    expect(await deskText(at)).not.toContain('{');
    await at.shot('missing-variable');
    expect(await runScript(at)).toBe(2);
    await button(at, at.words['call.hangUp']).first().waitFor();
    await finish(at);
  });
});
