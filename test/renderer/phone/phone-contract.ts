import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CallId, ContactId } from '../../../shared/ids.ts';
import { PhoneState } from '../../../shared/phone.ts';
import {
  endedBy,
  idOf,
  is,
  isFlowing,
  isHold,
  latest,
  newOrder,
  newUuid,
  startOf,
  type PhoneLab,
} from './phone-lab.ts';

/** The contract of `Phone` (rules PHONE-1 to PHONE-7; two lines: lines-contract.ts). `open` gives a started, registered phone with a microphone, not available. */
export const describePhone = (name: string, open: () => Promise<PhoneLab>): void => {
  describe(`Phone contract: ${name}`, () => {
    let lab: PhoneLab;
    beforeEach(async () => {
      lab = await open();
    });
    afterEach(() => lab.close());

    const ring = async (from: { display?: string; queue?: string; contactId?: string } = {}): Promise<CallId> => {
      await lab.phone.setAvailable(true);
      await lab.far.call(from);
      return idOf(await lab.until('ringing', is('ringing')));
    };
    const talk = async (): Promise<CallId> => {
      const id = await ring();
      expect(await lab.phone.answer(id)).toMatchObject({ ok: true });
      await lab.until('sound both ways', isFlowing);
      return id;
    };

    it('PHONE-1 publishes whole, valid states only; a registered line says since when', async () => {
      await talk();
      const published = await lab.phone.published();
      expect(published.length).toBeGreaterThan(3);
      for (const state of published) expect(PhoneState.safeParse(state).success).toBe(true);
      expect((await lab.phone.state()).line).toMatchObject({ kind: 'registered', sinceMs: expect.any(Number) });
    });

    it('shows who calls, from which queue, with the name the PBX has for it and a contact of its own, and rings', async () => {
      const exchangeId = newUuid();
      await ring({ display: 'Chen\u202e Gong', queue: 'service', contactId: exchangeId.toUpperCase() });
      const call = latest(await lab.phone.state());
      expect(call).toMatchObject({ direction: 'inbound', number: lab.number, queue: 'service', exchangeId });
      // The same customer may be offered to another agent next: two contacts.
      expect(call?.contactId).not.toBe(exchangeId);
      expect(call?.display).toBe('Chen Gong');
      expect(call?.trace.inviteMs).toBeGreaterThan(0);
    });

    it('takes no name from the PBX that is none', async () => {
      await ring({ contactId: '1; DROP TABLE', queue: 'no such <queue>' });
      const call = latest(await lab.phone.state());
      expect(ContactId.safeParse(call?.contactId).success).toBe(true);
      expect(call?.exchangeId).toBeUndefined();
      expect(call?.queue).toBeUndefined();
    });

    it('answers: ringing, answering, talking, sound both ways; the trace has every time in order', async () => {
      const id = await talk();
      const kinds = (await lab.phone.published()).map((state) => latest(state)?.state.kind);
      expect(kinds.indexOf('answering')).toBeGreaterThan(kinds.indexOf('ringing'));
      expect(kinds.indexOf('talking')).toBeGreaterThan(kinds.indexOf('answering'));
      const trace = latest(await lab.phone.state())?.trace;
      const times = [trace?.inviteMs, trace?.answerClickedMs, trace?.establishedMs, trace?.mediaBothMs];
      expect(times).toEqual(times.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      expect(times.every((time) => time !== undefined)).toBe(true);
      expect(await lab.phone.hangUp(id)).toMatchObject({ ok: true });
      await lab.until('over', endedBy('agentHungUp'));
    });

    it('PHONE-6 two clicks on answer are one answer', async () => {
      const id = await ring();
      const answers = await Promise.all([lab.phone.answer(id), lab.phone.answer(id)]);
      expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
      await lab.until('sound both ways', isFlowing);
      expect((await lab.phone.state()).calls).toHaveLength(1);
    });

    it('a caller who gives up leaves a missed call; answering it is refused', async () => {
      const id = await ring();
      await lab.far.hangUp();
      await lab.until('missed', endedBy('missed'));
      expect(await lab.phone.answer(id)).toMatchObject({ ok: false, error: { kind: 'conflict', reason: 'callEnded' } });
    });

    it('rejecting declines, hanging up while it rings as well', async () => {
      expect(await lab.phone.reject(await ring())).toMatchObject({ ok: true });
      await lab.until('rejected', endedBy('rejected'));
      expect(await lab.phone.hangUp(await ring())).toMatchObject({ ok: true });
      await lab.until('rejected again', endedBy('rejected'));
    });

    it('a customer who hangs up ends the call; the talk time is counted', async () => {
      await talk();
      await lab.far.hangUp();
      const state = await lab.until('over', endedBy('customerHungUp'));
      const call = latest(state)?.state;
      expect(call?.kind === 'ended' ? call.talkMs : -1).toBeGreaterThan(0);
    });

    it('PHONE-3 nothing rings while not available', async () => {
      await lab.far.call({});
      await expect.poll(lab.far.refusedWith).toBe(486);
      expect((await lab.phone.state()).calls).toHaveLength(0);
    });

    it('PHONE-5 ended calls stay, newest first, at most three beside a live one', async () => {
      for (let count = 0; count < 5; count += 1) {
        await lab.phone.reject(await ring());
        await lab.until('rejected', endedBy('rejected'));
      }
      await ring();
      const { calls } = await lab.phone.state();
      expect(calls.map((call) => call.state.kind)).toEqual(['ringing', 'ended', 'ended', 'ended']);
    });

    it('dials: dialling, ringing out, talking', async () => {
      await lab.far.policy('ring');
      const order = newOrder();
      expect(await lab.phone.dial(order)).toMatchObject({ ok: true });
      await lab.until('rings there', (state) => ['dialling', 'ringingOut'].includes(latest(state)?.state.kind ?? ''));
      await lab.far.pickUp();
      const state = await lab.until('sound both ways', isFlowing);
      expect(latest(state)).toMatchObject({
        id: order.callId,
        contactId: order.contactId,
        direction: 'outbound',
        number: order.dial,
      });
      await lab.phone.hangUp(order.callId);
      await lab.until('over', endedBy('agentHungUp'));
    });

    it('a refused call ends with the cause that the status means', async () => {
      for (const [status, cause] of [
        [486, 'busy'],
        [480, 'noAnswer'],
        [404, 'notFound'],
        [603, 'declined'],
        [503, 'server'],
      ] as const) {
        await lab.far.policy(status);
        expect(await lab.phone.dial(newOrder())).toMatchObject({ ok: true });
        await lab.until(cause, endedBy(cause));
      }
    });

    it('hanging up before the far end answers cancels', async () => {
      await lab.far.policy('ring');
      const order = newOrder();
      await lab.phone.dial(order);
      await lab.phone.hangUp(order.callId);
      await lab.until('over', endedBy('agentHungUp'));
      expect(await lab.phone.hangUp(order.callId)).toMatchObject({ ok: true });
    });

    it('refuses to dial anything but digits with at most a leading plus', async () => {
      for (const dial of [
        '',
        'abc',
        '+',
        '1380013800;x=1',
        '138@evil.example',
        '1'.repeat(40),
        '12 34',
        '＋８６１３８',
      ]) {
        expect(await lab.phone.dial(newOrder(dial))).toMatchObject({ ok: false, error: { kind: 'invalid' } });
        expect((await lab.phone.state()).calls).toHaveLength(0);
      }
    });

    it('one line: no second call, neither out nor in', async () => {
      await talk();
      expect(await lab.phone.dial(newOrder())).toMatchObject({
        ok: false,
        error: { kind: 'conflict', reason: 'callInProgress' },
      });
    });

    it('mute has one truth: the state; it needs a talking call', async () => {
      const id = await ring();
      expect(await lab.phone.mute(id, true)).toMatchObject({ ok: false, error: { reason: 'notTalking' } });
      await lab.phone.answer(id);
      await lab.until('sound both ways', isFlowing);
      await lab.phone.mute(id, true);
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'muted' });
      await lab.phone.mute(id, false);
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'open' });
    });

    it('PHONE-7 holds and resumes: held only after holding, cut off from the first moment, talk time counts on', async () => {
      const id = await talk();
      const before = latest(await lab.phone.state())?.state;
      expect(await lab.phone.hold(id, true)).toMatchObject({ ok: true });
      await lab.until('held', isHold('held'));
      expect(latest(await lab.phone.state())?.state).toMatchObject({ sinceMs: startOf(before), microphone: 'open' });
      await expect.poll(async () => (await lab.phone.levels()).at(-1)?.microphoneDb).toBeLessThan(-90);
      expect(await lab.phone.hold(id, true)).toMatchObject({ ok: true });
      expect(await lab.phone.hold(id, false)).toMatchObject({ ok: true });
      await lab.until('talking again', isHold('none'));
      await expect
        .poll(async () => (await lab.phone.levels()).slice(-20).some((level) => level.microphoneDb > -60))
        .toBe(true);
      const seen = (await lab.phone.published()).map((state) => {
        const call = latest(state)?.state;
        return call?.kind === 'talking' ? call.hold.kind : '';
      });
      const steps = seen.filter((kind, index) => kind !== '' && kind !== seen[index - 1]);
      expect(steps).toEqual(['none', 'holding', 'held', 'resuming', 'none']);
    });

    it('PHONE-7 a hold the far end refuses is shown as failed, never as held; resuming lets the agent be heard', async () => {
      const id = await talk();
      await lab.far.takesHold(false);
      await lab.phone.hold(id, true);
      await lab.until('failed', isHold('holdFailed'));
      expect((await lab.phone.published()).some(isHold('held'))).toBe(false);
      await lab.phone.hold(id, false);
      await lab.until('as before', isHold('none'));
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'open' });
    });

    it('PHONE-7 a resume the far end refuses is shown as failed; the next one works', async () => {
      const id = await talk();
      await lab.phone.hold(id, true);
      await lab.until('held', isHold('held'));
      await lab.far.takesHold(false);
      await lab.phone.hold(id, false);
      await lab.until('failed', isHold('resumeFailed'));
      await lab.far.takesHold(true);
      expect(await lab.phone.hold(id, false)).toMatchObject({ ok: true });
      await lab.until('talking again', isHold('none'));
    });

    it('PHONE-7 the microphone is after the hold what it was before, also when changed meanwhile', async () => {
      const id = await talk();
      await lab.phone.mute(id, true);
      await lab.phone.hold(id, true);
      await lab.until('held', isHold('held'));
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'muted' });
      await lab.phone.hold(id, false);
      await lab.until('talking again', isHold('none'));
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'muted' });
      await lab.phone.hold(id, true);
      await lab.until('held', isHold('held'));
      await lab.phone.mute(id, false);
      await expect.poll(async () => (await lab.phone.levels()).at(-1)?.microphoneDb).toBeLessThan(-90);
      await lab.phone.hold(id, false);
      await lab.until('talking again', isHold('none'));
      expect(latest(await lab.phone.state())?.state).toMatchObject({ microphone: 'open' });
    });

    it('PHONE-7 asked for without a line: cut off at once, held when the line is back', async () => {
      const id = await talk();
      await lab.far.cutLine();
      await lab.until('line lost', (state) => state.line.kind === 'lost');
      await lab.phone.hold(id, true);
      expect(isHold('holding')(await lab.phone.state())).toBe(true);
      await lab.far.restoreLine();
      await lab.until('held', isHold('held'));
    });

    it('PHONE-7 needs a talking call', async () => {
      const id = await ring();
      expect(await lab.phone.hold(id, true)).toMatchObject({ ok: false, error: { reason: 'notTalking' } });
    });

    it('sends digits while talking, only digits, and only then', async () => {
      const id = await ring();
      expect(await lab.phone.sendDigits(id, '1')).toMatchObject({ ok: false, error: { reason: 'notTalking' } });
      await lab.phone.answer(id);
      await lab.until('sound both ways', isFlowing);
      expect(await lab.phone.sendDigits(id, '12#')).toMatchObject({ ok: true });
      expect(await lab.phone.sendDigits(id, '1x')).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    });

    it('measures both sides during a call', async () => {
      const id = await talk();
      await expect
        .poll(async () => (await lab.phone.levels()).filter((level) => level.callId === id).length)
        .toBeGreaterThan(4);
      await expect
        .poll(async () => (await lab.phone.levels()).some((level) => level.callId === id && level.customerDb > -60))
        .toBe(true);
    });

    it.each([
      ['refused', 'microphoneRefused'],
      ['absent', 'microphoneAbsent'],
      ['inUse', 'microphoneInUse'],
    ] as const)(
      'PHONE-4 microphone %s: the call is shown and keeps ringing, answering says why',
      async (fault, reason) => {
        await lab.far.microphone(fault);
        expect(await lab.phone.checkDevices()).toEqual({ kind: fault });
        const id = await ring();
        expect(await lab.phone.answer(id)).toMatchObject({ ok: false, error: { kind: 'phone', reason } });
        expect(latest(await lab.phone.state())?.state.kind).toBe('ringing');
        await lab.far.microphone('ready');
        expect(await lab.phone.answer(id)).toMatchObject({ ok: true });
        await lab.until('sound both ways', isFlowing);
      },
    );

    it('without a microphone nothing is dialled', async () => {
      await lab.far.microphone('absent');
      await lab.phone.checkDevices();
      expect(await lab.phone.dial(newOrder())).toMatchObject({
        ok: false,
        error: { kind: 'phone', reason: 'microphoneAbsent' },
      });
    });

    it('PHONE-2 a lost line does not end a call; a hang-up over there arrives after its return', async () => {
      await talk();
      await lab.far.cutLine();
      await lab.until('line lost', (state) => state.line.kind === 'lost');
      expect(latest(await lab.phone.state())?.state.kind).toBe('talking');
      await lab.far.restoreLine();
      await lab.until('line back', (state) => state.line.kind === 'registered');
      expect(latest(await lab.phone.state())?.state.kind).toBe('talking');
      await lab.far.hangUp();
      await lab.until('over', endedBy('customerHungUp'));
    });

    it('PHONE-2 hanging up works without a line', async () => {
      const id = await talk();
      await lab.far.cutLine();
      await lab.until('line lost', (state) => state.line.kind === 'lost');
      expect(await lab.phone.hangUp(id)).toMatchObject({ ok: true });
      await lab.until('over', endedBy('agentHungUp'));
      await lab.far.restoreLine();
      await lab.until('line back', (state) => state.line.kind === 'registered');
    });

    it('nothing is dialled without a line; a call that was being dialled ends', async () => {
      await lab.far.policy('ring');
      await lab.phone.dial(newOrder());
      await lab.far.cutLine();
      await lab.until('over', endedBy('network'));
      expect(await lab.phone.dial(newOrder())).toMatchObject({
        ok: false,
        error: { kind: 'phone', reason: 'lineLost' },
      });
    });

    it('stopping ends the call and switches the line off', async () => {
      await talk();
      await lab.phone.stop();
      const state = await lab.until('off', ({ line }) => line.kind === 'off');
      expect(state.devices.kind).toBe('unchecked');
      expect(endedBy('agentHungUp')(state)).toBe(true);
    });
  });
};
