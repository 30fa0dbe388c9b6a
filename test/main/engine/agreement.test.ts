import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { CustomerId, TopicId } from '../../../shared/ids.ts';
import { factors } from '../../../shared/verification.ts';
import { contactById } from '../../../main/engine/store/contacts.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { newestSchema } from '../../../main/engine/store/migrations.ts';
import { refusedOps } from '../../../main/engine/store/outbox.ts';
import { join } from 'node:path';
import type { Fault } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { ended, endSeats, inbound, memoryLog, startSeat, talking } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

afterEach(endSeats);

const customers = [customer('c-a'), customer('c-b', { numbers: [{ key: '+8613700137000', confidence: 'certain' }] })];

type Step =
  | { readonly do: 'ring'; readonly number: string }
  | { readonly do: 'answer' | 'hangUp' | 'ready' | 'notReady' | 'back' | 'wait' }
  | { readonly do: 'identify'; readonly who: CustomerId | null }
  | { readonly do: 'topic' }
  | { readonly do: 'script'; readonly answer: string | null; readonly step: string }
  | { readonly do: 'verify'; readonly factor: (typeof factors)[number]; readonly typed: string }
  | { readonly do: 'wrapUp'; readonly path: string[] }
  | { readonly do: 'fault'; readonly fault: Fault };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('ring' as const), number: fc.constantFrom('13800138000', '13700137000', 'anonymous') }),
  fc.record({ do: fc.constantFrom('answer', 'hangUp', 'ready', 'notReady', 'back', 'wait') }) as fc.Arbitrary<Step>,
  fc.record({
    do: fc.constant('identify' as const),
    who: fc.constantFrom('c-a' as CustomerId, 'c-b' as CustomerId, null),
  }),
  fc.record({ do: fc.constant('topic' as const) }),
  fc.record({
    do: fc.constant('script' as const),
    step: fc.constantFrom('open', 'bill', 'end'),
    answer: fc.constantFrom('yes', 'no', null),
  }),
  fc.record({
    do: fc.constant('verify' as const),
    factor: fc.constantFrom(...factors),
    typed: fc.constantFrom('135790', '100-150', 'wrong'),
  }),
  fc.record({ do: fc.constant('wrapUp' as const), path: fc.constantFrom(['other'], ['solved'], ['solved', 'told']) }),
  fc.record({
    do: fc.constant('fault' as const),
    fault: fc.constantFrom<Fault[]>('none', 'none', 'down', 'loseReply', 'html', 'truncated', 'error500'),
  }),
);

describe('SYNC: seat and central agree', () => {
  it('after any work under any faults, central has every contact of the seat, equal, each op once and in order', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const central = await startFakeCentral(feedOf(customers));
      const seat = startSeat(central.url);
      await seat.signIn();
      await seat.synced();
      const rung: string[] = [];
      let call = inbound('13800138000');
      for (const now of steps) {
        const { contact } = await seat.snapshot();
        const contactId = contact?.contact.id ?? call.contactId;
        switch (now.do) {
          case 'ring':
            if (contact !== null) break;
            call = inbound(now.number);
            rung.push(call.contactId);
            await seat.report(call);
            break;
          case 'answer':
            if (contact !== null && contact.contact.endedAtMs === null) await seat.report(talking(call));
            break;
          case 'hangUp':
            await seat.report(ended(call));
            break;
          case 'ready':
            await seat.desk.call('agent.ready', {});
            break;
          case 'notReady':
            await seat.desk.call('agent.notReady', { reason: 'break' });
            break;
          case 'identify':
            await seat.desk.call('contact.identify', { contactId, customerId: now.who });
            break;
          case 'topic':
            await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' as TopicId });
            break;
          case 'script':
            await seat.desk.call('script.answer', { contactId, stepId: now.step, answerId: now.answer });
            break;
          case 'back':
            await seat.desk.call('script.back', { contactId });
            break;
          case 'verify':
            await seat.desk.call('verification.try', { contactId, factor: now.factor, value: now.typed });
            break;
          case 'wrapUp':
            await seat.desk.call('contact.wrapUp', { contactId, note: 'n', disposition: now.path });
            break;
          case 'fault':
            central.fault = now.fault;
            break;
          case 'wait':
            seat.clock.advance(1_000);
            break;
        }
      }
      central.fault = 'none';
      await seat.synced();
      await seat.engine.close();
      const db = openDb(join(seat.profileDir, 'seat.db'), seat.key, newestSchema, memoryLog());
      expect(refusedOps(db.read)).toEqual([]);
      for (const id of rung) expect(central.contacts.get(id)).toEqual(contactById(db.read, id));
      expect(central.contacts.size).toBe(new Set(rung).size);
      expect(central.applied.map((op) => op.seq)).toEqual(central.applied.map((_, index) => index + 1));
      db.close();
      await central.close();
      await endSeats();
    });
    await fc.assert(property, { numRuns: 25, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false });
  }, 40_000);
});
