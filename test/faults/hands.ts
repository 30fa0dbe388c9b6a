import { randomBytes } from 'node:crypto';
import type { Call } from '../../shared/call.ts';
import { uuidv7 } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import type { Client } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import type { Chance } from '../fuzz/chance.ts';
import type { Seat } from './seat.ts';
import type { Witness } from './witness.ts';

/** The seat was killed in mid-sentence. */
export class SeatGone extends Error {}

const idleMs = 4;
const oddNotes = ['', ' 😀', ' "\\', '\u0000', ' \ud800', ' 𠮷野家', ' <b>&amp;</b>', ' {"a":[1]}', '\r\n二'] as const;

export type HandsNeeds = {
  readonly seat: Seat;
  readonly chance: Chance;
  readonly witness: Witness;
  /** Something was done: the fault plan goes by this count. */
  readonly tick: () => void;
};

/** Desk and telephone of one seat, as whoever sits there uses them; what is answered "ok" is noted. */
export class Hands {
  readonly seat: Seat;
  readonly chance: Chance;
  readonly witness: Witness;
  readonly #tick: () => void;
  #notes = 0;
  #askedBy = '';

  constructor({ seat, chance, witness, tick }: HandsNeeds) {
    this.seat = seat;
    this.chance = chance;
    this.witness = witness;
    this.#tick = tick;
  }

  desk: Client<SeatContract>['call'] = (name, request) => {
    if (!this.seat.isUp()) return Promise.reject(new SeatGone());
    this.#askedBy = agentOf(this.seat);
    return this.#asked(this.seat.desk().call(name, request));
  };

  phone: Client<SeatContract>['call'] = (name, request) => {
    if (!this.seat.isUp()) return Promise.reject(new SeatGone());
    return this.#asked(this.seat.phone().call(name, request));
  };

  async report(...calls: Call[]): Promise<void> {
    const state: PhoneState = {
      line: { kind: 'registered', sinceMs: 1 },
      devices: { kind: 'ready', microphone: 'm', speaker: 's' },
      calls,
    };
    await this.phone('phone.report', state);
  }

  /**
   * What was answered "ok" must be found among what the seat committed, by whoever asked: when the answer is here the same seat may already
   * be taken over.
   */
  promised<Name extends OpBody['name']>(
    name: Name,
    about: string,
    holds: (body: Extract<OpBody, { name: Name }>) => boolean,
    agentId: string = this.#askedBy,
  ): void {
    const isThat = (body: OpBody): body is Extract<OpBody, { name: Name }> => body.name === name;
    this.witness.promised(this.seat, agentId, name, about, (body) => isThat(body) && holds(body));
  }

  /** Words nobody else says, with what texts suffer from. */
  words(): string {
    this.#notes += 1;
    return `座席${this.seat.number} 第${this.#notes}条${this.chance.oneOf(oddNotes)}`;
  }

  async idle(ms: number = idleMs): Promise<void> {
    await new Promise((done) => void setTimeout(done, ms));
  }

  async #asked<T>(answer: Promise<Result<T>>): Promise<Result<T>> {
    const result = await answer;
    if (result.ok) this.#tick();
    if (!result.ok && result.error.reason === 'connectionLost') throw new SeatGone();
    this.witness.seen(this.seat);
    return result;
  }
}

export const agentOf = (seat: Seat): string => {
  const session = seat.view()?.session;
  return session?.kind === 'signedIn' ? session.agent.id : '';
};

export const uuid = (): string => uuidv7(Date.now(), randomBytes(10));
