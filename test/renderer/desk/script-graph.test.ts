import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultCount } from '../../../shared/script-check.ts';
import { addWay, leadWay, removeWay } from '../../../renderer/desk/scripts/script-edits.ts';
import { layoutOf, stepWidth } from '../../../renderer/desk/scripts/script-layout.ts';
import { nearestTo, pathOf } from '../../../renderer/desk/scripts/script-path.ts';
import { endPlace, marksOf, waysFrom } from '../../../renderer/desk/scripts/script-ways.ts';
import { anyScript, changed, treeScript, wholeScript } from '../../shared/script/make.ts';

// R14: the graph leads draw scripts in.
describe('where steps are drawn', () => {
  it('each step once and the end behind all of them, none over another, whatever leads where', () => {
    fc.assert(
      fc.property(anyScript, (script) => {
        const { places } = layoutOf(script);
        expect(places.map(({ id }) => id).toSorted()).toEqual(
          [...script.steps.map(({ id }) => id), endPlace].toSorted(),
        );
        const end = places.find(({ id }) => id === endPlace);
        for (const one of places) {
          if (one.id !== endPlace) expect(one.x).toBeLessThan(end?.x ?? 0);
          for (const other of places)
            if (one !== other && one.x === other.x)
              expect(one.y + one.height <= other.y || other.y + other.height <= one.y).toBe(true);
        }
      }),
    );
  });

  it('a way leads to the right, or is one of those that lead back; without circles none leads back', () => {
    const rightward = (script: ReturnType<typeof wholeScript>): void => {
      const { places, back, bends } = layoutOf(script);
      const x = new Map(places.map((place) => [place.id, place.x]));
      for (const way of script.steps.flatMap(waysFrom)) {
        const [from, to] = [x.get(way.from) ?? 0, x.get(way.to) ?? 0];
        if (back.has(way.id)) continue;
        expect(to).toBeGreaterThan(from);
        // One bend in each column it passes.
        expect(bends.get(way.id)?.every((bend) => bend.x > from + stepWidth && bend.x < to)).toBe(true);
      }
    };
    fc.assert(fc.property(anyScript, rightward));
    fc.assert(
      fc.property(treeScript, (script) => {
        rightward(script);
        expect(layoutOf(script).back.size).toBe(0);
      }),
    );
  });

  it('a step that leads to itself, and one that leads to a step that is gone, are drawn without their way or beside it', () => {
    const circle = changed(wholeScript(), 'propose', { next: 'propose' });
    expect(layoutOf(circle).back.size).toBe(1);
    expect(marksOf(circle).get('propose')).toContain('deadEnd');
    const gone = changed(wholeScript(), 'propose', { next: 'nowhere' });
    expect(layoutOf(gone).places).toHaveLength(gone.steps.length + 1);
    expect(marksOf(gone).get('propose')).toContain('unknownStep');
  });

  it('eighty steps, each with nine answers, in no particular order', () => {
    const steps = Array.from({ length: 80 }, (_, n) => ({
      ...{ id: `s${n}`, part: 'propose', say: { zh: '好', en: 'Well' }, next: null },
      answers: Array.from({ length: 9 }, (_a, a) => ({
        ...{ id: `a${a}`, label: { zh: '是', en: 'Yes' }, next: `s${(n * 7 + a * 31) % 80}` },
      })),
    }));
    const { places } = layoutOf(wholeScript({ first: 's0', steps }));
    expect(new Set(places.map(({ id }) => id)).size).toBe(81);
    expect(places.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  });
});

describe('arrow keys', () => {
  it('go along the ways and come back', () => {
    const { places } = layoutOf(wholeScript());
    const next = nearestTo(places, 'opening', 'ArrowRight');
    expect(next).toBe('identify');
    expect(nearestTo(places, 'identify', 'ArrowLeft')).toBe('opening');
    // The end is no step.
    expect(nearestTo(places, 'ending', 'ArrowRight')).toBeUndefined();
    expect(nearestTo(places, 'nobody', 'ArrowUp')).toBeUndefined();
  });
});

it('a line passes a column flat, and one that leads back runs on its lane', () => {
  expect(pathOf({ x: 0, y: 0 }, { x: 1_000, y: 50 }, [{ x: 500, y: 90 }], null)).toContain(
    `L${500 + stepWidth / 2},90`,
  );
  expect(pathOf({ x: 500, y: 0 }, { x: 0, y: 0 }, [], 300)).toContain('L0,300');
});

describe('ways drawn', () => {
  it('an answer is led elsewhere, added and taken away; Enter’s way ends the script when it is', () => {
    const asked = addWay(wholeScript(), 'identify', 'close');
    const step = asked.steps.find(({ id }) => id === 'identify');
    expect(step?.answers.map(({ next }) => next)).toEqual(['close']);
    const answerId = step?.answers[0]?.id ?? '';
    const led = leadWay(asked, 'identify', answerId, null);
    expect(led.steps[1]?.answers[0]?.next).toBeNull();
    expect(removeWay(led, 'identify', answerId).steps[1]?.answers).toEqual([]);
    expect(removeWay(wholeScript(), 'identify', null).steps[1]?.next).toBeNull();
    expect(leadWay(asked, 'nobody', null, null)).toBe(asked);
    // It has no words yet, and is not published like that.
    expect(faultCount(asked)).toBeGreaterThan(0);
  });

  it('a step has nine ways at most', () => {
    let script = wholeScript();
    for (let n = 0; n < 12; n += 1) script = addWay(script, 'identify', 'close');
    expect(script.steps[1]?.answers).toHaveLength(9);
  });
});
