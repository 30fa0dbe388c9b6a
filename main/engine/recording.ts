import type { ContactId } from '../../shared/ids.ts';
import type { RecordingMark } from '../../shared/disclosure.ts';
import { markOf } from '../../shared/disclosure.ts';
import type { Recording, RecordingEvent } from '../../shared/recording.ts';
import { nextRecording, notRecorded } from '../../shared/recording.ts';
import type { Refusal, Result } from '../../shared/result.ts';
import { ok, refusal, refused } from '../../shared/result.ts';
import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Seat } from './seat.ts';

export interface RecordingWork {
  readonly state: Recording;
  /** Where in the recording of the call in hand this moment is (R42). */
  readonly mark: (atMs: number) => RecordingMark;
  /** Resolves when the recorder is silent, or with why it is not. A wish taken back in the meantime is done. */
  pause(contactId: ContactId, reason: string): Promise<Result<Record<string, never>>>;
  /** Seen through in the background. */
  resume(contactId: ContactId): Result<Record<string, never>>;
  /** The contact in hand, or the agent's state, may be another. */
  review(): void;
  /** Nobody is at the field any more: a pause does not outlive the desk that asked for it. */
  deskGone(): void;
  close(): void;
}

type Needs = {
  readonly seat: Seat;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly changed: () => void;
};

/** An agent waits before the field for that long at most. */
const pauseDeadlineMs = 4_000;
const resumeRetryMs = 1_000;
/** After a call began: the contact has to reach central, and the recorder begins when the two are connected. */
const lookAfterMs = [250, 1_500, 4_000, 10_000] as const;

/** Silence in the recording around secrets (R33, security 84): asks central, one step after the other, and tells what came of it. */
export const createRecording = (needs: Needs): RecordingWork => new Work(needs);

class Work implements RecordingWork {
  readonly #needs: Needs;
  #state: Recording = notRecorded;
  /** The call that is followed. */
  #contactId: ContactId | undefined;
  /** Why it is to be silent; undefined: it is to run. */
  #wanted: string | undefined;
  /** Steps are taken in the order they were asked for: an answer to "resume" must not overtake one to "pause". */
  #last: Promise<unknown> = Promise.resolve();
  /** Asked for silence and not known to run since. */
  #mayBeSilent = false;
  /** When the recording began, by this seat's clock; null: central has not said. */
  #startedAtMs: number | null = null;
  #isClosed = false;
  readonly #cancel = { look: () => {}, limit: () => {}, again: () => {} };

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  get state(): Recording {
    return this.#state;
  }

  mark = (atMs: number): RecordingMark => {
    const answeredAtMs = this.#needs.seat.work?.contact.answeredAtMs ?? null;
    return markOf(this.#state, { startedAtMs: this.#startedAtMs, answeredAtMs }, atMs);
  };

  pause = async (contactId: ContactId, reason: string): Promise<Result<Record<string, never>>> => {
    if (this.#contactId !== contactId) return refused(refusal('conflict', 'callOver'));
    this.#wanted = reason;
    this.#go({ kind: 'pauseAsked', atMs: this.#needs.clock.nowMs() });
    const why = await this.#inTurn(() => this.#silence(contactId));
    return why === undefined ? ok({}) : refused(why);
  };

  resume = (contactId: ContactId): Result<Record<string, never>> => {
    if (this.#contactId === contactId) this.#letRun(contactId);
    return ok({});
  };

  review = (): void => {
    const { agent, work } = this.#needs.seat;
    const talking =
      agent.kind === 'onCall' && work?.contact.id === agent.contactId && work.contact.answeredAtMs !== null
        ? agent.contactId
        : undefined;
    if (talking === this.#contactId) return;
    this.#stop();
    this.#contactId = talking;
    this.#startedAtMs = null;
    if (talking === undefined) return this.#go({ kind: 'callOver' });
    this.#go({ kind: 'callBegan' });
    this.#look(talking, 0);
  };

  deskGone = (): void => {
    if (this.#contactId !== undefined) this.#letRun(this.#contactId);
  };

  close = (): void => {
    this.#isClosed = true;
    this.#stop();
  };

  #letRun(contactId: ContactId): void {
    if (this.#wanted === undefined) return;
    this.#wanted = undefined;
    this.#go({ kind: 'resumeAsked' });
    void this.#inTurn(() => this.#goOn(contactId));
  }

  async #silence(contactId: ContactId): Promise<Refusal | undefined> {
    const { client, clock, log, seat } = this.#needs;
    const reason = this.#wanted;
    if (this.#contactId !== contactId || reason === undefined || this.#state.kind === 'paused') return undefined;
    this.#mayBeSilent = true;
    const answer = await client.call('recordingPause', { contactId, reason }, this.#token(), pauseDeadlineMs);
    if (this.#contactId !== contactId) return undefined;
    if (answer.ok) {
      const { pausedAtMs, resumesAtMs } = answer.value;
      const atMs = clock.nowMs();
      // By how long central gives it: the two clocks need not agree.
      this.#acknowledged(contactId, atMs, atMs + Math.max(0, resumesAtMs - pausedAtMs));
      return undefined;
    }
    const { error } = answer;
    log.warn('recording not paused', { contactId, kind: error.kind });
    const isUnrecorded = error.reason === 'notRecording' || isPractice(error, seat);
    this.#mayBeSilent = !isUnrecorded;
    this.#go({ kind: 'pauseRefused', isRecorded: isUnrecorded ? false : null });
    return isUnrecorded ? undefined : error;
  }

  #acknowledged(contactId: ContactId, atMs: number, resumesAtMs: number): void {
    this.#go({ kind: 'acknowledged', atMs, resumesAtMs });
    if (this.#wanted === undefined) this.#go({ kind: 'resumeAsked' });
    this.#cancel.limit();
    this.#cancel.limit = this.#needs.clock.after(resumesAtMs - atMs, () => {
      if (this.#contactId !== contactId) return;
      this.#wanted = undefined;
      this.#mayBeSilent = false;
      this.#go({ kind: 'limitReached' });
    });
  }

  async #goOn(contactId: ContactId): Promise<void> {
    const { client, clock, log } = this.#needs;
    if (this.#contactId !== contactId || this.#wanted !== undefined || !this.#mayBeSilent) return;
    const answer = await client.call('recordingResume', { contactId }, this.#token(), pauseDeadlineMs);
    if (this.#isClosed || this.#contactId !== contactId || this.#wanted !== undefined) return;
    if (answer.ok) {
      this.#cancel.limit();
      this.#mayBeSilent = false;
      return this.#go({ kind: 'resumed' });
    }
    // The recorder goes on by itself when the limit is reached; until then it is asked again.
    log.warn('recording not resumed; tried again', { contactId, kind: answer.error.kind });
    this.#cancel.again();
    this.#cancel.again = clock.after(resumeRetryMs, () => void this.#inTurn(() => this.#goOn(contactId)));
  }

  /** Whether this call is recorded at all; asked a few times, for it may begin a moment later. */
  #look(contactId: ContactId, nth: number): void {
    const ms = lookAfterMs[nth];
    if (ms === undefined) return;
    this.#cancel.look = this.#needs.clock.after(ms - (lookAfterMs[nth - 1] ?? 0), () => {
      void this.#needs.client.call('recordingState', { contactId }, this.#token()).then((answer) => {
        if (this.#isClosed || this.#contactId !== contactId) return;
        const runningMs = answer.ok ? answer.value.runningMs : undefined;
        if (runningMs !== undefined) this.#startedAtMs = this.#needs.clock.nowMs() - runningMs;
        if (answer.ok) this.#go({ kind: 'told', isRecorded: answer.value.recording !== 'none' });
        else if (isPractice(answer.error, this.#needs.seat)) return this.#go({ kind: 'told', isRecorded: false });
        const isSettled = answer.ok && answer.value.recording !== 'none';
        if (!isSettled) this.#look(contactId, nth + 1);
      });
    });
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#last.then(step);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #go(event: RecordingEvent): void {
    const next = nextRecording(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    this.#needs.changed();
  }

  #stop(): void {
    for (const cancel of Object.values(this.#cancel)) cancel();
    this.#wanted = undefined;
    this.#mayBeSilent = false;
  }

  #token(): string | null {
    return this.#needs.seat.session?.token ?? null;
  }
}

/** A practice exchange that was given no folder records nothing. Elsewhere a central that cannot say so may face an exchange that records by itself. */
const isPractice = ({ reason }: Refusal, { session }: Seat): boolean =>
  reason === 'noRecorder' && session?.practice === true;
