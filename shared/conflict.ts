import type { OpBody } from './op.ts';

/**
 * Who wins when two seats, or a seat and central, say different things: the one table, kept by seat and central alike. Order is by the
 * seat's sequence within an entity (`entityOf`), and by arrival at central between seats; a clock decides nothing. Central keeps the seat's
 * time and its own time of arrival of every op.
 *
 *   what               entity              who wins
 *   contact            the contact         its author's ops, in order; central's word on time, identity and limits counts more: a level
 *                                          is lowered to what central itself has proven, a closed contact stays closed
 *   profile field      customer and field  the op that arrives last; who, when and from which call is kept of every one (R7)
 *   marketing refusal  the customer        the refusal, always: nothing a seat or a file says lifts it (R22). It is sent before everything
 *                                          else that waits
 *   obligation, case   the obligation   the op that arrives first, where two cannot both be (done twice, closed twice, taken over by two): the later one is refused
 *                      or the case      and shown to its author. Days are counted anew by central's own calendar
 *   order              the order           as a case. What the text asked and what the customer replied is central's word alone; a step that no
 *                                          longer fits what the customer said meanwhile is refused and shown to its author (R41)
 *   disclosure         the contact         every tick stays; the same item twice is once (R42)
 *   presence           the agent           the seat where the agent is signed in now; what comes late from elsewhere means nothing
 *   op given up        the op              the first word; the refused op stays in central's record beside it
 *   customer record,   the row             central; a seat never changes one but by an op
 *   scripts, policy
 */
type Rule = {
  /** Sent before what else waits; its entity is its own, so no order within another one breaks. */
  readonly goesFirst: boolean;
  /** What an agent may do about one that central refused; all may be tried again or given up. */
  readonly mayEdit: 'wrapUp' | 'field' | null;
};

const ordinary: Rule = { goesFirst: false, mayEdit: null };
export const conflictRules: Readonly<Record<OpBody['name'], Rule>> = {
  'contact.opened': ordinary,
  'contact.identified': ordinary,
  'contact.answered': ordinary,
  'contact.topicChosen': ordinary,
  'contact.calledIn': ordinary,
  'contact.scriptAnswered': ordinary,
  'contact.disclosed': ordinary,
  'contact.verified': ordinary,
  'contact.transferred': ordinary,
  'contact.ended': ordinary,
  'contact.quality': ordinary,
  'contact.wrappedUp': { goesFirst: false, mayEdit: 'wrapUp' },
  'agent.stateChanged': ordinary,
  'agent.obeyed': ordinary,
  'customer.fieldSet': { goesFirst: false, mayEdit: 'field' },
  'customer.refused': { goesFirst: true, mayEdit: null },
  'obligation.opened': ordinary,
  'obligation.moved': ordinary,
  'obligation.done': ordinary,
  'case.opened': ordinary,
  'case.stepped': ordinary,
  'case.escalated': ordinary,
  'case.taken': ordinary,
  'case.handedBack': ordinary,
  'customer.opened': ordinary,
  'recording.played': ordinary,
  'order.opened': ordinary,
  'order.stepped': ordinary,
  'op.discarded': ordinary,
};
