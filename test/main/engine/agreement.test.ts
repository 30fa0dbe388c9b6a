import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { factors } from '../../../shared/verification-tables.ts';
import { contactById } from '../../../main/engine/store/contacts.ts';
import { openDb } from '../../../main/engine/store/db.ts';
import { newestSchema } from '../../../main/engine/store/migrations.ts';
import { quarantinedOps } from '../../../main/engine/store/outbox.ts';
import type { Fault } from '../fake-central.ts';
import { startFakeCentral } from '../fake-central.ts';
import { ended, endSeats, inbound, memoryLog, startSeat, talking } from '../harness.ts';
import { customer, feedOf } from '../sample.ts';

afterEach(endSeats);

const customers = [customer('c-a'), customer('c-b', { numbers: [{ key: '+8613700137000', confidence: 'certain' }] })];

type Step =
  | { readonly do: 'ring'; readonly number: string }
  | { readonly do: 'answer' | 'hangUp' | 'ready' | 'notReady' | 'back' | 'wait' | 'restart' }
  | { readonly do: 'identify'; readonly who: string | null }
  | { readonly do: 'topic' }
  | { readonly do: 'script'; readonly answer: string | null; readonly step: string }
  | { readonly do: 'verify'; readonly factor: (typeof factors)[number]; readonly typed: string }
  | { readonly do: 'wrapUp'; readonly path: string[] }
  | { readonly do: 'fault'; readonly fault: Fault };

const one = <S extends Step>(shape: { [K in keyof S]: fc.Arbitrary<S[K]> }): fc.Arbitrary<Step> =>
  fc.record(shape).map((made): Step => made as unknown as S);
type Of<D extends Step['do']> = Extract<Step, { readonly do: D }>;

const step: fc.Arbitrary<Step> = fc.oneof(
  one<Of<'ring'>>({ do: fc.constant('ring'), number: fc.constantFrom('13800138000', '13700137000', 'anonymous') }),
  fc
    .constantFrom(
      'answer' as const,
      'hangUp' as const,
      'ready' as const,
      'notReady' as const,
      'back' as const,
      'wait' as const,
      'restart' as const,
    )
    .map((what): Step => ({ do: what })),
  one<Of<'identify'>>({ do: fc.constant('identify'), who: fc.constantFrom('c-a', 'c-b', null) }),
  one<Of<'topic'>>({ do: fc.constant('topic') }),
  one<Of<'script'>>({
    do: fc.constant('script'),
    step: fc.constantFrom('open', 'bill', 'end'),
    answer: fc.constantFrom('yes', 'no', null),
  }),
  one<Of<'verify'>>({
    do: fc.constant('verify'),
    factor: fc.constantFrom(...factors),
    typed: fc.constantFrom('135790', '100-150', 'wrong'),
  }),
  one<Of<'wrapUp'>>({
    do: fc.constant('wrapUp'),
    path: fc.constantFrom<string[][]>(['other'], ['solved'], ['solved', 'told']),
  }),
  one<Of<'fault'>>({
    do: fc.constant('fault'),
    fault: fc.constantFrom<Fault[]>('none', 'none', 'down', 'loseReply', 'html', 'truncated', 'error500'),
  }),
);

describe('SYNC: seat and central agree', () => {
  it('after any work under any faults, central has every contact of the seat, equal, each op once and in order', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const central = await startFakeCentral(feedOf(customers));
      let seat = startSeat(central.url);
      await seat.signIn();
      await seat.synced();
      const rung: string[] = [];
      let call = inbound('13800138000');
      for (const now of steps) {
        const { contact } = await seat.snapshot();
        const contactId = contact?.contact.id ?? call.contactId;
        switch (now.do) {
          case 'ring':
            if (contact !== null || (await seat.snapshot()).session.kind === 'signedOut') break;
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
            await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' });
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
          case 'restart': {
            await seat.engine.close();
            const storeKey = { key: seat.key, kept: 'keyFile' } as const;
            seat = startSeat(central.url, { profileDir: seat.profileDir, storeKey, clock: seat.clock });
            // Off line nobody can sign in: then the rest of the work is refused, and nothing may be lost by that either.
            if ((await seat.snapshot()).session.kind === 'signedOut')
              await seat.desk.call('session.signIn', { agentNumber: '8001', password: 'sample-8001' });
            break;
          }
          case 'wait':
            seat.clock.advance(1_000);
            break;
        }
      }
      central.fault = 'none';
      if ((await seat.snapshot()).session.kind === 'signedOut') await seat.signIn();
      await seat.synced();
      await seat.engine.close();
      const db = openDb(seat.profileDir, seat.key, newestSchema, memoryLog());
      expect(quarantinedOps(db.read)).toEqual([]);
      for (const id of rung) expect(central.contacts.get(id)).toEqual(contactById(db.read, id));
      expect(central.contacts.size).toBe(new Set(rung).size);
      expect(central.applied.map((op) => op.seq)).toEqual(central.applied.map((_, index) => index + 1));
      db.close();
      await central.close();
      await endSeats();
    });
    await fc.assert(property, { numRuns: 60, interruptAfterTimeLimit: 10_000, markInterruptAsFailure: false });
  }, 40_000);
});
