import type { Call } from '../../shared/call.ts';
import type { Contact } from '../../shared/contact.ts';
import type { Customer, QueryClass } from '../../shared/customer.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { Policy } from '../../shared/policy.ts';
import type { KnownObjection, Script, ScriptStep, Topic } from '../../shared/script.ts';
import { objectionsAt } from '../../shared/script.ts';
import type { ContactView, SeatSnapshot, Session } from '../../shared/seat.ts';
import { factorState, mayAct, opens, type Verification } from '../../shared/verification.ts';
import type { AnyFactor } from '../../shared/verification-tables.ts';
import { actionOf, classOfField } from '../../shared/classes.ts';
import type { FlowStep } from './ui-store.ts';

export type SignedIn = Extract<Session, { kind: 'signedIn' }>;

/** Questions the screens ask of the engine's state. Pure. */

/** Who is on the line, as far as is known (R8, security 77). `settled` when the contact is tied to this customer. */
export type Who =
  | { readonly kind: 'nobody'; readonly why: 'unknown' | 'withheld' | 'malformed' | 'declined' }
  | { readonly kind: 'choose'; readonly customers: readonly Customer[] }
  | { readonly kind: 'customer'; readonly customer: Customer; readonly settled: boolean };

export const whoIs = ({ contact, match, verification }: ContactView, declined: ContactId | null): Who => {
  const no = declined === contact.id && contact.customerId === null;
  switch (match.kind) {
    case 'none':
      return { kind: 'nobody', why: no ? 'declined' : match.why };
    case 'one':
      if (no) return { kind: 'nobody', why: 'declined' };
      // The engine ties the contact to the only match at once; a weak one is still to be asked for, or proven by a check.
      return {
        kind: 'customer',
        customer: match.customer,
        settled: contact.customerId === match.customer.id && (match.certainty === 'certain' || verification.level > 1),
      };
    case 'several': {
      const chosen = match.customers.find((customer) => customer.id === contact.customerId);
      if (chosen !== undefined) return { kind: 'customer', customer: chosen, settled: true };
      return no ? { kind: 'nobody', why: 'declined' } : { kind: 'choose', customers: match.customers };
    }
  }
};

/** Language to speak with the customer in; the desk's own when nobody is known. */
export const spokenLanguage = (who: Who, otherwise: Customer['language']): Customer['language'] => {
  if (who.kind === 'customer') return who.customer.language;
  return who.kind === 'choose' ? (who.customers[0]?.language ?? otherwise) : otherwise;
};

export const topicOf = (snapshot: SeatSnapshot): Topic | undefined =>
  snapshot.reference.topics.find((topic) => topic.id === snapshot.contact?.contact.topicId);

/** Topics of the caller's queue first, each with the digit that chooses it (1–9, the rest by search). */
export const sortedTopics = (topics: readonly Topic[], queue: string | null): readonly Topic[] => {
  const first = (topic: Topic): number => (queue !== null && topic.queues.includes(queue) ? 0 : 1);
  return topics.toSorted((one, other) => first(one) - first(other));
};

/** By name in either language, full pinyin or initials. */
export const searchTopics = (topics: readonly Topic[], text: string): readonly Topic[] => {
  const wanted = text.trim().toLowerCase().replaceAll(' ', '');
  if (wanted === '') return topics;
  const has = (value: string): boolean => value.toLowerCase().replaceAll(' ', '').includes(wanted);
  return topics.filter((topic) => has(topic.name.zh) || has(topic.name.en) || topic.pinyin.some(has));
};

/** As topics are searched; an answer is found by what the customer objects. */
export const searchObjections = (all: readonly KnownObjection[], text: string): readonly KnownObjection[] => {
  const wanted = text.trim().toLowerCase().replaceAll(' ', '');
  if (wanted === '') return all;
  const has = (value: string): boolean => value.toLowerCase().replaceAll(' ', '').includes(wanted);
  return all.filter((one) => has(one.label.zh) || has(one.label.en) || one.pinyin.some(has));
};

/** Of the script in hand, those of the step it is at first: what digits choose from. */
export const objectionsNow = ({ script }: ContactView): readonly KnownObjection[] =>
  script === null ? [] : objectionsAt(script.objections, script.run.stepId);

/** The class still to be proven for a topic, or 1 when nothing is (R9). */
export const classToProve = (topic: Topic | undefined, level: QueryClass): QueryClass =>
  topic === undefined || topic.class <= level ? 1 : topic.class;

/** Where the contact stands in the flow topic → verification → script. To the order the agent goes by hand. */
export const flowOf = (snapshot: SeatSnapshot): Exclude<FlowStep, 'order'> => {
  const topic = topicOf(snapshot);
  if (snapshot.contact === null) return 'topic';
  // A task brings its script; what else the customer wants is asked when they say so.
  if (topic === undefined) return snapshot.contact.script === null ? 'topic' : 'script';
  // After the call nobody is there to be asked.
  if (snapshot.contact.contact.endedAtMs !== null) return 'script';
  const { verification } = snapshot.contact;
  const action = actionOf(topic);
  if (action !== undefined && snapshot.session.kind === 'signedIn')
    return mayAct(verification, action, snapshot.session.policy, 0) ? 'script' : 'verify';
  return classToProve(topic, verification.level) === 1 ? 'script' : 'verify';
};

/** The field a script variable speaks of, when the level opens it and it is masked now: it can be shown again (R44). */
export const hiddenField = (view: ContactView, variable: string): string | null => {
  if (view.contact.answeredAtMs === null || view.contact.endedAtMs !== null || view.match.kind !== 'one') return null;
  // The bill is spoken of by a name of its own.
  const key = variable === 'customer.bill' ? 'lastBill' : variable.replace(/^customer\./u, '');
  const field = view.match.customer.fields.find((one) => one.key === key);
  if (field === undefined || view.revealed[key] !== undefined) return null;
  const of = classOfField(key, field.class);
  return of > 1 && opens(view.verification.level, of) ? key : null;
};

export const currentStep = (view: ContactView): ScriptStep | undefined =>
  view.script?.script.steps.find((step) => step.id === view.script?.run.stepId);

export const triesLeft = (verification: Verification, factor: AnyFactor, policy: Policy): number =>
  Math.max(0, policy.triesPerFactorPerCall - factorState(verification, factor).failures);

export const isLocked = (verification: Verification, nowMs: number): boolean =>
  verification.lockedUntilMs !== null && verification.lockedUntilMs > nowMs;

/** "Step 3 of 7": steps taken, and the longest way that remains. A script may loop; a loop is walked once. */
export const progressOf = (
  script: Script,
  taken: number,
  stepId: string | null,
): { readonly at: number; readonly of: number } => {
  const byId = new Map(script.steps.map((step) => [step.id, step]));
  const known = new Map<string, number>();
  const longest = (id: string | null): number => {
    const step = id === null ? undefined : byId.get(id);
    if (step === undefined) return 0;
    const before = known.get(step.id);
    if (before !== undefined) return before;
    known.set(step.id, 0);
    const nexts = step.answers.length > 0 ? step.answers.map((answer) => answer.next) : [step.next];
    const length = 1 + Math.max(0, ...nexts.map(longest));
    known.set(step.id, length);
    return length;
  };
  const rest = longest(stepId);
  return { at: taken + (rest > 0 ? 1 : 0), of: taken + rest };
};

/** The customer's call: the contact's own, else whichever is not over. A second party, a lead's ear or an echo test is nobody's contact. */
export const callInHand = (all: readonly Call[], contactId: ContactId | null): Call | undefined => {
  const calls = all.filter((call) => call.aside === undefined);
  return (
    calls.find((call) => call.contactId === contactId && call.state.kind !== 'ended') ??
    calls.find((call) => call.state.kind !== 'ended') ??
    calls.find((call) => call.contactId === contactId)
  );
};

/** The wire says "hung up there"; the contact knows when it was a lead who took the customer over. */
export const withKnownEnd = (call: Call | undefined, contact: Contact | undefined): Call | undefined =>
  call?.state.kind === 'ended' && call.id === contact?.callId && contact.endCause === 'takenOver'
    ? { ...call, state: { ...call.state, cause: contact.endCause } }
    : call;

export const isLive = (call: Call | undefined): call is Call => call !== undefined && call.state.kind !== 'ended';
