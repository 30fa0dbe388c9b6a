import type { Contact } from '../../shared/contact.ts';
import type { PastContact } from '../../shared/customer.ts';
import { follow as nodesOf, isComplete, unfinished } from '../../shared/disposition.ts';
import { whyNotOutcome } from '../../shared/follow-up.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { storable } from '../../shared/text.ts';
import type { Clock } from './clock.ts';
import { doneContact } from './day.ts';
import type { Log } from './log.ts';
import { dispositionTree, keepOutcome } from './pop.ts';
import { showFollowed } from './profile.ts';
import type { Seat, Signed } from './seat.ts';
import type { Draft } from './store/contacts.ts';
import { draftOf, dropDraft, putOwnLine, saveDraft } from './store/contacts.ts';
import { putDoneContact } from './store/day.ts';
import { allWork } from './store/work.ts';
import type { Db, ReadDb, WriteDb } from './store/db.ts';
import { topicById } from './store/working-set.ts';
import type { Work } from './work.ts';

export interface WrapUp {
  /** On disk when this returns. */
  saveDraft(contactId: ContactId, draft: Draft): Result<{ savedAtMs: number }>;
  /** R28: only with a disposition that ends at a leaf of the queue's tree. */
  finish(contactId: ContactId, draft: Draft): Result<Record<string, never>>;
  /** Sets the timer of the wrap-up under way, if there is one: after every change of agent state, and at start. */
  arm(): void;
  close(): void;
}

export type Around = {
  /** R28: what the disposition brings about, in the same transaction. */
  readonly follow: Work['follow'];
  readonly finished: () => void;
};

export const createWrapUp = (db: Db, seat: Seat, clock: Clock, log: Log, { follow, finished }: Around): WrapUp => {
  let cancel = (): void => {};
  let armedFor: string | undefined;

  const close = (contactId: ContactId, written: Draft, forced: boolean): Result<void> => {
    // As central will keep it, or the two would differ for ever.
    const draft = { ...written, note: storable(written.note) };
    const atMs = clock.nowMs();
    const inHand = seat.work?.contact;
    const nodes =
      forced || inHand === undefined ? [] : (nodesOf(dispositionTree(db.read, inHand), draft.disposition) ?? []);
    const followed = inHand === undefined ? undefined : follow(inHand, nodes, draft.note);
    const done = seat.commit({
      ops: [{ name: 'contact.wrappedUp', contactId, ...draft, forced, atMs }],
      agent: { kind: 'wrappedUp', contactId, atMs },
      besideOps: followed?.besideOps ?? [],
      also: (write, contact) => {
        dropDraft(write, contactId);
        followed?.also(write);
        if (contact !== undefined && seat.session !== null)
          putDoneContact(write, seat.session.agent.id, doneContact(db.read, contact, nodes, atMs));
        if (!forced && contact !== undefined && seat.session !== null)
          keepOutcome(write, seat.session.agent.id, {
            ...{ treeId: dispositionTree(db.read, contact).id, topicId: contact.topicId, path: draft.disposition },
          });
        if (contact !== undefined && seat.session !== null) ownLine(write, contact, seat.session);
      },
      work: () => null,
    });
    if (!done.ok) return done;
    log.info('contact wrapped up', { contactId, forced });
    showFollowed(db, followed?.besideOps ?? [], inHand?.customerId ?? null);
    finished();
    return done;
  };

  const force = (): void => {
    const { agent } = seat;
    if (agent.kind !== 'wrapUp') return;
    const { note } = draftOf(db.read, agent.contactId);
    const forced = close(agent.contactId, { note, disposition: unfinished }, true);
    if (!forced.ok) log.error('wrap-up could not be forced', { contactId: agent.contactId, kind: forced.error.kind });
  };

  const arm = (): void => {
    const { agent } = seat;
    const key = agent.kind === 'wrapUp' ? `${agent.contactId}@${agent.deadlineMs}` : undefined;
    if (key !== undefined && key === armedFor && agent.kind === 'wrapUp' && clock.nowMs() < agent.deadlineMs) return;
    cancel();
    armedFor = key;
    if (agent.kind !== 'wrapUp') return;
    // The timer counts what has passed, whatever becomes of the clock; a clock put back before a restart must not make it longer either.
    const wholeMs = (seat.session?.policy.wrapUpSeconds ?? 0) * 1_000;
    cancel = clock.after(Math.min(Math.max(0, agent.deadlineMs - clock.nowMs()), wholeMs), force);
  };

  return {
    saveDraft: (contactId, draft) => {
      const work = seat.inHand(contactId);
      if (!work.ok) return work;
      const savedAtMs = clock.nowMs();
      db.write('draft', (write) => saveDraft(write, contactId, { ...draft, note: storable(draft.note) }, savedAtMs));
      return ok({ savedAtMs });
    },
    finish: (contactId, draft) => {
      const work = seat.inHand(contactId);
      if (!work.ok) return work;
      if (!isComplete(dispositionTree(db.read, work.value.contact), draft.disposition))
        return refused(refusal('mandatory', 'disposition'));
      const chosen = nodesOf(dispositionTree(db.read, work.value.contact), draft.disposition);
      const early = whyNotOutcome(chosen?.at(-1)?.outcome, contactId, allWork(db.read));
      if (early !== undefined) return refused(early);
      const done = close(contactId, draft, false);
      return done.ok ? ok({}) : done;
    },
    arm,
    close: () => cancel(),
  };
};

/** The contact is in its customer's timeline at once; central's line replaces it later (R34). */
const ownLine = (write: WriteDb, contact: Contact, session: Signed): void => {
  if (contact.customerId === null) return;
  putOwnLine(write, contact.customerId, pastOfOwn(write, contact, session));
};

const pastOfOwn = (db: ReadDb, contact: Contact, session: Signed): PastContact => ({
  contactId: contact.id,
  direction: contact.direction,
  startedAtMs: contact.openedAtMs,
  talkMs:
    contact.answeredAtMs === null || contact.endedAtMs === null
      ? 0
      : Math.max(0, contact.endedAtMs - contact.answeredAtMs),
  topic: contact.topicId === null ? null : (topicById(db, contact.topicId)?.name ?? null),
  disposition: dispositionLabels(db, contact),
  agentName: session.agent.name,
  agentId: contact.agentId,
  queue: contact.queue,
  note: contact.note,
});

const dispositionLabels = (
  db: ReadDb,
  contact: Contact,
  path = contact.disposition ?? [],
): PastContact['disposition'] =>
  path[0] === unfinished[0]
    ? [{ zh: '未完成', en: 'Unfinished' }]
    : (nodesOf(dispositionTree(db, contact), path) ?? []).map((node) => node.label);
