import { asksToHold, type Call, foreground, liveCalls } from '../../shared/call.ts';
import type { Target } from '../../shared/directory.ts';
import type { ContactId } from '../../shared/ids.ts';
import { callInHand } from './view.ts';

/** The calls of a seat as an agent thinks of them. Pure. */
export type Lines = {
  /** The customer's, while it goes on. */
  readonly own: Call | undefined;
  /** The second one: a consultation, a colleague, the voice mail. Not one that waits. */
  readonly other: Call | undefined;
  /** A colleague who rings. */
  readonly waiting: Call | undefined;
  /** Whom the agent is with, and what the keys act on. */
  readonly ear: Call | undefined;
};

export const linesOf = (calls: readonly Call[], contactId: ContactId | null): Lines => {
  const live = liveCalls(calls).filter(
    // A lead's ear and the echo test have places of their own.
    ({ aside }) => aside?.kind !== 'supervision' && aside?.kind !== 'check',
  );
  const hand = callInHand(calls, contactId);
  const waiting = live.find((call) => call.aside !== undefined && call.state.kind === 'ringing');
  // One that rings is not whom the agent is with, as long as there is another.
  const ear = foreground(live.filter(({ state }) => state.kind !== 'ringing')) ?? foreground(live);
  const other = live.find((call) => call.aside !== undefined && call !== waiting);
  return { own: hand?.state.kind === 'ended' ? undefined : hand, other, waiting, ear: joined(live) ?? ear };
};

/** All three talk: what is done to "the call" is done to the second party, never by mistake to the customer. */
const joined = (live: readonly Call[]): Call | undefined =>
  live.find((call) => isMerged(call) && call.aside !== undefined);

export const isMerged = (call: Call | undefined): boolean =>
  call?.state.kind === 'talking' && call.state.merged === true;

export const isHeld = (call: Call | undefined): boolean =>
  call?.state.kind === 'talking' && asksToHold(call.state.hold);

/** The last consultation of this call, when it came to nothing and the customer still waits for what follows. */
export const failedConsult = (calls: readonly Call[], { own, other, waiting }: Lines): Call | undefined => {
  if (own === undefined || other !== undefined || waiting !== undefined || !isHeld(own)) return undefined;
  const last = calls.find((call) => call.aside?.kind === 'consult' && call.aside.of === own.id);
  if (last?.state.kind !== 'ended' || last.state.talkMs > 0) return undefined;
  return last.state.cause === 'agentHungUp' || last.state.cause === 'transferred' ? undefined : last;
};

/** Who is behind a second call, by our own directory; the wire's word on names is not taken. */
export const numberOfLine = ({ aside, number }: Call): string => (aside?.kind === 'colleague' ? aside.number : number);

export const targetOf = (targets: readonly Target[], number: string): Target | undefined =>
  targets.find((target) => target.number === number);
