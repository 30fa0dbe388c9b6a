import { beforeEach, describe, expect, it } from 'vitest';
import { createEchoTest, type EchoTest } from '../../../renderer/phone/echo-test.ts';
import { createFakePhone, type FakePhone } from '../../../renderer/phone/fake-phone.ts';
import type { Call } from '../../../shared/call.ts';
import { echoTest } from '../../../shared/devices.ts';
import { SeatId } from '../../../shared/ids.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';

let clock: ManualClock;
let fake: FakePhone;
let echo: EchoTest;
let serial = 0;
const newId = (): string => `0190a0b0-c0d0-7000-8000-${String((serial += 1)).padStart(12, '0')}`;
const call = (): Call | undefined => fake.phone.state().calls[0];

beforeEach(async () => {
  clock = createManualClock();
  fake = createFakePhone({ clock, newId });
  fake.phone.start({
    seatId: SeatId.parse('0190a0b0-c0d0-7000-8000-0123456789ab'),
    credentials: { server: 'ws://pbx', domain: 'pbx', user: '1001', password: 'x', expiresAtMs: 0, iceServers: [] },
  });
  await clock.advance(100);
  echo = createEchoTest({ phone: fake.phone, clock, newId });
});

describe('the echo test', () => {
  it('calls the exchange’s echo, belongs to no contact, and ends by itself', async () => {
    expect(await echo.start()).toMatchObject({ ok: true });
    expect(call()).toMatchObject({ number: echoTest.number, aside: { kind: 'check' }, direction: 'outbound' });
    await clock.advance(1_000);
    expect(call()?.state.kind).toBe('talking');
    await clock.advance(echoTest.lastsMs);
    expect(call()?.state).toMatchObject({ kind: 'ended', cause: 'agentHungUp' });
    expect(clock.pending()).toBe(0);
  });

  it('asked for twice it is one', async () => {
    const first = await echo.start();
    expect(await echo.start()).toEqual(first);
    expect(fake.phone.state().calls).toHaveLength(1);
  });

  it('an exchange that does not answer is not waited for', async () => {
    fake.far.policy('ring');
    await echo.start();
    await clock.advance(echoTest.answerMs + 100);
    expect(call()?.state.kind).toBe('ended');
  });

  it('one that knows no such number: ended as such, and it may be tried again', async () => {
    fake.far.policy(404);
    await echo.start();
    await clock.advance(500);
    expect(call()?.state).toMatchObject({ kind: 'ended', cause: 'notFound' });
    fake.far.policy('answer');
    expect(await echo.start()).toMatchObject({ ok: true });
    await clock.advance(1_000);
    expect(call()?.state.kind).toBe('talking');
  });

  it('is refused while customers may be offered, and over when they are again', async () => {
    echo.setAvailable(true);
    expect(await echo.start()).toMatchObject({ ok: false, error: { reason: 'notReadyFirst' } });
    echo.setAvailable(false);
    await echo.start();
    await clock.advance(1_000);
    echo.setAvailable(true);
    expect(call()?.state.kind).toBe('ended');
  });

  it('is refused beside a call, and without a line', async () => {
    fake.phone.setAvailable(true);
    fake.far.call();
    expect(await echo.start()).toMatchObject({ ok: false, error: { reason: 'callInProgress' } });
    fake.far.hangUp();
    fake.far.cutLine();
    expect(await echo.start()).toMatchObject({ ok: false, error: { reason: 'lineLost' } });
    fake.far.restoreLine();
    await clock.advance(100);
    expect(await echo.start()).toMatchObject({ ok: true });
  });
});
