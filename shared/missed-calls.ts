import { z } from 'zod';
import type { EndCause } from './call.ts';
import type { Contact } from './contact.ts';
import type { PastContact } from './customer.ts';
import { AgentId, ContactId } from './ids.ts';
import type { CustomerId } from './ids.ts';
import { Text } from './text.ts';

/**
 * Customers' calls that came to a seat and were not answered there (未接来电, R38), and what became of each:
 *
 *   open ──the agent reaches them──▶ calledBack
 *    ├──they call again, and this agent answers──▶ calledAgain
 *    └──somebody else talks with them──▶ colleague
 *
 * Nothing is marked by hand: it follows from contacts, so that seat and central say the same and nobody tidies a list.
 */
export const missedHows = ['rangOut', 'declined', 'gaveUp', 'lost'] as const;
export type MissedHow = (typeof missedHows)[number];

/** A caller who hung up sooner did so of his own accord; later it was the ring time that ran out (both arrive as CANCEL). */
const ringTimeMs = 10_000;
/** The agent's business for so long: over a weekend. */
export const missedForMs = 3 * 24 * 3_600_000;
export const mostMissed = 50;
export const mostTeamMissed = 300;

/**
 * Undefined: passed on or taken over; or the seat was busy and never rang (486), and the queue went on to somebody else. None of these is missed: an
 * agent answers for what rang in their ear.
 */
export const howMissed = (cause: EndCause, rangMs: number): MissedHow | undefined => {
  switch (cause) {
    case 'transferred':
    case 'takenOver':
    case 'busy':
      return undefined;
    case 'rejected':
    case 'declined':
      return 'declined';
    case 'customerHungUp':
      return 'gaveUp';
    case 'missed':
    case 'noAnswer':
      return rangMs < ringTimeMs ? 'gaveUp' : 'rangOut';
    default:
      return 'lost';
  }
};

const at = { atMs: z.number() };
export const MissedState = z.discriminatedUnion('kind', [
  /** `triedAtMs`: called back last, and not reached. */
  z.object({ kind: z.literal('open'), triedAtMs: z.number().nullable() }),
  z.object({ kind: z.literal('calledBack'), ...at }),
  z.object({ kind: z.literal('calledAgain'), ...at }),
  z.object({ kind: z.literal('colleague'), ...at, by: z.string().max(40) }),
]);
export type MissedState = z.infer<typeof MissedState>;

export const MissedCall = z.object({
  /** Of the last time it rang: by it the number is dialled, and never reaches the desk (R44). */
  contactId: ContactId,
  /** A customer's masked; empty: withheld, nobody can be called back. */
  shown: z.string().max(64),
  name: z.string().max(40).nullable(),
  queue: z.string().max(64).nullable(),
  how: z.enum(missedHows),
  ...at,
  /** How often since somebody last talked with them. */
  times: z.number().int().min(1),
  state: MissedState,
});
export type MissedCall = z.infer<typeof MissedCall>;

/** A colleague who rang in vain, while the agent talked or was away; gone once the two have talked. */
export const MissedColleague = z.object({
  number: z.string().max(20),
  name: Text.nullable(),
  ...at,
  times: z.number().int().min(1),
});
export type MissedColleague = z.infer<typeof MissedColleague>;

export const MissedCalls = z.object({
  calls: z.array(MissedCall).max(mostMissed),
  colleagues: z.array(MissedColleague).max(mostMissed),
});
export type MissedCalls = z.infer<typeof MissedCalls>;

type Own = Pick<
  Contact,
  'id' | 'direction' | 'number' | 'customerId' | 'queue' | 'openedAtMs' | 'answeredAtMs' | 'endedAtMs' | 'endCause'
>;
export type Missed = Pick<MissedCall, 'how' | 'atMs' | 'times' | 'state'> & { readonly contact: Own };

const howOf = ({ direction, answeredAtMs, openedAtMs, endedAtMs, endCause }: Own): MissedHow | undefined =>
  direction !== 'inbound' || answeredAtMs !== null || endedAtMs === null || endCause === null
    ? undefined
    : howMissed(endCause, endedAtMs - openedAtMs);

/**
 * One line for each caller, what is open in front, each the newest first.
 * @param own of one agent, in any order
 * @param past what is known of a customer's contacts with anybody
 */
export const missedOf = (
  own: readonly Own[],
  past: (customerId: CustomerId) => readonly PastContact[],
): readonly Missed[] =>
  byCaller(own)
    .flatMap((of) => missedBy(of, past) ?? [])
    .toSorted(
      (one, other) => Number(one.state.kind !== 'open') - Number(other.state.kind !== 'open') || other.atMs - one.atMs,
    );

/** By customer, or by number while nobody knows whose it is; withheld numbers have nothing in common. */
const byCaller = (own: readonly Own[]): readonly (readonly Own[])[] => {
  const callers: Own[][] = [];
  const known = new Map<string, Own[]>();
  for (const contact of own.toSorted((one, other) => one.openedAtMs - other.openedAtMs)) {
    const keys = [contact.customerId ?? '', contact.number].filter((key) => key !== '');
    let caller = keys.map((key) => known.get(key)).find((one) => one !== undefined);
    if (caller === undefined) callers.push((caller = []));
    caller.push(contact);
    for (const key of keys) known.set(key, caller);
  }
  return callers;
};

const missedBy = (of: readonly Own[], past: (customerId: CustomerId) => readonly PastContact[]): Missed | undefined => {
  const last = of.findLastIndex((contact) => howOf(contact) !== undefined);
  const contact = of[last];
  const how = contact === undefined ? undefined : howOf(contact);
  if (contact === undefined || how === undefined) return undefined;
  const talkedAt = of.findLastIndex((one, index) => index < last && one.answeredAtMs !== null);
  const times = of.filter((one, index) => index > talkedAt && index <= last && howOf(one) !== undefined).length;
  return { contact, how, atMs: contact.openedAtMs, times, state: stateOf(of, last, past) };
};

const stateOf = (
  of: readonly Own[],
  last: number,
  past: (customerId: CustomerId) => readonly PastContact[],
): MissedState => {
  const later = of.slice(last + 1);
  const talked = later.find(({ answeredAtMs }) => answeredAtMs !== null);
  if (talked !== undefined)
    return { kind: talked.direction === 'outbound' ? 'calledBack' : 'calledAgain', atMs: talked.openedAtMs };
  const rangMs = of[last]?.openedAtMs ?? 0;
  const mine = new Set<string>(of.map(({ id }) => id));
  const customerId = of.findLast((one) => one.customerId !== null)?.customerId ?? null;
  // A queue offers its caller to the next colleague: that contact may have begun before this one rang out.
  const others = (customerId === null ? [] : past(customerId)).filter(
    (line) => !mine.has(line.contactId) && line.talkMs > 0 && line.startedAtMs + line.talkMs > rangMs,
  );
  const first = others.toSorted((one, other) => one.startedAtMs - other.startedAtMs)[0];
  if (first !== undefined) return { kind: 'colleague', atMs: first.startedAtMs, by: first.agentName };
  return { kind: 'open', triedAtMs: later.findLast(({ direction }) => direction === 'outbound')?.openedAtMs ?? null };
};

/** What central tells of missed calls: an agent's own without who it was, or a lead's team's. */
export const MissedRequest = z.object({ scope: z.enum(['own', 'team']), fromMs: z.number().min(0) });
const settled = z.object({
  ...at,
  agentId: AgentId,
  agentName: z.string().max(40),
  direction: z.enum(['inbound', 'outbound']),
});
export const TeamMissedCall = z.object({
  contactId: ContactId,
  agentId: AgentId,
  agentName: z.string().max(40),
  agentNumber: z.string().max(20),
  /** Masked; null: nobody was identified, or it is the agent who asks. */
  who: z.string().max(40).nullable(),
  number: z.string().max(64),
  queue: z.string().max(64).nullable(),
  how: z.enum(missedHows),
  ...at,
  /** The first talk anybody had with them afterwards. */
  settled: settled.nullable(),
});
export type TeamMissedCall = z.infer<typeof TeamMissedCall>;
export const MissedResponse = z.object({ calls: z.array(TeamMissedCall).max(mostTeamMissed) });
export type MissedResponse = z.infer<typeof MissedResponse>;

/** A row for whom nobody here knows more, by central's word. */
export const withCentral = (calls: readonly MissedCall[], told: readonly TeamMissedCall[], agentId: AgentId) => {
  const byId = new Map<string, TeamMissedCall>(told.map((one) => [one.contactId, one]));
  return calls.map((call): MissedCall => {
    const talk = byId.get(call.contactId)?.settled;
    if (call.state.kind !== 'open' || talk == null) return call;
    const { atMs } = talk;
    if (talk.agentId !== agentId) return { ...call, state: { kind: 'colleague', atMs, by: talk.agentName } };
    return { ...call, state: { kind: talk.direction === 'outbound' ? 'calledBack' : 'calledAgain', atMs } };
  });
};

export const missedRoutes = {
  missed: { method: 'POST', path: '/v1/missed', request: MissedRequest, response: MissedResponse },
} as const;

const none = z.object({});
const desk = ['desk'] as const;
export const missedCalls = {
  /** From this seat alone, off line too; `central`: with what only central knows, refused `offline` when it cannot be asked. */
  'missed.list': { request: z.object({ where: z.enum(['seat', 'central']) }), response: MissedCalls, by: desk },
  /** Leads: today's, of the team. */
  'missed.team': { request: none, response: MissedResponse, by: desk },
} as const;
