import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentProblems, chooseScript, type ScriptCall, shelfOf } from '../../../shared/script-choice.ts';
import { Script, type ScriptUse, Topic } from '../../../shared/script.ts';
import { wholeScript } from './make.ts';

// R17: which script a call gets, and why.
const use = (over: Partial<ScriptUse>): ScriptUse => ({
  ...{ topics: [], hints: [], queues: [], areas: [], fromMs: null, untilMs: null },
  ...over,
});
const named = (id: string, ...shownFor: ScriptUse[]): Script => wholeScript({ id, shownFor });
const topic = (id: string, scriptId: string | null): Topic =>
  Topic.parse({ ...{ id, name: { zh: id, en: id }, class: 1, scriptId, queues: [], fields: [], pinyin: [] } });
const call = (over: Partial<ScriptCall> = {}): ScriptCall => ({
  ...{ topicId: null, task: null, queue: null, hints: [], areas: [], atMs: 1_000 },
  ...over,
});
const bill = topic('bill', 'own');
const chosen = (scripts: readonly Script[], about: ScriptCall, topics: readonly Topic[] = [bill]) => {
  const { script, by, on, rivals, missing, base } = chooseScript(about, topics, shelfOf(scripts));
  return { id: script?.id, by, on, rivals: rivals.map(({ id }) => id), missing, base: base?.id };
};

describe('who comes first', () => {
  const scripts = [
    named('own'),
    named('of-task'),
    named('queue', use({ queues: ['vip'] })),
    named('hint', use({ hints: ['data-10g'] })),
    named('both', use({ topics: ['bill'] as never, queues: ['vip'] })),
    named('anybody', use({})),
  ];

  it.each([
    [
      'the task’s own before everything',
      call({ task: { id: 't', scriptId: 'of-task' }, queue: 'vip' }),
      'of-task',
      'task',
    ],
    ['topic and queue together before the topic’s own', call({ topicId: 'bill', queue: 'vip' }), 'both', 'script'],
    [
      'the topic’s own before a queue and a hint',
      call({ topicId: 'bill', queue: 'x', hints: ['data-10g'] }),
      'own',
      'topic',
    ],
    ['a hint before a queue', call({ queue: 'vip', hints: ['data-10g'] }), 'hint', 'script'],
    ['a queue', call({ queue: 'vip' }), 'queue', 'script'],
    ['else what is for any call', call(), 'anybody', 'script'],
    [
      'a topic asked for during a task’s call',
      call({ topicId: 'bill', task: { id: 't', scriptId: 'of-task' } }),
      'own',
      'topic',
    ],
  ] as const)('%s', (_what, about, id, by) => expect(chosen(scripts, about)).toMatchObject({ id, by }));

  it('nobody: none; named but withdrawn: said so', () => {
    expect(chosen([], call({ queue: 'vip' }))).toMatchObject({ id: undefined, by: 'none', missing: null });
    expect(chosen([], call({ topicId: 'bill' }))).toMatchObject({ id: undefined, missing: 'own' });
    expect(chosen([], call({ task: { id: 't', scriptId: 'of-task' } }))).toMatchObject({ missing: 'of-task' });
  });

  it('an older version says nothing any more', () => {
    const old = named('own', use({ queues: ['vip'] }));
    expect(chosen([old, wholeScript({ id: 'own', version: 2 })], call({ queue: 'vip' })).id).toBeUndefined();
  });

  it('from its first day to before the day after its last; a dated one before one of every day', () => {
    const scripts2 = [
      named('always', use({ queues: ['vip'] })),
      named('feast', use({ queues: ['vip'], fromMs: 10, untilMs: 20 })),
    ];
    const at = (atMs: number) => chosen(scripts2, call({ queue: 'vip', atMs })).id;
    expect([9, 10, 19, 20].map(at)).toEqual(['always', 'feast', 'feast', 'always']);
  });

  it('the variant of the script found, by the queue or the task that is its campaign', () => {
    const variant = (id: string, campaigns: string[], areas: string[] = []) =>
      wholeScript({ id, variant: { of: 'own', areas, campaigns, fromMs: null, untilMs: null } });
    const all = [named('own'), variant('lake', [], ['东湖区']), variant('spring', ['task-1'])];
    expect(chosen(all, call({ topicId: 'bill', areas: ['东湖区'] }))).toMatchObject({ id: 'lake', base: 'own' });
    expect(chosen(all, call({ task: { id: 'task-1', scriptId: 'own' }, areas: ['东湖区'] })).id).toBe('spring');
    expect(chosen(all, call({ topicId: 'bill' }))).toMatchObject({ id: 'own', base: undefined });
  });
});

describe('two that say as much', () => {
  it('every seat takes the same one, in whatever order it holds them, and both are named', () => {
    const scripts = ['a', 'b', 'c'].map((id) => named(id, use({ queues: ['vip'] })));
    fc.assert(
      fc.property(fc.shuffledSubarray(scripts, { minLength: 3 }), (shuffled) => {
        expect(chosen(shuffled, call({ queue: 'vip' }))).toMatchObject({ id: 'a', rivals: ['b', 'c'] });
      }),
    );
  });
});

describe('overlaps and gaps', () => {
  const facts = { topics: [bill], queues: ['vip', 'service'], tasks: [], nowMs: 1_000 };
  const kinds = (scripts: readonly Script[], over: Partial<typeof facts> & { tasks?: never } = {}) =>
    assignmentProblems({ ...facts, ...over, scripts }).map(({ kind, scripts: of, about }) => [kind, ...of, about]);

  it('nothing to say of one script for each call', () => {
    expect(
      kinds([named('own'), named('v', use({ queues: ['vip'] })), named('s', use({ queues: ['service'] }))]),
    ).toEqual([]);
  });

  it('two for the same queue at the same time; not when one is over before the other begins', () => {
    const [one, other] = [
      named('a', use({ queues: ['vip'], untilMs: 5_000 })),
      named('b', use({ queues: ['vip'], fromMs: 4_000 })),
    ];
    expect(kinds([named('own'), one, other])).toEqual([['overlap', 'a', 'b', null]]);
    const later = named('b', use({ queues: ['vip'], fromMs: 5_000 }));
    expect(kinds([named('own'), one, later])).toEqual([]);
  });

  it('a topic without a script, and one whose script was withdrawn', () => {
    expect(kinds([], { topics: [topic('shops', null)] })).toEqual([['gap', 'shops']]);
    expect(kinds([])).toEqual([['withdrawn', 'own', 'bill']]);
    // Somebody has it for one queue: no gap.
    const shops = topic('shops', null);
    expect(kinds([named('x', use({ topics: ['shops'] as never, queues: ['vip'] }))], { topics: [shops] })).toEqual([]);
  });

  it('topics and queues that are not there, a condition that is over, a variant of nothing, variants for the same customers', () => {
    const lost = named('lost', use({ topics: ['gone'] as never, queues: ['nowhere'], untilMs: 500 }));
    const variant = (id: string, of: string) =>
      wholeScript({ id, variant: { of, areas: ['东湖区'], campaigns: [], fromMs: null, untilMs: null } });
    expect(kinds([named('own'), lost, variant('v1', 'own'), variant('v2', 'own'), variant('v3', 'nobody')])).toEqual([
      ['variantOverlap', 'v1', 'v2', 'own'],
      ['lonelyVariant', 'v3', 'nobody'],
      ['unknownTopic', 'lost', 'gone'],
      ['unknownQueue', 'lost', 'nowhere'],
      ['over', 'lost', null],
    ]);
  });

  it('whoever is named first in an overlap is who a seat would take', () => {
    const anyUse = fc.record({
      topics: fc.subarray(['bill'] as never[]),
      hints: fc.subarray(['data-10g']),
      queues: fc.subarray(['vip', 'service']),
      areas: fc.subarray(['东湖区', '高新区']),
      fromMs: fc.constantFrom(null, 0, 500),
      untilMs: fc.constantFrom(null, 2_000),
    });
    fc.assert(
      fc.property(anyUse, anyUse, (a, b) => {
        const scripts = [named('a', a), named('b', b)];
        const about = call({ queue: 'vip', hints: ['data-10g'], areas: ['东湖区'], topicId: 'bill' });
        const choice = chosen(scripts, about, [topic('bill', null)]);
        const isTold = kinds(scripts, { topics: [] }).some(([kind, one]) => kind === 'overlap' && one === choice.id);
        // Two that both fit and weigh the same must have been told of.
        expect(choice.rivals.length === 0 || isTold).toBe(true);
      }),
    );
  });
});
