import { isAvailable } from '../../shared/agent.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { renewIceAtMs } from '../../shared/ice.ts';
import { type PhoneEngineContract, phoneEngineContract, type PhoneSession } from '../../shared/phone-link.ts';
import type { EndedQuality } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import { refusal, refused } from '../../shared/result.ts';
import { type Client, connect, type Port } from '../../shared/rpc.ts';
import type { Clock } from './clock.ts';
import { isLive, type Phone } from './phone.ts';
import { followSupervision } from './supervision-leg.ts';

/**
 * The phone's connection to the engine: tells it every change, takes account and availability from it, and comes back by itself.
 * Calls do not depend on it.
 *
 *   connecting ──admitted──▶ here ──closed──▶ connecting (calls go on)
 *        └──refused: open elsewhere──▶ elsewhere ◀──displaced── here;   elsewhere ──takeOver()──▶ connecting
 */
export type Place =
  | { readonly kind: 'here' }
  | { readonly kind: 'elsewhere'; readonly why: 'seatOpenElsewhere' | 'callRunningElsewhere' | 'displaced' };

export type SeatLink = {
  readonly authorise: Client<PhoneEngineContract>['call'];
  readonly takeOver: () => void;
  readonly close: () => void;
};

type SeatLinkPlan = {
  readonly open: (isTakeOver: boolean) => Promise<Port>;
  readonly phone: Phone;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onPlace: (place: Place) => void;
  readonly onAvailable?: (isAvailable: boolean) => void;
};

/** Fast: during a call the engine should miss little. */
const retry = { firstMs: 100, slowestMs: 2_000 } as const;
/** Central may not have been reached yet when the session began. */
const credentialsAgainMs = 2_000;
/** Central could not be reached to renew them. */
const notRenewedAgainMs = 15_000;
const lookMs = 30_000;

/** Calls whose measurements wait for the engine. */
const mostOwed = 4;

export const keepSeatLink = (plan: SeatLinkPlan): SeatLink => new Link(plan);

class Link implements SeatLink {
  readonly #plan: SeatLinkPlan;
  readonly #supervise: ReturnType<typeof followSupervision>;
  #client: Client<PhoneEngineContract> | undefined;
  #attempt = 0;
  /** Tells what belongs to an older connection. */
  #round = 0;
  #session: PhoneSession | undefined;
  /** Measurements the engine has not been told of. */
  #owed: readonly EndedQuality[] = [];
  /** A page that has just been loaded may come after one that died in a call. */
  #isNewPage = true;
  /** What the engine was told to keep, as text. */
  #kept = '[]';
  #stopTimer = (): void => {};
  #stopAsking = (): void => {};

  constructor(plan: SeatLinkPlan) {
    this.#plan = plan;
    this.#supervise = followSupervision(plan.phone);
    plan.phone.onState((state) => {
      void this.#client?.call('phone.report', state);
      this.#tellKept();
      this.#stopWhenSignedOut();
    });
    plan.phone.onMeasured((ended) => {
      this.#owed = [...this.#owed, ended].slice(-mostOwed);
      void this.#tellOwed();
    });
    void this.#dial(false);
  }

  authorise: SeatLink['authorise'] = (name, request) => {
    const client = this.#client;
    if (client !== undefined) return client.call(name, request);
    const lost: Result<never> = refused(refusal('conflict', 'connectionLost'));
    return Promise.resolve(lost);
  };

  takeOver: SeatLink['takeOver'] = () => void this.#dial(true);

  close: SeatLink['close'] = () => this.#leave();

  async #dial(isTakeOver: boolean): Promise<void> {
    this.#leave();
    const mine = this.#round;
    const port = await this.#plan.open(isTakeOver).catch(() => undefined);
    if (mine !== this.#round) return port?.close();
    if (port === undefined) return this.#again();
    const client = connect(phoneEngineContract, port);
    client.onClose(() => {
      if (mine === this.#round) this.#again();
    });
    client.on('session', (session) => this.#take(session));
    client.on('agent', (agent) => this.#available(isAvailable(agent)));
    client.on('supervision', this.#supervise);
    client.on('expected', ({ contactId }) => this.#plan.phone.expectDialled(contactId));
    client.on('displaced', () => this.#stepBack('displaced'));
    const snapshot = await client.call('seat.snapshot', {});
    if (mine !== this.#round) return;
    if (snapshot.ok && this.#isNewPage) {
      // Before the first report: a call that is not in it counts as over.
      const kept = await client.call('phone.kept', {});
      if (mine !== this.#round) return;
      if (kept.ok) this.#plan.phone.takeUp(kept.value.calls);
    }
    if (!snapshot.ok) {
      const { reason } = snapshot.error;
      if (reason === 'seatOpenElsewhere' || reason === 'callRunningElsewhere') return this.#stepBack(reason);
      client.close();
      return this.#again();
    }
    this.#attempt = 0;
    this.#isNewPage = false;
    this.#client = client;
    this.#plan.onPlace({ kind: 'here' });
    // The whole state, whatever was missed: the engine compares.
    void client.call('phone.report', this.#plan.phone.state());
    this.#kept = '';
    this.#tellKept();
    void this.#tellOwed();
    this.#available(isAvailable(snapshot.value.agent));
    this.#supervise(snapshot.value.supervision);
    this.#plan.phone.expectDialled(snapshot.value.expected.contactId);
    this.#take(snapshot.value.session);
  }

  #tellKept(): void {
    const calls = this.#plan.phone.kept();
    const text = JSON.stringify(calls);
    if (this.#client === undefined || text === this.#kept) return;
    this.#kept = text;
    void this.#client.call('phone.keep', { calls: [...calls] });
  }

  /** What was told and refused is settled too: its contact is closed. Only an engine that was away hears it again. */
  async #tellOwed(): Promise<void> {
    for (const ended of this.#owed) {
      const answer = await this.#client?.call('phone.quality', ended);
      if (answer === undefined || (!answer.ok && answer.error.reason === 'connectionLost')) return;
      this.#owed = this.#owed.filter((one) => one !== ended);
    }
  }

  #available(is: boolean): void {
    // What was not for customers ends first.
    this.#plan.onAvailable?.(is);
    this.#plan.phone.setAvailable(is);
  }

  #again(): void {
    this.#leave();
    this.#attempt += 1;
    const plainMs = Math.min(retry.slowestMs, retry.firstMs * 2 ** Math.min(this.#attempt - 1, 10));
    this.#stopTimer = this.#plan.clock.after(plainMs * (0.75 + this.#plan.random() / 2), () => void this.#dial(false));
  }

  #leave(): void {
    this.#round += 1;
    this.#stopTimer();
    this.#stopAsking();
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  #stepBack(why: Extract<Place, { kind: 'elsewhere' }>['why']): void {
    this.#leave();
    this.#session = undefined;
    void this.#plan.phone.stop();
    this.#plan.onPlace({ kind: 'elsewhere', why });
  }

  #take(session: PhoneSession): void {
    this.#session = session;
    this.#stopAsking();
    if (session.kind === 'signedIn') void this.#askCredentials();
    else this.#stopWhenSignedOut();
  }

  /** A call outlives a session that ended under it (an engine that was restarted); the line goes when the call is over. */
  #stopWhenSignedOut(): void {
    const { phone } = this.#plan;
    const state = phone.state();
    if (this.#session?.kind !== 'signedOut' || state.line.kind === 'off' || state.calls.some(isLive)) return;
    // Acted upon once: stopping changes the state, and each change leads back here.
    this.#session = undefined;
    void phone.stop();
  }

  async #askCredentials(): Promise<void> {
    const client = this.#client;
    const answer = await client?.call('phone.credentials', {});
    const session = this.#session;
    if (client === undefined || client !== this.#client || session?.kind !== 'signedIn') return;
    if (answer?.ok === true && answer.value !== null) {
      this.#plan.phone.start({ credentials: answer.value, seatId: session.seatId });
      return this.#renewInTime(answer.value, notRenewedAgainMs);
    }
    this.#stopAsking = this.#plan.clock.after(credentialsAgainMs, () => void this.#askCredentials());
  }

  /** ICE-2. Looked at now and then: a timer set for an hour does not count the time a computer slept. */
  #renewInTime(credentials: SipCredentials, overdueMs: number): void {
    const { clock } = this.#plan;
    const dueMs = renewIceAtMs(credentials);
    if (dueMs === undefined) return;
    const leftMs = dueMs - clock.nowMs();
    this.#stopAsking = clock.after(leftMs > 0 ? Math.min(leftMs, lookMs) : overdueMs, () => {
      if (clock.nowMs() >= dueMs) void this.#askCredentials();
      else this.#renewInTime(credentials, 0);
    });
  }
}
