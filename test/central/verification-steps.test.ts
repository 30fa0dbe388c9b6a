import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentById, putAgent } from '../../central/agents.ts';
import { hashPassword } from '../../central/secrets.ts';
import type { Database } from '../../central/db.ts';
import { rows, run, statement, transaction } from '../../central/db.ts';
import { makeFakeKeypad } from '../../central/fake-keypad.ts';
import { putRisk } from '../../central/risk.ts';
import type { ContactId } from '../../shared/ids.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import type { AccountAction } from '../../shared/verification-tables.ts';
import type { OpenedDatabase, Rig, Seat } from './fixture.ts';
import {
  ask,
  clean,
  customerId,
  newContactId,
  opened as openedOp,
  openTestDatabase,
  passwords,
  putAgents,
  putCustomers,
  secretsOf,
  signIn,
  startCall,
  startRig,
} from './fixture.ts';

// What goes on around a check at central: signs, codes for one purpose, keys, passes, overrides, changes, notices, reveals.

let opened: OpenedDatabase;
let database: Database;
let rig: Rig;
let seat: Seat;
let contactId: ContactId;
let keys: (string | undefined)[] = [];
let collected: string[] = [];
beforeAll(async () => {
  opened = await openTestDatabase('pglite');
  ({ database } = opened);
  await putAgents(database);
  const admin = await agentById(database.db, 'A2001');
  if (admin === undefined) throw new Error('no 2001');
  // Administrators have no seat: as a lead.
  await putAgent(database.db, { ...admin, role: 'lead', password: await hashPassword(passwords['2001']) });
});
/** A key is pressed at once, and nobody is ever too late. */
const atOnce = {
  nowMs: () => 0,
  after: (ms: number, then: () => void) => {
    if (ms < 1_000) queueMicrotask(then);
    return () => {};
  },
};
const start = async (policy = {}): Promise<void> => {
  const keypad = makeFakeKeypad(atOnce, (asked) => {
    collected.push(asked.what);
    const digits = keys.shift();
    return digits === undefined ? undefined : { digits, afterMs: 1 };
  });
  rig = await startRig(database, { keypad, policy: { ...defaultPolicy, ...policy } });
  seat = await signIn(rig, '1001');
  contactId = await startCall(rig, seat, customerId(1));
};
beforeEach(async () => {
  await clean(database);
  await putCustomers(database, 2);
  [keys, collected] = [[], []];
  await start();
});
afterEach(() => rig.close());
afterAll(() => opened.close());

const about = (call = contactId, n = 1) => ({ contactId: call, customerId: customerId(n) });
const standing = (call = contactId, as = seat) => ask(rig, 'standing', about(call), as.token);
const check = (factor: string, value: string, more: object = {}, call = contactId, as = seat) =>
  ask(rig, 'check', { ...about(call), factor, value, ...more }, as.token);
const password = (call = contactId, as = seat) => check('servicePassword', secretsOf(1).servicePassword, {}, call, as);
const sendCode = (action?: AccountAction) =>
  ask(rig, 'sendCode', { ...about(), ...(action && { action }) }, seat.token);
const code = () => /\d{6}/.exec(rig.phones.lastText('C1') ?? '')?.[0] ?? '';
const level = async (call = contactId, as = seat) =>
  (await ask(rig, 'reveal', { ...about(call), reason: 'test', fields: [] }, as.token)).value.level;
const change = (action: AccountAction, more: object = {}) =>
  ask(rig, 'accountChange', { ...about(), action, changeId: randomUUID(), ...more }, seat.token);
const end = (call = contactId, as = seat) =>
  as.push({ name: 'contact.ended', contactId: call, cause: 'agentHungUp', atMs: rig.clock.nowMs() });
const risk = (told: object) => transaction(database.db, (tx) => putRisk(tx, 'C1', told));
const notices = async () => {
  await rig.central.settled();
  return (
    await rows(
      database.db,
      statement<{ kind: string; number: string; sent: boolean }>`
        select kind, number, sent_at_ms is not null as sent from customer_notice order by created_at_ms, kind`,
    )
  ).map(({ kind, number, sent }) => `${kind} ${number}${sent ? '' : ' owed'}`);
};

describe('security 58 signs against the caller', () => {
  it('are told before the first question, from the line and from what other agents saw', async () => {
    expect((await standing()).value).toMatchObject({ flags: [], keypad: true, carried: [], lockedUntilMs: null });
    await risk({ simChangedAtMs: rig.clock.nowMs() - 3_600_000, portChangedAtMs: rig.clock.nowMs() - 80 * 3_600_000 });
    await check('idNumber', 'x');
    const other = await signIn(rig, '1002');
    await end();
    const second = newContactId();
    await other.push({ ...openedOp(second, customerId(1), 1), number: '+8613900000000' } as never);
    expect((await standing(second, other)).value.flags).toEqual(['simChanged', 'callerMismatch', 'failedElsewhere']);
  });

  it('a code is neither sent nor taken after a change of the SIM, nor for one', async () => {
    expect((await sendCode('simChange')).error).toMatchObject({ kind: 'policy', reason: 'codeUnsafe' });
    await sendCode();
    await risk({ simChangedAtMs: rig.clock.nowMs() });
    expect((await check('smsCode', code())).value.matched).toBe(false);
    expect((await sendCode()).error).toMatchObject({ reason: 'codeUnsafe' });
    expect(await level()).toBe(1);
  });

  it('two answers do not do when the call comes from elsewhere', async () => {
    await run(database.db, statement`delete from customer_number where customer_id = 'C1' and position = 0`);
    await check('idNumber', secretsOf(1).idNumber);
    await check('address', secretsOf(1).address);
    expect(await level()).toBe(1);
  });
});

it('security 57 a code is good for what it was sent for', async () => {
  await sendCode('passwordReset');
  expect((await check('smsCode', code())).value.matched).toBe(false);
  expect((await check('smsCode', code(), { action: 'contactChange' })).value.matched).toBe(false);
  expect((await check('smsCode', code(), { action: 'passwordReset' })).value.matched).toBe(true);
  expect((await change('contactChange', { value: '13900001234' })).error).toMatchObject({ reason: 'notVerified' });
});

describe('R46 the password keyed in', () => {
  const keyed = (more: object = {}) => ask(rig, 'keypad', { ...about(), ...more }, seat.token);

  it('reaches class 3 and is nowhere but in the comparison', async () => {
    keys = [secretsOf(1).servicePassword];
    expect((await keyed()).value).toEqual({ outcome: 'matched', triesLeft: 3, lockedUntilMs: null });
    expect(await level()).toBe(3);
    const everything = JSON.stringify([
      await rows(database.db, statement`select * from audit`),
      await rows(database.db, statement`select * from verification_check`),
      rig.logged,
    ]);
    expect(everything).not.toContain(secretsOf(1).servicePassword);
  });

  it('R12 shares its tries with the password that is said', async () => {
    keys = ['111111', '222222'];
    await keyed();
    expect((await keyed()).value).toMatchObject({ outcome: 'noMatch', triesLeft: 1 });
    expect((await check('servicePassword', '333333')).value.triesLeft).toBe(0);
    keys = [secretsOf(1).servicePassword];
    expect((await keyed()).error).toMatchObject({ kind: 'locked', reason: 'factorClosed' });
    expect(collected).toHaveLength(2);
  });

  it('too little keyed in counts for nothing; a call the exchange does not have is told', async () => {
    keys = ['12'];
    expect((await keyed()).value.outcome).toBe('nothing');
    expect((await check('servicePassword', 'x')).value.triesLeft).toBe(2);
    expect((await keyed()).error).toMatchObject({ kind: 'phone', reason: 'noKeypadNow' });
  });
});

describe('security 59 calling back', () => {
  const callBack = () => ask(rig, 'callBack', about(), seat.token);
  const calledBack = async (number: string, as = seat): Promise<ContactId> => {
    const id = newContactId();
    await as.push({ ...openedOp(id, customerId(1), 2), direction: 'outbound', number } as never, {
      name: 'contact.answered',
      contactId: id,
      atMs: 3,
    });
    return id;
  };

  it('proves the customer at the number on file, and what they knew goes along', async () => {
    await check('fullName', secretsOf(1).fullName);
    expect((await callBack()).value).toMatchObject({ numberIndex: 0, masked: '138****0001' });
    await end();
    const call = await calledBack('+8613800000001');
    expect((await standing(call)).value.carried).toEqual(['callBack', 'fullName']);
    expect(await level(call)).toBe(3);
    await end(call);
    // Once: the next call begins at the beginning.
    expect((await standing(await calledBack('+8613800000001'))).value.carried).toEqual([]);
  });

  it('not at another number, not by another agent, not late, and not with a pass somebody wrote', async () => {
    await callBack();
    await end();
    const other = await signIn(rig, '1002');
    expect((await standing(await calledBack('+8613900009999'))).value.carried).toEqual([]);
    expect((await standing(await calledBack('+8613800000001', other), other)).value.carried).toEqual([]);
    await run(database.db, statement`update level_pass set factors = '["callBack","servicePassword"]'`);
    expect((await standing(await calledBack('+8613800000001'))).value.carried).toEqual([]);
    await run(database.db, statement`update level_pass set factors = '["callBack"]'`);
    rig.clock.advance(15 * 60_000);
    expect((await standing(await calledBack('+8613800000001'))).value.carried).toEqual([]);
  });

  it('is refused when the number is a new one', async () => {
    await risk({ numberChangedAtMs: rig.clock.nowMs(), oldNumber: '+8613700000000' });
    expect((await callBack()).error).toMatchObject({ kind: 'policy', reason: 'callBackUnsafe' });
  });
});

describe('R12 a level on a transfer', () => {
  const handedOver = async (): Promise<{ readonly call: ContactId; readonly other: Seat }> => {
    const other = await signIn(rig, '1002');
    const call = newContactId();
    await other.push({ ...openedOp(call, customerId(1), 2), exchangeId: contactId } as never);
    return { call, other };
  };

  it('travels once, signed, with the same call only', async () => {
    await password();
    expect((await ask(rig, 'sendLevel', about(), seat.token)).status).toBe(200);
    const { call, other } = await handedOver();
    const stranger = await startCall(rig, other, customerId(1));
    expect((await standing(stranger, other)).value.carried).toEqual([]);
    expect((await standing(call, other)).value.carried).toEqual(['servicePassword']);
    expect(await level(call, other)).toBe(3);
  });

  it('stays behind when the policy has it checked anew', async () => {
    await rig.close();
    await start({ levelOnTransfer: 'recheck' });
    await password();
    expect((await ask(rig, 'sendLevel', about(), seat.token)).error).toMatchObject({ reason: 'levelRechecked' });
    const { call, other } = await handedOver();
    expect((await standing(call, other)).value.carried).toEqual([]);
    expect(await level(call, other)).toBe(1);
  });
});

describe('security 61 an override', () => {
  const wish = (more: object = {}) => ask(rig, 'askOverride', { ...about(), reason: 'phoneLost', ...more }, seat.token);
  const decide = (id: string, as: Seat, granted = true) => ask(rig, 'decideOverride', { id, granted }, as.token);

  it('takes a second person of a higher role; then it opens one thing, and the customer is told', async () => {
    const { overrideId } = (await wish({ action: 'simChange' })).value;
    const colleague = await signIn(rig, '1002');
    expect((await decide(overrideId, seat)).error).toMatchObject({ kind: 'forbidden' });
    expect((await decide(overrideId, colleague)).error).toMatchObject({ kind: 'forbidden' });
    expect((await ask(rig, 'overrides', {}, colleague.token)).error).toMatchObject({ kind: 'forbidden' });
    const lead = await signIn(rig, '2001');
    expect((await ask(rig, 'overrides', {}, lead.token)).value.overrides).toMatchObject([
      { id: overrideId, agentNumber: '1001', customer: '欧阳***', action: 'simChange', reason: 'phoneLost' },
    ]);
    expect((await decide(overrideId, lead)).status).toBe(200);
    expect((await decide(overrideId, lead)).error).toMatchObject({ reason: 'overrideOver' });
    expect((await standing()).value.override).toBe('granted');
    expect((await change('portOut')).error).toMatchObject({ reason: 'notVerified' });
    expect((await change('simChange')).value).toMatchObject({ how: 'registered' });
    expect(await notices()).toEqual(['overridden +8613800000001', 'simChange +8613800000001']);
  });

  it('refused, late, or after the call: opens nothing', async () => {
    const lead = await signIn(rig, '2001');
    await decide((await wish()).value.overrideId, lead, false);
    expect(await level()).toBe(1);
    rig.clock.advance(1);
    const late = (await wish()).value.overrideId;
    rig.clock.advance(10 * 60_000 + 1);
    expect((await decide(late, lead)).error).toMatchObject({ reason: 'overrideOver' });
    const over = (await wish()).value.overrideId;
    await end();
    expect((await decide(over, lead)).error).toMatchObject({ reason: 'overrideOver' });
  });
});

describe('security 60, 63 changes to the account', () => {
  it('R10 a forgotten password is reset in the same call, keyed in twice, once for each check', async () => {
    for (const factor of ['idNumber', 'address', 'contactPhone'] as const) await check(factor, secretsOf(1)[factor]);
    keys = ['975310', '975310'];
    const changeId = randomUUID();
    expect((await change('passwordReset', { changeId })).value).toMatchObject({ how: 'keyed' });
    // The answer was lost: asked again it is done, and nothing is done twice.
    expect((await change('passwordReset', { changeId })).value).toMatchObject({ how: 'keyed' });
    expect(collected).toEqual(['newPassword', 'newPassword']);
    expect((await change('contactChange', { value: '13900001234' })).error).toMatchObject({ reason: 'notVerified' });
    expect((await check('servicePassword', '975310')).value.matched).toBe(true);
    expect(await notices()).toEqual(['passwordReset +8613800000001', 'strictReached +8613800000001']);
    expect(rig.phones.noticesTo('C1')).toHaveLength(2);
    await rig.clock.runUntil(Promise.resolve());
    rig.clock.advance(10 * 60_000);
    await rig.central.settled();
    expect(rig.phones.noticesTo('C1')).toHaveLength(2);
  });

  it('two that differ, or an easy one, are refused and the old password stays', async () => {
    for (const factor of ['idNumber', 'address', 'contactPhone'] as const) await check(factor, secretsOf(1)[factor]);
    keys = ['975310', '975311', '123456', '123456'];
    expect((await change('passwordReset')).error).toMatchObject({ reason: 'newPasswordDiffers' });
    expect((await change('passwordReset')).error).toMatchObject({ reason: 'newPasswordWeak' });
    expect((await password()).value.matched).toBe(true);
  });

  it('goes to the old contact while the number is a new one, and a carrier that fails is asked again', async () => {
    await rig.close();
    let isDown = true;
    const sent: string[] = [];
    rig = await startRig(database, {
      sms: {
        send: ({ number }) => {
          if (isDown) return Promise.reject(new Error('down'));
          sent.push(number);
          return Promise.resolve();
        },
      },
    });
    seat = await signIn(rig, '1001');
    await risk({ numberChangedAtMs: rig.clock.nowMs(), oldNumber: '+8613700000000' });
    await password();
    expect((await change('contactChange', { value: '13900001234' })).value).toMatchObject({ how: 'done' });
    expect(await notices()).toEqual(['contactChange +8613700000000 owed', 'strictReached +8613700000000 owed']);
    isDown = false;
    rig.clock.advance(60_001);
    rig.clock.advance(30_001);
    await rig.central.settled();
    expect(sent).toEqual(['+8613700000000', '+8613700000000']);
  });

  it('failed checks and a lock are told once', async () => {
    for (const value of ['a', 'b', 'c', 'd']) await check('fullName', value);
    for (const value of ['a', 'b']) await check('package', value);
    expect(await notices()).toEqual(['checkFailed +8613800000001', 'locked +8613800000001']);
  });
});

describe('R44 reveals', () => {
  const reveal = (fields: readonly string[], call = contactId, n = 1) =>
    ask(rig, 'reveal', { ...about(call, n), reason: 'asked:bill', fields }, seat.token);

  it('security 37 one field with its reason is one row, and only what the level opens comes', async () => {
    await check('fullName', secretsOf(1).fullName);
    expect((await reveal(['fullName', 'idNumber'])).value).toEqual({
      level: 2,
      fields: { fullName: secretsOf(1).fullName },
    });
    const written = await rows(
      database.db,
      statement<{ result: string }>`select result from audit where kind = 'reveal'`,
    );
    expect(written).toEqual([{ result: 'level2:askedbill:fullName' }]);
  });

  it('security 45 the day’s budget ends it below 25 sensitive records, and somebody is told before', async () => {
    await putCustomers(database, 30);
    let refusedAt = 0;
    for (let n = 1; n <= 30 && refusedAt === 0; n += 1) {
      await end();
      contactId = await startCall(rig, seat, customerId(n));
      await ask(rig, 'check', { ...about(contactId, n), factor: 'servicePassword', value: '246810' }, seat.token);
      if ((await reveal(['idNumber'], contactId, n)).error?.reason === 'revealBudget') refusedAt = n;
    }
    expect(refusedAt).toBe(25);
    const told = await rows(database.db, statement<{ result: string }>`select result from audit where kind = 'budget'`);
    expect(told).toEqual([{ result: 'alarm' }, { result: 'refused:sensitive' }]);
  });
});
