import { asksToHold, type Call, type EndCause, exchangeName } from '../../shared/call.ts';
import { whyNotOnLine } from '../../shared/degraded.ts';
import type { CallId } from '../../shared/ids.ts';
import { type Refusal, refusal, refused, type Result } from '../../shared/result.ts';
import type { Clock } from './clock.ts';
import { type Done, done, isDialable, type Phone } from './phone.ts';
import type { PhoneStore } from './phone-store.ts';

/**
 * What the two calls of a phone do with each other, and how one is handed on: the same for every phone, the wire being below.
 *
 * - LINES-1 A call that is handed on is held first, so that the customer hears music and nothing of the attempt (RFC 5589 6.1).
 * - LINES-2 Our call ends only when the far end said that the new one stands, never before: hanging up earlier kills the transfer on
 *   many exchanges. Refused, failed or silent for too long: the customer is taken back, unless held before.
 * - LINES-3 Merged calls are heard by each other and by the agent. Whoever leaves, leaves the other talking with the agent.
 * - LINES-5 A customer whom the exchange brings back while we hand them on (a new call with the same contact) is the same call: nobody
 *   took them.
 * - LINES-4 Apart again: the customer's call goes on, the other is held (PHONE-8).
 */
export type TwoLines = Pick<Phone, 'transfer' | 'completeTransfer' | 'swap' | 'merge' | 'part'> & {
  readonly hold: (callId: CallId, isHeld: boolean) => void;
  /** This call, and the one it is merged with. */
  readonly together: (callId: CallId) => readonly CallId[];
  /** What it means when the far end ends this call now: some exchanges take a consult away before they say that the transfer stands. */
  readonly farHangUp: (callId: CallId) => 'customerHungUp' | 'transferred';
  /** LINES-5: the call that this new one is. */
  readonly handedBack: (arriving: Call) => CallId | undefined;
  /** LINES-5: it is the agent's again; gives it as it is now. */
  readonly takenBack: (callId: CallId) => Call | undefined;
  /** PHONE-8: holds whatever talks beside this call. */
  readonly holdOthers: (callId: CallId) => void;
};

/** A number by the exchange's dial plan, or whoever talks in our other call (Replaces, RFC 3891). */
export type ReferTarget = { readonly dial: string } | { readonly consultId: CallId };
export type ReferEvents = {
  /** 202, or a NOTIFY that it goes on. */
  readonly trying: () => void;
  readonly failed: (status: number) => void;
  readonly done: () => void;
};

export type Wire = {
  /** Holds or resumes this call and leaves the other as it is. */
  readonly hold: (callId: CallId, isHeld: boolean) => void;
  /** Asks the far end of this call to talk to `to` instead of us (REFER). Gives what forgets it. */
  readonly refer: (callId: CallId, to: ReferTarget, on: ReferEvents) => () => void;
  /** These hear each other; none: everybody hears the agent alone. */
  readonly mix: (callIds: readonly CallId[]) => void;
  readonly end: (callId: CallId, cause: EndCause) => void;
};

/** LINES-2: nobody says a word about the transfer; and how long a target may ring. */
const silentMs = 35_000;
const tryingMs = 120_000;
/** LINES-5: what SIP says of somebody who is not there. */
const nobodyTook = 480;

type Plan = { readonly store: PhoneStore; readonly clock: Clock; readonly wire: Wire };

export const createTwoLines = (plan: Plan): TwoLines => new Lines(plan);

type Handing = { readonly wasOpen: boolean; readonly to: ReferTarget; stop: () => void; forget: () => void };

class Lines implements TwoLines {
  readonly #store: PhoneStore;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #handing = new Map<CallId, Handing>();
  #isFollowing = false;

  constructor({ store, clock, wire }: Plan) {
    this.#store = store;
    this.#clock = clock;
    this.#wire = wire;
    store.onState(() => this.#follow());
  }

  hold: TwoLines['hold'] = (callId, isHeld) => {
    if (isHeld && this.#isMerged(callId)) this.#apart();
    if (!isHeld) this.holdOthers(callId);
    this.#wire.hold(callId, isHeld);
  };

  together: TwoLines['together'] = (callId) => (this.#isMerged(callId) ? this.#merged().map(({ id }) => id) : [callId]);

  holdOthers: TwoLines['holdOthers'] = (callId) => {
    for (const { id, state } of this.#store.live())
      if (id !== callId && state.kind === 'talking' && !asksToHold(state.hold) && !this.#isMerged(callId))
        this.#wire.hold(id, true);
  };

  farHangUp: TwoLines['farHangUp'] = (callId) =>
    [...this.#handing.values()].some(({ to }) => 'consultId' in to && to.consultId === callId)
      ? 'transferred'
      : 'customerHungUp';

  handedBack: TwoLines['handedBack'] = (call) =>
    call.aside === undefined ? [...this.#handing.keys()].find((id) => this.#isSame(id, call)) : undefined;

  #isSame(id: CallId, call: Call): boolean {
    const handed = this.#store.find(id);
    return handed !== undefined && exchangeName(handed) === exchangeName(call);
  }

  takenBack: TwoLines['takenBack'] = (callId) => {
    const handing = this.#handing.get(callId);
    if (handing === undefined || !this.#forget(callId, handing)) return undefined;
    const atMs = this.#clock.nowMs();
    if (handing.wasOpen && !this.#isBusy(callId)) {
      this.#store.apply(callId, { kind: 'resumeAsked', atMs });
      this.#store.apply(callId, { kind: 'holdAgreed', to: 'open', atMs });
    }
    return this.#store.apply(callId, { kind: 'transferFailed', status: nobodyTook, atMs });
  };

  transfer: TwoLines['transfer'] = (callId, dial) => {
    if (!isDialable(dial)) return refused(refusal('invalid', 'number'));
    return this.#hand(callId, { dial });
  };

  completeTransfer: TwoLines['completeTransfer'] = (callId, consultId) => {
    if (callId === consultId) return refused(refusal('conflict', 'notTwoCalls'));
    // There is no dialog to be replaced before it is answered.
    if (!this.#isTalking(consultId)) return refused(refusal('conflict', 'consultNotTalking'));
    return this.#hand(callId, { consultId });
  };

  swap: TwoLines['swap'] = () => {
    const [newer, older] = this.#store.live();
    if (newer === undefined || older === undefined || this.#isMerged(newer.id) || !this.#talkBoth(newer, older))
      return refused(refusal('conflict', 'notTwoCalls'));
    this.hold(isOpen(newer) ? older.id : newer.id, false);
    return done;
  };

  merge: TwoLines['merge'] = (callId, otherId) => {
    const [one, other] = [this.#store.find(callId), this.#store.find(otherId)];
    if (one === undefined || other === undefined || one === other || !this.#talkBoth(one, other))
      return refused(refusal('conflict', 'notTwoCalls'));
    const why = this.#whyNotMoved(one) ?? this.#whyNotMoved(other);
    if (why !== undefined) return refused(why);
    if (this.#isMerged(callId)) return done;
    const ids = [callId, otherId];
    this.#mark(ids, true);
    this.#wire.mix(ids);
    for (const id of ids) this.#wire.hold(id, false);
    return done;
  };

  part: TwoLines['part'] = () => {
    const merged = this.#apart();
    // LINES-4
    const other = merged.find(({ aside }) => aside !== undefined) ?? merged[0];
    if (other !== undefined) this.#wire.hold(other.id, true);
    return done;
  };

  #hand(callId: CallId, to: ReferTarget): Result<Done> {
    const call = this.#store.find(callId);
    if (call === undefined || !this.#isTalking(callId)) return refused(refusal('conflict', 'notTalking'));
    const why = whyNotOnLine('handOver', this.#store.state().line) ?? this.#whyNotMoved(call);
    if (why !== undefined) return refused(why);
    if (this.#isMerged(callId)) this.part();
    const handing: Handing = { wasOpen: isOpen(this.#store.find(callId)), to, stop: nothing, forget: nothing };
    this.#store.apply(callId, { kind: 'transferAsked', atMs: this.#clock.nowMs() });
    // LINES-1
    if (handing.wasOpen) this.#wire.hold(callId, true);
    this.#handing.set(callId, handing);
    this.#refer(callId, handing);
    return done;
  }

  /** As soon as the holding is answered, whichever way: a REFER amid a re-INVITE is refused by many. */
  #refer(callId: CallId, handing: Handing): void {
    const state = this.#store.find(callId)?.state;
    if (state?.kind !== 'talking' || state.hold.kind === 'holding' || this.#handing.get(callId) !== handing) return;
    if (handing.forget !== nothing) return;
    handing.forget = this.#wire.refer(callId, handing.to, {
      trying: () => {
        this.#store.apply(callId, { kind: 'transferTrying', atMs: this.#clock.nowMs() });
        this.#limit(callId, handing, tryingMs);
      },
      failed: (status) => this.#failed(callId, handing, status),
      done: () => this.#done(callId, handing),
    });
    this.#limit(callId, handing, silentMs);
  }

  #limit(callId: CallId, handing: Handing, limitMs: number): void {
    handing.stop();
    if (this.#handing.get(callId) !== handing) return;
    handing.stop = this.#clock.after(limitMs, () => this.#failed(callId, handing, 408));
  }

  #failed(callId: CallId, handing: Handing, status: number): void {
    if (!this.#forget(callId, handing)) return;
    this.#store.apply(callId, { kind: 'transferFailed', status, atMs: this.#clock.nowMs() });
    // LINES-2. The agent talks with somebody else meanwhile: not over that.
    if (handing.wasOpen && !this.#isBusy(callId) && this.#isTalking(callId)) this.#wire.hold(callId, false);
  }

  #isBusy(callId: CallId): boolean {
    return this.#store.live().some((call) => call.id !== callId && isOpen(call));
  }

  #done(callId: CallId, handing: Handing): void {
    if (!this.#forget(callId, handing)) return;
    this.#wire.end(callId, 'transferred');
    if ('consultId' in handing.to) this.#wire.end(handing.to.consultId, 'transferred');
  }

  #forget(callId: CallId, handing: Handing): boolean {
    if (this.#handing.get(callId) !== handing) return false;
    this.#handing.delete(callId);
    handing.stop();
    handing.forget();
    return true;
  }

  /** What follows from what happened on the wire. */
  #follow(): void {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    for (const [callId, handing] of this.#handing)
      if (this.#isTalking(callId)) this.#refer(callId, handing);
      else this.#forget(callId, handing);
    const merged = this.#merged();
    // LINES-3; and nobody counts as present who could not be taken back.
    if (
      merged.length === 1 ||
      merged.some(({ state }) => state.kind === 'talking' && state.hold.kind === 'resumeFailed')
    )
      this.#apart();
    this.#isFollowing = false;
  }

  #apart(): readonly Call[] {
    const merged = this.#merged();
    if (merged.length === 0) return merged;
    this.#wire.mix([]);
    this.#mark(
      merged.map(({ id }) => id),
      false,
    );
    return merged;
  }

  #mark(ids: readonly CallId[], to: boolean): void {
    const atMs = this.#clock.nowMs();
    const wasFollowing = this.#isFollowing;
    // Not while one is marked and the other is not yet.
    this.#isFollowing = true;
    for (const id of ids) this.#store.apply(id, { kind: 'merged', to, atMs });
    this.#isFollowing = wasFollowing;
  }

  #merged = (): readonly Call[] =>
    this.#store.live().filter(({ state }) => state.kind === 'talking' && state.merged === true);
  #isMerged = (callId: CallId): boolean => this.#merged().some(({ id }) => id === callId);
  #isTalking = (callId: CallId): boolean => this.#store.find(callId)?.state.kind === 'talking';
  #talkBoth = (one: Call, other: Call): boolean => this.#isTalking(one.id) && this.#isTalking(other.id);
  #whyNotMoved = ({ id }: Call): Refusal | undefined =>
    this.#handing.has(id) ? refusal('conflict', 'transferUnderWay') : undefined;
}

const isOpen = (call: Call | undefined): boolean => call?.state.kind === 'talking' && !asksToHold(call.state.hold);

function nothing(): void {}
