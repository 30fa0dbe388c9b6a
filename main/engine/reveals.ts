import { classOfField } from '../../shared/classes.ts';
import { afterCentral } from '../../shared/degraded.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { QueryClass } from '../../shared/customer.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import { revealMs } from '../../shared/reveal.ts';
import { opens } from '../../shared/verification.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Asked } from './in-call.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat, Work } from './seat.ts';
import { findCustomer } from './seat.ts';
import type { Db } from './store/db.ts';
import { topicById } from './store/working-set.ts';

/** Full values, in memory only: each for half a minute, with a reason, and never above the level (R11, R44, security 37, 49). */
export interface Reveals {
  /** What the topic is about, as soon as the level opens it; nothing else opens by itself. */
  forTopic(): void;
  one(asked: Asked, key: string): Promise<Result<Record<string, never>>>;
  /** Without the values its level does not open. */
  masked(work: Work): Work;
  close(): void;
}

type Needs = {
  readonly db: Db;
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly log: Log;
};

export const createReveals = ({ db, seat, client, clock, log }: Needs): Reveals => {
  const cancels = new Set<() => void>();
  const { classOf, masked } = masking(db, clock);
  const maskLater = (contactId: ContactId): void => {
    const cancel = clock.after(revealMs, () => {
      cancels.delete(cancel);
      const { work } = seat;
      if (work?.contact.id !== contactId) return;
      const next = masked(work);
      if (next !== work) seat.setWork(next);
    });
    cancels.add(cancel);
  };
  const open = async (
    asked: Pick<Asked, 'contactId' | 'customerId' | 'session'>,
    keys: readonly string[],
    reason: string,
  ): Promise<Result<Record<string, never>>> => {
    const { contactId, customerId, session } = asked;
    const answer = await client.call('reveal', { contactId, customerId, reason, fields: [...keys] }, session.token);
    if (!answer.ok) return refused(afterCentral('reveal', answer.error));
    const { work, agent } = seat;
    const isHere = agent.kind === 'onCall' && agent.contactId === contactId;
    if (work?.contact.id !== contactId || work.contact.customerId !== customerId || !isHere)
      return refused(refusal('conflict', 'callOver'));
    const level = Math.min(answer.value.level, work.verification.level) as QueryClass;
    const fields = Object.entries(answer.value.fields).filter(
      ([key]) => keys.includes(key) && opens(level, classOf(work, key)),
    );
    if (fields.length === 0) return refused(refusal('policy', 'notVerified'));
    const untilMs = clock.nowMs() + revealMs;
    const openUntilMs = { ...work.verifying.openUntilMs, ...Object.fromEntries(fields.map(([key]) => [key, untilMs])) };
    seat.setWork({
      ...work,
      revealed: { ...work.revealed, ...Object.fromEntries(fields) },
      verifying: { ...work.verifying, openUntilMs },
    });
    maskLater(contactId);
    return ok({});
  };
  return {
    masked,
    one: (asked, key) =>
      opens(asked.work.verification.level, classOf(asked.work, key))
        ? open(asked, [key], `asked:${asked.work.contact.topicId ?? 'none'}`)
        : Promise.resolve(refused(refusal('policy', 'notVerified'))),
    forTopic: () => {
      const { work, session } = seat;
      if (work === null || session === null) return;
      const { customerId, topicId, id: contactId } = work.contact;
      if (customerId === null || topicId === null) return;
      const { level } = work.verification;
      const wanted = (topicById(db.read, topicId)?.fields ?? []).filter((key) => {
        const of = classOf(work, key);
        return of > 1 && opens(level, of) && work.revealed[key] === undefined;
      });
      if (wanted.length === 0) return;
      void open({ contactId, customerId, session }, wanted, `topic:${topicId}`)
        .then((answer) => {
          if (!answer.ok) log.warn('not revealed', { contactId, kind: answer.error.kind });
        })
        .catch((fault: unknown) => log.error('reveal failed', { contactId, ...faultFields(fault) }));
    },
    close: () => {
      for (const cancel of cancels) cancel();
    },
  };
};

/** What of a contact in hand may be on the screen now. */
const masking = (db: Db, clock: Clock) => {
  const classOf = (work: Work, key: string): QueryClass => {
    const { customerId } = work.contact;
    const customer = customerId === null ? undefined : findCustomer(db.read, work, customerId);
    return classOfField(key, customer?.fields.find((field) => field.key === key)?.class);
  };
  const masked = (work: Work): Work => {
    const nowMs = clock.nowMs();
    const isOpen = (key: string): boolean =>
      opens(work.verification.level, classOf(work, key)) && (work.verifying.openUntilMs[key] ?? 0) > nowMs;
    const keys = Object.keys(work.revealed).filter(isOpen);
    if (keys.length === Object.keys(work.revealed).length) return work;
    const kept = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(Object.entries(all).filter(([key]) => keys.includes(key)));
    return {
      ...work,
      revealed: kept(work.revealed),
      verifying: { ...work.verifying, openUntilMs: kept(work.verifying.openUntilMs) },
    };
  };
  return { classOf, masked };
};
