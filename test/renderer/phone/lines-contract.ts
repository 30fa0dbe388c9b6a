import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../../shared/call.ts';
import { CallId, type ContactId } from '../../../shared/ids.ts';
import type { PhoneState } from '../../../shared/phone.ts';
import { endedBy, type From, idOf, is, isFlowing, latest, newOrder, newUuid, type PhoneLab } from './phone-lab.ts';

const ofId = (state: PhoneState, id: CallId): Call | undefined => state.calls.find((call) => call.id === id);
const holdOf = (state: PhoneState, id: CallId): string => {
  const call = ofId(state, id)?.state;
  return call?.kind === 'talking' ? call.hold.kind : (call?.kind ?? 'absent');
};
const transferOf = (state: PhoneState, id: CallId): string | undefined => {
  const call = ofId(state, id)?.state;
  return call?.kind === 'talking' ? call.transfer?.kind : undefined;
};
const endOf = (state: PhoneState, id: CallId): string | undefined => {
  const call = ofId(state, id)?.state;
  return call?.kind === 'ended' ? call.cause : undefined;
};
const isMerged = (state: PhoneState, id: CallId): boolean => {
  const call = ofId(state, id)?.state;
  return call?.kind === 'talking' && call.merged === true;
};

/** The contract of `Phone` for two lines: PHONE-3, PHONE-8, PHONE-9, PHONE-11, PHONE-12. `open` as for `describePhone`. */
export const describeLines = (name: string, open: () => Promise<PhoneLab>): void => {
  describe(`Phone contract, two lines: ${name}`, () => {
    let lab: PhoneLab;
    beforeEach(async () => {
      lab = await open();
    });
    afterEach(() => lab.close());

    const ring = async (from: From = {}): Promise<CallId> => {
      const before = (await lab.phone.state()).calls.length;
      await lab.far.call(from);
      return idOf(await lab.until('ringing', (state) => state.calls.length > before && is('ringing')(state)));
    };
    /** A customer talks. */
    const talk = async (): Promise<CallId> => {
      await lab.phone.setAvailable(true);
      const id = await ring();
      expect(await lab.phone.answer(id)).toMatchObject({ ok: true });
      await lab.until('sound both ways', isFlowing);
      return id;
    };
    const consultOrder = (
      of: CallId,
    ): { callId: CallId; contactId: ContactId; dial: string; aside: Call['aside'] & {} } => ({
      ...newOrder('1002'),
      aside: { kind: 'consult', of },
    });
    /** A customer waits, somebody asked about them talks. */
    const consult = async (): Promise<{ customer: CallId; asked: CallId }> => {
      const customer = await talk();
      await lab.far.policy('answer');
      const order = consultOrder(customer);
      expect(await lab.phone.dial(order)).toMatchObject({ ok: true });
      await lab.until('talks with the colleague', isFlowing);
      await lab.until('customer held', (state) => holdOf(state, customer) === 'held');
      return { customer, asked: order.callId };
    };

    it('PHONE-8 asking somebody holds the customer first; the end of that call leaves the customer held', async () => {
      const { customer, asked } = await consult();
      expect(ofId(await lab.phone.state(), asked)?.aside).toEqual({ kind: 'consult', of: customer });
      expect(ofId(await lab.phone.state(), customer)?.aside).toBeUndefined();
      await lab.phone.hangUp(asked);
      await lab.until('asked', (state) => endOf(state, asked) === 'agentHungUp');
      expect(holdOf(await lab.phone.state(), customer)).toBe('held');
      await lab.phone.hold(customer, false);
      await lab.until('back', (state) => holdOf(state, customer) === 'none');
    });

    it('a consult needs a talking customer, and there is no third call', async () => {
      expect(await lab.phone.dial(consultOrder(CallId.parse(newUuid())))).toMatchObject({
        ok: false,
        error: { reason: 'notTalking' },
      });
      const { customer } = await consult();
      expect(await lab.phone.dial(consultOrder(customer))).toMatchObject({
        ok: false,
        error: { reason: 'callInProgress' },
      });
    });

    it('PHONE-3 a colleague rings beside a customer; a customer does not, and nobody beside two', async () => {
      const customer = await talk();
      await lab.far.call({});
      await expect.poll(lab.far.refusedWith).toBe(486);
      const waiting = await ring({ colleague: '1002' });
      expect(ofId(await lab.phone.state(), waiting)?.aside).toEqual({ kind: 'colleague', number: '1002' });
      await lab.far.call({ colleague: '1003' });
      await expect.poll(lab.far.refusedWith).toBe(486);
      expect(holdOf(await lab.phone.state(), customer)).toBe('none');
    });

    it('PHONE-8 answering a waiting colleague holds the customer first', async () => {
      const customer = await talk();
      const waiting = await ring({ colleague: '1002' });
      await lab.phone.answer(waiting);
      await lab.until('both', (state) => isFlowing(state) && holdOf(state, customer) === 'held');
      for (const state of await lab.phone.published())
        if (holdOf(state, waiting) === 'none') expect(['holding', 'held']).toContain(holdOf(state, customer));
      await lab.far.hangUp();
      await lab.until('over', endedBy('customerHungUp'));
      expect(holdOf(await lab.phone.state(), customer)).toBe('held');
    });

    it('PHONE-8 swap takes the held one back and holds the other', async () => {
      const { customer, asked } = await consult();
      const holds = (one: string, other: string) => (state: PhoneState) =>
        holdOf(state, customer) === one && holdOf(state, asked) === other;
      expect(await lab.phone.swap()).toMatchObject({ ok: true });
      await lab.until('customer', holds('none', 'held'));
      expect(await lab.phone.swap()).toMatchObject({ ok: true });
      await lab.until('colleague', holds('held', 'none'));
    });

    it('swap, merge and completing need two connected calls', async () => {
      const wrong = { ok: false, error: { kind: 'conflict', reason: 'notTwoCalls' } };
      expect(await lab.phone.swap()).toMatchObject(wrong);
      const customer = await talk();
      expect(await lab.phone.swap()).toMatchObject(wrong);
      expect(await lab.phone.merge(customer, customer)).toMatchObject(wrong);
      expect(await lab.phone.completeTransfer(customer, customer)).toMatchObject(wrong);
      await lab.far.policy('ring');
      const order = consultOrder(customer);
      await lab.phone.dial(order);
      expect(await lab.phone.swap()).toMatchObject(wrong);
      expect(await lab.phone.merge(customer, order.callId)).toMatchObject(wrong);
      expect(await lab.phone.completeTransfer(customer, order.callId)).toMatchObject({
        ok: false,
        error: { reason: 'consultNotTalking' },
      });
    });

    it('PHONE-9 only an announced supervision leg gets in, and answers itself', async () => {
      await lab.far.call({ supervision: 'ear-1' });
      await expect.poll(lab.far.refusedWith).toBe(403);
      await lab.phone.expect('ear-2');
      await lab.far.call({ supervision: 'ear-1' });
      await expect.poll(lab.far.refusedWith).toBe(403);
      expect((await lab.phone.state()).calls).toHaveLength(0);
      await lab.far.call({ supervision: 'ear-2' });
      const state = await lab.until('answered by itself', isFlowing);
      expect(latest(state)?.aside).toEqual({ kind: 'supervision', id: 'ear-2' });
    });

    it('PHONE-9 only a customer whom central has announced is taken by itself, and the word may come second', async () => {
      const [announced, unannounced] = [newUuid(), newUuid()];
      await lab.phone.setAvailable(true);
      await lab.phone.expectDialled(announced);
      await lab.far.call({ dialled: announced, contactId: announced });
      const first = await lab.until('answered by itself', isFlowing);
      expect(latest(first)).toMatchObject({ exchangeId: announced });
      expect(latest(first)?.aside).toBeUndefined();
      await lab.far.hangUp();
      await lab.until('over', (state) => latest(state)?.state.kind === 'ended');
      await lab.far.call({ dialled: unannounced, contactId: unannounced });
      await lab.phone.expectDialled(unannounced);
      await lab.until('answered by itself', isFlowing);
    });

    it('PHONE-11 a blind transfer: held, asked, tried, gone', async () => {
      const id = await talk();
      expect(await lab.phone.transfer(id, '1002')).toMatchObject({ ok: true });
      expect(transferOf(await lab.phone.state(), id)).toBe('asked');
      expect(holdOf(await lab.phone.state(), id)).toBe('holding');
      await lab.until('gone', (state) => endOf(state, id) === 'transferred');
      const seen = (await lab.phone.published()).map((state) => transferOf(state, id));
      expect(seen).toContain('trying');
      // Held until the end: nothing of the agent is heard by whoever comes next.
      for (const state of await lab.phone.published())
        if (transferOf(state, id) === 'trying') expect(holdOf(state, id)).toBe('held');
    });

    it('PHONE-11 a transfer that fails gives the customer back, and says why; it can be tried again', async () => {
      const id = await talk();
      await lab.far.target(486);
      await lab.phone.transfer(id, '1002');
      const failed = await lab.until('failed', (state) => transferOf(state, id) === 'failed');
      expect(ofId(failed, id)?.state).toMatchObject({ transfer: { status: 486 } });
      await lab.until('back', (state) => holdOf(state, id) === 'none');
      await lab.far.target('answer');
      expect(await lab.phone.transfer(id, '1003')).toMatchObject({ ok: true });
      await lab.until('gone', (state) => endOf(state, id) === 'transferred');
    });

    it('PHONE-11 a customer who was held stays held when a transfer fails', async () => {
      const id = await talk();
      await lab.phone.hold(id, true);
      await lab.until('held', (state) => holdOf(state, id) === 'held');
      await lab.far.target(603);
      await lab.phone.transfer(id, '1002');
      await lab.until('failed', (state) => transferOf(state, id) === 'failed');
      expect(holdOf(await lab.phone.state(), id)).toBe('held');
    });

    it('PHONE-11 only digits, only talking calls, one transfer at a time, not without a line', async () => {
      for (const dial of ['', 'abc', '1002@evil.example', '1002?Replaces=x', '1002>\r\nX-Evil: 1'])
        expect(await lab.phone.transfer(CallId.parse(newUuid()), dial)).toMatchObject({
          ok: false,
          error: { kind: 'invalid', reason: 'number' },
        });
      await lab.phone.setAvailable(true);
      const id = await ring();
      expect(await lab.phone.transfer(id, '1002')).toMatchObject({ ok: false, error: { reason: 'notTalking' } });
      await lab.phone.answer(id);
      await lab.until('sound both ways', isFlowing);
      await lab.far.target('ring');
      expect(await lab.phone.transfer(id, '1002')).toMatchObject({ ok: true });
      expect(await lab.phone.transfer(id, '1003')).toMatchObject({ ok: false, error: { reason: 'transferUnderWay' } });
      await lab.until('rings there', (state) => transferOf(state, id) === 'trying');
      await lab.far.hangUp();
      await lab.until('customer gave up', (state) => endOf(state, id) === 'customerHungUp');
      const other = await talk();
      await lab.far.cutLine();
      await lab.until('line lost', (state) => state.line.kind === 'lost');
      expect(await lab.phone.transfer(other, '1002')).toMatchObject({ ok: false, error: { reason: 'lineLost' } });
    });

    it('PHONE-11 an attended transfer ends both calls here', async () => {
      const { customer, asked } = await consult();
      expect(await lab.phone.completeTransfer(customer, asked)).toMatchObject({ ok: true });
      await lab.until('gone', (state) => [customer, asked].every((id) => endOf(state, id) === 'transferred'));
    });

    it('PHONE-11 an attended transfer that fails leaves the agent with the colleague and the customer waiting', async () => {
      const { customer, asked } = await consult();
      await lab.far.target(500);
      await lab.phone.completeTransfer(customer, asked);
      await lab.until('failed', (state) => transferOf(state, customer) === 'failed');
      const state = await lab.phone.state();
      expect([holdOf(state, customer), holdOf(state, asked)]).toEqual(['held', 'none']);
    });

    it('PHONE-12 merged: nobody is held; mute and unmute are one for both; apart, the colleague is held', async () => {
      const { customer, asked } = await consult();
      expect(await lab.phone.merge(customer, asked)).toMatchObject({ ok: true });
      await lab.until('three', (state) =>
        [customer, asked].every((id) => isMerged(state, id) && holdOf(state, id) === 'none'),
      );
      expect(await lab.phone.merge(customer, asked)).toMatchObject({ ok: true });
      await lab.phone.mute(asked, true);
      const { calls } = await lab.phone.state();
      expect(calls.slice(0, 2).map(({ state }) => state)).toMatchObject([
        { microphone: 'muted' },
        { microphone: 'muted' },
      ]);
      await lab.phone.mute(customer, false);
      expect(await lab.phone.sendDigits(customer, '12')).toMatchObject({ ok: true });
      expect(await lab.phone.part()).toMatchObject({ ok: true });
      const apart = await lab.until('apart', (state) => holdOf(state, asked) === 'held');
      expect([isMerged(apart, customer), isMerged(apart, asked), holdOf(apart, customer)]).toEqual([
        false,
        false,
        'none',
      ]);
      expect(await lab.phone.part()).toMatchObject({ ok: true });
    });

    it('PHONE-12 whoever leaves a three-way leaves the other talking', async () => {
      const { customer, asked } = await consult();
      await lab.phone.merge(customer, asked);
      await lab.until('three', (state) =>
        [customer, asked].every((id) => isMerged(state, id) && holdOf(state, id) === 'none'),
      );
      await lab.far.hangUp();
      const state = await lab.until('colleague left', (next) => endOf(next, asked) === 'customerHungUp');
      expect(holdOf(state, customer)).toBe('none');
      await lab.until('two again', (next) => !isMerged(next, customer));
    });

    it('PHONE-12 holding one of them parts them first', async () => {
      const { customer, asked } = await consult();
      await lab.phone.merge(customer, asked);
      await lab.until('three', (state) =>
        [customer, asked].every((id) => isMerged(state, id) && holdOf(state, id) === 'none'),
      );
      await lab.phone.hold(customer, true);
      await lab.until('held', (state) => holdOf(state, customer) === 'held' && !isMerged(state, customer));
      expect(holdOf(await lab.phone.state(), asked)).toBe('none');
    });

    it('PHONE-12 a party that cannot be taken back is not shown as merged', async () => {
      const { customer, asked } = await consult();
      await lab.far.takesHold(false);
      await lab.phone.merge(customer, asked);
      const state = await lab.until(
        'apart',
        (next) => holdOf(next, customer) === 'resumeFailed' && !isMerged(next, customer),
      );
      expect(holdOf(state, asked)).toBe('none');
      await lab.far.takesHold(true);
    });

    it('divert sends a ringing call elsewhere, to digits only', async () => {
      await lab.phone.setAvailable(true);
      const id = await ring();
      expect(await lab.phone.divert(id, 'x')).toMatchObject({ ok: false, error: { kind: 'invalid' } });
      expect(await lab.phone.divert(id, '1002')).toMatchObject({ ok: true });
      await lab.until('gone', (state) => endOf(state, id) === 'transferred');
      await expect.poll(lab.far.divertedTo).toBe('1002');
      expect(await lab.phone.divert(id, '1002')).toMatchObject({ ok: false, error: { reason: 'notRinging' } });
    });
  });
};
