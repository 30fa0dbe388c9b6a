import type { QueryClass } from './customer.ts';

/** What a caller says and the agent types; central alone compares (R10, R11). */
export const factors = [
  'fullName',
  'lastBillRange',
  'package',
  'servicePassword',
  'smsCode',
  'idNumber',
  'address',
  'contactPhone',
] as const;
/** What nobody at the seat types: central sees it happen. `override`: another person vouches (security 61). */
export const unspokenFactors = ['keypadPassword', 'callBack', 'override'] as const;
export const anyFactors = [...factors, ...unspokenFactors] as const;
export type AnyFactor = (typeof anyFactors)[number];

/** Signs that whoever calls may not be the customer, from central's records (security 58, 59, 65). */
export const riskFlags = [
  'simChanged', // the SIM card is a new one
  'portChanged', // the number came from, or is going to, another network
  'numberChanged', // the number on file is a new one
  'callerMismatch', // the call does not come from a number on file
  'failedElsewhere', // other agents have seen failed checks today
] as const;
export type RiskFlag = (typeof riskFlags)[number];

/** What takes an account over when it is done for the wrong person: on line only, one check each (security 52, 60). */
export const accountActions = ['simChange', 'passwordReset', 'portOut', 'contactChange'] as const;
export type AccountAction = (typeof accountActions)[number];
/** What a check is made for: to tell the customer something, or to do something to the account. */
export type Purpose = 'disclose' | AccountAction;

/** `count` of `factors` taken together open it, unless one of the flags is up. */
export type Way = {
  readonly factors: readonly AnyFactor[];
  readonly count: number;
  readonly unless: readonly RiskFlag[];
};
/** What opens class 2, class 3, and each action. */
type Table = Readonly<Record<2 | 3 | AccountAction, readonly Way[]>>;
export type Preset = 'classic' | 'strict';

const any = (...one: readonly AnyFactor[]): readonly Way[] =>
  one.map((factor) => ({ factors: [factor], count: 1, unless: [] }));
const all = (...together: readonly AnyFactor[]): Way => ({ factors: together, count: together.length, unless: [] });

/** Knowledge is for sale: it counts only while nothing speaks against the caller. */
const suspicious: readonly RiskFlag[] = ['callerMismatch', 'failedElsewhere'];
const knowledge = ['idNumber', 'address', 'contactPhone'] as const;
const twoOfThree: Way = { factors: knowledge, count: 2, unless: suspicious };
const allThree: Way = { factors: knowledge, count: 3, unless: suspicious };
const simple: readonly Way[] = [{ factors: ['fullName', 'lastBillRange', 'package'], count: 1, unless: [] }];

/**
 * R10 and R46 as data; whatever else the product does is the same under both. `strict`: knowledge alone never reaches class 3 (security
 * 56), and the password counts when the customer keys it in. A forgotten password needs the three answers and, in `strict`, something
 * the customer has; nobody is sent to a shop.
 */
export const presets: Readonly<Record<Preset, Table>> = {
  classic: {
    2: simple,
    // What can be typed first, as ever: agents know these keys by heart.
    3: [...any('servicePassword', 'smsCode'), twoOfThree, ...any('keypadPassword', 'callBack', 'override')],
    simChange: [...any('servicePassword', 'keypadPassword', 'override'), allThree],
    passwordReset: [...any('keypadPassword', 'servicePassword', 'smsCode', 'callBack', 'override'), allThree],
    portOut: any('servicePassword', 'keypadPassword', 'callBack', 'override'),
    contactChange: [...any('servicePassword', 'keypadPassword', 'smsCode', 'callBack', 'override'), twoOfThree],
  },
  strict: {
    2: simple,
    3: any('keypadPassword', 'smsCode', 'callBack', 'override'),
    simChange: any('keypadPassword', 'override'),
    passwordReset: [...any('keypadPassword', 'override'), all('smsCode', ...knowledge), all('callBack', ...knowledge)],
    portOut: any('keypadPassword', 'callBack', 'override'),
    contactChange: any('keypadPassword', 'smsCode', 'callBack', 'override'),
  },
};

/** Whoever holds a stolen number gets its texts and its calls (security 58, 59). The same under every preset. */
export const voidedBy: Readonly<Record<RiskFlag, readonly AnyFactor[]>> = {
  simChanged: ['smsCode', 'callBack'],
  portChanged: ['smsCode', 'callBack'],
  numberChanged: ['smsCode', 'callBack'],
  callerMismatch: [],
  failedElsewhere: [],
};
/** A text to a card that is said to be gone proves nothing. */
export const voidedFor: Readonly<Record<Purpose, readonly AnyFactor[]>> = {
  disclose: [],
  simChange: ['smsCode', 'callBack'],
  passwordReset: [],
  portOut: ['smsCode'],
  contactChange: [],
};

export const isVoid = (factor: AnyFactor, flags: readonly RiskFlag[], purpose: Purpose = 'disclose'): boolean =>
  voidedFor[purpose].includes(factor) || flags.some((flag) => voidedBy[flag].includes(factor));

/** The ways that lead anywhere now. */
export const waysTo = (
  wanted: 2 | 3 | AccountAction,
  preset: Preset,
  flags: readonly RiskFlag[] = [],
): readonly Way[] => {
  const purpose = typeof wanted === 'number' ? 'disclose' : wanted;
  return presets[preset][wanted].flatMap((way) => {
    const usable = way.factors.filter((factor) => !isVoid(factor, flags, purpose));
    const isBarred = way.unless.some((flag) => flags.includes(flag));
    return isBarred || usable.length < way.count ? [] : [{ ...way, factors: usable }];
  });
};

const reaches = (ways: readonly Way[], passed: readonly AnyFactor[]): boolean =>
  ways.some((way) => way.factors.filter((factor) => passed.includes(factor)).length >= way.count);

/** Highest class the passed factors open. Class 1 needs nothing; whoever reached 3 has 2 as well. */
export const levelOf = (passed: readonly AnyFactor[], preset: Preset, flags: readonly RiskFlag[] = []): QueryClass => {
  if (reaches(waysTo(3, preset, flags), passed)) return 3;
  return reaches(waysTo(2, preset, flags), passed) ? 2 : 1;
};

/** Whether the factors passed for this action open it. Reaching class 3 is not enough. */
export const opensAction = (
  action: AccountAction,
  passed: readonly AnyFactor[],
  preset: Preset,
  flags: readonly RiskFlag[] = [],
): boolean => reaches(waysTo(action, preset, flags), passed);

/** Factors worth asking for, in the order the desk offers them. An override is asked of a lead, not of the customer. */
export const factorsFor = (
  wanted: QueryClass | AccountAction,
  preset: Preset,
  flags: readonly RiskFlag[] = [],
): readonly AnyFactor[] =>
  wanted === 1
    ? []
    : [...new Set(waysTo(wanted, preset, flags).flatMap((way) => way.factors))].filter(
        (factor) => factor !== 'override',
      );

/** Factors that answer to the same secret share their tries (R12). */
export const sharesTries = (factor: AnyFactor): readonly AnyFactor[] =>
  factor === 'servicePassword' || factor === 'keypadPassword' ? ['servicePassword', 'keypadPassword'] : [factor];

export const isSpoken = (factor: AnyFactor): factor is (typeof factors)[number] =>
  (factors as readonly AnyFactor[]).includes(factor);
