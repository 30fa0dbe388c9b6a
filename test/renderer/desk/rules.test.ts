import { array, assert, double, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateOnly,
  dateTime,
  duration,
  groupedNumber,
  maskedNumber,
  money,
  timeOfDay,
} from '../../../renderer/desk/format.ts';
import { commandOf, type Press } from '../../../renderer/desk/keys.ts';
import { share } from '../../../renderer/desk/parts/meter.tsx';
import { keptPreferences } from '../../../renderer/desk/preferences.ts';
import { keepSame } from '../../../renderer/desk/keep-same.ts';
import { bounceGuard } from '../../../renderer/desk/run-command.ts';
import { progressOf, searchTopics, sortedTopics } from '../../../renderer/desk/view.ts';
import { chooseNth, goUp, levelOf } from '../../../renderer/desk/wrap-up/path.ts';
import { follow, isComplete } from '../../../shared/disposition.ts';
import { phoneOff, type PhoneState } from '../../../shared/phone.ts';
import { Script } from '../../../shared/script.ts';
import { sampleScript, sampleTopics, sampleTree } from './sample.ts';

const press = (key: string, over: Partial<Press> = {}): Press => ({
  key,
  ctrl: false,
  alt: false,
  shift: false,
  typing: false,
  onControl: false,
  composing: false,
  repeat: false,
  ...over,
});

describe('keys', () => {
  it('function keys work while typing, digits do not', () => {
    expect(commandOf(press('F2', { typing: true }))).toEqual({ kind: 'answer' });
    expect(commandOf(press('1', { typing: true }))).toBeUndefined();
    expect(commandOf(press('1'))).toEqual({ kind: 'digit', digit: '1' });
  });

  it('nothing acts while an input method is composing', () => {
    assert(property(string(), (key) => commandOf(press(key, { composing: true })) === undefined));
    expect(commandOf(press('Enter', { composing: true }))).toBeUndefined();
  });

  it('Enter belongs to a focused control; Ctrl+Enter finishes anywhere', () => {
    expect(commandOf(press('Enter', { onControl: true }))).toBeUndefined();
    expect(commandOf(press('Enter'))).toEqual({ kind: 'next' });
    expect(commandOf(press('Enter', { ctrl: true, typing: true }))).toEqual({ kind: 'finish' });
  });

  it('no letter alone does anything', () => {
    for (const key of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ')
      expect(commandOf(press(key))).toBeUndefined();
  });

  it('the same key at once is a bounce, another one is not', () => {
    let nowMs = 0;
    const isBounce = bounceGuard(() => nowMs);
    expect(isBounce('1')).toBe(false);
    nowMs = 60;
    expect(isBounce('1')).toBe(true);
    expect(isBounce('2')).toBe(false);
    nowMs = 200;
    expect(isBounce('2')).toBe(false);
  });
});

describe('figures', () => {
  it('durations are mm:ss, from an hour on h:mm:ss', () => {
    expect(duration(-5)).toBe('00:00');
    expect(duration(61_999)).toBe('01:01');
    expect(duration(3_661_000)).toBe('1:01:01');
  });

  it('dates as 11-21 周六 14:05, the year only when it is another one', () => {
    const at = new Date(2026, 10, 21, 14, 5, 9).getTime();
    expect(dateTime(at, at, 'zh-CN')).toBe('11-21 周六 14:05');
    expect(dateTime(at, at, 'en')).toBe('11-21 Sat 14:05');
    expect(dateTime(at, new Date(2027, 0, 1).getTime(), 'zh-CN')).toBe('2026-11-21 周六 14:05');
    expect(dateOnly(at, at, 'zh-CN')).toBe('11-21 周六');
    expect(timeOfDay(at)).toBe('14:05:09');
  });

  it('numbers are grouped or masked, money has its sign', () => {
    expect(groupedNumber('+8613800138000')).toBe('138 0013 8000');
    expect(maskedNumber('+8613800138000')).toBe('138****8000');
    expect(groupedNumber('anonymous')).toBe('');
    expect(money(1234.5)).toBe('¥1,234.50');
    expect(money(99)).toBe('¥99');
  });

  it('a meter never leaves its bar', () => {
    assert(property(double({ noNaN: true }), (db) => share(db) >= 0 && share(db) <= 1));
    expect(share(-100)).toBe(0);
  });
});

describe('choosing', () => {
  it('topics of the queue come first; pinyin, initials and both names find', () => {
    expect(sortedTopics(sampleTopics, 'service')[0]?.id).toBe('bill');
    expect(sortedTopics(sampleTopics, null).map(({ id }) => id)).toEqual(sampleTopics.map(({ id }) => id));
    for (const text of ['thxd', 'tonghua', '通话', 'call det'])
      expect(searchTopics(sampleTopics, text)[0]?.id).toBe('details');
  });

  it('any sequence of digits and steps back stays inside the tree (R28)', () => {
    assert(
      property(array(integer({ min: -1, max: 9 }), { maxLength: 30 }), (steps) => {
        let path: readonly string[] = [];
        for (const step of steps) path = step < 0 ? goUp([...path]) : (chooseNth(sampleTree, [...path], step) ?? path);
        return follow(sampleTree, [...path]) !== undefined && path.length <= 3;
      }),
    );
    expect(isComplete(sampleTree, ['question', 'open', 'case'])).toBe(true);
  });

  it('a path of another tree is begun anew', () => {
    expect(levelOf(sampleTree, ['gone']).choices).toBe(sampleTree.roots);
  });

  it('progress of a script that loops ends', () => {
    const [step] = sampleScript.steps;
    const looping = Script.parse({
      ...sampleScript,
      steps: Array.from({ length: 200 }, (_, n) => ({
        ...step,
        id: `s${n}`,
        answers: Array.from({ length: 9 }, (_, a) => ({
          id: `a${a}`,
          label: { zh: 'x', en: 'x' },
          next: `s${(n + a + 1) % 200}`,
        })),
      })),
      first: 's0',
    });
    const { at, of } = progressOf(looping, 0, 's0');
    expect(at).toBe(1);
    expect(of).toBeGreaterThan(0);
  });
});

describe('preferences', () => {
  it('broken or foreign values fall back, kept ones come back', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const first = keptPreferences(storage, 'en-GB');
    expect(first.getState()).toEqual({ language: 'en', theme: 'system' });
    first.setState({ theme: 'dark' });
    expect(keptPreferences(storage, 'zh').getState()).toEqual({ language: 'en', theme: 'dark' });
    kept.set('zuoxi.preferences', '{"language":"<b>","theme":7');
    expect(keptPreferences(storage, 'zh').getState()).toEqual({ language: 'zh-CN', theme: 'system' });
  });
});

describe('what the phone tells', () => {
  const told = (over: Partial<PhoneState> = {}): PhoneState => structuredClone({ ...phoneOff, ...over });

  it('parts that say the same stay the objects they were, however deep; what changed is told', () => {
    const before = told({ devices: { kind: 'ready', microphone: 'a', speaker: 'b' } });
    const next = told({
      devices: { kind: 'ready', microphone: 'a', speaker: 'b' },
      line: { kind: 'registered', sinceMs: 1 },
    });
    const kept = keepSame(before, next);
    expect(kept).toEqual(next);
    expect(kept.devices).toBe(before.devices);
    expect(kept.calls).toBe(before.calls);
    expect(kept.line).not.toBe(before.line);
    const list = {
      calls: [
        { id: 1, state: { kind: 'ringing' } },
        { id: 2, state: { kind: 'talking' } },
      ],
    };
    expect(keepSame(list, structuredClone(list))).toBe(list);
    const changed = keepSame(list, {
      calls: [
        { id: 1, state: { kind: 'ended' } },
        { id: 2, state: { kind: 'talking' } },
      ],
    });
    expect(changed.calls[0]).toEqual({ id: 1, state: { kind: 'ended' } });
    expect(changed.calls[1]).toBe(list.calls[1]);
    expect(keepSame(list, { calls: [list.calls[0]] })).toEqual({ calls: [list.calls[0]] });
  });

  it('a part that is gone is gone', () => {
    const before = told({ voicemail: { new: 1, old: 0 }, relay: 'ready' });
    expect(keepSame(before, told())).toEqual(told());
  });
});
