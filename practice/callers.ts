import { systemClock, type Clock } from './clock.ts';
import type { Customers } from './customers.ts';
import type { CustomerCall } from './customers/customer-call.ts';
import type { RequestLine } from './customers/voices.ts';
import type { Exchange } from './exchange.ts';
import type { Language } from '../shared/text.ts';

/** Who calls next, as the sample operator's records give it. */
export type NextCaller = {
  readonly number: string;
  readonly display?: string;
  readonly withheld?: boolean;
  /** The queue this customer belongs in. */
  readonly queue: string;
  readonly language?: Language;
  readonly request?: RequestLine;
};

export type CallWish = { readonly callerId?: string; readonly toQueueOf?: readonly string[] };

/** Keeps the seats of practice mode in work: a customer calls when somebody is free and nobody is waiting. */
export type PracticeCallers = {
  /** At once, this caller or whoever is next, into the caller's queue or one given; undefined when `pick` knows no such caller. */
  readonly callNow: (wish?: CallWish) => CustomerCall | undefined;
  /** By themselves, or only when asked. */
  readonly setAutomatic: (isAutomatic: boolean) => void;
  readonly close: () => void;
};

export type PracticeCallersOptions = {
  readonly customers: Pick<Customers, 'call'>;
  readonly exchange: Pick<Exchange, 'standing' | 'onChange'>;
  readonly pick: (wish: { readonly callerId?: string }) => NextCaller | undefined;
  /** 0 ≤ n < 1 */
  readonly random: () => number;
  readonly clock?: Clock;
  /** Pause between an agent becoming free and the next call, ms; 4–10 s when not given. */
  readonly pauseMs?: { readonly least: number; readonly most: number };
  readonly isAutomatic?: boolean;
};

export const createPracticeCallers = (options: PracticeCallersOptions): PracticeCallers => {
  const clock = options.clock ?? systemClock;
  const pause = options.pauseMs ?? { least: 4_000, most: 10_000 };
  let isAutomatic = options.isAutomatic ?? true;
  let stopWaiting: (() => void) | undefined;

  const callNow: PracticeCallers['callNow'] = (wish = {}) => {
    const next = options.pick(wish);
    if (next === undefined) return undefined;
    const { number, display, withheld, queue, ...habits } = next;
    const from = {
      number,
      ...(display === undefined ? {} : { display }),
      ...(withheld === undefined ? {} : { withheld }),
    };
    // Who asks for a call wants to take it: a queue of another desk would never ring here.
    const to = wish.toQueueOf === undefined || wish.toQueueOf.includes(queue) ? queue : (wish.toQueueOf[0] ?? queue);
    return options.customers.call({ from, to, ...habits });
  };
  const isWanted = (): boolean => {
    const { available, waiting } = options.exchange.standing();
    return isAutomatic && available > 0 && waiting === 0;
  };
  const stop = (): void => {
    stopWaiting?.();
    stopWaiting = undefined;
  };
  /** One pause runs while a call is wanted; it begins anew after each call and ends when the agent is no longer free. */
  const look = (): void => {
    if (!isWanted()) return stop();
    stopWaiting ??= clock.after(pause.least + options.random() * (pause.most - pause.least), () => {
      stopWaiting = undefined;
      if (!isWanted()) return;
      callNow();
      look();
    });
  };
  const stopListening = options.exchange.onChange(look);
  look();

  return {
    callNow,
    setAutomatic: (next) => {
      isAutomatic = next;
      look();
    },
    close: () => {
      stopListening();
      stop();
    },
  };
};
