import { describe, expect, it } from 'vitest';
import { nextContact } from '../../shared/contact.ts';
import { AgentId, CallId, ContactId, SupervisionId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { OwnSupervision, OwnSupervisionEvent, TakenCall } from '../../shared/supervision.ts';
import { maySupervise, nextOwnSupervision, notSupervising } from '../../shared/supervision.ts';

const id = SupervisionId.parse('01900000-0000-7000-8000-000000000001');
const other = SupervisionId.parse('01900000-0000-7000-8000-000000000002');
const agentId = AgentId.parse('A1001');
const about = { id, agentId, agentName: '林小禾', mode: 'listen' } as const;
const taken: TakenCall = {
  exchangeId: ContactId.parse('01900000-0000-7000-8000-000000000005'),
  direction: 'inbound',
  number: '+8613800000001',
  queue: 'service',
  customerId: null,
  topicId: null,
};
const states: readonly OwnSupervision[] = [
  notSupervising,
  { kind: 'asking', ...about, sinceMs: 1 },
  { kind: 'on', ...about, contactId: null, sinceMs: 1 },
];
const events: readonly OwnSupervisionEvent[] = [
  { kind: 'asked', ...about, atMs: 5 },
  { kind: 'began', id, contactId: null, mode: 'listen', atMs: 5 },
  { kind: 'changed', id, mode: 'listen' },
  { kind: 'changed', id, mode: 'whisper' },
  { kind: 'ended', id },
  { kind: 'began', id: other, contactId: null, mode: 'barge', atMs: 5 },
  { kind: 'changed', id: other, mode: 'takeOver' },
  { kind: 'ended', id: other },
];

describe('a lead’s own session', () => {
  it('R35 follows the full state × event matrix; what is said of another session means nothing', () => {
    const seen = states.map((before) =>
      events
        .map((event) => {
          const after = nextOwnSupervision(before, event);
          return after === before ? '=' : after.kind === 'none' ? 'none' : `${after.kind}:${after.mode}`;
        })
        .join(' '),
    );
    expect(seen).toEqual(['asking:listen = = = = = = =', '= on:listen = = none = = =', '= = = on:whisper none = = =']);
  });

  it('R35 what was taken over comes with the take-over, whether it began so or was switched to', () => {
    const [none, asking, on] = states;
    if (none === undefined || asking === undefined || on === undefined) throw new Error('no states');
    const began = nextOwnSupervision(asking, { kind: 'began', id, contactId: null, mode: 'takeOver', taken, atMs: 5 });
    expect(began).toMatchObject({ kind: 'on', mode: 'takeOver', taken });
    expect(nextOwnSupervision(on, { kind: 'changed', id, mode: 'takeOver', taken })).toEqual({
      ...{ kind: 'on', ...about, contactId: null, sinceMs: 1 },
      ...{ mode: 'takeOver', taken },
    });
    expect(nextOwnSupervision(on, { kind: 'changed', id, mode: 'takeOver' })).not.toHaveProperty('taken');
  });

  it('security 79: leads, managers and administrators, and nobody else', () => {
    expect(['agent', 'lead', 'manager', 'admin', '', 'Lead', 'constructor'].filter(maySupervise)).toEqual([
      'lead',
      'manager',
      'admin',
    ]);
  });

  it('R35 a contact that was taken over says so, whichever word came first; no other word replaces the first', () => {
    const contactId = ContactId.parse('01900000-0000-7000-8000-000000000003');
    const of = { contactId, atMs: 2 };
    const opened: OpBody = {
      ...{
        name: 'contact.opened',
        contactId,
        atMs: 1,
        direction: 'inbound',
        number: '',
        queue: null,
        customerId: null,
      },
      callId: CallId.parse('01900000-0000-7000-8000-000000000004'),
    };
    const endedBy = (...causes: readonly ('customerHungUp' | 'takenOver' | 'network')[]) => {
      let contact = nextContact(undefined, opened, agentId);
      for (const cause of causes)
        if (contact.ok) contact = nextContact(contact.value, { name: 'contact.ended', ...of, cause }, agentId);
      return contact.ok ? contact.value.endCause : contact.error.kind;
    };
    expect(endedBy('customerHungUp', 'takenOver')).toBe('takenOver');
    expect(endedBy('takenOver', 'customerHungUp')).toBe('takenOver');
    expect(endedBy('customerHungUp', 'network')).toBe('customerHungUp');
  });
});
