import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentByNumber } from '../../central/agents.ts';
import { silent } from '../../central/ambient.ts';
import { answerFits } from '../../central/answers.ts';
import type { ImportedCustomer } from '../../central/customers.ts';
import { customersByNumber } from '../../central/customers.ts';
import type { Database } from '../../central/db.ts';
import { firstRow, statement } from '../../central/db.ts';
import { isPassword, keyedHash, openSecrets } from '../../central/secrets.ts';
import { drawHistory } from '../../practice/operator/history.ts';
import { generateOperator, operatorVersion } from '../../practice/operator/operator.ts';
import { operatorKey, seedOperator } from '../../practice/operator/seed.ts';
import { PracticeCaller, SampleAgent } from '../../shared/central-api.ts';
import { Customer, Notice, PastContact, warningReasons } from '../../shared/customer.ts';
import { DispositionTree, follow, isComplete } from '../../shared/disposition.ts';
import { greetingOf } from '../../shared/greeting.ts';
import { numberKey, parseNumber } from '../../shared/phone-number.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { faultsOf, parts, Script, Topic, variablesOf } from '../../shared/script.ts';
import type { Text } from '../../shared/text.ts';
import { hintsOf, lifeCycleOf, tierOf } from '../../shared/tier.ts';
import { factors } from '../../shared/verification-tables.ts';
import { openTestDatabase } from '../central/fixture.ts';

const nowMs = Date.UTC(2026, 10, 20, 2, 0);
const count = 3_000;
const mark = (salt: string, value: string): string => keyedHash(new Uint8Array(32), `${salt}\n${value}`);
const operator = generateOperator({ seed: 7, nowMs, customers: count });
const all: readonly ImportedCustomer[] = Array.from({ length: count }, (_, index) => operator.customerAt(index, mark));
const customers = all.map((imported) => imported.customer);
const share = (holds: (customer: Customer) => boolean): number => customers.filter(holds).length / count;

describe('the sample operator is the same from the same seed', () => {
  it('everywhere', () => {
    const again = generateOperator({ seed: 7, nowMs, customers: 100 });
    for (const index of [0, 5, 17, 99]) expect(again.customerAt(index, mark)).toEqual(all[index]);
    expect(again.scripts).toEqual(operator.scripts);
  });

  it('and another from another', () => {
    const other = generateOperator({ seed: 8, nowMs, customers: 100 });
    expect(other.customerAt(50, mark).customer).not.toEqual(all[50]?.customer);
  });
});

describe('its customers', () => {
  it('fit the contract, with their histories', () => {
    const misfits = all.filter(
      ({ customer, history }) =>
        !Customer.safeParse(customer).success || history.some((past) => !PastContact.safeParse(past).success),
    );
    expect(misfits).toEqual([]);
  });

  it('R1 have every tier', () => {
    for (const tier of ['high', 'mid', 'standard'] as const)
      expect(
        share((customer) => tierOf(customer.usage, defaultPolicy.tier).tier === tier),
        tier,
      ).toBeGreaterThan(0.03);
  });

  it('R2 are on every list', () => {
    expect(share((customer) => customer.list === 'red')).toBeGreaterThan(0.01);
    expect(share((customer) => customer.list === 'black')).toBeGreaterThan(0.002);
    expect(share((customer) => customer.list === 'normal')).toBeGreaterThan(0.9);
  });

  it('R3 are in every stage, for every reason', () => {
    const cycles = customers.map((customer) => lifeCycleOf(customer.usage, defaultPolicy, nowMs));
    for (const stage of ['identification', 'growth', 'stable', 'warning'])
      expect(
        cycles.some((cycle) => cycle.stage === stage),
        stage,
      ).toBe(true);
    for (const reason of warningReasons)
      expect(
        cycles.some((cycle) => cycle.reasons.some((one) => one.key === reason)),
        reason,
      ).toBe(true);
  });

  it('R4 from gold card on belong to a manager, and nobody else does', () => {
    for (const { card, manager } of customers) expect(manager !== null).toBe(card === 'gold' || card === 'diamond');
    for (const card of ['none', 'silver', 'gold', 'diamond'])
      expect(customers.some((customer) => customer.card === card)).toBe(true);
  });

  it('R5 give every hint, and reasons to hold one back', () => {
    const hints = new Set(
      customers.flatMap((customer) => hintsOf(customer, defaultPolicy, nowMs).map((hint) => hint.offerId)),
    );
    expect(hints).toEqual(new Set(['ip-long-distance', 'data-10g', 'roaming-pass', 'loyalty-24']));
    expect(share((customer) => customer.refusesMarketing)).toBeGreaterThan(0.03);
    expect(share((customer) => customer.lastOffers.length > 0)).toBeGreaterThan(0.1);
  });

  it('R6 meet notices by area and by package', () => {
    for (const notice of operator.notices) {
      expect(Notice.safeParse(notice).error).toBeUndefined();
      const met = customers.some(
        (customer) =>
          (notice.area === null || notice.area === customer.area.zh) &&
          (notice.packageId === null || notice.packageId === customer.package.id),
      );
      expect(met, notice.id).toBe(true);
    }
    expect(
      operator.notices.filter((notice) => notice.fromMs <= nowMs && nowMs < notice.toMs).length,
    ).toBeGreaterThanOrEqual(6);
  });

  it('R8 are greeted in every way', () => {
    const keys = customers.flatMap((customer) =>
      customer.numbers.map(
        ({ confidence }) => greetingOf({ kind: 'one', customer, certainty: confidence }, 'zh-CN').key,
      ),
    );
    expect(new Set(keys)).toEqual(new Set(['byName', 'question']));
    expect(share((customer) => customer.language === 'en')).toBeGreaterThan(0.015);
    expect(
      share((customer) => Array.from(customer.surname).length === 2 && customer.language === 'zh-CN'),
    ).toBeGreaterThan(0.0005);
    expect(share((customer) => customer.gender === 'unknown')).toBeGreaterThan(0.005);
  });

  it('have one number each of their own; about one in a hundred shares another’s', () => {
    const mains = customers.map((customer) => customer.numbers[0]?.key ?? '');
    expect(new Set(mains).size).toBe(count);
    const holders = new Map<string, number>();
    for (const customer of customers)
      for (const { key } of customer.numbers) holders.set(key, (holders.get(key) ?? 0) + 1);
    const shared = [...holders.values()].filter((number) => number > 1).length / count;
    expect(shared).toBeGreaterThan(0.004);
    expect(shared).toBeLessThan(0.02);
    expect(share((customer) => customer.numbers[0]?.confidence === 'low')).toBeGreaterThan(0.01);
  });

  it('have numbers that parse to their keys, in blocks nobody is given', () => {
    const kinds = new Set<string>();
    for (const customer of customers)
      for (const { key } of customer.numbers) {
        const parsed = parseNumber(key);
        kinds.add(parsed.kind);
        expect(numberKey(key)).toBe(key);
        expect(key).toMatch(/^\+86(?:1[3-9]\d000[01]\d{4}|(?:10|21|20|755)00\d{6})$/);
        expect(key).not.toMatch(/000[0-3]$/);
      }
    expect(kinds).toEqual(new Set(['mobile', 'fixed']));
  });

  it('have no more than eight earlier contacts, newest first, all in the past', () => {
    const lengths = new Set(all.map((imported) => imported.history.length));
    expect(Math.max(...lengths)).toBe(8);
    expect(lengths.has(0)).toBe(true);
    const times = all.map(({ history }) => history.map((past) => past.startedAtMs));
    expect(times.filter((of) => of.some((at, index) => at >= nowMs || at > (of[index - 1] ?? nowMs)))).toEqual([]);
    const ids = all.flatMap((imported) => imported.history.map((past) => past.contactId));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('have contacts of their own, however many customers there are', () => {
    const ids = Array.from({ length: 60_000 }, (_, index) => drawHistory(7, index, nowMs, 'zh-CN')).flatMap((history) =>
      history.map((past) => past.contactId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('have open cases here and there', () => {
    expect(share((customer) => customer.cases.some((one) => one.status === 'open'))).toBeGreaterThan(0.005);
  });
});

describe('what only central knows', () => {
  it('R11 masked fields and rows hold no private value above class 1', () => {
    const leaks = all.flatMap(({ customer, private: kept }) => {
      const wrong = customer.fields.filter(({ key, class: queryClass, shown }) => {
        const full = kept.fields[key];
        if (full?.class !== queryClass) return true;
        return queryClass === 1 ? shown !== full.value : !shown.includes('*') || shown === full.value;
      });
      const row = JSON.stringify(customer);
      const inRow = ['fullName', 'idNumber', 'address', 'contactPhone', 'callDetails'].filter((key) =>
        row.includes(kept.fields[key]?.value ?? ''),
      );
      return [...wrong.map((field) => field.key), ...inRow].map((key) => `${customer.id} ${key}`);
    });
    expect(leaks).toEqual([]);
  });

  it('ID numbers have a right check character and an area that does not exist', () => {
    const wrong = all
      .map(({ private: kept }) => kept.fields['idNumber']?.value ?? '')
      .filter((id) => {
        const sum = Array.from(id).reduce(
          (total, digit, index) => total + (digit === 'X' ? 10 : Number(digit)) * (2 ** (17 - index) % 11),
          0,
        );
        return !/^00\d{15}[\dX]$/.test(id) || sum % 11 !== 1;
      });
    expect(wrong).toEqual([]);
  });

  it('R10 the cue sheet answers every factor', () => {
    const unanswered = all.slice(0, 500).flatMap(({ customer, private: kept }) => {
      const answers = operator.answersOf(customer.id);
      return factors.filter((factor) =>
        factor === 'smsCode' ? answers?.smsCode !== '' : !answerFits(factor, answers?.[factor] ?? '', kept, mark),
      );
    });
    expect(unanswered).toEqual([]);
    expect(operator.answersOf('C999999')).toBeUndefined();
    expect(operator.answersOf('nonsense')).toBeUndefined();
  });
});

describe('its reference data', () => {
  const known = new Set([
    'greeting',
    'agent.name',
    'agent.number',
    'queue.name',
    'customer.surname',
    'customer.title',
    'customer.area',
    'customer.package',
    'customer.bill',
    ...(all[0]?.customer.fields ?? []).map((field) => `customer.${field.key}`),
  ]);
  /** Seconds of the longest way through (R16: 240 characters or 150 words a minute). */
  const secondsOf = (script: Script, secondsFor: (text: Text) => number): number => {
    const longest = (id: string | null, seen: readonly string[]): number => {
      const step = script.steps.find((one) => one.id === id);
      if (step === undefined || seen.includes(step.id)) return 0;
      const next = step.answers.length === 0 ? [step.next] : step.answers.map((answer) => answer.next);
      return secondsFor(step.say) + Math.max(...next.map((one) => longest(one, [...seen, step.id])));
    };
    return longest(script.first, []);
  };

  it.each(operator.scripts.map((script) => [script.id, script] as const))(
    'R14–R18 script %s is sound',
    (_id, script) => {
      expect(Script.safeParse(script).error).toBeUndefined();
      expect(faultsOf(script)).toEqual([]);
      const reached = new Set<string>();
      const walk = (id: string | null): void => {
        const step = script.steps.find((one) => one.id === id);
        if (step === undefined || reached.has(step.id)) return;
        reached.add(step.id);
        for (const next of [step.next, ...step.answers.map((answer) => answer.next)]) walk(next);
      };
      walk(script.first);
      expect([...reached]).toHaveLength(script.steps.length);
      for (const part of parts.filter((one) => one !== 'objections'))
        expect(
          script.steps.some((step) => step.part === part),
          part,
        ).toBe(true);
      expect(script.objections.length).toBeGreaterThan(0);
      for (const name of variablesOf(script)) expect(known.has(name), name).toBe(true);
      expect(secondsOf(script, (text) => (Array.from(text.zh).length / 240) * 60)).toBeLessThanOrEqual(300);
      expect(secondsOf(script, (text) => (text.en.split(/\s+/).length / 150) * 60)).toBeLessThanOrEqual(300);
      for (const step of script.steps)
        for (const text of [step.say, ...step.answers.map((answer) => answer.label)])
          expect(text.zh !== '' && text.en !== '').toBe(true);
    },
  );

  it('R15 telemarketing says who calls, that answering is free, and asks leave', () => {
    const marketing = operator.scripts.filter((script) => ['data-offer', 'retention'].includes(script.id));
    expect(marketing).toHaveLength(2);
    for (const script of marketing) {
      const opening = script.steps.find((step) => step.id === script.first);
      expect(opening?.say.zh).toMatch(/岚桥电信.*免费.*吗？/);
      expect(opening?.answers.length).toBeGreaterThanOrEqual(2);
    }
  });

  it('R9 topics of every class lead to scripts and fields that exist', () => {
    expect(operator.topics.length).toBeGreaterThanOrEqual(12);
    expect(new Set(operator.topics.map((topic) => topic.class))).toEqual(new Set([1, 2, 3]));
    const fields = new Set((all[0]?.customer.fields ?? []).map((field) => field.key));
    const scripts = new Set<string>(operator.scripts.map((script) => script.id));
    for (const topic of operator.topics) {
      expect(Topic.safeParse(topic).error).toBeUndefined();
      for (const field of topic.fields) expect(fields.has(field), field).toBe(true);
      if (topic.scriptId !== null) expect(scripts.has(topic.scriptId)).toBe(true);
      for (const key of topic.pinyin) expect(key).toMatch(/^[a-z]+$/);
    }
  });

  it('R28 every queue has a tree, every path ends in a leaf', () => {
    for (const queue of operator.queues)
      expect(
        operator.trees.some((tree) => tree.queues.includes(queue.id)),
        queue.id,
      ).toBe(true);
    expect(operator.trees.filter((tree) => tree.queues.length === 0)).toHaveLength(1);
    for (const tree of operator.trees) {
      expect(DispositionTree.safeParse(tree).error).toBeUndefined();
      expect(isComplete(tree, [tree.roots[0]?.id ?? ''])).toBe((tree.roots[0]?.children.length ?? 1) === 0);
      for (const root of tree.roots) {
        expect(new Set(root.children.map((child) => child.id)).size).toBe(root.children.length);
        expect(follow(tree, [root.id])?.[0]?.label).toEqual(root.label);
      }
    }
  });

  it('accounts and callers fit the contract and point at what exists', () => {
    expect(operator.agents).toHaveLength(12);
    const queues = new Set(operator.queues.map((queue) => queue.id));
    for (const agent of operator.agents) {
      expect(SampleAgent.safeParse(agent).error).toBeUndefined();
      for (const queue of agent.queues) expect(queues.has(queue)).toBe(true);
    }
    expect(operator.callers.length).toBeGreaterThanOrEqual(12);
    for (const caller of operator.callers) {
      expect(PracticeCaller.safeParse(caller).error).toBeUndefined();
      expect(queues.has(caller.queue)).toBe(true);
      const holders = customers.filter((customer) =>
        customer.numbers.some(({ key }) => key === numberKey(caller.number)),
      );
      if (caller.customerId === null) expect(holders).toEqual([]);
      else expect(holders.map((customer) => customer.id)).toContain(caller.customerId);
    }
    const kinds = operator.callers.map((caller) => parseNumber(caller.number).kind);
    expect(kinds).toContain('withheld');
    expect(kinds).toContain('malformed');
  });

  it('the notable callers are what their labels say', () => {
    const of = (words: string): Customer | undefined => {
      const id = operator.callers.find((caller) => caller.label.en.includes(words))?.customerId;
      return customers.find((customer) => customer.id === id);
    };
    const gold = of('Gold card');
    expect(gold?.card).toBe('gold');
    expect(gold && lifeCycleOf(gold.usage, defaultPolicy, nowMs).stage).toBe('warning');
    const couple = of('couple');
    expect(
      customers.filter((customer) => customer.numbers.some(({ key }) => key === couple?.numbers[0]?.key)),
    ).toHaveLength(2);
    expect(of('Black list')?.list).toBe('black');
    expect(of('Red list')?.list).toBe('red');
    expect(of('English')?.language).toBe('en');
    expect(of('open complaint')?.cases[0]).toMatchObject({ kind: 'complaint', status: 'open' });
    expect(of('roaming')?.roaming).toBe(true);
    expect(
      operator.notices.some((notice) => notice.severity === 'outage' && notice.area === of('network is down')?.area.zh),
    ).toBe(true);
  });
});

describe('put into a database', () => {
  let database: Database;
  beforeAll(async () => {
    ({ database } = await openTestDatabase('pglite'));
  });
  afterAll(() => database.close());

  it('once, with passwords that work; a second start does nothing, another operator is refused', async () => {
    const secrets = await openSecrets(database.db);
    const ports = { database, secrets, log: silent };
    const wanted = { seed: 7, customers: 1_200, nowMs };
    const first = await seedOperator(ports, wanted);
    const fingerprint = () =>
      firstRow(
        database.db,
        statement<{ customers: number; history: number; tx: number }>`
          select count(*) filter (where entity = 'customer')::int as customers,
            count(*) filter (where entity = 'history')::int as history, max(tx) as tx from feed`,
      );
    const before = await fingerprint();
    expect(before?.customers).toBe(1_200);
    expect(before?.history).toBe(all.slice(0, 1_200).reduce((sum, one) => sum + one.history.length, 0));
    const second = await seedOperator(ports, { ...wanted, nowMs: nowMs + 3_600_000 });
    expect(await fingerprint()).toEqual(before);
    expect(second.customerAt(33, mark)).toEqual(first.customerAt(33, mark));
    await expect(seedOperator(ports, { ...wanted, seed: 9 })).rejects.toThrow('another sample operator');
    for (const sample of operator.agents.slice(0, 2)) {
      const agent = await agentByNumber(database.db, sample.agentNumber);
      expect(await isPassword(sample.password, agent?.password)).toBe(true);
    }
    const found = await customersByNumber(database.db, customers[50]?.numbers[0]?.key ?? '');
    expect(found.map((customer) => customer.id)).toContain('C000050');
    // Notices of long ago are moved to now; nothing else is.
    await seedOperator(ports, { ...wanted, nowMs: nowMs + 86_400_000 });
    const renewed = await firstRow(
      database.db,
      statement<{ row: Notice }>`select row from feed where entity = 'notice' order by id limit 1`,
    );
    expect(renewed?.row.fromMs).toBeGreaterThan(
      operator.notices.reduce((least, notice) => Math.min(least, notice.fromMs), nowMs),
    );
    expect(operatorKey(wanted)).toBe(`lanqiao-${operatorVersion}-7-1200`);
  });
});
