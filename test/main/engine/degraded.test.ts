import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import { allUp, mayDo } from '../../../shared/degraded.ts';
import type { Deed, Standing } from '../../../shared/degraded.ts';
import type { LineState } from '../../../shared/phone.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { whyNotDial } from '../../../renderer/phone/phone.ts';
import type { FakeCentral, Fault } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { ended, endSeats, inbound, phoneWith, startSeat, talking, uuid, value } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

// What the features do when something is down is what shared/degraded.ts says, in both directions: no cell promises too much, and no
// feature decides by itself.

let central: FakeCentral;
let seat: SeatUnderTest;
let call: Call;

beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
  central.role = 'lead';
  seat = startSeat(central.url);
  await seat.signIn();
  await seat.synced();
  call = inbound('13800138000');
  await seat.report(call);
  await seat.report(talking(call));
  await seat.synced();
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

const about = () => ({ contactId: call.contactId });
/** Each deed as the desk or the phone page asks the engine for it, in the middle of a call. */
const asks: Partial<Record<Deed, () => Promise<Result<unknown>>>> = {
  seeWhoIsFree: () => seat.desk.call('directory.states', {}),
  find: () => seat.desk.call('customer.search', { text: '138 0013 8000', where: 'seat' }),
  followScript: () => seat.desk.call('contact.chooseTopic', { ...about(), topicId: 'bill' }),
  verifyClass2: () => seat.desk.call('verification.try', { ...about(), factor: 'fullName', value: '李示例' }),
  verifyClass3: () => seat.desk.call('verification.try', { ...about(), factor: 'servicePassword', value: '135790' }),
  sendCode: () => seat.desk.call('verification.sendCode', about()),
  handOver: () =>
    seat.phone.call('dial.authorise', { callId: call.id, what: { text: '13700137000' }, purpose: 'consult' }),
  supervise: () => seat.desk.call('supervise.calls', {}),
  takeNotes: () => seat.desk.call('draft.save', { ...about(), note: '记', disposition: [] }),
};
/** After the call. */
const asksAfter: Partial<Record<Deed, () => Promise<Result<unknown>>>> = {
  wrapUp: () => seat.desk.call('contact.wrapUp', { ...about(), note: '好', disposition: ['other'] }),
  ready: () => seat.desk.call('agent.ready', {}),
  dial: () => {
    const what = { text: '13700137000' };
    return seat.phone.call('dial.authorise', { callId: uuid(), what, purpose: 'service' });
  },
};

const down: readonly (readonly [Exclude<Standing['central'], 'up'>, Fault])[] = [
  ['centralAway', 'down'],
  ['signInOver', 'unauthorised'],
  ['tooOld', 'tooOld'],
];

const expectAsWritten = (deed: Deed, standing: Standing, answer: Result<unknown>): void => {
  const allowed = mayDo(deed, standing);
  if (allowed.kind === 'no') expect({ deed, answer }).toEqual({ deed, answer: { ok: false, error: allowed.refusal } });
  else expect({ deed, answer }).toMatchObject({ deed, answer: { ok: true } });
};

describe('features and table agree', () => {
  it.each(down)('%s: every feature in a call and after it', async (outage, fault) => {
    central.fault = fault;
    const standing = { ...allUp, central: outage };
    for (const [deed, ask] of Object.entries(asks)) expectAsWritten(deed as Deed, standing, await ask());
    const waiting = (await seat.snapshot()).sync.waiting;
    await seat.report(ended(call));
    for (const [deed, ask] of Object.entries(asksAfter)) expectAsWritten(deed as Deed, standing, await ask());
    // "Later" means kept: nothing of it was lost on the way.
    expect((await seat.snapshot()).sync.waiting).toBeGreaterThan(waiting);
    await seat.report();
  });

  it('centralAway: what was done meanwhile arrives when it is back', async () => {
    central.fault = 'down';
    value((await asks.followScript?.()) ?? { ok: false, error: { kind: 'internal' } });
    await seat.report(ended(call));
    value((await asksAfter.wrapUp?.()) ?? { ok: false, error: { kind: 'internal' } });
    central.fault = 'none';
    await seat.synced();
    expect(central.contacts.get(call.contactId)).toMatchObject({ note: '好', topicId: 'bill' });
  });

  it.each(down)('%s: the recording is not paused for a secret, so the field stays locked', async (outage, fault) => {
    await vi.waitFor(async () => expect((await seat.snapshot()).recording.kind).not.toBe('none'));
    central.fault = fault;
    const answer = await seat.desk.call('recording.pause', { ...about(), reason: 'payment' });
    expectAsWritten('pauseRecording', { ...allUp, central: outage }, answer);
  });

  it.each(down)('%s: nothing is revealed', async (outage, fault) => {
    central.fault = fault;
    central.faultOn = ['reveal'];
    value(await seat.desk.call('verification.try', { ...about(), factor: 'fullName', value: '李示例' }));
    const answer = await seat.desk.call('field.reveal', { ...about(), key: 'lastBill' });
    expect(central.asked).toContain('reveal');
    expectAsWritten('reveal', { ...allUp, central: outage }, answer);
    expect((await seat.contact()).revealed).toEqual({});
  });

  it.each(down)('%s: signing in and out', async (outage, fault) => {
    await seat.report(ended(call));
    value((await asksAfter.wrapUp?.()) ?? { ok: false, error: { kind: 'internal' } });
    await seat.report();
    central.fault = fault;
    // A session that is over ends nowhere else than at the routes that need it.
    if (outage === 'signInOver') central.faultOn = ['changes', 'push', 'signOut'];
    const leaving = seat.desk.call('session.signOut', {});
    await vi.waitFor(async () => {
      seat.clock.advance(2_000);
      expect((await seat.snapshot()).session.kind).toBe('signedOut');
    });
    expectAsWritten('signOut', { ...allUp, central: outage }, await leaving);
    const asked = { agentNumber: '8001', password: 'sample-8001' };
    expectAsWritten('signIn', { ...allUp, central: outage }, await seat.desk.call('session.signIn', asked));
  });

  const lines: readonly (readonly [Standing['line'], LineState])[] = [
    ['up', { kind: 'registered', sinceMs: 1 }],
    ['lineLost', { kind: 'lost', sinceMs: 1, attempt: 1, retryAtMs: 2, why: 'socket' }],
    ['lineLost', { kind: 'connecting', attempt: 1 }],
    ['lineRefused', { kind: 'refused', status: 403 }],
  ];
  it.each(lines)('%s: ready, dialling and supervision', async (outage, line) => {
    const standing = { ...allUp, line: outage };
    await seat.report(ended(call));
    value((await asksAfter.wrapUp?.()) ?? { ok: false, error: { kind: 'internal' } });
    const phone = { ...phoneWith(), line };
    value(await seat.phone.call('phone.report', phone));
    expectAsWritten('ready', standing, await seat.desk.call('agent.ready', {}));
    const why: Refusal | undefined = whyNotDial(phone);
    expectAsWritten('dial', standing, why === undefined ? { ok: true, value: {} } : { ok: false, error: why });
    const start = await seat.desk.call('supervise.start', { agentId: 'agent-8002', mode: 'listen' });
    // A central without an exchange refuses what the line would allow.
    const allowed = mayDo('supervise', standing);
    const reason = allowed.kind === 'no' ? allowed.refusal.reason : 'noSupervision';
    expect(start).toMatchObject({ ok: false, error: { kind: 'phone', reason } });
  });
});
