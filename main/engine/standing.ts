import { afterCentral } from '../../shared/degraded.ts';
import type { ContactId, NewId, TopicId } from '../../shared/ids.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refused } from '../../shared/result.ts';
import type { ContactView, SeatSnapshot } from '../../shared/seat.ts';
import type { Text } from '../../shared/text.ts';
import type { VerificationEvent } from '../../shared/verification.ts';
import type { AskOverrideRequest, StandingResponse } from '../../shared/verification-api.ts';
import type { AccountAction } from '../../shared/verification-tables.ts';
import { anyFactors, riskFlags } from '../../shared/verification-tables.ts';
import type { z } from 'zod';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import { askable, isTalking } from './in-call.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Seat } from './seat.ts';
import type { Checks } from './verification.ts';

type Reason = z.output<typeof AskOverrideRequest>['reason'];

/** What is known around a check before and beside the answers: signs, passes, a lead's word, a call back, changes to the account. */
export interface Standing {
  readonly callBackOwed: SeatSnapshot['callBack'];
  /** The contact in hand, its customer, or the agent's state may be another. */
  review(): void;
  callBack(contactId: ContactId): Promise<Result<{ masked: string; untilMs: number }>>;
  askOverride(
    contactId: ContactId,
    action: AccountAction | undefined,
    reason: Reason,
  ): Promise<Result<Record<string, never>>>;
  /** The level goes along with a hand-over, when the policy has it so (R12). */
  handingOver(contactId: ContactId): void;
  change(
    contactId: ContactId,
    action: AccountAction,
    value: string | undefined,
  ): Promise<Result<{ how: string; reference: Text | null }>>;
  close(): void;
}

type Needs = {
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly checks: Checks;
  readonly chooseTopic: (contactId: ContactId, topicId: TopicId) => unknown;
  readonly changed: () => void;
};

const againMs = 5_000;
const overrideMs = 3_000;
/** A new password is keyed in twice. */
const changeDeadlineMs = 80_000;

export const createStanding = (needs: Needs): Standing => new Around(needs);

class Around implements Standing {
  readonly #needs: Needs;
  /** The call and customer central was asked about. */
  #asked = '';
  #action: AccountAction | undefined;
  #owed: (NonNullable<SeatSnapshot['callBack']> & { readonly topicId: TopicId | null }) | null = null;
  /** By contact and action: a change asked for again after a lost answer is the same one. */
  readonly #changes = new Map<string, string>();
  #cancel = (): void => {};
  #cancelOwed = (): void => {};

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  get callBackOwed(): SeatSnapshot['callBack'] {
    if (this.#owed === null) return null;
    const { topicId: _, ...owed } = this.#owed;
    return owed;
  }

  review = (): void => {
    const { seat } = this.#needs;
    const { work } = seat;
    const isAnswered = work !== null && isTalking(seat, work.contact.id) && work.contact.answeredAtMs !== null;
    const about = isAnswered && work.contact.customerId !== null ? `${work.contact.id} ${work.contact.customerId}` : '';
    if (about === this.#asked) return;
    this.#asked = about;
    this.#cancel();
    if (about !== '' && work !== null) this.#ask(work.contact.id, about);
  };

  callBack: Standing['callBack'] = async (contactId) => {
    const { seat, client, clock } = this.#needs;
    const asked = askable(seat, contactId);
    if (!asked.ok) return asked;
    const { customerId, session } = asked.value;
    const answer = await client.call('callBack', { contactId, customerId }, session.token);
    if (!answer.ok) return refused(afterCentral('verifyClass3', answer.error));
    const { numberIndex, masked, untilMs } = answer.value;
    const callBack = { customerId, numberIndex, masked, untilMs };
    const { work } = seat;
    this.#owed = { ...callBack, topicId: work?.contact.id === contactId ? work.contact.topicId : null };
    this.#cancelOwed();
    this.#cancelOwed = clock.after(Math.max(0, untilMs - clock.nowMs()), () => this.#settle());
    if (work?.contact.id === contactId) seat.setWork({ ...work, verifying: { ...work.verifying, callBack } });
    this.#needs.changed();
    return ok({ masked, untilMs });
  };

  askOverride: Standing['askOverride'] = async (contactId, action, reason) => {
    const { seat, client } = this.#needs;
    const asked = askable(seat, contactId);
    if (!asked.ok) return asked;
    const { customerId, session } = asked.value;
    const about = { contactId, customerId, reason, ...(action === undefined ? {} : { action }) };
    const answer = await client.call('askOverride', about, session.token);
    if (!answer.ok) return refused(afterCentral('verifyClass3', answer.error));
    this.#action = action;
    this.#setOverride(contactId, 'asked');
    this.#cancel();
    this.#wait(contactId, overrideMs);
    return ok({});
  };

  handingOver = (contactId: ContactId): void => {
    const { seat, client, log } = this.#needs;
    const { work, session } = seat;
    if (work?.contact.id !== contactId || session?.policy.levelOnTransfer !== 'signed') return;
    const { customerId } = work.contact;
    if (customerId === null || work.verification.level === 1) return;
    void client.call('sendLevel', { contactId, customerId }, session.token).then((answer) => {
      if (!answer.ok) log.info('the level does not travel', { contactId, kind: answer.error.kind });
    });
  };

  change: Standing['change'] = async (contactId, action, value) => {
    const { seat, client, newId, checks } = this.#needs;
    const asked = askable(seat, contactId);
    if (!asked.ok) return asked;
    const { customerId, session } = asked.value;
    const key = `${contactId} ${customerId} ${action} ${value ?? ''}`;
    const changeId = this.#changes.get(key) ?? newId();
    this.#changes.set(key, changeId);
    const about = { contactId, customerId, changeId, action, ...(value === undefined ? {} : { value }) };
    const answer = await client.call('accountChange', about, session.token, changeDeadlineMs);
    if (!answer.ok) return refused(afterCentral('verifyClass3', answer.error));
    this.#changes.delete(key);
    checks.apply(contactId, [{ kind: 'used' }]);
    const { how, reference } = answer.value;
    return ok({ how, reference });
  };

  close = (): void => {
    this.#cancel();
    this.#cancelOwed();
  };

  #settle(): void {
    if (this.#owed === null) return;
    this.#owed = null;
    this.#cancelOwed();
    this.#needs.changed();
  }

  #wait(contactId: ContactId, ms: number): void {
    const about = this.#asked;
    this.#cancel = this.#needs.clock.after(ms, () => {
      if (this.#asked === about && about !== '') this.#ask(contactId, about);
    });
  }

  #ask(contactId: ContactId, about: string): void {
    const { seat, client, log } = this.#needs;
    const { work, session } = seat;
    const customerId = work?.contact.customerId ?? null;
    if (work === null || session === null || customerId === null) return;
    void client
      .call('standing', { contactId, customerId }, session.token)
      .then((answer) => {
        if (this.#asked !== about) return;
        if (answer.ok) this.#take(contactId, answer.value);
        // Central away, or one of before that knows no such question: it decides in any case.
        else if (answer.error.kind === 'offline') this.#wait(contactId, againMs);
      })
      .catch((fault: unknown) => log.error('standing not taken', { contactId, ...faultFields(fault) }));
  }

  #take(contactId: ContactId, told: StandingResponse): void {
    const { seat, clock, checks } = this.#needs;
    const { work } = seat;
    if (work?.contact.id !== contactId) return;
    const atMs = clock.nowMs();
    const override = overrideStates.find((one) => one === told.override) ?? 'none';
    const before = work.verifying.override;
    if (work.verifying.keypad !== told.keypad || before !== override)
      seat.setWork({ ...work, verifying: { ...work.verifying, keypad: told.keypad, override } });
    const flags = riskFlags.filter((flag) => told.flags.includes(flag));
    const carried = anyFactors.filter((factor) => told.carried.includes(factor));
    const events: VerificationEvent[] = [{ kind: 'flagged', flags }];
    if (told.lockedUntilMs !== null) events.push({ kind: 'locked', untilMs: told.lockedUntilMs });
    if (carried.length > 0) events.push({ kind: 'carried', factors: carried, atMs });
    if (override === 'granted' && before === 'asked')
      events.push({ kind: 'tried', factor: 'override', matched: true, atMs, purpose: this.#action });
    checks.apply(contactId, events);
    if (override === 'asked') this.#wait(contactId, overrideMs);
    if (carried.includes('callBack')) this.#arrived(contactId);
  }

  /** The customer called back is on the line: the case goes on where it was. */
  #arrived(contactId: ContactId): void {
    const topicId = this.#owed?.topicId ?? null;
    const isFresh = this.#needs.seat.work?.contact.topicId === null;
    this.#settle();
    if (topicId !== null && isFresh) this.#needs.chooseTopic(contactId, topicId);
  }

  #setOverride(contactId: ContactId, override: ContactView['verifying']['override']): void {
    const { work } = this.#needs.seat;
    if (work?.contact.id === contactId)
      this.#needs.seat.setWork({ ...work, verifying: { ...work.verifying, override } });
  }
}

const overrideStates = ['none', 'asked', 'granted', 'refused'] as const;
