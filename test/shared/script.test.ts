import { describe, expect, it } from 'vitest';
import { follow, isComplete, DispositionTree } from '../../shared/disposition.ts';
import { faultsOf, nextRun, Script, speak, startRun, variablesOf } from '../../shared/script.ts';

const text = (zh: string) => ({ zh, en: `${zh} (en)` });
const script = Script.parse({
  id: 's1',
  version: 3,
  title: text('账单说明'),
  kind: 'information',
  first: 'open',
  steps: [
    {
      id: 'open',
      part: 'opening',
      say: { zh: '{customer.surname}先生您好', en: 'Hello Mr {customer.surname}' },
      answers: [],
      next: 'ask',
    },
    {
      id: 'ask',
      part: 'identify',
      say: text('要看哪个月的账单?'),
      answers: [
        { id: 'this', label: text('本月'), next: 'bill' },
        { id: 'none', label: text('不用了'), next: null },
      ],
      next: null,
    },
    { id: 'bill', part: 'close', say: { zh: '本月{bill.amount}元', en: '' }, answers: [], next: null },
  ],
  objections: [{ id: 'price', label: text('太贵'), say: text('我理解, {agent.name}为您查询') }],
});

describe('R17: the runner', () => {
  it('follows branches, keeps every answer with its time, and ends', () => {
    let run = startRun(script);
    for (const event of [
      { kind: 'answered', stepId: 'open', answerId: null, atMs: 1 },
      { kind: 'answered', stepId: 'ask', answerId: 'this', atMs: 2 },
      { kind: 'answered', stepId: 'bill', answerId: null, atMs: 3 },
    ] as const) {
      const next = nextRun(run, event, script);
      expect(next.ok).toBe(true);
      if (next.ok) run = next.value;
    }
    expect(run.stepId).toBeNull();
    expect(run.taken.map((taken) => taken.answerId)).toEqual([null, 'this', null]);
    expect(run).toMatchObject({ scriptId: 's1', version: 3 });
  });
  it('a doubled key press does not skip a step', () => {
    const first = nextRun(startRun(script), { kind: 'answered', stepId: 'open', answerId: null, atMs: 1 }, script);
    const twice =
      first.ok && nextRun(first.value, { kind: 'answered', stepId: 'open', answerId: null, atMs: 2 }, script);
    expect(twice && twice.ok && first.ok && twice.value === first.value).toBe(true);
  });
  it('refuses an answer the step does not have', () => {
    const first = nextRun(startRun(script), { kind: 'answered', stepId: 'open', answerId: null, atMs: 1 }, script);
    expect(
      first.ok && nextRun(first.value, { kind: 'answered', stepId: 'ask', answerId: 'x', atMs: 2 }, script),
    ).toMatchObject({
      ok: false,
      error: { kind: 'invalid' },
    });
  });
  it('goes back to the step before, and stays at the first', () => {
    const first = nextRun(startRun(script), { kind: 'answered', stepId: 'open', answerId: null, atMs: 1 }, script);
    expect(first.ok && nextRun(first.value, { kind: 'back' }, script)).toEqual({ ok: true, value: startRun(script) });
    expect(nextRun(startRun(script), { kind: 'back' }, script)).toEqual({ ok: true, value: startRun(script) });
  });
});

describe('variables', () => {
  const step = (id: string) => script.steps.find((other) => other.id === id)?.say ?? text('');
  it('are filled in the language of the customer', () => {
    expect(speak(step('open'), { 'customer.surname': '李' }, 'en')).toEqual([{ text: 'Hello Mr ' }, { text: '李' }]);
  });
  it('a missing or empty one is named, never silently left out', () => {
    expect(speak(step('bill'), {}, 'zh-CN')).toEqual([{ text: '本月' }, { missing: 'bill.amount' }, { text: '元' }]);
    expect(speak(step('bill'), { 'bill.amount': '' }, 'zh-CN')).toContainEqual({ missing: 'bill.amount' });
  });
  it('names of object members are not variables', () => {
    expect(speak(text('{constructor}'), {}, 'zh-CN')).toEqual([{ missing: 'constructor' }]);
  });
  it('falls back to the other language when one is empty', () => {
    expect(
      speak(step('bill'), { 'bill.amount': '50' }, 'en')
        .map((part) => ('text' in part ? part.text : '?'))
        .join(''),
    ).toBe('本月50元');
  });
  it('are listed for the check before publishing', () => {
    expect(variablesOf(script)).toEqual(['customer.surname', 'bill.amount', 'agent.name']);
  });
});

it('faults of a script: dangling targets, double ids, unknown first step', () => {
  expect(faultsOf(script)).toEqual([]);
  const broken = {
    ...script,
    first: 'nowhere',
    steps: [...script.steps, ...script.steps.slice(1, 2).map((step) => ({ ...step, next: 'gone' }))],
  };
  expect(faultsOf(broken)).toEqual(['doubleStep', 'unknownFirst', 'unknownStep:ask']);
});

describe('R28: disposition tree', () => {
  const tree = DispositionTree.parse({
    id: 't1',
    queues: [],
    roots: [
      { id: 'done', label: text('已解决'), outcome: 'done', children: [] },
      {
        id: 'follow',
        label: text('需跟进'),
        outcome: 'follow',
        children: [
          {
            id: 'callback',
            label: text('回访'),
            outcome: 'callback',
            children: [{ id: 'today', label: text('今天'), outcome: 'callback', children: [] }],
          },
        ],
      },
    ],
  });
  it('is complete only at a leaf', () => {
    expect(isComplete(tree, ['done'])).toBe(true);
    expect(isComplete(tree, ['follow'])).toBe(false);
    expect(isComplete(tree, ['follow', 'callback', 'today'])).toBe(true);
    expect(isComplete(tree, [])).toBe(false);
    expect(isComplete(tree, ['nothing'])).toBe(false);
    expect(follow(tree, ['follow', 'callback'])?.map((node) => node.id)).toEqual(['follow', 'callback']);
  });
  it('has at most three levels', () => {
    const deep = { id: 'x', label: text('x'), outcome: 'x', children: [] as unknown[] };
    const four = { ...deep, children: [{ ...deep, children: [{ ...deep, children: [deep] }] }] };
    expect(DispositionTree.safeParse({ ...tree, roots: [four] }).success).toBe(false);
  });
});
