import { expect, it } from 'vitest';
import { customerReaders } from '../../central/import/customer-fields.ts';
import { secretOf, fieldsOf } from '../../practice/operator/private-values.ts';
import { chineseName } from '../../practice/operator/names.ts';
import { packages } from '../../practice/operator/packages.ts';
import { areas } from '../../practice/operator/places.ts';
import { topics } from '../../practice/operator/topics.ts';
import { actionOf, callClasses, classOfField, knownFields } from '../../shared/classes.ts';
import { seatContract } from '../../shared/seat.ts';
import { budgetOf, judgeReveals } from '../../shared/reveal.ts';
import { accountActions } from '../../shared/verification-tables.ts';

it('security 49 every field the product knows has a class, and what is unknown is strict', () => {
  const secret = secretOf(1, 1, chineseName('测', '试'), areas[0], true);
  const facts = { secret, area: areas[0], tariff: packages[0], bill: 1, memberSince: '2024-01' };
  const keys = fieldsOf(1, 1, facts).map(({ key }) => key);
  expect(keys.filter((key) => !knownFields.includes(key))).toEqual([]);
  const imported = [
    'fullName',
    'idNumber',
    'address',
    'contactPhone',
    'birthday',
    'balance',
    'points',
    'memberSince',
    'network',
  ];
  expect(imported.filter((key) => key in customerReaders && !knownFields.includes(key))).toEqual([]);
  expect(classOfField('nobodyKnows')).toBe(3);
  expect(classOfField('nobodyKnows', 1)).toBe(1);
  // Served with less than it has: it keeps what it has; with more: that counts.
  expect([classOfField('idNumber', 1), classOfField('network', 3), classOfField('constructor')]).toEqual([3, 3, 3]);
});

it('security 49 every request about a contact or a customer has a class', () => {
  const about = Object.entries(seatContract.calls)
    .filter(([, { request }]) => 'contactId' in request.shape || 'customerId' in request.shape)
    .map(([name]) => name);
  expect(new Set(Object.keys(callClasses))).toEqual(new Set(about));
});

it('security 60 every action has a topic to practise it, and those topics are class 3', () => {
  const acting = topics.filter((topic) => actionOf(topic) !== undefined);
  expect(new Set(acting.map(actionOf))).toEqual(new Set(accountActions));
  expect(acting.every((topic) => topic.class === 3)).toBe(true);
  expect(actionOf({ action: 'laterAction' })).toBeUndefined();
});

it('security 45 no policy allows as many as 25, 250 or 2,500 a day', () => {
  const loose = budgetOf({ revealBudget: { sensitive: 999, records: 9_999, other: 99_999 } });
  expect(loose).toEqual({ sensitive: 24, records: 249, other: 2_499 });
  for (const which of ['sensitive', 'records', 'other'] as const) {
    const none = { sensitive: 0, records: 0, other: 0 };
    expect(judgeReveals({ ...none, [which]: loose[which] + 1 }, loose)).toEqual({ kind: 'over', which });
    expect(judgeReveals({ ...none, [which]: loose[which] }, loose)).toEqual({ kind: 'alarm' });
  }
});
