import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../central/audit.ts';
import type { Database } from '../../central/db.ts';
import { rows, statement } from '../../central/db.ts';
import { openSecrets } from '../../central/secrets.ts';
import type { ContactId } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { factors, levelOf, presets, isSpoken } from '../../shared/verification-tables.ts';
import type { Factor } from '../../shared/verification.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  databaseKind,
  openTestDatabase,
  putAgents,
  putCustomers,
  secretsOf,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
let seat: Seat;
let contactId: ContactId;
beforeAll(async () => {
  opened = await openTestDatabase(databaseKind);
  ({ database } = opened);
  await putAgents(database);
});
beforeEach(async () => {
  await clean(database);
  await putCustomers(database, 2);
  rig = await startRig(database);
  seat = await signIn(rig, '1001');
  contactId = await startCall(rig, seat, customerId(1));
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const right = (factor: Factor): string => {
  const secret = secretsOf(1);
  switch (factor) {
    case 'lastBillRange':
      return '128';
    case 'package':
      return '畅享99';
    case 'smsCode':
      return /\d{6}/.exec(rig.phones.lastText('C1') ?? '')?.[0] ?? '';
    default:
      return secret[factor];
  }
};
const about = (call = contactId, n = 1) => ({ contactId: call, customerId: customerId(n) });
const check = (factor: Factor, value: string, call = contactId, as = seat) =>
  ask(rig, 'check', { ...about(call), factor, value }, as.token);
const reveal = (call = contactId, as = seat) => ask(rig, 'reveal', { ...about(call), reason: 'topic:bill' }, as.token);
const sendCode = (call = contactId) => ask(rig, 'sendCode', about(call), seat.token);
const end = (call = contactId) =>
  seat.push({ name: 'contact.ended', contactId: call, cause: 'agentHungUp', atMs: rig.clock.nowMs() });
const nextCall = async (): Promise<ContactId> => {
  await end();
  contactId = await startCall(rig, seat, customerId(1));
  return contactId;
};
const auditRows = () =>
  rows(
    database.db,
    statement<{ kind: string; factor: string | null; result: string }>`
    select kind, factor, result from audit order by seq`,
  );

describe('R9–R11 level by proof', () => {
  const withoutCode = factors.filter((factor) => factor !== 'smsCode');
  const subsets = withoutCode.flatMap((one, index) => [
    [one],
    ...withoutCode.slice(index + 1).map((other) => [one, other]),
  ]);

  it.each(subsets)('%s %s opens exactly what the table says', async (...passed) => {
    for (const factor of passed) expect((await check(factor, right(factor))).value.matched).toBe(true);
    const level = levelOf(passed, defaultPolicy.verificationPreset);
    const { value } = await reveal();
    expect(value.level).toBe(level);
    expect('fullName' in value.fields).toBe(level >= 2);
    expect('idNumber' in value.fields).toBe(level === 3);
    expect(value.fields['memberSince']).toBe('2024-01');
  });

  it('R46 the strict preset asks for possession', async () => {
    await rig.close();
    rig = await startRig(database, { policy: { ...defaultPolicy, verificationPreset: 'strict' } });
    seat = await signIn(rig, '1001');
    for (const factor of ['idNumber', 'address', 'contactPhone'] as const) await check(factor, right(factor));
    expect((await reveal()).value.level).toBe(1);
    await check('servicePassword', right('servicePassword'));
    expect((await reveal()).value.level).toBe(1);
    await sendCode();
    await check('smsCode', right('smsCode'));
    expect((await reveal()).value.level).toBe(3);
  });

  it('class 3 lasts strictMinutes, class 2 for the call', async () => {
    await check('fullName', right('fullName'));
    await check('servicePassword', right('servicePassword'));
    rig.clock.advance(defaultPolicy.strictMinutes * 60_000 - 1);
    expect((await reveal()).value.level).toBe(3);
    rig.clock.advance(2);
    expect((await reveal()).value.level).toBe(2);
    await check('servicePassword', right('servicePassword'));
    expect((await reveal()).value.level).toBe(3);
  });

  it('a level belongs to one call: the next one begins at 1', async () => {
    await check('servicePassword', right('servicePassword'));
    await nextCall();
    expect((await reveal()).value.level).toBe(1);
  });

  it('security 51: it is kept while a colleague is asked, and gone once all three talk; the failed tries stay', async () => {
    await check('fullName', '别人');
    await check('servicePassword', right('servicePassword'));
    const brought = (kind: 'consult' | 'conference') =>
      seat.push({
        ...{ name: 'contact.transferred', contactId, kind, target: '1002', outcome: 'done', atMs: rig.clock.nowMs() },
      });
    await brought('consult');
    expect((await reveal()).value.level).toBe(3);
    expect(await brought('conference')).toMatchObject([{ outcome: 'applied' }]);
    expect((await reveal()).value.level).toBe(1);
    rig.clock.advance(1_000);
    expect((await check('servicePassword', right('servicePassword'))).value.matched).toBe(true);
    expect((await reveal()).value.level).toBe(3);
    expect((await check('fullName', '别人')).value.triesLeft).toBe(1);
  });
  it('answers have one shape whatever the outcome', async () => {
    const shapes = [
      await check('fullName', right('fullName')),
      await check('fullName', 'x'),
      await check('smsCode', '1'),
    ];
    for (const { value } of shapes)
      expect(Object.keys(value).sort((a, b) => a.localeCompare(b))).toEqual(['lockedUntilMs', 'matched', 'triesLeft']);
  });
});

describe('R12 limits', () => {
  it('three failed tries close a factor for the call; the right answer no longer matches then', async () => {
    const left = [];
    for (let n = 0; n < 3; n += 1) left.push((await check('fullName', `wrong ${n}`)).value.triesLeft);
    expect(left).toEqual([2, 1, 0]);
    expect((await check('fullName', right('fullName'))).value).toEqual({
      matched: false,
      triesLeft: 0,
      lockedUntilMs: null,
    });
    expect((await check('package', right('package'))).value.matched).toBe(true);
    await nextCall();
    expect((await check('fullName', right('fullName'))).value.matched).toBe(true);
  });

  it('five failures in a day over all calls and seats lock class 3 for 24 hours and open a fraud case', async () => {
    for (const value of ['1', '2', '3']) await check('idNumber', value);
    await end();
    const other = await signIn(rig, '1002');
    const second = await startCall(rig, other, customerId(1));
    expect((await check('contactPhone', '13800000000', second, other)).value).toMatchObject({
      triesLeft: 1,
      lockedUntilMs: null,
    });
    const { cursor } = await other.pull('');
    const fifth = await check('contactPhone', '13800000001', second, other);
    const untilMs = rig.clock.nowMs() + 24 * 3_600_000;
    expect(fifth.value).toEqual({ matched: false, triesLeft: 0, lockedUntilMs: untilMs });
    const locked = await check('servicePassword', right('servicePassword'), second, other);
    expect(locked.value).toEqual({ matched: false, triesLeft: 0, lockedUntilMs: untilMs });
    expect(await ask(rig, 'sendCode', about(second), other.token)).toMatchObject({
      status: 423,
      error: { kind: 'locked' },
    });
    // Class 2 still works, and every seat sees the case.
    expect((await check('fullName', right('fullName'), second, other)).value.matched).toBe(true);
    expect((await reveal(second, other)).value.level).toBe(2);
    const { changes } = await other.pull(cursor);
    expect(changes.find((change) => change.entity === 'customer')?.row).toMatchObject({
      cases: [{ kind: 'report', status: 'open' }],
    });
    rig.clock.advance(24 * 3_600_000 + 1);
    const again = await signIn(rig, '1002');
    expect((await check('servicePassword', right('servicePassword'), second, again)).value).toMatchObject({
      matched: true,
      lockedUntilMs: null,
    });
  });

  it('a lock takes class 3 away that was reached before', async () => {
    await check('servicePassword', right('servicePassword'));
    for (const [factor, value] of [
      ['fullName', 'a'],
      ['fullName', 'b'],
      ['package', 'c'],
      ['package', 'd'],
      ['address', 'e'],
    ] as const)
      await check(factor, value);
    expect((await reveal()).value.level).toBe(2);
  });
});

describe('one-time codes', () => {
  it('open class 3 once, in this call', async () => {
    const { value } = await sendCode();
    expect(value.expiresAtMs).toBe(rig.clock.nowMs() + 5 * 60_000);
    expect(rig.phones.lastText('C1')).toMatch(/\b\d{6}\b/);
    const code = right('smsCode');
    expect((await check('smsCode', code)).value.matched).toBe(true);
    expect((await reveal()).value.level).toBe(3);
    expect((await check('smsCode', code)).value.matched).toBe(false);
  });

  it('do not work in another call, after five minutes, or once a newer one was sent', async () => {
    await sendCode();
    const code = right('smsCode');
    await nextCall();
    expect((await check('smsCode', code)).value.matched).toBe(false);
    await sendCode();
    const second = right('smsCode');
    await sendCode();
    if (second !== right('smsCode')) expect((await check('smsCode', second)).value.matched).toBe(false);
    rig.clock.advance(5 * 60_000);
    expect((await check('smsCode', right('smsCode'))).value.matched).toBe(false);
  });

  it('are sent three times an hour at most, over all calls', async () => {
    await sendCode();
    rig.clock.advance(60_000);
    await nextCall();
    await sendCode();
    await sendCode();
    expect(await sendCode()).toMatchObject({ status: 422, error: { kind: 'policy', reason: 'codesUsedUp' } });
    rig.clock.advance(59 * 60_000 + 1);
    expect((await sendCode()).status).toBe(200);
  });

  it('say so when the carrier does not take them', async () => {
    await rig.close();
    rig = await startRig(database, { sms: { send: () => Promise.reject(new Error('down')) } });
    seat = await signIn(rig, '1001');
    expect(await sendCode()).toMatchObject({ status: 503, error: { kind: 'offline', reason: 'smsUnavailable' } });
  });

  it('are kept as keyed hashes only', async () => {
    await sendCode();
    const kept = await rows(database.db, statement`select * from verification_code`);
    expect(JSON.stringify(kept)).not.toContain(right('smsCode'));
  });
});

describe('only in the running call of this agent', () => {
  const requests = (call: ContactId, as: Seat) => [
    () => check('fullName', right('fullName'), call, as),
    () => ask(rig, 'sendCode', about(call), as.token),
    () => reveal(call, as),
  ];

  it('another agent is refused', async () => {
    const other = await signIn(rig, '1002');
    for (const request of requests(contactId, other))
      expect(await request()).toMatchObject({ status: 403, error: { reason: 'contactOfAnother' } });
  });

  it('after the call is over it is refused', async () => {
    await check('servicePassword', right('servicePassword'));
    await end();
    for (const request of requests(contactId, seat))
      expect(await request()).toMatchObject({ status: 409, error: { reason: 'callEnded' } });
  });

  it('for another customer than the call’s it is refused', async () => {
    const asked = { contactId, customerId: customerId(2), reason: 'x' };
    expect(await rig.clock.runUntil(ask(rig, 'reveal', asked, seat.token))).toMatchObject({
      status: 409,
      error: { reason: 'otherCustomer' },
    });
  });

  it('a call central has not heard of yet is waited for, a moment', async () => {
    const unknown = { ...about(), contactId: randomUUID(), reason: 'x' };
    expect(await rig.clock.runUntil(ask(rig, 'reveal', unknown, seat.token))).toMatchObject({
      status: 404,
      error: { reason: 'contact' },
    });
    const late = contactId.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) as ContactId;
    const answer = check('fullName', right('fullName'), late);
    await seat.push({
      name: 'contact.opened',
      contactId: late,
      callId: randomUUID() as never,
      direction: 'inbound',
      number: '',
      queue: null,
      customerId: customerId(1),
      atMs: 1,
    });
    expect((await rig.clock.runUntil(answer)).value.matched).toBe(true);
  });
});

describe('R13 audit', () => {
  it('every try, code, reveal and lock is one row of an unbroken chain, and none holds a value', async () => {
    await check('fullName', '错误的名字');
    await check('fullName', right('fullName'));
    await sendCode();
    const code = right('smsCode');
    await check('smsCode', code);
    await reveal();
    for (const value of ['ID-1', 'ID-2', 'ID-3']) await check('idNumber', value);
    await check('address', 'nowhere at all');
    const written = await auditRows();
    expect(written.map((row) => `${row.kind} ${row.factor ?? '-'} ${row.result}`)).toEqual([
      'check fullName noMatch',
      'check fullName match',
      'codeSent smsCode sent',
      'check smsCode match',
      ...['memberSince', 'fullName', 'idNumber', 'address', 'contactPhone'].map(
        (key) => `reveal - level3:topicbill:${key}`,
      ),
      'check idNumber noMatch',
      'check idNumber noMatch',
      'check idNumber noMatch',
      'check address noMatch',
      'locked - fraudCase',
    ]);
    const { auditKey } = await openSecrets(database.db);
    expect(await verifyAudit(database.db, auditKey)).toMatchObject({ kind: 'intact', rows: 14 });
    const everything = JSON.stringify([
      await rows(database.db, statement`select * from audit`),
      rig.logged,
      await rows(database.db, statement`select * from verification_check`),
    ]);
    for (const value of ['错误的名字', right('fullName'), code, 'ID-1', 'nowhere'])
      expect(everything).not.toContain(value);
  });

  it('the service password is nowhere in the database', async () => {
    const kept = await rows(database.db, statement`select * from customer_private`);
    expect(JSON.stringify(kept)).not.toContain(secretsOf(1).servicePassword);
  });
});

it('the presets name only factors this file tried', () => {
  const named = Object.values(presets).flatMap((preset) => [...preset[2], ...preset[3]].flatMap((way) => way.factors));
  // The others are nobody's to say: verification-steps.test.ts.
  expect(new Set(named.filter(isSpoken))).toEqual(new Set(factors));
});
