import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { disclosureKinds, parts, Script, speak, startRun, nextRun, pickVariant } from '../../../shared/script.ts';
import { checkScript, faultCount, reachable } from '../../../shared/script-check.ts';
import { diffScripts } from '../../../shared/script-diff.ts';
import { estimatedSeconds, limitSeconds, longestWay, speakingSeconds } from '../../../shared/script-length.ts';
import { knownVariables, sampleVariables } from '../../../shared/script-variables.ts';
import { anyScript, changed, text, treeScript, wholeScript } from './make.ts';

const kindsOf = (script: Script) => checkScript(script).map(({ kind, stepId, about }) => [kind, stepId, about]);
const whole = wholeScript();

describe('R15, R16, R42 the checker', () => {
  it('finds nothing wrong with a whole script', () => expect(checkScript(whole)).toEqual([]));

  it.each<[string, Script, unknown[]]>([
    [
      'a part that is missing',
      wholeScript({ first: 'identify', steps: whole.steps.slice(1) }),
      ['missingPart', null, 'opening'],
    ],
    ['a part waived that is there', wholeScript({ waived: ['close'] }), ['waivedButThere', null, 'close']],
    ['a first step that is not there', wholeScript({ first: 'gone' }), ['unknownFirst', null, null]],
    ['a way to a step that is not there', changed(whole, 'close', { next: 'gone' }), ['unknownStep', 'close', 'gone']],
    [
      'two steps of one name',
      wholeScript({ steps: [...whole.steps, ...whole.steps.slice(0, 1)] }),
      ['doubleStep', 'opening', 'opening'],
    ],
    ['a circle nobody leaves', changed(whole, 'close', { next: 'opening' }), ['deadEnd', 'close', null]],
    ['a step nothing leads to', changed(whole, 'opening', { next: 'propose' }), ['unreachable', 'identify', null]],
    ['an end before the ending', changed(whole, 'propose', { next: null }), ['endsEarly', 'propose', null]],
    ['a sentence without English', changed(whole, 'propose', { say: text('好', '') }), ['emptyText', 'propose', 'en']],
    [
      'a variable nobody fills',
      changed(whole, 'propose', { say: text('{offer.price}元') }),
      ['unknownVariable', 'propose', 'offer.price'],
    ],
    ['a tariff whose price nobody tells', wholeScript({ tariffId: 'T1' }), ['missingDisclosure', null, 'price']],
    [
      'a variant that ends before it begins',
      wholeScript({ variant: { of: 's0', areas: [], campaigns: [], fromMs: 2, untilMs: 1 } }),
      ['dates', null, null],
    ],
    [
      'two answers of one name',
      changed(whole, 'propose', {
        answers: [
          { id: 'a', label: text('是'), next: 'close' },
          { id: 'a', label: text('否'), next: 'close' },
        ],
      }),
      ['doubleAnswer', 'propose', 'a'],
    ],
  ])('tells of %s', (_what, script, problem) => expect(kindsOf(script)).toContainEqual(problem));

  it('a part left out on purpose, and objections kept beside the steps, are no problem', () => {
    const steps = whole.steps.filter(({ id }) => id !== 'objections' && id !== 'close');
    const script = changed(
      wholeScript({ steps, waived: ['close'], objections: [{ id: 'o', label: text('贵'), say: text('明白') }] }),
      'propose',
      { next: 'ending' },
    );
    expect(checkScript(script)).toEqual([]);
  });

  it('a tariff is whole when every mandatory item is on a step that can be reached', () => {
    const disclosures = disclosureKinds.map((kind) => ({ id: kind, kind, label: text(kind) }));
    expect(checkScript(changed(wholeScript({ tariffId: 'T1' }), 'close', { disclosures }))).toEqual([]);
  });

  it('R16 refuses what takes longer than five minutes, twenty for a survey', () => {
    const long = (kind: string) => changed(wholeScript({ kind }), 'propose', { say: text('好'.repeat(1_300), 'fine') });
    const [tooLong] = checkScript(long('service'));
    expect(tooLong).toMatchObject({ kind: 'tooLong', severity: 'fault' });
    expect(tooLong?.seconds).toBeGreaterThan(limitSeconds('service'));
    expect(checkScript(long('survey'))).toEqual([]);
  });

  it('never throws, and no faults mean that every run comes to an end', () => {
    fc.assert(
      fc.property(anyScript, fc.array(fc.nat(9), { maxLength: 30 }), (script, keys) => {
        const problems = checkScript(script);
        const stuck = new Set(problems.filter(({ kind }) => kind === 'deadEnd').map(({ stepId }) => stepId));
        const reached = reachable(script);
        let run = startRun(script);
        for (const key of keys) {
          if (run.stepId === null) return;
          expect(reached.has(run.stepId)).toBe(true);
          if (stuck.has(run.stepId)) expect(faultCount(script)).toBeGreaterThan(0);
          const step = script.steps.find(({ id }) => id === run.stepId);
          const answer = step?.answers[key % Math.max(1, step.answers.length)];
          const next = nextRun(
            run,
            { kind: 'answered', stepId: run.stepId, answerId: answer?.id ?? null, atMs: 1 },
            script,
          );
          expect(next.ok).toBe(true);
          if (next.ok) run = next.value;
        }
      }),
    );
  });
});

describe('R16 the time a script takes', () => {
  it('240 characters or 150 words are a minute; a variable counts as what it stands for', () => {
    expect(speakingSeconds(text('好'.repeat(240)), 'zh-CN')).toBe(60);
    expect(speakingSeconds(text('', 'word '.repeat(150)), 'en')).toBe(60);
    expect(speakingSeconds(text('好，好。'), 'zh-CN')).toBe(0.5);
    expect(speakingSeconds(text('{customer.surname}'), 'zh-CN')).toBe(1);
    expect(speakingSeconds(text('', 'Mr {customer.surname}'), 'en')).toBe(1.2);
  });

  it('an empty English text is spoken in Chinese, and takes as long', () => {
    expect(speakingSeconds({ zh: '好'.repeat(240), en: '' }, 'en')).toBe(60);
  });

  it('without loops it is the longest of all ways there are', () => {
    const all = (script: Script, id: string | null): number => {
      const step = script.steps.find((one) => one.id === id);
      if (step === undefined) return 0;
      const nexts = step.answers.length > 0 ? step.answers.map(({ next }) => next) : [step.next];
      return speakingSeconds(step.say, 'zh-CN') + Math.max(0, ...nexts.map((next) => all(script, next)));
    };
    fc.assert(
      fc.property(treeScript, (script) => {
        expect(longestWay(script, 'zh-CN').seconds).toBeCloseTo(all(script, script.first), 6);
      }),
    );
  });

  it('a way passes no step twice, and adds up to its time', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        const { path, seconds } = longestWay(script, 'en');
        expect(new Set(path).size).toBe(path.length);
        const sum = path
          .map((id) => script.steps.find((step) => step.id === id))
          .reduce((all, step) => all + (step === undefined ? 0 : speakingSeconds(step.say, 'en')), 0);
        expect(seconds).toBeCloseTo(sum, 6);
        expect(estimatedSeconds(script)).toBeGreaterThanOrEqual(seconds);
      }),
    );
  });
});

describe('the difference of two versions', () => {
  it('is nothing between a script and itself, whatever its number', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        expect(diffScripts(script, { ...script, version: 9 })).toEqual([]);
      }),
    );
  });

  it('is the same the other way round, with added and removed exchanged', () => {
    const counts = (changes: ReturnType<typeof diffScripts>) =>
      (['added', 'removed', 'changed'] as const).map((how) => changes.filter((one) => one.how === how).length);
    fc.assert(
      fc.property(anyScript, anyScript, (one, other) => {
        const [added, removed, altered] = counts(diffScripts(one, other));
        expect(counts(diffScripts(other, one))).toEqual([removed, added, altered]);
      }),
    );
  });

  it('is something whenever the two say or do anything different', () => {
    const plain = (script: Script) => ({
      ...script,
      steps: script.steps.map((step) => ({ ...step, next: step.answers.length > 0 ? null : step.next })),
      waived: (script.waived ?? []).toSorted(),
    });
    fc.assert(
      fc.property(anyScript, anyScript, (one, other) => {
        const isSame = JSON.stringify(plain(one)) === JSON.stringify(plain(other));
        expect(diffScripts(one, other).length === 0).toBe(isSame);
      }),
    );
  });

  it('names the step, the answer and both texts', () => {
    const after = changed(whole, 'propose', {
      say: text('15 元', 'fifteen'),
      answers: [{ id: 'yes', label: text('好'), next: 'close' }],
    });
    expect(diffScripts(whole, after)).toContainEqual({
      of: 'step',
      id: 'propose',
      how: 'changed',
      what: 'say:en',
      before: '您好，请问您需要什么？ in English',
      after: 'fifteen',
    });
    expect(diffScripts(whole, after).map(({ what }) => what)).toContain('answer:yes:next');
  });
});

describe('R17 variants', () => {
  const variant = (id: string, over: object) =>
    wholeScript({ id, variant: { of: 's1', areas: [], campaigns: [], fromMs: null, untilMs: null, ...over } });
  const lake = variant('lake', { areas: ['东湖区'] });
  const spring = variant('spring', { campaigns: ['spring'] });
  const dated = variant('dated', { fromMs: 100, untilMs: 200 });
  const pick = (areas: string[], campaign: string | null, atMs: number) =>
    pickVariant(whole, [lake, spring, dated], { areas, campaign, atMs })?.id;
  it.each<[string, string | undefined, string | undefined]>([
    ['nothing fits: the script itself', pick(['西山区'], null, 0), 's1'],
    ['the area', pick(['东湖区'], null, 0), 'lake'],
    ['the campaign says more than the area', pick(['东湖区'], 'spring', 0), 'spring'],
    ['from the first day on', pick([], null, 100), 'dated'],
    ['not the day after the last', pick([], null, 200), 's1'],
    ['the area says more than dates', pick(['东湖区'], null, 150), 'lake'],
  ])('%s', (_what, picked, wanted) => expect(picked).toBe(wanted));
});

it('every known variable has a value in the preview, in both languages', () => {
  const all = text(
    knownVariables.map((name) => `{${name}}`).join(''),
    knownVariables.map((name) => `{${name}}`).join(''),
  );
  for (const language of ['zh-CN', 'en'] as const)
    expect(speak(all, sampleVariables(language), language).some((part) => 'missing' in part)).toBe(false);
});

it('parts and their order are those of R15', () => {
  expect(parts).toEqual(['opening', 'identify', 'propose', 'objections', 'close', 'ending']);
});
