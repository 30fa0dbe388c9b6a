import type { Call, EndCause } from '../../shared/call.ts';
import type { CallId, ContactId } from '../../shared/ids.ts';
import type { OpBody } from '../../shared/op.ts';
import type { TransferKind } from '../../shared/transfer.ts';
import { withoutLevel } from '../../shared/verification.ts';
import type { Clock } from './clock.ts';
import type { DialAsked, Permit } from './dial.ts';
import type { Log } from './log.ts';
import type { Seat } from './seat.ts';

type TransferOp = Extract<OpBody, { name: 'contact.transferred' }>;

/**
 * Who else was brought into the contact in hand, and what became of it: from what was permitted and what the phone then reports. The
 * level proven is kept while somebody is asked, and dropped when all three are in one conversation (security 51, R12).
 */
export interface Transfers {
  permitted(asked: DialAsked, permit: Permit): void;
  /** Looks at the calls of a report. */
  seen(calls: readonly Call[]): void;
  /** What belongs into the record of a contact whose call is over. */
  endOps(callId: CallId, contactId: ContactId, cause: EndCause): readonly TransferOp[];
}

type Intent = { readonly contactId: ContactId; readonly target: string; readonly kind: TransferKind };
type Consult = Intent & { isMerged: boolean };

export const createTransfers = (needs: { readonly seat: Seat; readonly clock: Clock; readonly log: Log }): Transfers =>
  new Records(needs.seat, needs.clock, needs.log);

class Records implements Transfers {
  readonly #seat: Seat;
  readonly #clock: Clock;
  readonly #log: Log;
  /** By the customer's call: the last hand-over asked for. */
  readonly #intents = new Map<CallId, Intent>();
  readonly #consults = new Map<CallId, Consult>();
  /** When a failed hand-over that is in the record was asked for, by call. */
  readonly #failedOf = new Map<CallId, number>();

  constructor(seat: Seat, clock: Clock, log: Log) {
    this.#seat = seat;
    this.#clock = clock;
    this.#log = log;
  }

  permitted: Transfers['permitted'] = ({ purpose, callId, consultId }, { contactId, dial }) => {
    if (purpose === 'divert') this.#intents.set(callId, { contactId, target: dial, kind: 'divert' });
    if (purpose === 'transfer')
      this.#intents.set(callId, { contactId, target: dial, kind: consultId === undefined ? 'blind' : 'attended' });
  };

  seen: Transfers['seen'] = (calls) => {
    for (const call of calls) {
      if (call.aside?.kind === 'consult') this.#consult(call, call.aside.of);
      else if (call.aside?.kind === 'colleague') this.#joined(call, call.aside.number);
      else this.#failed(call);
    }
    const known = new Set(calls.map(({ id }) => id));
    for (const map of [this.#consults, this.#failedOf]) for (const id of map.keys()) if (!known.has(id)) map.delete(id);
  };

  endOps: Transfers['endOps'] = (callId, contactId, cause) => {
    const intent = this.#intents.get(callId);
    this.#intents.delete(callId);
    if (intent === undefined || cause !== 'transferred' || intent.contactId !== contactId) return [];
    return [this.#op(intent, 'done')];
  };

  #consult(call: Call, of: CallId): void {
    const { state } = call;
    let consult = this.#consults.get(call.id);
    if (consult === undefined) {
      const contact = this.#seat.work?.contact;
      if (state.kind === 'ended' || contact?.callId !== of) return;
      consult = { contactId: contact.id, target: call.number.slice(0, 24), kind: 'consult', isMerged: false };
      this.#consults.set(call.id, consult);
    }
    if (state.kind === 'talking' && state.merged === true && !consult.isMerged) {
      consult.isMerged = true;
      this.#merged(consult);
    }
    if (state.kind !== 'ended') return;
    this.#consults.delete(call.id);
    // Handed over (the target may let go of us before we hear of it), or talked all three: that is in the record in its own name.
    if (state.cause === 'transferred' || consult.isMerged || this.#intents.get(of)?.kind === 'attended') return;
    const outcome = state.talkMs > 0 ? 'done' : state.cause === 'agentHungUp' ? 'cancelled' : 'failed';
    this.#commit(this.#op(consult, outcome));
  }

  /** A colleague who called in by himself and was taken into the conversation. */
  #joined({ id, state }: Call, number: string): void {
    const contact = this.#seat.work?.contact;
    if (state.kind !== 'talking' || state.merged !== true || contact === undefined || this.#consults.has(id)) return;
    const consult: Consult = { contactId: contact.id, target: number, kind: 'consult', isMerged: true };
    this.#consults.set(id, consult);
    this.#merged(consult);
  }

  #merged(consult: Consult): void {
    const { work } = this.#seat;
    if (work?.contact.id !== consult.contactId) return;
    this.#commit(this.#op({ ...consult, kind: 'conference' }, 'done'), true);
  }

  #failed({ id, state }: Call): void {
    const intent = this.#intents.get(id);
    if (intent === undefined || state.kind !== 'talking' || state.transfer?.kind !== 'failed') return;
    const { sinceMs, status } = state.transfer;
    if (this.#failedOf.get(id) === sinceMs) return;
    this.#failedOf.set(id, sinceMs);
    this.#intents.delete(id);
    this.#commit({ ...this.#op(intent, 'failed'), status });
  }

  #commit(op: TransferOp, dropsLevel = false): void {
    const done = this.#seat.commit({
      ops: [op],
      ...(dropsLevel
        ? {
            work: (contact) => {
              const { work } = this.#seat;
              if (work === null) return null;
              const verification = withoutLevel(work.verification);
              return {
                ...work,
                contact: contact ?? work.contact,
                verification,
                revealed: {},
                verifying: { ...work.verifying, openUntilMs: {} },
              };
            },
          }
        : {}),
    });
    const { contactId, kind, outcome } = op;
    // Wrapped up before the second party hung up: the contact is closed, and whom was asked is known no more.
    if (done.ok) this.#log.info('contact handed on', { contactId, kind, outcome });
    else this.#log.warn('hand-over not recorded', { contactId, kind, why: done.error.kind });
  }

  #op({ contactId, kind, target }: Intent, outcome: TransferOp['outcome']): TransferOp {
    return { name: 'contact.transferred', contactId, kind, target, outcome, atMs: this.#clock.nowMs() };
  }
}
