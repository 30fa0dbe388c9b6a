import type { Result } from '../shared/result.ts';
import { ok, refused } from '../shared/result.ts';
import type { AmiMessage } from './ami.ts';
import type { AsteriskCalls, Channel } from './asterisk-calls.ts';
import { readChannel } from './asterisk-calls.ts';
import type { Keypad, KeypadAsked, KeypadEnd } from './keypad-port.ts';
import { PbxFault } from './pbx.ts';

type Under = {
  readonly channelId: string;
  readonly digits: number;
  pressed: string;
  readonly end: (end: Result<string, KeypadEnd>) => void;
  readonly back: () => void;
};

/** Back in the bridge, after being asked to. */
const backMs = 5_000;

/**
 * `[keypad]` in the dial plan. The two legs are taken out of their bridge: the customer's waits in silence with a tone, and what is pressed
 * there comes as DTMF events, to central alone (in no variable, no log); the agent's hears music. Then the customer's leg bridges
 * itself with the agent's again, after a time also when central is gone.
 *
 *   Redirect(customer → keypad,<what>; agent → keypad,agent) ─DTMFEnd…─▶ Redirect(customer → keypad,back) ─BridgeEnter─▶ done
 */
export const collectWithAsterisk = (calls: AsteriskCalls): Keypad => {
  const under = new Map<string, Under>();
  calls.onEvent((event) => {
    for (const one of under.values()) hear(one, event);
  });
  return {
    collect: async (asked) => {
      if (under.has(asked.contactId)) return refused('noCall');
      const call = await callOf(calls, asked.contactId);
      if (call === undefined || under.has(asked.contactId)) return refused('noCall');
      const ended = Promise.withResolvers<Result<string, KeypadEnd>>();
      const back = Promise.withResolvers<void>();
      const one: Under = {
        ...{ channelId: call.customer.id, digits: asked.digits, pressed: '' },
        end: ended.resolve,
        back: back.resolve,
      };
      under.set(asked.contactId, one);
      const cancels: (() => void)[] = [];
      try {
        await aside(calls, call, asked);
        cancels.push(calls.clock.after(asked.withinMs, () => one.end(refused('tooLate'))));
        const outcome = await ended.promise;
        if (!outcome.ok && outcome.error === 'hungUp') await release(calls, call.agent);
        else {
          await together(calls, call.customer);
          cancels.push(calls.clock.after(backMs, () => back.resolve()));
          await back.promise;
        }
        return outcome;
      } finally {
        for (const cancel of cancels) cancel();
        under.delete(asked.contactId);
      }
    },
    cancel: (contactId) => under.get(contactId)?.end(refused('cancelled')),
    close: async () => {
      // Whoever is aside comes back by the dial plan's own clock.
      for (const one of under.values()) one.end(refused('cancelled'));
      calls.close();
    },
  };
};

const hear = (one: Under, event: AmiMessage): void => {
  if (readChannel(event).id !== one.channelId) return;
  switch (event.get('event')) {
    case 'DTMFEnd': {
      const digit = event.get('digit') ?? '';
      if (event.get('direction') !== 'Received') return;
      if (/^\d$/.test(digit)) one.pressed += digit;
      if (digit === '*') one.pressed = '';
      if (digit === '#' || one.pressed.length >= one.digits) one.end(ok(one.pressed));
      return;
    }
    case 'BridgeEnter':
      return one.back();
    case 'Hangup':
      one.end(refused('hungUp'));
      return one.back();
    default:
  }
};

type Call = { readonly customer: Channel; readonly agent: Channel };

/** The two legs of the call, in one bridge and nobody else in it: three in a conversation would each hear the tones. */
const callOf = async (calls: AsteriskCalls, contactId: string): Promise<Call | undefined> => {
  const legs = (await calls.channels()).filter(
    (channel) => channel.contactId === contactId && channel.bridgeId !== '' && channel.context !== 'supervise',
  );
  const customer = legs.find(({ name }) => name.startsWith('PJSIP/customers-'));
  const agent = legs.find(({ name, bridgeId }) => name !== customer?.name && bridgeId === customer?.bridgeId);
  if (customer === undefined || agent === undefined || legs.length !== 2) return undefined;
  return { customer, agent };
};

const aside = async (calls: AsteriskCalls, { customer, agent }: Call, asked: KeypadAsked): Promise<void> => {
  await calls.act('Setvar', { Channel: customer.name, Variable: 'ZUOXI_KEYPAD_AGENT', Value: agent.name });
  await calls.act('Redirect', {
    ...{ Channel: customer.name, Context: 'keypad', Exten: asked.what, Priority: '1' },
    ...{ ExtraChannel: agent.name, ExtraContext: 'keypad', ExtraExten: 'agent', ExtraPriority: '1' },
  });
};

const together = (calls: AsteriskCalls, customer: Channel): Promise<unknown> =>
  calls.act('Redirect', { Channel: customer.name, Context: 'keypad', Exten: 'back', Priority: '1' });

/** The customer hung up: the agent need not listen to music. */
const release = async (calls: AsteriskCalls, agent: Channel): Promise<void> => {
  await calls.act('Hangup', { Channel: agent.name, Cause: '16' }).catch((fault: unknown) => {
    if (!(fault instanceof PbxFault) || fault.kind !== 'refused') throw fault;
  });
};
