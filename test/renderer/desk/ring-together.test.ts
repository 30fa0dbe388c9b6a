import { describe, expect, it } from 'vitest';
import { ringTogether } from '../../../renderer/desk/ring-together.ts';
import type { Seat } from '../../../renderer/desk/seat-store.ts';
import type { Call } from '../../../shared/call.ts';
import { CallId, ContactId } from '../../../shared/ids.ts';
import { phoneOff, type PhoneState } from '../../../shared/phone.ts';
import { manualClock } from './manual-clock.ts';

const id = (n: number): string => `01900000-0000-7000-8000-00000000000${n}`;
const call = (n: number, over: Partial<Call> = {}): Call => ({
  id: CallId.parse(id(n)),
  direction: 'inbound',
  number: '13800138000',
  display: '',
  contactId: ContactId.parse(id(n)),
  state: { kind: 'ringing', sinceMs: 1 },
  trace: { inviteMs: 1 },
  ...over,
});
const phone = (...calls: readonly Call[]): PhoneState => ({ ...phoneOff, calls: [...calls] });
const seat = (kind: string, ofCall: string | null = null, link = 'up'): Seat =>
  ({
    link: { kind: link },
    snapshot: { agent: { kind }, contact: ofCall === null ? null : { contact: { callId: ofCall } } },
  }) as unknown as Seat;

const noWordYet: Seat = { link: { kind: 'up' }, snapshot: null };

const setUp = (first: Seat = seat('ready')) => {
  const clock = manualClock();
  const taken: PhoneState[] = [];
  const world = { seat: first };
  const ring = ringTogether({
    shown: () => taken.at(-1)?.calls ?? [],
    seat: () => world.seat,
    take: (state) => void taken.push(state),
    clock,
  });
  const tell = (next: Seat): void => {
    world.seat = next;
    ring.told();
  };
  return { clock, taken, ring, tell };
};

describe('RING: the ring is drawn together with who it is', () => {
  it('waits for the engine’s word of the contact', async () => {
    const { clock, taken, ring, tell } = setUp();
    ring.heard(phone(call(1)));
    await clock.pass(5);
    expect(taken).toEqual([]);
    tell(seat('reserved', id(1)));
    expect(taken).toEqual([phone(call(1))]);
    await clock.pass(1_000);
    expect(taken).toHaveLength(1);
  });

  it('not longer than 60 ms: an engine that says nothing does not silence it', async () => {
    const { clock, taken, ring, tell } = setUp();
    ring.heard(phone(call(1)));
    await clock.pass(30);
    // News of something else is not the word it waits for.
    tell(seat('ready'));
    ring.heard({ ...phone(call(1)), voicemail: { new: 1, old: 0 } });
    await clock.pass(29);
    expect(taken).toEqual([]);
    await clock.pass(1);
    expect(taken).toEqual([{ ...phone(call(1)), voicemail: { new: 1, old: 0 } }]);
  });

  it.each([
    ['without an engine', seat('ready', null, 'lost'), call(1)],
    ['before the engine’s first word', noWordYet, call(1)],
    ['to an agent whom the engine gives no contact now', seat('wrapUp'), call(1)],
    ['when the engine was first', seat('reserved', id(1)), call(1)],
    ['of a colleague', seat('ready'), call(1, { aside: { kind: 'colleague', number: '8002' } })],
    [
      'of a call the agent makes',
      seat('ready'),
      call(1, { direction: 'outbound', state: { kind: 'dialling', sinceMs: 1 } }),
    ],
  ])('is not waited with %s', (_when, now, one) => {
    const { taken, ring } = setUp(now);
    ring.heard(phone(one));
    expect(taken).toEqual([phone(one)]);
  });

  it('a caller who gave up meanwhile is told at once, and never rings afterwards', async () => {
    const { clock, taken, ring } = setUp();
    ring.heard(phone(call(1)));
    const over = phone(call(1, { state: { kind: 'ended', atMs: 2, cause: 'customerHungUp', talkMs: 0 } }));
    ring.heard(over);
    expect(taken).toEqual([over]);
    await clock.pass(1_000);
    expect(taken).toHaveLength(1);
  });

  it('a phone that was asked anew knows better than what was kept', async () => {
    const { clock, taken, ring } = setUp();
    ring.heard(phone(call(1)));
    ring.forget();
    await clock.pass(1_000);
    expect(taken).toEqual([]);
  });
});
