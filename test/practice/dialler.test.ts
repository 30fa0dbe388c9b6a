import { expect, it } from 'vitest';
import type { DiallerEvent } from '../../central/dialler/dialler-port.ts';
import type { CallOptions } from '../../practice/customers.ts';
import type { CustomerCall, CustomerCallState, Outcome } from '../../practice/customers/customer-call.ts';
import { practiceDialler } from '../../practice/dialler.ts';
import { makeManualClock } from '../central/manual-clock.ts';

// R25 in practice mode: what central's own dialler finds at the built-in exchange.

const order = (id: string, number: string) => ({
  ...{ id, number, callerNumber: '', ringMs: 20_000, silenceMs: 2_000, detectsMachines: false },
});

const practising = () => {
  const clock = makeManualClock();
  const calls: {
    readonly options: CallOptions;
    state: CustomerCallState;
    readonly over: (outcome: Outcome) => void;
  }[] = [];
  const customers = {
    call: (options: CallOptions): CustomerCall => {
      const done = Promise.withResolvers<Outcome>();
      const call = { options, state: { kind: 'waiting', sinceMs: 0 } as CustomerCallState, over: done.resolve };
      calls.push(call);
      const end = (outcome: Outcome): void => {
        call.state = { kind: 'ended', outcome };
        done.resolve(outcome);
      };
      return {
        ...{ number: options.from.number, state: () => call.state, connectedMs: () => undefined, done: done.promise },
        heard: { isVoice: () => false, lastMs: () => undefined } as never,
        hangUp: () => end({ kind: 'gaveUp' }),
      };
    },
  };
  const dialler = practiceDialler({ customers, clock, random: () => 0 });
  const events: DiallerEvent[] = [];
  dialler.onEvent((event) => void events.push(event));
  return { clock, calls, dialler, events };
};

it('a customer who answers calls the agent’s telephone under the contact’s name, and it is over when either hangs up', async () => {
  const { clock, calls, dialler, events } = practising();
  await dialler.dial(order('c1', '13800138000'));
  clock.advance(1_000);
  expect(events).toEqual([{ kind: 'answered', id: 'c1' }]);
  const connected = dialler.connect('c1', '1001', 1_200);
  await Promise.resolve();
  expect(calls[0]?.options).toMatchObject({ from: { number: '13800138000' }, to: '1001', dialled: 'c1' });
  const [call] = calls;
  if (call === undefined) throw new Error('nobody called');
  call.state = { kind: 'talking', sinceMs: clock.nowMs() };
  clock.advance(100);
  expect(await connected).toBe('connected');
  expect(await dialler.calls()).toEqual([{ id: 'c1', state: 'connected' }]);
  call.over({ kind: 'agentHungUp', talkMs: 5_000 });
  await Promise.resolve();
  await Promise.resolve();
  expect(events.at(-1)).toMatchObject({ kind: 'ended', id: 'c1', cause: 16 });
});

it('a telephone that does not answer leaves the customer to another agent', async () => {
  const { clock, calls, dialler } = practising();
  await dialler.dial(order('c2', '13800138000'));
  clock.advance(1_000);
  const tried = dialler.connect('c2', '1001', 600);
  await Promise.resolve();
  clock.advance(700);
  expect(await tried).toBe('notTaken');
  expect(calls[0]?.state.kind).toBe('ended');
  expect(await dialler.calls()).toEqual([{ id: 'c2', state: 'waiting' }]);
});

it.each([
  ['13800130000', 1],
  ['13800130001', 17],
  ['13800130003', 21],
])('%s ends as it does when a seat dials it', async (number, cause) => {
  const { clock, dialler, events } = practising();
  await dialler.dial(order('c3', number));
  clock.advance(15_000);
  expect(events).toEqual([{ kind: 'ended', id: 'c3', cause, hasRungOut: false }]);
});
