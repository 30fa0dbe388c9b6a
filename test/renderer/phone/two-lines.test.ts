import { beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import type { CallId } from '../../../shared/ids.ts';
import { createPhoneStore, type PhoneStore } from '../../../renderer/phone/phone-store.ts';
import { createTwoLines, type ReferEvents, type TwoLines } from '../../../renderer/phone/two-lines.ts';
import { outgoingCall } from '../../../renderer/phone/sip-outgoing.ts';
import { createManualClock, type ManualClock } from './lab/manual-clock.ts';
import { newOrder } from './phone-lab.ts';

/** What takes long, or is the exchange's own way: with a clock that moves when told to, and a wire that only notes what it is asked. */
describe('two lines, in time', () => {
  let clock: ManualClock;
  let store: PhoneStore;
  let lines: TwoLines;
  let asked: string[];
  let news: ReferEvents | undefined;
  let isForgotten: boolean;

  beforeEach(() => {
    clock = createManualClock();
    store = createPhoneStore();
    store.setLine({ kind: 'registered', sinceMs: 0 });
    asked = [];
    news = undefined;
    isForgotten = false;
    lines = createTwoLines({
      store,
      clock,
      wire: {
        hold: (id, isHeld) => {
          asked.push(isHeld ? 'hold' : 'resume');
          store.apply(id, { kind: isHeld ? 'holdAsked' : 'resumeAsked', atMs: clock.nowMs() });
        },
        refer: (_id, to, on) => {
          asked.push(`refer ${'dial' in to ? to.dial : 'consult'}`);
          news = on;
          return () => {
            isForgotten = true;
          };
        },
        mix: (ids) => asked.push(`mix ${ids.length}`),
        end: (id, cause) => {
          asked.push(`end ${cause}`);
          store.apply(id, { kind: 'ended', cause, atMs: clock.nowMs() });
        },
      },
    });
  });
  const talking = (): Call => {
    const call = outgoingCall(newOrder(), clock.nowMs());
    store.add(call);
    store.apply(call.id, { kind: 'established', atMs: clock.nowMs() });
    return call;
  };
  const agreed = (id: CallId, to: 'held' | 'open'): unknown =>
    store.apply(id, { kind: 'holdAgreed', to, atMs: clock.nowMs() });
  const transferOf = (id: CallId): unknown => {
    const state = store.find(id)?.state;
    return state?.kind === 'talking' ? state.transfer : undefined;
  };

  it('LINES-1 asks only once the customer is held, or the holding was refused', () => {
    const { id } = talking();
    lines.transfer(id, '1002');
    expect(asked).toEqual(['hold']);
    agreed(id, 'held');
    expect(asked).toEqual(['hold', 'refer 1002']);
    const other = talking();
    lines.transfer(other.id, '1003');
    store.apply(other.id, { kind: 'holdRefused', atMs: clock.nowMs() });
    expect(asked.at(-1)).toBe('refer 1003');
  });

  it('LINES-2 a far end that says nothing for 35 s has failed; the customer is taken back', async () => {
    const { id } = talking();
    lines.transfer(id, '1002');
    agreed(id, 'held');
    await clock.advance(34_999);
    expect(transferOf(id)).toMatchObject({ kind: 'asked' });
    await clock.advance(1);
    expect(transferOf(id)).toMatchObject({ kind: 'failed', status: 408 });
    expect(asked.at(-1)).toBe('resume');
    expect(isForgotten).toBe(true);
    // Too late to count.
    news?.done();
    expect(store.find(id)?.state.kind).toBe('talking');
  });

  it('LINES-2 one that rings may ring for two minutes after the last word', async () => {
    const { id } = talking();
    lines.transfer(id, '1002');
    agreed(id, 'held');
    await clock.advance(30_000);
    news?.trying();
    await clock.advance(100_000);
    news?.trying();
    await clock.advance(119_999);
    expect(transferOf(id)).toMatchObject({ kind: 'trying' });
    await clock.advance(1);
    expect(transferOf(id)).toMatchObject({ kind: 'failed', status: 408 });
  });

  it('LINES-2 a failed transfer does not take the customer back over somebody the agent talks with', () => {
    const { id } = talking();
    lines.transfer(id, '1002');
    agreed(id, 'held');
    talking();
    news?.failed(486);
    expect(transferOf(id)).toMatchObject({ kind: 'failed', status: 486 });
    expect(asked).not.toContain('resume');
  });

  it('LINES-2 a customer who hangs up meanwhile leaves nothing behind', async () => {
    const { id } = talking();
    lines.transfer(id, '1002');
    agreed(id, 'held');
    store.apply(id, { kind: 'ended', cause: 'customerHungUp', atMs: clock.nowMs() });
    expect(isForgotten).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  it('LINES-5 a customer who is brought back is the same call, open again; any other is not', () => {
    const call = talking();
    const arriving: Call = { ...outgoingCall(newOrder(), 0), direction: 'inbound', contactId: call.contactId };
    expect(lines.handedBack(arriving)).toBeUndefined();
    lines.transfer(call.id, '1002');
    agreed(call.id, 'held');
    expect(lines.handedBack({ ...arriving, contactId: outgoingCall(newOrder(), 0).contactId })).toBeUndefined();
    expect(lines.handedBack({ ...arriving, aside: { kind: 'colleague', number: '1002' } })).toBeUndefined();
    expect(lines.handedBack(arriving)).toBe(call.id);
    expect(lines.takenBack(call.id)?.state).toMatchObject({
      kind: 'talking',
      hold: { kind: 'none' },
      transfer: { kind: 'failed', status: 480 },
    });
    expect(lines.handedBack(arriving)).toBeUndefined();
  });

  it('a consult that the exchange takes away while it is handed to is part of the transfer; any other was hung up', () => {
    const [customer, consult] = [talking(), talking()];
    expect(lines.farHangUp(consult.id)).toBe('customerHungUp');
    lines.completeTransfer(customer.id, consult.id);
    expect(lines.farHangUp(consult.id)).toBe('transferred');
    expect(lines.farHangUp(customer.id)).toBe('customerHungUp');
  });

  it('LINES-3 the mix ends when a party leaves, and when one cannot be taken back', () => {
    const [one, other] = [talking(), talking()];
    lines.merge(one.id, other.id);
    expect(asked).toContain('mix 2');
    store.apply(one.id, { kind: 'ended', cause: 'customerHungUp', atMs: clock.nowMs() });
    expect(asked.at(-1)).toBe('mix 0');
    expect(store.find(other.id)?.state).not.toHaveProperty('merged');
  });
});
