import type { Item, RecordingMark } from '../../shared/disclosure.ts';
import { isTold, itemsOf } from '../../shared/disclosure.ts';
import type { Contact } from '../../shared/contact.ts';
import type { ContactId, CustomerId, ScriptId, TopicId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { Policy } from '../../shared/policy.ts';
import { chooseScript } from '../../shared/script-choice.ts';
import type { KnownObjection, Script, ScriptEvent, ScriptRun } from '../../shared/script.ts';
import { faultsOf, nextRun, startRun } from '../../shared/script.ts';
import type { ContactView } from '../../shared/seat.ts';
import { hintsOf } from '../../shared/tier.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { spoken } from './pinyin.ts';
import { entriesOf } from './script-pins.ts';
import type { Seat } from './seat.ts';
import type { Db, ReadDb } from './store/db.ts';
import { customerById, newestScript, scriptAt, scriptsForCalls, topicById, variantsOf } from './store/working-set.ts';
import type { VariableSources } from './variables.ts';
import { variablesFor } from './variables.ts';

/** The script the contact began with (R14), where it stands, and the values of its variables. */
export const scriptView = (db: ReadDb, contact: Contact, sources: VariableSources): ContactView['script'] => {
  const script = pinnedScript(db, contact);
  if (script === undefined) return null;
  return {
    script,
    run: runOf(script, contact),
    variables: variablesFor(sources),
    objections: objectionsOf(db, script, contact),
  };
};

/** Of the library what was published when the call began with this script (R14, R18): a change, or a withdrawal, is for the next call. */
const objectionsOf = (db: ReadDb, { objections, library = [] }: Script, contact: Contact): KnownObjection[] => [
  ...objections.map((one) => ({ ...one, category: null, steps: [], pinyin: spellings(one.label.zh) })),
  ...entriesOf(db, library, contact).flatMap(({ entry, steps }): KnownObjection[] => {
    const say = entry?.steps.find((step) => step.id === entry.first)?.say;
    if (entry?.objection === undefined || say === undefined) return [];
    const { id, objection } = entry;
    const { category } = objection;
    return [{ id, label: entry.title, say, category, steps, pinyin: spellings(entry.title.zh) }];
  }),
];

/** Full and by initials, each character as it is read most. */
const spellings = (label: string): string[] => {
  const read = Array.from(label, (character) => spoken.of(character)[0] ?? '');
  return [read.join(''), read.map((syllable) => syllable.slice(0, 1)).join('')].filter((one) => one !== '');
};

const pinnedScript = (db: ReadDb, contact: Contact): Script | undefined =>
  contact.script === null ? undefined : scriptAt(db, contact.script.id, contact.script.version);

/** The answers on the contact are the only record: the position follows from them, also after a restart (R17). */
const runOf = (script: Script, contact: Contact): ScriptRun => {
  let run = startRun(script);
  for (const answer of contact.answers) {
    const next = nextRun(run, { kind: 'answered', ...answer }, script);
    // An answer that no longer leads anywhere ends the replay: the agent goes on from there.
    if (!next.ok || next.value === run) return run;
    run = next.value;
  }
  return run;
};

export interface ScriptWork {
  chooseTopic(contactId: ContactId, topicId: TopicId): Result<Record<string, never>>;
  /** R42: the item was said; once is enough, and it is not taken back. */
  tell(contactId: ContactId, item: Item): Result<Record<string, never>>;
  step(contactId: ContactId, event: Unstamped): Result<Record<string, never>>;
}
type Unstamped = { kind: 'answered'; stepId: string; answerId: string | null } | { kind: 'back' };

export const createScriptWork = (
  db: Db,
  seat: Seat,
  clock: Clock,
  log: Log,
  mark: (atMs: number) => RecordingMark,
): ScriptWork => ({
  chooseTopic: (contactId, topicId) => {
    const work = seat.inHand(contactId);
    if (!work.ok) return work;
    const topic = topicById(db.read, topicId);
    if (topic === undefined) return refused(refusal('notFound', 'topic'));
    // Chosen again (a second key press): the pinned version and the answers stay.
    if (work.value.contact.topicId === topicId) return ok({});
    const { queue, customerId, grant } = work.value.contact;
    const task = grant?.taskId == null ? null : { id: grant.taskId, scriptId: null };
    const script = usable(scriptFor(db.read, { topicId, task, queue, customerId }, seat.session?.policy, clock), log);
    const chosen = seat.commit({
      ops: [
        {
          name: 'contact.topicChosen',
          contactId,
          topicId,
          script: script === undefined ? null : { id: script.id, version: script.version },
          atMs: clock.nowMs(),
        },
      ],
    });
    return chosen.ok ? ok({}) : chosen;
  },
  tell: (contactId, { stepId, itemId }) => {
    const work = seat.inHand(contactId);
    if (!work.ok) return work;
    const { contact } = work.value;
    // Nobody hears it before the call and after.
    if (contact.answeredAtMs === null || contact.endedAtMs !== null) return refused(refusal('conflict', 'notTalking'));
    const script = pinnedScript(db.read, contact);
    if (script === undefined || !itemsOf(script).some((one) => one.stepId === stepId && one.itemId === itemId))
      return refused(refusal('notFound', 'disclosure'));
    if (isTold(contact.told ?? [], { stepId, itemId })) return ok({});
    const atMs = clock.nowMs();
    const op = { name: 'contact.disclosed', contactId, stepId, itemId, atMs, mark: mark(atMs) } as const;
    const saved = seat.commit({ ops: [op] });
    return saved.ok ? ok({}) : saved;
  },
  step: (contactId, event) => {
    const work = seat.inHand(contactId);
    if (!work.ok) return work;
    const { contact } = work.value;
    const script = pinnedScript(db.read, contact);
    if (script === undefined) return refused(refusal('notFound', 'script'));
    const before = runOf(script, contact);
    const atMs = clock.nowMs();
    const stamped: ScriptEvent = event.kind === 'back' ? event : { ...event, atMs };
    const after = nextRun(before, stamped, script, contact.told ?? []);
    if (!after.ok) return after;
    if (after.value === before) return ok({});
    const saved = seat.commit({
      ops: [{ name: 'contact.scriptAnswered', contactId, answers: after.value.taken, atMs }],
    });
    return saved.ok ? ok({}) : saved;
  },
});

/** R17: the script a call begins with, by its task or its queue; undefined when there is none, or it cannot be followed. */
export const firstScript = (
  db: ReadDb,
  about: Omit<About, 'topicId'>,
  policy: Policy | undefined,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Script | undefined => usable(scriptFor(db, { ...about, topicId: null }, policy, clock), log);

type About = {
  readonly topicId: TopicId | null;
  readonly task: { readonly id: string; readonly scriptId: ScriptId | null } | null;
  readonly queue: string | null;
  readonly customerId: CustomerId | null;
};

/** The same decision that a lead is shown for a made-up call (shared/script-choice.ts). */
const scriptFor = (db: ReadDb, about: About, policy: Policy | undefined, clock: Clock): Script | undefined => {
  const { topicId, task, queue, customerId } = about;
  const customer = customerId === null ? undefined : customerById(db, customerId);
  const topic = topicId === null ? undefined : topicById(db, topicId);
  const atMs = clock.nowMs();
  return chooseScript(
    {
      ...{ topicId, task, queue, atMs },
      hints:
        customer === undefined || policy === undefined
          ? []
          : hintsOf(customer, policy, atMs).map((hint) => hint.offerId),
      areas: customer === undefined ? [] : [customer.area.zh, customer.area.en],
    },
    topic === undefined ? [] : [topic],
    {
      at: (id) => newestScript(db, id),
      shownForCalls: () => scriptsForCalls(db),
      variantsOf: (id) => variantsOf(db, id),
    },
  ).script;
};

/** A script with dangling steps would leave the agent stranded in mid-sentence: the topic then has none. */
const usable = (script: Script | undefined, log: Log): Script | undefined => {
  if (script === undefined) return undefined;
  const faults = faultsOf(script);
  if (faults.length === 0) return script;
  log.warn('script not usable', { scriptId: script.id, version: script.version, faults: faults.length });
  return undefined;
};
