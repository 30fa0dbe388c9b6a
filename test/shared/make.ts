import type { AgentState } from '../../shared/agent.ts';
import type { Call } from '../../shared/call.ts';
import { Customer } from '../../shared/customer.ts';
import { CallId, ContactId } from '../../shared/ids.ts';
import type { Usage } from '../../shared/customer.ts';

/** Sample values for tests; plainly fictional. */
export const callId = CallId.parse('01900000-0000-7000-8000-000000000001');
export const otherCallId = CallId.parse('01900000-0000-7000-8000-000000000002');
export const contactId = ContactId.parse('01900000-0000-7000-8000-00000000000a');
export const otherContactId = ContactId.parse('01900000-0000-7000-8000-00000000000b');

export const calmUsage: Usage = {
  arpu: 90,
  lastBill: 92,
  previousBill: 88,
  longDistanceShare: 0.1,
  dataUsedShare: 0.4,
  roamingDays: 0,
  tenureMonths: 30,
  creditScore: 600,
  contractEndsAtMs: 4_000_000_000_000,
  rivalForwarding: false,
  daysSinceLastRecord: 1,
};

export const customer = (over: Partial<Record<keyof Customer, unknown>> = {}): Customer =>
  Customer.parse({
    id: 'C1',
    surname: '李',
    nameMasked: '李*',
    gender: 'male',
    language: 'zh-CN',
    numbers: [{ key: '+8613800138000', confidence: 'certain' }],
    area: { zh: '岚桥市', en: 'Lanqiao' },
    list: 'normal',
    card: 'none',
    manager: null,
    usage: calmUsage,
    package: { id: 'p1', name: { zh: '畅享套餐', en: 'Easy plan' } },
    refusesMarketing: false,
    roaming: false,
    lastOffers: [],
    fields: [],
    cases: [],
    ...over,
  });

export const agentStates: readonly AgentState[] = [
  { kind: 'offline', sinceMs: 1 },
  { kind: 'notReady', reason: 'meal', sinceMs: 1 },
  { kind: 'ready', sinceMs: 1 },
  { kind: 'reserved', callId, contactId, then: { kind: 'ready' }, sinceMs: 1 },
  { kind: 'onCall', callId, contactId, then: { kind: 'ready' }, sinceMs: 1 },
  { kind: 'wrapUp', contactId, then: { kind: 'notReady', reason: 'meal' }, deadlineMs: 9, sinceMs: 1 },
];

const call: Call = {
  id: callId,
  direction: 'inbound',
  number: '13800138000',
  display: '',
  contactId,
  state: { kind: 'ringing', sinceMs: 1 },
  trace: { inviteMs: 1 },
};
export const callIn = (state: Call['state']): Call => ({ ...call, state });
export const callStates: readonly Call['state'][] = [
  { kind: 'dialling', sinceMs: 1 },
  { kind: 'ringingOut', sinceMs: 1 },
  { kind: 'ringing', sinceMs: 1 },
  { kind: 'answering', sinceMs: 1 },
  { kind: 'talking', sinceMs: 1, microphone: 'open', hold: { kind: 'none' }, media: 'connecting' },
  { kind: 'talking', sinceMs: 1, microphone: 'muted', hold: { kind: 'none' }, media: 'flowing' },
  { kind: 'ended', atMs: 1, cause: 'customerHungUp', talkMs: 0 },
];
