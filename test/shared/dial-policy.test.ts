import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayDial, mayReach, type ReachPurpose, reachPurposes, type Role } from '../../shared/dial-policy.ts';
import { findTargets, type Target } from '../../shared/directory.ts';
import { defaultPolicy, type Policy, withFloors } from '../../shared/policy.ts';
import { whyNotTransferred } from '../../shared/transfer.ts';
import { customer } from './make.ts';

const target = (kind: Target['kind'], number: string, zh: string, pinyin: string[] = []): Target => ({
  id: `${kind}:${number}`,
  kind,
  name: { zh, en: '' },
  number,
  category: { zh: '', en: '' },
  pinyin,
});
const targets = [
  target('colleague', '1002', '周南乔', ['zhounanqiao', 'znq']),
  target('colleague', '1012', '周末', ['zhoumo', 'zm']),
  target('queue', '6002', '尊享服务', ['zunxiangfuwu', 'zxfw']),
  target('department', '01065540000', '总部', ['zongbu', 'zb']),
];
const listed = (number: string): Target | undefined => targets.find((one) => one.number === number);
const roles: readonly Role[] = ['agent', 'lead', 'manager', 'admin'];
const emergencies = ['110', '112', '119', '120', '122'];

const reach = (
  text: string,
  purpose: ReachPurpose,
  role: Role = 'agent',
  over: { policy?: Policy; ofCustomer?: boolean } = {},
): string => {
  const got = mayReach(
    {
      ...{ text, purpose, role, own: '1001', listed },
      customer: over.ofCustomer === true ? customer() : undefined,
    },
    over.policy ?? defaultPolicy,
  );
  return got.ok ? got.value.dial : (got.error.reason ?? got.error.kind);
};

describe('R21, security 73–74: whom a customer may be handed to, and who may be asked', () => {
  it.each([
    // text, role, consult, transfer, divert
    ['1002', 'agent', '1002', '1002', '1002'],
    [' 10-02 ', 'agent', '1002', '1002', '1002'],
    ['6002', 'agent', '6002', '6002', '6002'],
    ['6002', 'admin', 'targetNotForRole', 'targetNotForRole', 'targetNotForRole'],
    ['+86 10 6554 0000', 'agent', '01065540000', '01065540000', '01065540000'],
    ['1001', 'agent', 'targetSelf', 'targetSelf', 'targetSelf'],
    ['1003', 'agent', 'targetUnlisted', 'targetUnlisted', 'targetUnlisted'],
    ['13800138000', 'agent', 'targetUnlisted', 'targetUnlisted', 'targetUnlisted'],
    ['13800138000', 'lead', '13800138000', 'targetUnlisted', 'targetUnlisted'],
    ['+44 20 7946 0000', 'lead', 'numberInternational', 'targetUnlisted', 'targetUnlisted'],
    ['+44 20 7946 0000', 'manager', '+442079460000', 'targetUnlisted', 'targetUnlisted'],
    ['16888', 'lead', 'numberPremium', 'targetUnlisted', 'targetUnlisted'],
    ['110', 'agent', '110', '110', '110'],
    ['', 'agent', 'numberEmpty', 'numberEmpty', 'numberEmpty'],
    ['sip:1002@evil.example', 'agent', 'numberMalformed', 'numberMalformed', 'numberMalformed'],
  ] as const)('%s by %s: ask %s, hand over %s, pass on %s', (text, role, consult, transfer, divert) => {
    expect(['consult', 'transfer', 'divert'].map((purpose) => reach(text, purpose as ReachPurpose, role))).toEqual([
      consult,
      transfer,
      divert,
    ]);
  });

  it('a customer’s own other number is asked only by roles that may', () => {
    expect(reach('13800138000', 'consult', 'agent', { ofCustomer: true })).toBe('targetUnlisted');
    expect(reach('13800138000', 'consult', 'lead', { ofCustomer: true })).toBe('13800138000');
  });

  it('the echo is the only number a check leads to', () => {
    expect(reach('6099', 'check')).toBe('6099');
    expect(reach('1002', 'check')).toBe('targetUnlisted');
  });

  it('whatever is typed, whoever asks and whatever is served, a hand-over reaches the directory or an emergency', () => {
    const plan = fc.record({
      targets: fc.subarray(['colleague', 'queue', 'department'] as const),
      asksUnlisted: fc.boolean(),
      asksCustomers: fc.boolean(),
      international: fc.boolean(),
      premium: fc.boolean(),
    });
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.stringMatching(/^[+0-9 ()-]{1,20}$/),
      fc.constantFrom(...targets.map(({ number }) => number), '13800138000', '+442079460000', '110'),
    );
    const allowed = new Set([...targets.map(({ number }) => number), ...emergencies]);
    fc.assert(
      fc.property(
        text,
        plan,
        fc.constantFrom(...roles),
        fc.constantFrom('transfer', 'divert'),
        (typed, own, role, purpose) => {
          const policy = withFloors({ ...defaultPolicy, dialPlan: { [role]: own } });
          const got = mayReach(
            {
              ...{ text: typed, purpose, role, own: '1001', listed },
              customer: undefined,
            },
            policy,
          );
          expect(!got.ok || allowed.has(got.value.dial)).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('security 72: only digits and + come through, for every purpose', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 64 }), fc.constantFrom(...reachPurposes), (text, purpose) => {
        const got = mayReach(
          { ...{ text, purpose, own: '1001', listed }, role: 'manager', customer: undefined },
          defaultPolicy,
        );
        expect(!got.ok || /^\+?\d{3,20}$/.test(got.value.dial)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('a served plan widens what a role may ask, and a missing role keeps the default', () => {
    const policy: Policy = {
      ...defaultPolicy,
      dialPlan: {
        agent: {
          targets: ['colleague'],
          asksUnlisted: true,
          asksCustomers: false,
          international: false,
          premium: false,
        },
      },
    };
    expect(reach('13800138000', 'consult', 'agent', { policy })).toBe('13800138000');
    expect(reach('6002', 'transfer', 'agent', { policy })).toBe('targetNotForRole');
    expect(reach('6002', 'transfer', 'lead', { policy })).toBe('6002');
  });

  it('customers are dialled abroad, and paid lines, by roles that may', () => {
    const dial = (text: string, role: Role): string => {
      const got = mayDial({ text, purpose: 'service', customer: undefined, role }, defaultPolicy);
      return got.ok ? got.value.dial : (got.error.reason ?? '');
    };
    expect([dial('+44 20 7946 0000', 'agent'), dial('+44 20 7946 0000', 'manager')]).toEqual([
      'numberInternational',
      '+442079460000',
    ]);
    expect(dial('16888', 'manager')).toBe('numberPremium');
    expect(roles.map((role) => dial('120', role))).toEqual(['120', '120', '120', '120']);
  });
});

describe('R37: finding somebody with a few keys', () => {
  const find = (text: string): string[] => findTargets(targets, text).map(({ number }) => number);
  it.each([
    ['', ['1002', '1012', '6002', '01065540000']],
    ['znq', ['1002']],
    ['zhou', ['1002', '1012']],
    ['ZHOU NAN', ['1002']],
    ['周', ['1002', '1012']],
    ['10', ['1002', '1012', '01065540000'].slice(0, 2)],
    ['1012', ['1012']],
    ['服务', ['6002']],
    ['nobody', []],
  ])('%s → %s', (text, found) => expect(find(text)).toEqual(found));
});

it('what SIP answers to a transfer is one of a few words', () => {
  const words = [486, 600, 480, 408, 487, 404, 410, 484, 604, 603, 403, 500, 503, 488, 302].map(whyNotTransferred);
  expect(words).toEqual([
    ...['busy', 'busy', 'noAnswer', 'noAnswer', 'noAnswer', 'notFound', 'notFound', 'notFound', 'notFound'],
    ...['declined', 'declined', 'server', 'server', 'notPossible', 'notPossible'],
  ]);
});
