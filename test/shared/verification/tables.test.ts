import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AccountAction, AnyFactor, Preset, RiskFlag } from '../../../shared/verification-tables.ts';
import {
  accountActions,
  anyFactors,
  factorsFor,
  levelOf,
  opensAction,
  presets,
  riskFlags,
  waysTo,
} from '../../../shared/verification-tables.ts';

/** Every set of factors, every set of flags: the full decision table of R10 and R46. */
const subsets = <T>(of: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: 2 ** of.length }, (_, bits) => of.filter((_one, i) => (bits >> i) & 1));
const factorSets = subsets(anyFactors);
const flagSets = subsets(riskFlags);

/** The rules once more, in words rather than as data. */
const expected = (passed: readonly AnyFactor[], flags: readonly RiskFlag[], preset: Preset) => {
  const has = (factor: AnyFactor) => passed.includes(factor);
  const known = (['idNumber', 'address', 'contactPhone'] as const).filter(has).length;
  const isStolen = (['simChanged', 'portChanged', 'numberChanged'] as const).some((flag) => flags.includes(flag));
  const isDoubtful = (['callerMismatch', 'failedElsewhere'] as const).some((flag) => flags.includes(flag));
  const reached = { text: has('smsCode') && !isStolen, callBack: has('callBack') && !isStolen };
  const vouched = has('override');
  const keyed = has('keypadPassword');
  const simple = has('fullName') || has('lastBillRange') || has('package');
  if (preset === 'strict') {
    const possession = keyed || reached.text || reached.callBack || vouched;
    return {
      level: possession ? 3 : simple ? 2 : 1,
      simChange: keyed || vouched,
      passwordReset: keyed || vouched || (known === 3 && (reached.text || reached.callBack)),
      portOut: keyed || reached.callBack || vouched,
      contactChange: possession,
    };
  }
  const password = has('servicePassword') || keyed;
  const open = password || reached.text || reached.callBack || vouched;
  return {
    level: open || (known >= 2 && !isDoubtful) ? 3 : simple ? 2 : 1,
    simChange: password || vouched || (known === 3 && !isDoubtful),
    passwordReset: open || (known === 3 && !isDoubtful),
    portOut: password || reached.callBack || vouched,
    contactChange: open || (known >= 2 && !isDoubtful),
  };
};

describe.each(['classic', 'strict'] as const)('R46 the decision table %s', (preset) => {
  it('opens what it says for every set of factors and flags, to tell and for every action', () => {
    const wrong: string[] = [];
    let rows = 0;
    for (const passed of factorSets)
      for (const flags of flagSets) {
        const { level, ...actions } = expected(passed, flags, preset);
        rows += 1 + accountActions.length;
        if (levelOf(passed, preset, flags) !== level) wrong.push(`${passed.join()} | ${flags.join()} | level`);
        for (const action of accountActions) {
          const isOpen = opensAction(action, passed, preset, flags);
          // An action is never easier than being told.
          if (isOpen !== actions[action] || (isOpen && level !== 3))
            wrong.push(`${passed.join()} | ${flags.join()} | ${action}`);
        }
      }
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(rows).toBe(2 ** anyFactors.length * 2 ** riskFlags.length * (1 + accountActions.length));
  });

  it('a flag never opens anything, and one more factor never closes anything', () => {
    const opened = (passed: readonly AnyFactor[], flags: readonly RiskFlag[]) => [
      levelOf(passed, preset, flags),
      ...accountActions.map((action) => Number(opensAction(action, passed, preset, flags))),
    ];
    const isAtMost = (one: readonly number[], other: readonly number[]) =>
      one.every((value, i) => value <= (other[i] ?? 0));
    const wrong: string[] = [];
    for (const passed of factorSets) {
      const plain = opened(passed, []);
      for (const flag of riskFlags)
        if (!isAtMost(opened(passed, [flag]), plain)) wrong.push(`${passed.join()} ${flag}`);
      for (const factor of anyFactors)
        if (!isAtMost(plain, opened([...passed, factor], []))) wrong.push(`${passed.join()} + ${factor}`);
    }
    expect(wrong).toEqual([]);
  });

  it('security 58 a text code counts for nothing after a change of SIM, network or number, nor for a SIM change or a move away', () => {
    for (const flag of ['simChanged', 'portChanged', 'numberChanged'] as const)
      for (const wanted of [3, ...accountActions] as const)
        expect(factorsFor(wanted, preset, [flag])).not.toContain('smsCode');
    for (const action of ['simChange', 'portOut'] as const)
      expect(opensAction(action, ['smsCode'], preset)).toBe(false);
  });

  it('R10 there is always a way to go on with a forgotten password, whatever speaks against the caller', () => {
    const withoutPassword = anyFactors.filter((one) => one !== 'servicePassword' && one !== 'keypadPassword');
    for (const flags of flagSets) expect(opensAction('passwordReset', withoutPassword, preset, flags)).toBe(true);
  });
});

it('security 56 strict: no knowledge, however much, reaches class 3 or an action', () => {
  const knowledge: readonly AnyFactor[] = [
    ...(['fullName', 'lastBillRange', 'package', 'servicePassword', 'idNumber', 'address', 'contactPhone'] as const),
  ];
  expect(levelOf(knowledge, 'strict')).toBe(2);
  for (const action of accountActions) expect(opensAction(action, knowledge, 'strict')).toBe(false);
});

it('asks nothing for class 1, and in the order of the table for the others', () => {
  expect(factorsFor(1, 'classic')).toEqual([]);
  expect(factorsFor(2, 'classic')).toEqual(['fullName', 'lastBillRange', 'package']);
  expect(factorsFor(3, 'strict')).toEqual(['keypadPassword', 'smsCode', 'callBack']);
  expect(factorsFor(3, 'strict', ['simChanged'])).toEqual(['keypadPassword']);
  expect(factorsFor('passwordReset', 'strict')).toEqual([
    ...['keypadPassword', 'smsCode', 'idNumber', 'address', 'contactPhone', 'callBack'],
  ]);
});

it('R46 both presets have the same rows, and nothing outside the tables asks which one it is', () => {
  expect(Object.keys(presets.classic)).toEqual(Object.keys(presets.strict));
  expect(waysTo(2, 'classic')).toEqual(waysTo(2, 'strict'));
  const naming = ['shared', 'main', 'central', 'renderer', 'practice'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => join(folder, name))
      .filter((path) => /verificationPreset\W{1,12}(?:===|!==)|===? '(?:classic)'/.test(readFileSync(path, 'utf8'))),
  );
  expect(naming).toEqual([]);
});

it('names every action of the tables', () => {
  const named = Object.keys(presets.strict).filter((key) => !/^\d$/.test(key)) as AccountAction[];
  expect(new Set(named)).toEqual(new Set(accountActions));
});
