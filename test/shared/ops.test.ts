import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Contact, nextContact } from '../../shared/contact.ts';
import { mayDial } from '../../shared/dial-policy.ts';
import { AgentId, CustomerId, ScriptId, TopicId, uuidv7 } from '../../shared/ids.ts';
import type { ContactOp, OpBody } from '../../shared/op.ts';
import { entityOf, OpBody as OpBodySchema } from '../../shared/op.ts';
import { CallSummary } from '../../shared/quality.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { backOffMs, nextSync } from '../../shared/sync.ts';
import { callId, contactId, customer } from './make.ts';

const agent = AgentId.parse('A1');
const opened: OpBody = {
  name: 'contact.opened',
  contactId,
  callId,
  direction: 'inbound',
  number: '+8613800138000',
  queue: 'service',
  customerId: null,
  atMs: 1,
};
const play = (bodies: readonly ContactOp[]) =>
  bodies.reduce<{ contact: Contact | undefined; refusals: string[] }>(
    ({ contact, refusals }, body) => {
      const next = nextContact(contact, body, agent);
      return next.ok
        ? { contact: next.value, refusals }
        : { contact, refusals: [...refusals, next.error.reason ?? next.error.kind] };
    },
    { contact: undefined, refusals: [] },
  );

const answered: ContactOp = { name: 'contact.answered', contactId, atMs: 3 };
const quality: CallSummary = CallSummary.parse({
  looks: 60,
  poorLooks: 2,
  mosMean: 4.31,
  mosWorst: 3.2,
  lossPct: 0.4,
  jitterMs: 6.5,
  rttMs: 18,
  codec: 'opusFec',
  voice: {
    talkMs: 30_000,
    listenMs: 20_000,
    talkOverMs: 1_000,
    silenceMs: 9_000,
    agentNoiseDb: -60,
    customerNoiseDb: -48,
  },
});
const journey: readonly ContactOp[] = [
  opened,
  { name: 'contact.identified', contactId, customerId: CustomerId.parse('C1'), atMs: 2 },
  answered,
  {
    name: 'contact.topicChosen',
    contactId,
    topicId: TopicId.parse('bill'),
    script: { id: ScriptId.parse('s1'), version: 3 },
    atMs: 4,
  },
  { name: 'contact.verified', contactId, factor: 'fullName', matched: true, level: 2, atMs: 5 },
  { name: 'contact.scriptAnswered', contactId, answers: [{ stepId: 'open', answerId: null, atMs: 6 }], atMs: 6 },
  { name: 'contact.ended', contactId, cause: 'customerHungUp', atMs: 7 },
  { name: 'contact.quality', contactId, quality, atMs: 7 },
  { name: 'contact.wrappedUp', contactId, disposition: ['done'], forced: false, note: 'ok', atMs: 8 },
];

describe('contact rule', () => {
  it('a whole journey leaves times, script version, answers, verification and disposition', () => {
    const { contact, refusals } = play(journey);
    expect(refusals).toEqual([]);
    expect(contact).toMatchObject({
      customerId: 'C1',
      answeredAtMs: 3,
      quality,
      endedAtMs: 7,
      endCause: 'customerHungUp',
      topicId: 'bill',
      script: { id: 's1', version: 3 },
      disposition: ['done'],
      wrappedUpAtMs: 8,
      verifications: [{ factor: 'fullName', matched: true, level: 2, atMs: 5 }],
    });
    expect(Contact.safeParse(contact).success).toBe(true);
  });
  it('refuses wrap-up while the call runs, without disposition (R28), and anything after it', () => {
    const early = play([
      opened,
      { name: 'contact.wrappedUp', contactId, disposition: ['done'], forced: false, note: '', atMs: 2 },
    ]);
    expect(early.refusals).toEqual(['callRunning']);
    const empty = play([
      ...journey.slice(0, 7),
      { name: 'contact.wrappedUp', contactId, disposition: [], forced: false, note: '', atMs: 8 },
    ]);
    expect(empty.refusals).toEqual(['disposition']);
    expect(play([...journey, { name: 'contact.answered', contactId, atMs: 9 }]).refusals).toEqual(['contactClosed']);
  });
  it('refuses an unknown contact, a second opening, and another agent’s contact', () => {
    expect(play([answered]).refusals).toEqual(['contact']);
    expect(play([opened, opened]).refusals).toEqual(['contactExists']);
    const { contact } = play([opened]);
    expect(nextContact(contact, answered, AgentId.parse('A2'))).toMatchObject({
      ok: false,
      error: { kind: 'forbidden' },
    });
  });
  it('another script starts its answers afresh', () => {
    const changed = play([
      ...journey.slice(0, 6),
      { name: 'contact.topicChosen', contactId, topicId: TopicId.parse('other'), script: null, atMs: 9 },
    ]);
    expect(changed.contact?.answers).toEqual([]);
  });
  it('ended is the last word on time and cause', () => {
    const twice = play([
      opened,
      { name: 'contact.ended', contactId, cause: 'missed', atMs: 5 },
      { name: 'contact.ended', contactId, cause: 'network', atMs: 9 },
    ]);
    expect(twice.contact).toMatchObject({ endedAtMs: 5, endCause: 'missed' });
  });
  it('any order of ops is a value, never a throw, and yields valid rows', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...journey), { maxLength: 20 }), (bodies) => {
        const { contact } = play(bodies);
        expect(contact === undefined || Contact.safeParse(contact).success).toBe(true);
      }),
    );
  });
  it('ops survive the wire unchanged and belong to one entity', () => {
    for (const body of journey) {
      expect(OpBodySchema.parse(JSON.parse(JSON.stringify(body)))).toEqual(body);
      expect(entityOf({ agentId: agent, body })).toBe(`contact:${contactId}`);
    }
    expect(
      entityOf({ agentId: agent, body: { name: 'agent.stateChanged', state: { kind: 'ready', sinceMs: 1 }, atMs: 1 } }),
    ).toBe('agent:A1');
  });
});

describe('R21: one dial policy', () => {
  const ask = (text: string, over: Partial<Parameters<typeof mayDial>[0]> = {}) =>
    mayDial({ text, purpose: 'service', customer: undefined, ...over }, defaultPolicy);
  it.each([
    ['138 0013 8000', '13800138000'],
    ['+86 138 0013 8000', '13800138000'],
    ['(010) 6554 3210', '01065543210'],
    ['110', '110'],
  ])('%s dials %s', (text, dial) => expect(ask(text)).toMatchObject({ ok: true, value: { dial } }));
  it.each([
    ['', 'numberEmpty'],
    ['abc', 'numberMalformed'],
    ['13800138000@evil.example', 'numberMalformed'],
    ['13800138000;user=phone?Replaces=x', 'numberMalformed'],
    ['+44 20 7946 0000', 'numberInternational'],
  ])('%s is refused: %s', (text, reason) => expect(ask(text)).toMatchObject({ ok: false, error: { reason } }));
  it('security 72: whatever is typed, only digits and + reach the wire', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (text) => {
        const got = ask(text);
        expect(!got.ok || /^\+?\d{2,20}$/.test(got.value.dial)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  it('R23: a roaming customer is announced before dialling', () => {
    expect(ask('13800138000', { customer: customer({ roaming: true }) })).toMatchObject({
      value: { warnings: ['roaming'] },
    });
  });
});

describe('sync state', () => {
  it('backs off from half a second to fifteen, ± 25 %, without end', () => {
    expect([1, 2, 3, 10].map((attempt) => backOffMs(attempt, 0.5))).toEqual([500, 1_000, 2_000, 15_000]);
    expect([backOffMs(1, 0), backOffMs(1, 1)]).toEqual([375, 625]);
  });
  it('counts attempts while off line and keeps the waiting ops in every state', () => {
    let state = nextSync({ kind: 'signedOut', waiting: 3 }, { kind: 'signedIn' });
    for (let i = 0; i < 3; i += 1) state = nextSync(state, { kind: 'failed', why: 'offline', atMs: 0, random: 0.5 });
    expect(state).toEqual({ kind: 'offline', waiting: 3, why: 'offline', attempt: 3, retryAtMs: 2_000 });
    expect(nextSync(state, { kind: 'waitingChanged', waiting: 3 })).toBe(state);
    expect(nextSync(state, { kind: 'caughtUp', atMs: 7 })).toEqual({ kind: 'idle', waiting: 3, atMs: 7 });
  });
  it('a seat too old stops, and nothing but signing out leaves it', () => {
    const stopped = nextSync(
      { kind: 'idle', waiting: 1, atMs: 1 },
      { kind: 'failed', why: 'tooOld', atMs: 1, random: 0 },
    );
    expect(stopped.kind).toBe('stopped');
    expect(nextSync(stopped, { kind: 'pushStarted' })).toBe(stopped);
    expect(nextSync(stopped, { kind: 'signedOut' }).kind).toBe('signedOut');
  });
});

it('ids are UUIDv7 and sort by time', () => {
  const bytes = new Uint8Array(10).fill(0xab);
  const early = uuidv7(1_700_000_000_000, bytes);
  expect(early).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(uuidv7(1_700_000_000_001, bytes) > early).toBe(true);
  expect(Number.parseInt(early.replaceAll('-', '').slice(0, 12), 16)).toBe(1_700_000_000_000);
});
