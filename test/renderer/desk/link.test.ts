import { describe, expect, it } from 'vitest';
import { keepLinked, type LinkState } from '../../../renderer/desk/link.ts';
import { noDevicesView } from '../../../shared/devices.ts';
import { phoneContract, phoneOff } from '../../../shared/phone.ts';
import { ok } from '../../../shared/result.ts';
import { type Handlers, type Port, serve } from '../../../shared/rpc.ts';
import { manualClock } from './manual-clock.ts';
import { portPair } from './stage.ts';

const handlers: Handlers<typeof phoneContract, { role: string }> = {
  dial: () => ({ ok: false, error: { kind: 'phone' } }),
  answer: () => ok({}),
  reject: () => ok({}),
  hangUp: () => ok({}),
  mute: () => ok({}),
  hold: () => ok({}),
  sendDigits: () => ok({}),
  transfer: () => ok({}),
  consult: () => ({ ok: false, error: { kind: 'phone' } }),
  completeTransfer: () => ok({}),
  cancelConsult: () => ok({}),
  swap: () => ok({}),
  merge: () => ok({}),
  part: () => ok({}),
  divert: () => ok({}),
  checkDevices: () => ok({ kind: 'absent' }),
  devices: () => ok({ devices: noDevicesView, headset: { kind: 'none' }, mute: { kind: 'open' } }),
  chooseDevice: () => ok({}),
  testDevice: () => ok({}),
  connectHeadset: () => ok({}),
  testEcho: () => ({ ok: false, error: { kind: 'phone' } }),
  diagnostics: () => ({ ok: false, error: { kind: 'phone' } }),
  state: () => ok(phoneOff),
  reconnect: () => ok({}),
};

const setUp = () => {
  const clock = manualClock();
  const states: LinkState[] = [];
  const asked: boolean[] = [];
  let served: Port | undefined;
  let there = true;
  let welcomed: 'up' | 'again' | 'seatOpenElsewhere' = 'up';
  const link = keepLinked({
    contract: phoneContract,
    clock,
    random: () => 0.5,
    onState: (state) => states.push(state),
    open: async (isTakeOver) => {
      asked.push(isTakeOver);
      if (!there) throw new Error('away');
      const [ours, theirs] = portPair();
      serve(phoneContract, handlers, theirs, { role: 'desk' }, () => {});
      served = theirs;
      return ours;
    },
    welcome: async (client) => ((await client.call('state', {})).ok ? welcomed : 'again'),
  });
  return {
    clock,
    states,
    asked,
    link,
    drop: () => served?.close(),
    setThere: (next: boolean) => {
      there = next;
    },
    setWelcomed: (next: typeof welcomed) => {
      welcomed = next;
    },
  };
};

describe('a connection that comes back by itself', () => {
  it('connects, is up, answers calls', async () => {
    const { clock, states, link } = setUp();
    await clock.pass(0);
    expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'up']);
    expect(await link.call('reconnect', {})).toEqual(ok({}));
  });

  it('lost: back-off doubles, calls are refused meanwhile, then everything is read again', async () => {
    const { clock, states, link, drop, setThere } = setUp();
    await clock.pass(0);
    setThere(false);
    drop();
    expect(states.at(-1)).toMatchObject({ kind: 'lost', attempt: 1, retryAtMs: clock.now() + 500 });
    expect(await link.call('reconnect', {})).toMatchObject({ ok: false, error: { reason: 'connectionLost' } });
    await clock.pass(500);
    expect(states.at(-1)).toMatchObject({ kind: 'lost', attempt: 2, retryAtMs: clock.now() + 1_000 });
    setThere(true);
    await clock.pass(1_000);
    expect(states.at(-1)).toEqual({ kind: 'up' });
  });

  it('retry does not wait', async () => {
    const { clock, states, link, drop, setThere } = setUp();
    await clock.pass(0);
    setThere(false);
    drop();
    await clock.pass(4_000);
    setThere(true);
    link.retry();
    await clock.pass(0);
    expect(states.at(-1)).toEqual({ kind: 'up' });
  });

  it('another window has the seat: steps back, stays back, and takes over only when asked', async () => {
    const { clock, states, asked, link, setWelcomed } = setUp();
    setWelcomed('seatOpenElsewhere');
    await clock.pass(60_000);
    expect(states.at(-1)).toEqual({ kind: 'away', why: 'seatOpenElsewhere' });
    expect(asked).toEqual([false]);
    setWelcomed('up');
    link.retry();
    await clock.pass(0);
    expect(asked).toEqual([false, true]);
    expect(states.at(-1)).toEqual({ kind: 'up' });
  });

  it('stopped is silent', async () => {
    const { clock, states, link, drop } = setUp();
    await clock.pass(0);
    link.stop();
    drop();
    await clock.pass(60_000);
    expect(states.at(-1)).toEqual({ kind: 'up' });
  });
});
