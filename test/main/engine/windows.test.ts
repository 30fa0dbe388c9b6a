import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../../../shared/rpc.ts';
import type { Port } from '../../../shared/rpc.ts';
import { seatContract } from '../../../shared/seat.ts';
import type { FakeCentral } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import type { SeatUnderTest } from '../harness.ts';
import { endSeats, inbound, startSeat, talking, value } from '../harness.ts';
import { portPair } from '../port-pair.ts';
import { customer, feedOf } from '../sample.ts';

let central: FakeCentral;
beforeEach(async () => {
  central = await startFakeCentral(feedOf([customer('c-li')]));
});
afterEach(async () => {
  await endSeats();
  await central.close();
});

type Told = { readonly t: string; readonly name?: string; readonly events?: readonly { readonly name: string }[] };

/** A desk whose messages from the engine are kept as they came. */
const listeningDesk = async (seat: SeatUnderTest) => {
  const [inside, outside] = portPair();
  const messages: Told[] = [];
  const port: Port = {
    ...outside,
    onMessage: (listener) =>
      outside.onMessage((message) => {
        messages.push(message as Told);
        listener(message);
      }),
  };
  seat.engine.connect(inside, 'desk', { windowId: 'listening', takeOver: true });
  const desk = connect(seatContract, port);
  value(await desk.call('seat.snapshot', {}));
  const names = (message: Told): readonly string[] =>
    message.t === 'events'
      ? (message.events ?? []).map(({ name }) => name)
      : message.t === 'event'
        ? [message.name ?? '']
        : [];
  return {
    desk,
    told: () => messages.map(names).filter((some) => some.length > 0),
    forget: () => void (messages.length = 0),
  };
};

const ready = async () => {
  const seat = startSeat(central.url);
  await seat.signIn();
  await seat.synced();
  const listening = await listeningDesk(seat);
  value(await listening.desk.call('agent.ready', {}));
  return { seat, ...listening };
};

describe('what the windows are told', () => {
  it('a call that comes in is one message: agent, contact and day are drawn at once', async () => {
    const { seat, told, forget } = await ready();
    await vi.waitFor(() => expect(told().flat()).toContain('agent'));
    forget();
    await seat.report(inbound('13800138000'));
    await vi.waitFor(() => expect(told().flat()).toContain('contact'));
    const pop = told().find((names) => names.includes('contact'));
    expect(pop).toEqual(expect.arrayContaining(['agent', 'contact', 'day']));
  });

  it('a part that is as it was told last is not told again, until the desk asks for all of it anew', async () => {
    const { seat, desk, told, forget } = await ready();
    const call = inbound('13800138000');
    await seat.report(call);
    await vi.waitFor(() => expect(told().flat()).toContain('phone'));
    forget();
    await seat.report(call);
    await seat.report(talking(call));
    await vi.waitFor(() => expect(told().flat()).toContain('agent'));
    // The report that changed nothing is not among them.
    expect(
      told()
        .flat()
        .filter((name) => name === 'phone'),
    ).toHaveLength(1);
    value(await desk.call('seat.snapshot', {}));
    forget();
    await seat.report(talking(call));
    await vi.waitFor(() => expect(told().flat()).toContain('phone'));
  });
});
