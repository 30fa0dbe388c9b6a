import { Call } from '../../../shared/call.ts';
import { unverified } from '../../../shared/verification.ts';
import { ContactView } from '../../../shared/seat.ts';

/** A caller who does not exist, with something in every part of the desk: nobody ever sees them. */
export type MadeUp = { readonly ringing: Call; readonly talking: Call; readonly view: ContactView };

const id = '00000000-0000-7000-8000-000000000000';
const word = { zh: '-', en: '-' };
const day = 86_400_000;

/** Through the schemas, which have to be warm as well; undefined: they know better by now, and a pop is what it was without. */
export const madeUp = (nowMs: number): MadeUp | undefined => {
  const ringing = Call.safeParse(callAt(nowMs, { kind: 'ringing', sinceMs: nowMs }));
  const talking = Call.safeParse(
    callAt(nowMs, { kind: 'talking', sinceMs: nowMs, microphone: 'open', hold: { kind: 'none' }, media: 'flowing' }),
  );
  const view = ContactView.safeParse(viewAt(nowMs));
  if (!ringing.success || !talking.success || !view.success) return undefined;
  return { ringing: ringing.data, talking: talking.data, view: view.data };
};

const callAt = (nowMs: number, state: unknown) => ({
  ...{ id, direction: 'inbound', number: '13800000000', display: '', contactId: id, state },
  trace: { inviteMs: nowMs },
});

const viewAt = (nowMs: number) => ({
  contact: {
    ...{ id, callId: id, agentId: '-', direction: 'inbound', number: '+8613800000000', queue: null, customerId: '-' },
    ...{ openedAtMs: nowMs, answeredAtMs: null, endedAtMs: null, endCause: null, topicId: null },
    ...{ script: { id: '-', version: 1 }, answers: [], verifications: [] },
    ...{ disposition: null, forced: false, note: '', wrappedUpAtMs: null },
  },
  match: { kind: 'one', customer: customerAt(nowMs), certainty: 'certain' },
  source: 'seat',
  notices: [{ id: '-', area: null, packageId: null, severity: 'outage', text: word, fromMs: nowMs, toMs: nowMs + day }],
  history: [
    {
      ...{ contactId: id, direction: 'inbound', startedAtMs: nowMs - day, talkMs: 60_000, topic: word },
      ...{ disposition: [word, word], agentName: '-', note: '-', recorded: true },
    },
  ],
  verification: unverified,
  verifying: { keypad: false, isAside: false, override: 'none', callBack: null, openUntilMs: {} },
  revealed: {},
  script: {
    script: {
      ...{ id: '-', version: 1, title: word, kind: 'service', first: '1', objections: [] },
      steps: [{ id: '1', part: 'opening', say: word, answers: [{ id: '1', label: word, next: null }], next: null }],
    },
    run: { scriptId: '-', version: 1, taken: [], stepId: '1' },
    variables: {},
    objections: [],
  },
  draft: { note: '', disposition: [] },
  tree: { id: '-', queues: [], roots: [{ id: '1', label: word, outcome: 'other', children: [] }] },
  finding: { spoken: {}, recent: [] },
  readyAtMs: nowMs,
});

const customerAt = (nowMs: number) => ({
  ...{ id: '-', surname: '-', nameMasked: '-', gender: 'female', language: 'zh-CN', area: word },
  numbers: [{ key: '+8613800000000', confidence: 'certain' }],
  ...{ list: 'red', card: 'gold', manager: '-', refusesMarketing: false, roaming: true, lastOffers: [] },
  // A high tier in its warning stage, for whom there are offers: each of these has words and reasons of its own.
  usage: {
    ...{ arpu: 400, lastBill: 900, previousBill: 200, longDistanceShare: 0.6, dataUsedShare: 0.99 },
    ...{ roamingDays: 9, tenureMonths: 99, creditScore: 800, contractEndsAtMs: nowMs + day },
    ...{ rivalForwarding: true, daysSinceLastRecord: 0 },
  },
  package: { id: '-', name: word },
  fields: ([1, 2, 3] as const).map((of) => ({ key: `${of}`, class: of, shown: '-' })),
  cases: [
    {
      ...{ id: '-', kind: 'complaint', title: word, department: word, openedAtMs: nowMs - day },
      ...{ deadlineMs: nowMs - 1, status: 'open' },
    },
  ],
  orders: [{ id: '-', flow: 'onSpot', name: '-', openedAtMs: nowMs - day, stage: 'done' }],
});
