import type { QueueState } from '../../central/pbx.ts';
import type { Clock } from '../clock.ts';

/**
 * Callers who wait and the members who take them: the caller that waits longest is offered to the member that has been idle
 * longest, one member at a time; a member who lets it ring is left alone for a while. Nobody is lost when no member is free.
 */
export type WaitingCaller = {
  readonly queue: string;
  /** Rings one member; `onOutcome` is called once. Returns what calls the ringing off (the outcome still comes). */
  readonly offer: (sipUser: string, onOutcome: (outcome: OfferOutcome) => void) => () => void;
};
export type OfferOutcome = 'answered' | 'notTaken' | 'callerGone';

export type Queues = {
  readonly has: (queue: string) => boolean;
  /** A new member starts paused (R38); one that is in already keeps its pause and its place. */
  readonly addMember: (sipUser: string, queues: readonly string[]) => void;
  readonly removeMember: (sipUser: string) => void;
  readonly setPaused: (sipUser: string, isPaused: boolean) => void;
  /** undefined for who is no member. */
  readonly isPaused: (sipUser: string) => boolean | undefined;
  /** Every queue, by name. */
  readonly states: () => readonly QueueState[];
  readonly onChange: (listener: () => void) => () => void;
  readonly enter: (caller: WaitingCaller) => { readonly leave: () => void };
  /** Something outside changed: a call ended, a phone registered. `ended` names members whose call is over. */
  readonly refresh: (ended?: readonly string[]) => void;
  /** Members who could take a call now. */
  readonly available: () => number;
  readonly waiting: () => number;
  readonly close: () => void;
};

type Member = {
  readonly sipUser: string;
  queues: readonly string[];
  isPaused: boolean;
  idleSinceMs: number;
  restUntilMs: number;
};
type Place = { readonly caller: WaitingCaller; readonly sinceMs: number; offering: { cancel: () => void } | undefined };

export type QueuesOptions = {
  readonly queues: readonly string[];
  readonly clock: Clock;
  /** How long one member rings. */
  readonly ringMs: number;
  /** How long a member who did not answer is left alone. */
  readonly restMs: number;
  /** Registered and in no call. */
  readonly isFree: (sipUser: string) => boolean;
};

export const createQueues = (options: QueuesOptions): Queues => new LongestIdle(options);

class LongestIdle implements Queues {
  readonly #options: QueuesOptions;
  readonly #members = new Map<string, Member>();
  /** In order of arrival. */
  readonly #places = new Set<Place>();
  readonly #listeners = new Set<() => void>();
  readonly #ringing = new Set<string>();
  #stopRetry: (() => void) | undefined;
  #isClosed = false;

  constructor(options: QueuesOptions) {
    this.#options = options;
  }

  has(queue: string): boolean {
    return this.#options.queues.includes(queue);
  }

  enter(caller: WaitingCaller): { leave: () => void } {
    const place: Place = { caller, sinceMs: this.#nowMs(), offering: undefined };
    this.#places.add(place);
    this.#changed();
    this.#dispatch();
    return {
      leave: () => {
        if (!this.#places.delete(place)) return;
        place.offering?.cancel();
        this.#changed();
      },
    };
  }

  refresh(ended: readonly string[] = []): void {
    for (const sipUser of ended) {
      const member = this.#members.get(sipUser);
      if (member !== undefined) member.idleSinceMs = this.#nowMs();
    }
    this.#changed();
    this.#dispatch();
  }

  available(): number {
    return [...this.#members.values()].filter((m) => this.#isAvailable(m)).length;
  }

  waiting(): number {
    return [...this.#places].filter((p) => p.offering === undefined).length;
  }

  close(): void {
    this.#isClosed = true;
    this.#stopRetry?.();
    this.#places.clear();
    this.#listeners.clear();
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #isAvailable(m: Member): boolean {
    return !m.isPaused && !this.#ringing.has(m.sipUser) && this.#options.isFree(m.sipUser);
  }

  #memberFor(queue: string): Member | undefined {
    return [...this.#members.values()]
      .filter((m) => m.queues.includes(queue) && m.restUntilMs <= this.#nowMs() && this.#isAvailable(m))
      .reduce<Member | undefined>((best, m) => (best && best.idleSinceMs <= m.idleSinceMs ? best : m), undefined);
  }

  #dispatch(): void {
    if (this.#isClosed) return;
    for (const place of this.#places) {
      if (place.offering !== undefined) continue;
      const member = this.#memberFor(place.caller.queue);
      if (member !== undefined) this.#offer(place, member);
    }
    this.#wakeAfterRest();
  }

  /** Somebody waits and a free member is resting: look again when the rest is over. */
  #wakeAfterRest(): void {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    if (this.waiting() === 0) return;
    const rests = [...this.#members.values()]
      .filter((m) => this.#isAvailable(m))
      .map((m) => m.restUntilMs - this.#nowMs());
    const soonestMs = Math.min(...rests.filter((ms) => ms > 0));
    if (Number.isFinite(soonestMs)) this.#stopRetry = this.#options.clock.after(soonestMs, () => this.#dispatch());
  }

  #offer(place: Place, member: Member): void {
    this.#ringing.add(member.sipUser);
    let isOver = false;
    let stopRing = (): void => {};
    const offering = { cancel: (): void => {} };
    place.offering = offering;
    offering.cancel = place.caller.offer(member.sipUser, (outcome) => {
      if (isOver) return;
      isOver = true;
      stopRing();
      this.#ringing.delete(member.sipUser);
      place.offering = undefined;
      if (outcome === 'notTaken') member.restUntilMs = this.#nowMs() + this.#options.restMs;
      else this.#places.delete(place);
      this.#changed();
      this.#dispatch();
    });
    if (isOver) return;
    stopRing = this.#options.clock.after(this.#options.ringMs, () => offering.cancel());
    this.#changed();
  }

  addMember(sipUser: string, queues: readonly string[]): void {
    const known = this.#members.get(sipUser);
    const fresh = { sipUser, queues: [...queues], isPaused: true, idleSinceMs: this.#nowMs(), restUntilMs: 0 };
    if (known === undefined) this.#members.set(sipUser, fresh);
    else known.queues = fresh.queues;
    this.#changed();
    this.#dispatch();
  }

  removeMember(sipUser: string): void {
    if (this.#members.delete(sipUser)) this.#changed();
  }

  setPaused(sipUser: string, isPaused: boolean): void {
    const member = this.#members.get(sipUser);
    if (member === undefined) return;
    // Who comes back from a pause stands at the end of the line, rested.
    if (member.isPaused && !isPaused) Object.assign(member, { idleSinceMs: this.#nowMs(), restUntilMs: 0 });
    member.isPaused = isPaused;
    this.#changed();
    this.#dispatch();
  }

  isPaused(sipUser: string): boolean | undefined {
    return this.#members.get(sipUser)?.isPaused;
  }

  states(): readonly QueueState[] {
    return this.#options.queues.toSorted().map((queue) => {
      const waiting = [...this.#places].filter((p) => p.caller.queue === queue);
      return {
        queue,
        waiting: waiting.length,
        longestWaitMs: Math.max(0, ...waiting.map((p) => this.#nowMs() - p.sinceMs)),
        members: [...this.#members.values()].filter((m) => m.queues.includes(queue)).length,
      };
    });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
