import type { FulfilmentKind, FulfilmentResult } from '../shared/fulfilment.ts';

export type FulfilmentAsked = {
  /** The same key is the same wish, however often it is asked. */
  readonly key: string;
  readonly kind: FulfilmentKind;
  readonly orderId: string;
  readonly customerId: string;
  /** E.164 key of the customer's main number. */
  readonly number: string;
  readonly tariffId: string | null;
  readonly name: string;
  /** Of a payment; never a card number. */
  readonly payment: { readonly way: 'online' | 'phone'; readonly amountFen: number } | null;
  readonly atMs: number;
};

/** The carrier's provisioning and payment (R30, R41). Asking is one thing, what comes of it another: that is heard later. */
export type Fulfilment = {
  /** @throws when the carrier does not take it; it is asked again with the same key */
  readonly ask: (asked: FulfilmentAsked) => Promise<void>;
  /** Brings every result until stopped. One that was not taken (the promise is rejected) is brought again. */
  readonly onResult: (take: (result: FulfilmentResult) => Promise<void>) => () => void;
  readonly close: () => void;
};
