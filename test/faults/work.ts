import type { SampleOperator } from '../../practice/operator/operator.ts';
import type { Call } from '../../shared/call.ts';
import { Call as CallSchema } from '../../shared/call.ts';
import type { ContactId } from '../../shared/ids.ts';
import type { TaskItem } from '../../shared/task-api.ts';
import { skipReasons } from '../../shared/task.ts';
import { storable } from '../../shared/text.ts';
import type { HandsNeeds } from './hands.ts';
import { agentOf, Hands, SeatGone, uuid } from './hands.ts';
import { actInCall, saveDraft, tellQuality } from './in-call.ts';
import { doOwed, repair } from './owed-work.ts';
import { sell } from './sale.ts';

/** What an agent and a telephone do at one seat, drawn from the seed: only calls of the seat's contract, as desk and phone make them. */
export type WorkNeeds = HandsNeeds & {
  readonly operator: SampleOperator;
  readonly isOver: () => boolean;
  /** So long by the clocks of seats and central. */
  readonly inBentMs: (ms: number) => number;
  /** Ids of contacts of all seats, so that one is offered twice now and then: central must refuse the second. */
  readonly offered: string[];
  /** So seldom. */
  readonly offeredAgainIn: number;
};

type View = NonNullable<ReturnType<WorkNeeds['seat']['view']>>;

const mostUnderWay = 80;
const mostOffline = 400;
const longestWrapUpMs = 4_000;
const onItsWayMs = 32_000;
const homeOf = (seat: number): string => String(1001 + seat);

export class Worker {
  /** Who is to work here; another seat's agent for a while: that seat is then taken over. */
  agentNumber: string;
  readonly #needs: WorkNeeds;
  readonly #hands: Hands;
  #call: Call | undefined;
  #killsSeen = 0;

  constructor(needs: WorkNeeds) {
    this.#needs = needs;
    this.#hands = new Hands(needs);
    this.agentNumber = homeOf(needs.seat.number);
  }

  get home(): string {
    return homeOf(this.#needs.seat.number);
  }

  async run(): Promise<void> {
    const { isOver } = this.#needs;
    while (!isOver()) await this.#guarded(() => this.#round());
  }

  /** Ends what is in hand, decides on what was refused and signs in whoever belongs here, however often it takes. */
  async finish(isLate: () => boolean): Promise<void> {
    this.agentNumber = this.home;
    let isFresh = false;
    while (!isLate()) {
      const { seat } = this.#needs;
      const view = seat.view();
      if (view !== undefined && this.#isSettled(view)) {
        const own = view.refusedOps.filter((op) => op.repair?.isOwn === true);
        const { sync } = view;
        if (sync.kind === 'idle' && sync.waiting === 0 && own.length === 0 && isFresh) return;
        if (sync.kind === 'idle' && sync.waiting === 0) {
          await this.#guarded(async () => {
            if (own.length > 0) return repair(this.#hands, own, true);
            // A new session asks central for everything, instead of in its own time.
            await this.#signIn(this.home);
            isFresh = agentOf(seat) !== '' && (await this.#giveBack());
            await this.#hands.idle(50);
          });
          continue;
        }
        if (sync.kind !== 'offline' || sync.why !== 'unauthorised') {
          await this.#hands.idle();
          continue;
        }
      }
      await this.#guarded(() => this.#settleDown());
    }
  }

  /** Asks for a customer once more, which tells central what this seat does not know of, and takes none from then on. */
  async #giveBack(): Promise<boolean> {
    const { seat } = this.#needs;
    await this.#hands.desk('task.take', { on: true });
    await this.#hands.desk('agent.ready', {});
    // What was given a moment ago may be on its way: central takes it back when it is asked later.
    await this.#asked();
    await this.#hands.idle(this.#needs.inBentMs(onItsWayMs));
    const shown = seat.view()?.task;
    if (shown?.kind === 'preview') await this.#hands.desk('task.skip', { grantId: shown.item.grantId, why: 'later' });
    else await this.#hands.desk('task.next', {});
    await this.#asked();
    return (await this.#hands.desk('task.take', { on: false })).ok;
  }

  /** Until central has said whom, or that there is nobody. */
  async #asked(): Promise<void> {
    const { seat } = this.#needs;
    for (let looks = 0; looks < 200; looks += 1) {
      const kind = seat.view()?.task.kind;
      if (kind === 'preview' || kind === 'nobody') return;
      await this.#hands.idle(20);
    }
  }

  #isSettled({ session, agent }: View): boolean {
    const isHome = session.kind === 'signedIn' && session.agent.number === this.home;
    return isHome && (agent.kind === 'ready' || agent.kind === 'notReady');
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    const { seat, witness } = this.#needs;
    if (!seat.isUp()) return this.#hands.idle();
    try {
      if (seat.kills().length !== this.#killsSeen) {
        this.#killsSeen = seat.kills().length;
        witness.restarted(seat);
        if (this.#call === undefined) await this.#hands.report();
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
    if (this.#isAhead(view)) return this.#hands.idle();
    if (view.sync.kind === 'offline' && view.sync.why === 'unauthorised' && chance.once(2))
      return this.#signIn(view.session.agent.number);
    if (view.agent.kind !== 'ready' && view.agent.kind !== 'notReady') return this.#takeUp();
    if (view.session.agent.number !== this.agentNumber) return void (await this.#hands.desk('session.signOut', {}));
    if (view.refusedOps.length > 0 && chance.once(3)) return repair(this.#hands, view.refusedOps, false);
    if (view.task.kind === 'preview' && !chance.once(4)) return this.#doTask(view.task.item);
    // Free, and about to be shown somebody: mostly worth the moment.
    if (view.task.kind === 'asking' && !chance.once(40)) return this.#hands.idle();
    if (view.task.kind === 'nobody' && chance.once(8)) return void (await this.#hands.desk('task.next', {}));
    switch (chance.below(24)) {
      case 0:
        return void (await this.#hands.desk('session.signOut', {}));
      case 1:
      case 2:
      case 3:
        return void (await this.#hands.desk('agent.ready', {}));
      case 4:
        return void (await this.#hands.desk('agent.notReady', { reason: chance.oneOf(['break', 'meal', 'nonsense']) }));
      case 5:
      case 6:
        return this.#dialOut();
      case 7:
      case 8:
      case 9:
        return doOwed(this.#hands);
      default:
        return this.#takeCall();
    }
  }

  /** Agents are slower than central, if it is there: a seat that is never through would be no picture of one. */
  #isAhead({ sync, reference }: View): boolean {
    if (sync.kind === 'offline') return sync.waiting > mostOffline;
    return sync.waiting > mostUnderWay || reference.topics.length === 0;
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
      return this.#hands.report();
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
      await this.#hands.report();
      return this.#hands.idle();
    }
    if (view.session.agent.number !== this.home) await this.#hands.desk('session.signOut', {});
    else await this.#signIn(this.home);
    return this.#hands.idle();
  }

  async #signIn(agentNumber: string): Promise<void> {
    const { operator } = this.#needs;
    const { password } = operator.agents.find((agent) => agent.agentNumber === agentNumber) ?? { password: '' };
    const signed = await this.#hands.desk('session.signIn', { agentNumber, password, takeOver: true });
    if (!signed.ok) return this.#hands.idle();
    await this.#hands.desk('shift.checked', { microphone: 'heard' });
    await this.#hands.desk('task.take', { on: this.#needs.chance.once(2) });
    if (this.#call === undefined) await this.#hands.report();
  }

  async #takeCall(): Promise<void> {
    const { chance, operator, offered, offeredAgainIn } = this.#needs;
    const customer = operator.customerAt(chance.below(operator.count), () => '').customer;
    const again = offered.length > 6 && chance.once(offeredAgainIn) ? offered[chance.below(offered.length)] : undefined;
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
    await this.#hands.report(call);
    if (chance.once(12)) return this.#end(call, chance.oneOf(['missed', 'rejected']));
    await this.#talk(call);
  }

  async #dialOut(): Promise<void> {
    const { chance, operator, offered } = this.#needs;
    const { customer } = operator.customerAt(chance.below(operator.count), () => '');
    const id = CallSchema.shape.id.parse(uuid());
    const asked = { callId: id, what: { customerId: customer.id, numberIndex: 0 }, purpose: 'service' as const };
    const permit = await this.#hands.phone('dial.authorise', asked);
    if (!permit.ok) return this.#hands.idle();
    offered.push(permit.value.contactId);
    return this.#dialled(id, permit.value);
  }

  /** R21: the customer a task shows, by central's leave; or passed by. */
  async #doTask({ grantId }: TaskItem): Promise<void> {
    const { chance } = this.#needs;
    if (chance.once(6)) return void (await this.#hands.desk('task.skip', { grantId, why: chance.oneOf(skipReasons) }));
    const id = CallSchema.shape.id.parse(uuid());
    const permit = await this.#hands.phone('dial.authorise', { callId: id, what: { grantId }, purpose: 'marketing' });
    return permit.ok ? this.#dialled(id, permit.value) : this.#hands.idle();
  }

  async #dialled(id: Call['id'], { contactId, dial }: { contactId: ContactId; dial: string }): Promise<void> {
    const { chance } = this.#needs;
    const call = CallSchema.parse({
      ...{ id, direction: 'outbound', number: dial, display: '', contactId },
      state: { kind: 'dialling', sinceMs: 1 },
      trace: { inviteMs: 1 },
    });
    this.#call = call;
    await this.#hands.report(call);
    if (chance.once(5)) return this.#end(call, chance.oneOf(['busy', 'noAnswer']));
    await this.#talk(call);
  }

  async #talk(ringing: Call): Promise<void> {
    const { chance, operator, seat } = this.#needs;
    const call: Call = {
      ...ringing,
      state: { kind: 'talking', sinceMs: 2, microphone: 'open', hold: { kind: 'none' }, media: 'flowing' },
    };
    this.#call = call;
    await this.#hands.report(call);
    const selling = seat.view()?.contact;
    if (selling?.contact.callId === call.id && chance.once(2)) await sell(this.#hands, selling.contact.id);
    for (let left = chance.below(7); left > 0; left -= 1) {
      const contact = seat.view()?.contact?.contact;
      if (contact?.callId === call.id) await actInCall(this.#hands, operator, call, contact.id);
    }
    if (!chance.once(9)) return this.#end(call, chance.oneOf(['customerHungUp', 'agentHungUp', 'network']));
    const handOn = { callId: call.id, what: { text: '1012' }, purpose: 'transfer' as const };
    const permit = await this.#hands.phone('dial.authorise', handOn);
    await this.#end(call, permit.ok ? 'transferred' : 'customerHungUp');
  }

  async #end(
    call: Call,
    cause: 'missed' | 'rejected' | 'busy' | 'noAnswer' | 'customerHungUp' | 'agentHungUp' | 'network' | 'transferred',
  ): Promise<void> {
    this.#call = undefined;
    const { chance } = this.#needs;
    if (chance.once(3)) await tellQuality(this.#hands, call);
    await this.#hands.report({ ...call, state: { kind: 'ended', atMs: 3, cause, talkMs: 1 } });
    await this.#hands.report();
    const agent = this.#needs.seat.view()?.agent;
    if (agent?.kind === 'wrapUp') await this.#wrapUp(agent.contactId);
  }

  async #wrapUp(contactId: string): Promise<void> {
    const { chance, seat } = this.#needs;
    const id = CallSchema.shape.contactId.parse(contactId);
    if (chance.once(3)) await saveDraft(this.#hands, id);
    // Once in a while the timer does it, or the agent forgets what is mandatory (R28).
    if (chance.once(90)) return this.#dawdle();
    if (chance.once(15)) await this.#hands.desk('contact.wrapUp', { contactId: id, note: '', disposition: [] });
    const tree = seat.view()?.contact?.tree;
    const root = tree?.roots[chance.below(tree.roots.length)];
    const branch = root?.children[chance.below(root.children.length)];
    const leaf = branch?.children[chance.below(branch.children.length)];
    const disposition = [root, branch, leaf].flatMap((node) => (node === undefined ? [] : [node.id]));
    const note = this.#hands.words();
    const done = await this.#hands.desk('contact.wrapUp', { contactId: id, note, disposition });
    if (!done.ok) return this.#hands.idle();
    this.#hands.promised(
      'contact.wrappedUp',
      contactId,
      (body) => body.contactId === contactId && body.note === storable(note) && !body.forced,
    );
  }

  /** Until the timer has ended the wrap-up. */
  async #dawdle(): Promise<void> {
    const { seat } = this.#needs;
    const untilMs = Date.now() + longestWrapUpMs;
    while (seat.view()?.agent.kind === 'wrapUp' && Date.now() < untilMs) await this.#hands.idle(20);
  }
}
