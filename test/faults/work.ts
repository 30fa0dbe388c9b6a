import { randomBytes } from 'node:crypto';
import type { SampleOperator } from '../../practice/operator/operator.ts';
import type { Call } from '../../shared/call.ts';
import { Call as CallSchema } from '../../shared/call.ts';
import { uuidv7 } from '../../shared/ids.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import type { SeatContract } from '../../shared/seat.ts';
import type { Client } from '../../shared/rpc.ts';
import { storable } from '../../shared/text.ts';
import type { Factor } from '../../shared/verification.ts';
import type { Chance } from '../fuzz/chance.ts';
import type { Seat } from './seat.ts';
import type { Witness } from './witness.ts';

/** What an agent and a telephone do at one seat, drawn from the seed: only calls of the seat's contract, as desk and phone make them. */
export type WorkNeeds = {
  readonly seat: Seat;
  readonly chance: Chance;
  readonly operator: SampleOperator;
  readonly witness: Witness;
  /** Something was done: the fault plan goes by this count. */
  readonly tick: () => void;
  readonly isOver: () => boolean;
  /** Ids of contacts of all seats, so that one is offered twice now and then: central must refuse the second. */
  readonly offered: string[];
};

/** The seat was killed in mid-sentence. */
class SeatGone extends Error {}

const homeOf = (seat: number): string => String(1001 + seat);
const idleMs = 15;
const oddNotes = ['', ' 😀', ' "\\', '\u0000', ' \ud800', ' 𠮷野家', ' <b>&amp;</b>', ' {"a":[1]}', '\r\n二'] as const;

export class Worker {
  /** Who is to work here; another seat's agent for a while: that seat is then taken over. */
  agentNumber: string;
  readonly #needs: WorkNeeds;
  #call: Call | undefined;
  #notes = 0;
  #killsSeen = 0;

  constructor(needs: WorkNeeds) {
    this.#needs = needs;
    this.agentNumber = homeOf(needs.seat.number);
  }

  get home(): string {
    return homeOf(this.#needs.seat.number);
  }

  async run(): Promise<void> {
    const { isOver } = this.#needs;
    while (!isOver()) await this.#guarded(() => this.#round());
  }

  /** Ends what is in hand and signs in whoever belongs here, however often it takes. */
  async finish(isLate: () => boolean): Promise<void> {
    this.agentNumber = this.home;
    while (!isLate()) {
      const { seat } = this.#needs;
      const view = seat.view();
      const isHome = view?.session.kind === 'signedIn' && view.session.agent.number === this.home;
      if (isHome && (view.agent.kind === 'ready' || view.agent.kind === 'notReady')) {
        if (view.sync.kind === 'idle' && view.sync.waiting === 0) return;
        if (view.sync.kind !== 'offline' || view.sync.why !== 'unauthorised') {
          await this.#idle();
          continue;
        }
      }
      await this.#guarded(() => this.#settleDown());
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    const { seat, witness } = this.#needs;
    if (!seat.isUp()) return this.#idle();
    try {
      if (seat.kills() !== this.#killsSeen) {
        this.#killsSeen = seat.kills();
        witness.restarted(seat);
        if (this.#call === undefined) await this.#report();
      }
      await work();
    } catch (fault) {
      if (!(fault instanceof SeatGone)) throw fault;
    }
  }

  async #round(): Promise<void> {
    const { seat, chance } = this.#needs;
    const view = seat.view();
    if (view === undefined) throw new SeatGone();
    if (view.session.kind === 'signedOut') return this.#signIn(this.agentNumber);
    if (view.sync.kind === 'offline' && view.sync.why === 'unauthorised' && chance.once(2))
      return this.#signIn(view.session.agent.number);
    if (view.agent.kind !== 'ready' && view.agent.kind !== 'notReady') return this.#takeUp();
    if (view.session.agent.number !== this.agentNumber) return void (await this.#desk('session.signOut', {}));
    switch (chance.below(24)) {
      case 0:
        return void (await this.#desk('session.signOut', {}));
      case 1:
      case 2:
      case 3:
        return void (await this.#desk('agent.ready', {}));
      case 4:
        return void (await this.#desk('agent.notReady', { reason: chance.oneOf(['break', 'meal', 'nonsense']) }));
      case 5:
      case 6:
        return this.#dialOut();
      default:
        return this.#takeCall();
    }
  }

  /** What was in hand when the seat was killed, or when something was refused. */
  async #takeUp(): Promise<void> {
    const { seat, chance } = this.#needs;
    const view = seat.view();
    if (view === undefined) throw new SeatGone();
    const { agent } = view;
    if (agent.kind === 'wrapUp') return this.#wrapUp(agent.contactId);
    const call = this.#call;
    const isMine = 'callId' in agent && call?.id === agent.callId && call.state.kind !== 'ended';
    if (!isMine || chance.once(3)) {
      this.#call = undefined;
      return this.#report();
    }
    await this.#talk(call);
  }

  async #settleDown(): Promise<void> {
    const { seat } = this.#needs;
    const view = seat.view();
    if (view === undefined) throw new SeatGone();
    if (view.session.kind === 'signedOut') return this.#signIn(this.home);
    if (view.agent.kind === 'wrapUp') return this.#wrapUp(view.agent.contactId);
    if (view.agent.kind === 'reserved' || view.agent.kind === 'onCall') {
      this.#call = undefined;
      await this.#report();
      return this.#idle();
    }
    if (view.session.agent.number !== this.home) await this.#desk('session.signOut', {});
    else await this.#signIn(this.home);
    return this.#idle();
  }

  async #signIn(agentNumber: string): Promise<void> {
    const { operator } = this.#needs;
    const { password } = operator.agents.find((agent) => agent.agentNumber === agentNumber) ?? { password: '' };
    const signed = await this.#desk('session.signIn', { agentNumber, password, takeOver: true });
    if (!signed.ok) return this.#idle();
    await this.#desk('shift.checked', { microphone: 'heard' });
    if (this.#call === undefined) await this.#report();
  }

  async #takeCall(): Promise<void> {
    const { chance, operator, offered } = this.#needs;
    const customer = operator.customerAt(chance.below(operator.count), () => '').customer;
    const again = offered.length > 20 && chance.once(40) ? offered[chance.below(offered.length)] : undefined;
    const contactId = again ?? uuid();
    if (again === undefined) offered.push(contactId);
    const call = CallSchema.parse({
      id: uuid(),
      direction: 'inbound',
      number: chance.once(8) ? '' : (customer.numbers[0]?.key ?? ''),
      display: '',
      queue: chance.oneOf(['service', 'vip']),
      contactId,
      state: { kind: 'ringing', sinceMs: 1 },
      trace: { inviteMs: 1 },
    });
    this.#call = call;
    await this.#report(call);
    if (chance.once(12)) return this.#end(call, chance.oneOf(['missed', 'rejected']));
    await this.#talk(call);
  }

  async #dialOut(): Promise<void> {
    const { chance, operator, offered } = this.#needs;
    const { customer } = operator.customerAt(chance.below(operator.count), () => '');
    const id = CallSchema.shape.id.parse(uuid());
    const asked = { callId: id, what: { customerId: customer.id, numberIndex: 0 }, purpose: 'service' as const };
    const permit = await this.#phone('dial.authorise', asked);
    if (!permit.ok) return this.#idle();
    const { contactId, dial } = permit.value;
    offered.push(contactId);
    const call = CallSchema.parse({
      ...{ id, direction: 'outbound', number: dial, display: '', contactId },
      state: { kind: 'dialling', sinceMs: 1 },
      trace: { inviteMs: 1 },
    });
    this.#call = call;
    await this.#report(call);
    if (chance.once(5)) return this.#end(call, chance.oneOf(['busy', 'noAnswer']));
    await this.#talk(call);
  }

  async #talk(ringing: Call): Promise<void> {
    const { chance, seat } = this.#needs;
    const call: Call = {
      ...ringing,
      state: { kind: 'talking', sinceMs: 2, microphone: 'open', hold: { kind: 'none' }, media: 'flowing' },
    };
    this.#call = call;
    await this.#report(call);
    for (let left = chance.below(7); left > 0; left -= 1) {
      const contact = seat.view()?.contact?.contact;
      if (contact?.callId === call.id) await this.#act(contact.id, call);
    }
    if (!chance.once(9)) return this.#end(call, chance.oneOf(['customerHungUp', 'agentHungUp', 'network']));
    const handOn = { callId: call.id, what: { text: '1012' }, purpose: 'transfer' as const };
    const permit = await this.#phone('dial.authorise', handOn);
    await this.#end(call, permit.ok ? 'transferred' : 'customerHungUp');
  }

  async #end(
    call: Call,
    cause: 'missed' | 'rejected' | 'busy' | 'noAnswer' | 'customerHungUp' | 'agentHungUp' | 'network' | 'transferred',
  ): Promise<void> {
    this.#call = undefined;
    await this.#report({ ...call, state: { kind: 'ended', atMs: 3, cause, talkMs: 1 } });
    await this.#report();
    const agent = this.#needs.seat.view()?.agent;
    if (agent?.kind === 'wrapUp') await this.#wrapUp(agent.contactId);
  }

  /** One thing an agent does about the contact in hand. */
  async #act(contactId: string, call: Call): Promise<void> {
    const { chance, operator, seat } = this.#needs;
    const id = CallSchema.shape.contactId.parse(contactId);
    const view = seat.view();
    switch (chance.below(12)) {
      case 0:
      case 1:
      case 2: {
        const topics = view?.reference.topics ?? [];
        const topic = topics[chance.below(topics.length)];
        if (topic !== undefined) await this.#desk('contact.chooseTopic', { contactId: id, topicId: topic.id });
        return;
      }
      case 3:
      case 4:
      case 5: {
        const run = view?.contact?.script;
        const step = run?.script.steps.find((one) => one.id === run.run.stepId);
        if (step === undefined || chance.once(6)) return void (await this.#desk('script.back', { contactId: id }));
        const answerId = step.answers[chance.below(step.answers.length)]?.id ?? null;
        return void (await this.#desk('script.answer', { contactId: id, stepId: step.id, answerId }));
      }
      case 6: {
        const { customer } = operator.customerAt(chance.below(operator.count), () => '');
        const customerId = chance.once(5) ? null : customer.id;
        return void (await this.#desk('contact.identify', { contactId: id, customerId }));
      }
      case 7:
        return this.#verify(contactId);
      case 8:
        return this.#consult(call);
      case 9:
        return void (await this.#phone('phone.keep', {
          calls: [{ call, dialog: { sipCallId: 'x', localTag: 'y', remoteTag: 'z' } }],
        }));
      case 10:
        return void (await this.#desk('customer.search', {
          text: chance.oneOf(['王', '13800020001', '400', 'wang 0001']),
          where: chance.oneOf(['seat', 'central']),
        }));
      default:
        return this.#draft(contactId);
    }
  }

  async #verify(contactId: string): Promise<void> {
    const { chance, operator, seat } = this.#needs;
    const id = CallSchema.shape.contactId.parse(contactId);
    const customerId = seat.view()?.contact?.contact.customerId ?? '';
    if (chance.once(5)) return void (await this.#desk('verification.sendCode', { contactId: id }));
    const factor: Factor = chance.oneOf(['fullName', 'package', 'lastBillRange', 'servicePassword', 'idNumber']);
    const right = operator.answersOf(customerId)?.[factor] ?? '';
    const value = chance.once(4) || right === '' ? '不记得' : right;
    await this.#desk('verification.try', { contactId: id, factor, value });
  }

  /** A colleague is asked about the customer, who is held meanwhile. */
  async #consult(call: Call): Promise<void> {
    const { chance } = this.#needs;
    const asked = { callId: call.id, what: { text: '1099' }, purpose: 'consult' as const };
    const permit = await this.#phone('dial.authorise', asked);
    if (!permit.ok) return;
    const consult = CallSchema.parse({
      ...{ id: uuid(), direction: 'outbound', number: '1099', display: '', contactId: permit.value.contactId },
      aside: { kind: 'consult', of: call.id },
      state: { kind: 'ringingOut', sinceMs: 1 },
      trace: { inviteMs: 1 },
    });
    await this.#report(call, consult);
    const cause = chance.oneOf(['agentHungUp', 'noAnswer'] as const);
    await this.#report(call, { ...consult, state: { kind: 'ended', atMs: 2, cause, talkMs: chance.below(2) * 900 } });
    await this.#report(call);
  }

  async #draft(contactId: string): Promise<void> {
    const { chance, seat, witness } = this.#needs;
    const id = CallSchema.shape.contactId.parse(contactId);
    const note = this.#note(chance);
    witness.drafting(seat, contactId, note);
    const saved = await this.#desk('draft.save', { contactId: id, note, disposition: [] });
    if (saved.ok) witness.drafted(seat, contactId, note);
  }

  async #wrapUp(contactId: string): Promise<void> {
    const { chance, seat, witness } = this.#needs;
    const id = CallSchema.shape.contactId.parse(contactId);
    if (chance.once(3)) await this.#draft(contactId);
    // Once in a while the timer does it, or the agent forgets what is mandatory (R28).
    if (chance.once(60)) return this.#idle(700);
    if (chance.once(15)) await this.#desk('contact.wrapUp', { contactId: id, note: '', disposition: [] });
    const tree = seat.view()?.contact?.tree;
    const root = tree?.roots[chance.below(tree.roots.length)];
    const branch = root?.children[chance.below(root.children.length)];
    const leaf = branch?.children[chance.below(branch.children.length)];
    const disposition = [root, branch, leaf].flatMap((node) => (node === undefined ? [] : [node.id]));
    const note = this.#note(chance);
    const agentId = agentOf(seat);
    const done = await this.#desk('contact.wrapUp', { contactId: id, note, disposition });
    if (done.ok)
      witness.promised(
        seat,
        agentId,
        'contact.wrappedUp',
        contactId,
        (body) =>
          body.name === 'contact.wrappedUp' &&
          body.contactId === contactId &&
          body.note === storable(note) &&
          !body.forced,
      );
    else await this.#idle();
  }

  #note(chance: Chance): string {
    this.#notes += 1;
    const { seat } = this.#needs;
    return `座席${seat.number} 第${this.#notes}条${chance.oneOf(oddNotes)}`;
  }

  async #report(...calls: Call[]): Promise<void> {
    const state: PhoneState = {
      line: { kind: 'registered', sinceMs: 1 },
      devices: { kind: 'ready', microphone: 'm', speaker: 's' },
      calls,
    };
    await this.#phone('phone.report', state);
  }

  #desk: Client<SeatContract>['call'] = (name, request) => {
    if (!this.#needs.seat.isUp()) return Promise.reject(new SeatGone());
    return this.#asked(this.#needs.seat.desk().call(name, request));
  };

  #phone: Client<SeatContract>['call'] = (name, request) => {
    if (!this.#needs.seat.isUp()) return Promise.reject(new SeatGone());
    return this.#asked(this.#needs.seat.phone().call(name, request));
  };

  async #asked<T>(answer: Promise<Result<T>>): Promise<Result<T>> {
    const { tick, witness, seat } = this.#needs;
    const result = await answer;
    if (result.ok) tick();
    if (!result.ok && result.error.reason === 'connectionLost') throw new SeatGone();
    witness.seen(seat);
    return result;
  }

  async #idle(ms: number = idleMs): Promise<void> {
    await new Promise((done) => void setTimeout(done, ms));
  }
}

export const agentOf = (seat: Seat): string => {
  const session = seat.view()?.session;
  return session?.kind === 'signedIn' ? session.agent.id : '';
};

const uuid = (): string => uuidv7(Date.now(), randomBytes(10));
