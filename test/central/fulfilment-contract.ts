import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fulfilment, FulfilmentAsked } from '../../central/fulfilment-port.ts';
import type { FulfilmentResult } from '../../shared/fulfilment.ts';

/** The far side of a carrier under test. */
export type FarCarrier = {
  readonly fulfilment: Fulfilment;
  /** Each wish it took, once. */
  readonly asked: () => readonly FulfilmentAsked[];
  /** It takes nothing from now on, or everything again. */
  readonly refuse: (isRefusing: boolean) => void;
  /** Rejects when nobody took it. */
  readonly bring: (result: FulfilmentResult) => Promise<void>;
  readonly close: () => Promise<void>;
};

export const wish = (over: Partial<FulfilmentAsked> = {}): FulfilmentAsked => ({
  ...{ key: 'o1.provisioning.1', kind: 'provisioning', orderId: 'o1', customerId: 'C1', number: '+8613800000001' },
  ...{ tariffId: 'T1', name: '10 GB 加油包', payment: null, atMs: 1_000, ...over },
});
export const word = (over: Partial<FulfilmentResult> = {}): FulfilmentResult => ({
  ...{ id: 'r1', key: 'o1.provisioning.1', outcome: 'done', why: '', atMs: 2_000, ...over },
});

/** What central relies on, of whichever carrier. */
export const fulfilmentContract = (name: string, open: () => Promise<FarCarrier>): void => {
  describe(`R30 a carrier: ${name}`, () => {
    let far: FarCarrier;
    beforeEach(async () => void (far = await open()));
    afterEach(() => far.close());

    it('a wish arrives whole; asked again it is not another one', async () => {
      const paid = wish({ key: 'o1.payment.1', kind: 'payment', payment: { way: 'online', amountFen: 1_990 } });
      await far.fulfilment.ask(wish());
      await far.fulfilment.ask(wish());
      await far.fulfilment.ask(paid);
      expect(far.asked()).toEqual([wish(), paid]);
    });

    it('one that is not taken says so, and can be asked again', async () => {
      far.refuse(true);
      await expect(far.fulfilment.ask(wish())).rejects.toThrow();
      expect(far.asked()).toEqual([]);
      far.refuse(false);
      await far.fulfilment.ask(wish());
      expect(far.asked()).toEqual([wish()]);
    });

    it('a result is brought until it was taken, and again as often as the carrier likes', async () => {
      const taken: FulfilmentResult[] = [];
      let isAway = true;
      const stop = far.fulfilment.onResult(async (result) => {
        if (isAway) throw new Error('the database is away');
        taken.push(result);
      });
      await expect(far.bring(word())).rejects.toThrow();
      isAway = false;
      await far.bring(word());
      await far.bring(word());
      await far.bring(word({ id: 'r2', outcome: 'failed', why: '资源不足' }));
      expect(taken).toEqual([word(), word(), word({ id: 'r2', outcome: 'failed', why: '资源不足' })]);
      stop();
      await expect(far.bring(word({ id: 'r3' }))).rejects.toThrow();
      expect(taken).toHaveLength(3);
    });
  });
};
