import type { Secrets } from '../central/secrets.ts';
import { parseNumber } from '../shared/phone-number.ts';
import type { NextCaller } from './callers.ts';
import type { SampleCaller } from './operator/notable.ts';
import type { SampleOperator } from './operator/operator.ts';
import { requests } from './customers/voices.ts';

/** Every other call by itself is a situation worth practising, the rest are ordinary customers. */
const notableShare = 0.5;

/**
 * Who calls, from the sample operator's records: the one asked for by id, else by chance.
 * @param random 0 ≤ n < 1
 */
export const whoCalls =
  (operator: SampleOperator, mark: Secrets['mark'], random: () => number) =>
  (wish: { readonly callerId?: string }): NextCaller | undefined => {
    if (wish.callerId !== undefined) {
      const asked = operator.callers.find((caller) => caller.id === wish.callerId);
      return asked && asCaller(asked);
    }
    if (random() < notableShare) {
      const one = operator.callers[Math.floor(random() * operator.callers.length)];
      if (one !== undefined) return asCaller(one);
    }
    const { customer, queues } = operator.customerAt(Math.floor(random() * operator.count), mark);
    const number = parseNumber(customer.numbers[0]?.key ?? '');
    return {
      number: 'national' in number ? number.national : '',
      withheld: !('national' in number),
      queue: queues[0] ?? 'service',
      language: customer.language,
      request: requests[Math.floor(random() * requests.length)] ?? 'bill',
    };
  };

const asCaller = (caller: SampleCaller): NextCaller => ({
  number: caller.number,
  withheld: caller.number === '',
  queue: caller.queue,
  language: caller.language,
  request: caller.request,
});
