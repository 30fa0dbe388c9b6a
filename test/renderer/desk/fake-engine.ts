import { type AgentEvent, type AgentState, nextAgent } from '../../../shared/agent.ts';
import type { Call } from '../../../shared/call.ts';
import { type Contact, nextContact } from '../../../shared/contact.ts';
import { mayDial, mayReach } from '../../../shared/dial-policy.ts';
import { type DayRecord, type DoneContact, emptyDay, recordOf, spanOf, type TimeSpan } from '../../../shared/day.ts';
import { follow, isComplete } from '../../../shared/disposition.ts';
import { type OutcomeUse, recentOf, withUse } from '../../../shared/disposition-search.ts';
import type { Order } from '../../../shared/order.ts';
import type { WorkRow } from '../../../shared/work.ts';
import { missingOf } from '../../../shared/disclosure.ts';
import { whyNotOutcome } from '../../../shared/follow-up.ts';
import { AgentId, ContactId, SeatId, SupervisionId, type NewId } from '../../../shared/ids.ts';
import type { Customer } from '../../../shared/customer.ts';
import type { ContactOp } from '../../../shared/op.ts';
import { editableFields, fieldRefusal, isEditable, maskedField, withField } from '../../../shared/profile.ts';
import { parseNumber } from '../../../shared/phone-number.ts';
import { type FoundCustomer, mostFound, numberWith, readSearch, type Search } from '../../../shared/search.ts';
import type { EndedQuality, PhoneState } from '../../../shared/phone.ts';
import { phoneOff } from '../../../shared/phone.ts';
import { nextRecording, notRecorded, type Recording, type RecordingEvent } from '../../../shared/recording.ts';
import { ok, refusal, refused, type Result } from '../../../shared/result.ts';
import { type Handlers, type Peer, type Port, serve } from '../../../shared/rpc.ts';
import { nextRun, startRun } from '../../../shared/script.ts';
import {
  type ContactView,
  type PopMatch,
  type RefusedOp,
  type SeatContract,
  seatContract,
  type SeatSnapshot,
  type Session,
} from '../../../shared/seat.ts';
import {
  nextOwnSupervision,
  notSupervising,
  type OwnSupervision,
  type OwnSupervisionEvent,
  type Supervised,
} from '../../../shared/supervision.ts';
import type { SyncState } from '../../../shared/sync.ts';
import { factorState, nextVerification, unverified } from '../../../shared/verification.ts';
import {
  sampleAgent,
  sampleAnswers,
  sampleCallers,
  sampleCustomers,
  sampleHistory,
  sampleNotices,
  samplePolicy,
  sampleRevealed,
  sampleScript,
  sampleSpoken,
  sampleTargets,
  sampleTopics,
  sampleTree,
} from './sample.ts';
import { fakeHistory } from './fake-history.ts';
import { createFakeScripts } from './fake-scripts.ts';
import { createFakeCalendar } from './fake-calendar.ts';
import { fakeFigures } from './fake-figures.ts';
import { createFakeTasks } from './fake-tasks.ts';
import { fakeWork } from './fake-work.ts';
import type { FakeEngine, Keyed, World } from './fake-world.ts';

type Needs = { readonly nowMs: () => number; readonly newId: NewId };

export const createFakeEngine = ({ nowMs, newId }: Needs): FakeEngine => new Engine(nowMs, newId);

const agentId = AgentId.parse(sampleAgent.id);
const signedOut: Extract<Session, { kind: 'signedOut' }> = {
  kind: 'signedOut',
  samples: [
    { agentNumber: '8001', name: '林小满', password: 'lanqiao' },
    { agentNumber: '8002', name: '周一帆', password: 'lanqiao' },
  ],
};

class Engine implements FakeEngine {
  readonly #nowMs: () => number;
  readonly #newId: NewId;
  readonly #peers = new Set<{ peer: Peer<SeatContract>; port: Port }>();
  readonly #agentListeners = new Set<(agent: AgentState) => void>();
  readonly asked: { name: string; args: unknown }[] = [];
  readonly world: World;
  #session: Session = signedOut;
  #agent: AgentState;
  #phone: PhoneState = phoneOff;
  #sync: SyncState;
  #view: ContactView | null = null;
  #callBack: SeatSnapshot['callBack'] = null;
  #asOfMs: number;
  #isOneAtATime = false;
  #refusedOps: RefusedOp[] = [];
  readonly #spans: TimeSpan[] = [];
  readonly #done: DoneContact[] = [];
  #uses: readonly OutcomeUse[] = [];
  #day: DayRecord = emptyDay;
  #recording: Recording = notRecorded;
  #supervision: OwnSupervision = notSupervising;
  #supervised: Supervised | null = null;
  readonly #history = fakeHistory({
    world: () => this.world.history,
    isAway: () => this.world.central === 'away',
    nowMs: () => this.#nowMs(),
  });
  readonly #work = fakeWork({
    agentId,
    role: () => this.world.role,
    nowMs: () => this.#nowMs(),
    newId: () => this.#newId(),
    inHand: () => this.#view?.contact ?? null,
    nameOf: (id) => this.world.customers.find((one) => one.id === id)?.nameMasked ?? null,
    missing: () => {
      const script = this.#view?.script?.script;
      return script === undefined ? 0 : missingOf(script, this.#view?.contact.told ?? []).length;
    },
    changed: () => this.#tell('work'),
  });

  /** What central does by itself of the orders there are (R41). */
  readonly orders = (change: (order: Order) => Order): void => this.#work.central(change);
  readonly putWork = (row: WorkRow): void => this.#work.put(row);

  constructor(nowMs: () => number, newId: NewId) {
    this.#nowMs = nowMs;
    this.#newId = newId;
    this.#agent = { kind: 'offline', sinceMs: nowMs() };
    this.#sync = { kind: 'signedOut', waiting: 0 };
    this.#asOfMs = nowMs();
    this.world = {
      central: 'here',
      sms: 'works',
      lockedUntilMs: null,
      practice: true,
      script: sampleScript,
      libraryEntries: [],
      refuseNext: null,
      customers: [...sampleCustomers(nowMs())],
      recorder: { isRecording: false, answer: 'at once' },
      recorderAnswers: () => {},
      recorderLimit: () => this.#record({ kind: 'limitReached' }),
      role: 'agent',
      forced: null,
      force: (forced) => {
        this.world.forced = forced;
        this.#tell('forced');
      },
      states: [],
      switches: [],
      rooms: [],
      calendar: createFakeCalendar(),
      scripts: createFakeScripts([sampleScript], () => agentId, nowMs),
      tasks: createFakeTasks(nowMs, () => this.#tell('task')),
      setCompany: (company, passwordsOff) => {
        this.#session = { ...signedOut, company, ...(passwordsOff === true ? { passwordsOff } : {}) };
        this.#tell('session');
      },
      team: [],
      atCentral: [],
      targets: [...sampleTargets],
      recent: [],
      overrides: [],
      missed: { list: { calls: [], colleagues: [] }, atCentral: 'away', team: [] },
      setAsOf: (atMs) => {
        this.#asOfMs = atMs;
        this.#tell('asOfMs');
      },
      remask: () => {
        this.#setRevealed({}, {});
      },
      keypad: 'matched',
      flag: (flags) => {
        if (this.#view === null) return;
        const verification = nextVerification(this.#view.verification, { kind: 'flagged', flags }, samplePolicy);
        this.#view = { ...this.#view, verification };
        this.#refresh();
      },
      history: { here: [], atCentral: [], sound: null, heard: [] },
      colleagues: [
        { number: '1002', state: 'ready' },
        { number: '1003', state: 'busy' },
      ],
      breaks: [],
      setAgent: (agent) => {
        this.#agent = agent;
        this.#tell('agent');
      },
      dayAtCentral: null,
      supervise: (mode) => {
        const contactId = this.#view?.contact.id ?? null;
        this.#supervised = mode === null ? null : { contactId, mode, sinceMs: nowMs() };
        this.#tell('supervised');
      },
      setSync: (sync) => {
        this.#sync = sync;
        this.#tell('sync');
      },
      repaired: [],
      setRefusedOps: (ops) => {
        this.#refusedOps = ops;
        this.#tell('refusedOps');
      },
      displace: () => {
        for (const { peer } of this.#peers) peer.emit('displaced', {});
      },
      crash: () => {
        for (const { port } of this.#peers) port.close();
        this.#peers.clear();
      },
      callMe: () => {},
    };
  }

  snapshot = (): SeatSnapshot => ({
    session: this.#session,
    agent: this.#agent,
    phone: this.#phone,
    sync: this.#sync,
    asOfMs: this.#asOfMs,
    contact: this.#view,
    callBack: this.#callBack,
    recording: this.#recording,
    supervision: this.#supervision,
    supervised: this.#supervised,
    reference: { topics: [...sampleTopics], notices: [...sampleNotices(this.#nowMs())] },
    refusedOps: this.#refusedOps,
    storage: { kind: 'sound' },
    work: this.#work.view(),
    day: this.#day,
    forced: this.world.forced,
    task: this.world.tasks.state,
    expected: { contactId: null },
    store: 'keyStore',
  });
  agent = (): AgentState => this.#agent;
  onAgent = (listener: (agent: AgentState) => void): void => void this.#agentListeners.add(listener);

  measured = ({ callId, quality }: EndedQuality): void => {
    const contact = this.#view?.contact;
    if (contact?.callId !== callId) return;
    this.#apply({ name: 'contact.quality', contactId: contact.id, quality, atMs: this.#nowMs() });
  };

  connectDesk = (port: Port): void => {
    const handlers = this.#handlers();
    const peer = serve(seatContract, handlers, port, { role: 'desk' }, (_name, fault) => {
      throw fault;
    });
    const connection = { peer, port };
    this.#peers.add(connection);
    port.onClose(() => this.#peers.delete(connection));
  };

  #tell(part: keyof SeatContract['events']): void {
    if (part === 'displaced') return;
    const now = this.snapshot();
    for (const { peer } of this.#peers) peer.emit(part, now[part]);
  }

  #record(event: RecordingEvent): void {
    this.#recording = nextRecording(this.#recording, event);
    this.#tell('recording');
  }

  async #silence(contactId: ContactId): Promise<Result<Record<string, never>>> {
    if (this.#view?.contact.id !== contactId) return refused(refusal('conflict', 'callOver'));
    this.#record({ kind: 'pauseAsked', atMs: this.#nowMs() });
    const { recorder } = this.world;
    if (!recorder.isRecording) return ok({});
    if (recorder.answer === 'waits') await new Promise<void>((resolve) => (this.world.recorderAnswers = resolve));
    if (typeof recorder.answer === 'object') {
      this.#record({ kind: 'pauseRefused', isRecorded: null });
      return refused(recorder.answer);
    }
    this.#record({ kind: 'acknowledged', atMs: this.#nowMs(), resumesAtMs: this.#nowMs() + 110_000 });
    return ok({});
  }

  #supervise(event: OwnSupervisionEvent): Result<Record<string, never>> {
    this.#supervision = nextOwnSupervision(this.#supervision, event);
    this.#tell('supervision');
    return ok({});
  }

  #go(event: AgentEvent): Result<unknown> {
    const next = nextAgent(this.#agent, event);
    if (next.ok && next.value !== this.#agent) {
      const span = spanOf(this.#agent, this.#nowMs());
      if (span !== undefined) this.#spans.push(span);
      this.#agent = next.value;
      this.#day = recordOf(this.#spans, this.#done, this.#agent, this.world.breaks);
      this.#tell('day');
      for (const listener of this.#agentListeners) listener(this.#agent);
      this.#tell('agent');
    }
    return next;
  }

  /** One contact op through the real rule; the view follows. */
  #apply(op: ContactOp): Result<Contact> {
    const next = nextContact(this.#view?.contact, op, agentId);
    if (next.ok && this.#view !== null) {
      this.#view = { ...this.#view, contact: next.value };
      this.#refresh();
    }
    return next;
  }

  #refresh(): void {
    const view = this.#view;
    if (view === null) return;
    const { contact } = view;
    const customer = this.world.customers.find((one) => one.id === contact.customerId);
    const revealed = this.#isOneAtATime ? view.revealed : customer === undefined ? {} : openedBy(view);
    const topic = sampleTopics.find((one) => one.id === contact.topicId);
    this.#view = {
      ...view,
      revealed,
      notices: sampleNotices(this.#nowMs()).filter(
        (notice) => notice.area === null || notice.area === customer?.area.zh,
      ),
      history: [...(sampleHistory(this.#nowMs()).get(contact.customerId ?? '') ?? [])],
      script:
        topic?.scriptId == null
          ? null
          : {
              script: this.world.script,
              run: this.#run(contact),
              variables: this.#variables(customer, revealed),
              objections: [
                ...this.world.script.objections.map((one) => ({ ...one, category: null, steps: [], pinyin: [] })),
                ...this.world.libraryEntries,
              ],
            },
    };
    this.#tell('contact');
  }

  #setRevealed(revealed: Readonly<Record<string, string>>, openUntilMs: Readonly<Record<string, number>>): void {
    const view = this.#view;
    if (view === null) return;
    this.#view = { ...view, revealed, verifying: { ...view.verifying, openUntilMs } };
    // Not by itself what the level opens, after that.
    this.#isOneAtATime = true;
    this.#refresh();
  }

  #run(contact: Contact) {
    let run = startRun(this.world.script);
    for (const answer of contact.answers) {
      const next = nextRun(run, { kind: 'answered', ...answer }, this.world.script);
      if (next.ok) run = next.value;
    }
    return run;
  }

  #variables(customer: Customer | undefined, revealed: Readonly<Record<string, string>>): Record<string, string> {
    if (customer === undefined) return { 'agent.name': sampleAgent.name };
    const chinese = customer.language === 'zh-CN';
    const titles = { male: chinese ? '先生' : 'Mr', female: chinese ? '女士' : 'Ms', unknown: '' };
    return {
      'agent.name': sampleAgent.name,
      'customer.surname': customer.surname,
      'customer.title': titles[customer.gender],
      ...(revealed['lastBill'] === undefined ? {} : { 'customer.bill': customer.usage.lastBill.toFixed(2) }),
    };
  }

  report = (state: PhoneState): void => {
    this.#phone = state;
    for (const call of state.calls) if (call.aside === undefined) this.#follow(call);
    this.#tell('phone');
  };

  #follow(call: Call): void {
    const atMs = this.#nowMs();
    const mine = this.#view?.contact.id === call.contactId;
    if (!mine && call.direction === 'inbound' && call.state.kind === 'ringing') {
      this.#open(call, null);
      this.#go({ kind: 'offered', callId: call.id, contactId: call.contactId, atMs });
    }
    if (this.#view?.contact.id !== call.contactId) return;
    if (call.state.kind === 'talking' && this.#view.contact.answeredAtMs === null) {
      this.#apply({ name: 'contact.answered', contactId: call.contactId, atMs });
      this.#record({ kind: 'callBegan' });
      this.#record({ kind: 'told', isRecorded: this.world.recorder.isRecording });
      this.#go({ kind: 'answered', callId: call.id, atMs });
    }
    if (call.state.kind !== 'ended' || this.#view.contact.endedAtMs !== null) return;
    if (this.#agent.kind === 'reserved') {
      this.#view = null;
      this.#tell('contact');
      this.#go({ kind: 'missed', callId: call.id, by: call.state.cause === 'missed' ? 'caller' : 'agent', atMs });
      return;
    }
    this.#view = { ...this.#view, verification: unverified };
    this.#record({ kind: 'callOver' });
    this.#apply({ name: 'contact.ended', contactId: call.contactId, cause: call.state.cause, atMs });
    this.#go({ kind: 'callEnded', callId: call.id, wrapUpMs: samplePolicy.wrapUpSeconds * 1_000, atMs });
  }

  #open(call: Pick<Call, 'id' | 'contactId' | 'number' | 'direction' | 'queue'>, chosen: Customer | null): void {
    const atMs = this.#nowMs();
    const match: PopMatch =
      chosen === null ? this.#matchOf(call.number) : { kind: 'one', customer: chosen, certainty: 'certain' };
    const opened = nextContact(
      undefined,
      {
        name: 'contact.opened',
        contactId: call.contactId,
        callId: call.id,
        direction: call.direction,
        number: numberOf(call.number),
        queue: call.queue ?? null,
        customerId: match.kind === 'one' ? match.customer.id : null,
        atMs,
      },
      agentId,
    );
    if (!opened.ok) return;
    this.#view = {
      contact: opened.value,
      match,
      source:
        this.world.central === 'away' && match.kind === 'none' && match.why === 'unknown' ? 'unavailable' : 'seat',
      notices: [],
      history: [],
      verification: { ...unverified, lockedUntilMs: this.world.lockedUntilMs },
      revealed: {},
      verifying: { keypad: true, isAside: false, override: 'none', callBack: null, openUntilMs: {} },
      script: null,
      draft: { note: '', disposition: [] },
      tree: sampleTree,
      finding: { spoken: sampleSpoken, recent: [...recentOf(this.#uses, sampleTree, null)] },
      readyAtMs: atMs,
    };
    this.#refresh();
  }

  #matchOf(presented: string): PopMatch {
    const parsed = parseNumber(presented);
    if (parsed.kind === 'withheld' || parsed.kind === 'malformed') return { kind: 'none', why: parsed.kind };
    const found = this.world.customers.filter((one) => one.numbers.some((number) => number.key === parsed.key));
    const [first] = found;
    if (first === undefined) return { kind: 'none', why: 'unknown' };
    if (found.length > 1) return { kind: 'several', customers: found };
    return { kind: 'one', customer: first, certainty: first.numbers[0]?.confidence ?? 'low' };
  }

  authorise: FakeEngine['authorise'] = (what, callId, purpose = 'service') => {
    const { state } = this.world.tasks;
    const shown = state.kind === 'preview' && state.item.grantId === what.grantId ? state.item : undefined;
    if (shown !== undefined) {
      this.world.tasks.on({ kind: 'dialling' });
      return this.#authoriseCall(shown.number, shown.customer ?? undefined, callId);
    }
    const handed = this.world.tasks.hand.get(what.grantId ?? '');
    const customer = this.world.customers.find((one) => one.id === (handed ?? what.customerId));
    const missed = this.world.missed.list.calls.find(({ contactId }) => contactId === what.contactId);
    const text = customer?.numbers[what.numberIndex ?? 0]?.key ?? missed?.shown ?? what.text ?? '';
    const listed = (number: string) => this.world.targets.find((one) => one.number === number);
    const inside = listed(text);
    if ((purpose === 'service' && inside === undefined) || purpose === 'marketing')
      return this.#authoriseCall(text, customer, callId);
    const target = mayReach(
      {
        ...{ text, customer, listed, role: this.world.role, own: sampleAgent.number },
        purpose: purpose === 'service' ? 'consult' : purpose,
      },
      samplePolicy,
    );
    if (!target.ok) return target;
    const { dial } = target.value;
    const contactId = this.#view?.contact.id ?? ContactId.parse(this.#newId());
    return ok({ contactId, dial, warnings: [], ...(purpose === 'service' ? { colleague: dial } : {}) });
  };

  #authoriseCall(text: string, customer: Customer | undefined, callId: string): ReturnType<FakeEngine['authorise']> {
    const target = mayDial({ text, purpose: 'service', customer }, samplePolicy);
    if (!target.ok) return target;
    const contactId = ContactId.parse(this.#newId());
    const atMs = this.#nowMs();
    const gone = this.#go({ kind: 'dialled', callId: callId as never, contactId, atMs });
    if (!gone.ok) return gone;
    this.#open({ id: callId as never, contactId, number: text, direction: 'outbound' }, customer ?? null);
    return ok({ contactId, dial: target.value.dial, warnings: [...target.value.warnings] });
  }

  #handlers(): Handlers<SeatContract, { role: string }> {
    const plain = this.#plainHandlers();
    // Every request is remembered, and can be refused once by the test.
    return Object.fromEntries(
      Object.entries(plain).map(([name, handler]) => [
        name,
        (args: never, caller: never) => {
          this.asked.push({ name, args });
          const { refuseNext } = this.world;
          if (refuseNext === null || name === 'seat.snapshot' || name.startsWith('trace.'))
            return (handler as (a: never, c: never) => unknown)(args, caller);
          this.world.refuseNext = null;
          return refused(refuseNext);
        },
      ]),
    ) as unknown as Handlers<SeatContract, { role: string }>;
  }

  #plainHandlers(): Handlers<SeatContract, { role: string }> {
    const inHand = (contactId: string, run: (view: ContactView) => Result<never> | Result<Record<string, never>>) =>
      this.#view?.contact.id === contactId ? run(this.#view) : refused(refusal('conflict', 'contactNotInHand'));
    const done = (result: Result<unknown>) => (result.ok ? ok({}) : result);
    return {
      'seat.snapshot': () => ok(this.snapshot()),
      'session.signIn': ({ agentNumber, password }) => this.#signIn(agentNumber, password),
      'session.company': () => {
        this.world.setCompany({ kind: 'waiting', url: 'https://id.example/sign-in', untilMs: this.#nowMs() + 600_000 });
        return ok({ open: 'https://id.example/sign-in' });
      },
      'session.companyTakeOver': () => this.#signIn('8001', 'lanqiao'),
      'session.companyCancel': () => {
        this.world.setCompany({ kind: 'offered' });
        return ok({});
      },
      'session.signOut': () => {
        const gone = this.#go({ kind: 'signedOut', atMs: this.#nowMs() });
        if (!gone.ok) return gone;
        this.#session = signedOut;
        this.#tell('session');
        return ok({});
      },
      'day.atCentral': () => {
        const { dayAtCentral } = this.world;
        return dayAtCentral === 'away' ? refused(refusal('offline')) : ok(dayAtCentral ?? this.#day);
      },
      'shift.checked': () => {
        if (this.#session.kind !== 'signedIn') return refused(refusal('unauthorised', 'signInFirst'));
        this.#session = { ...this.#session, shiftCheckedAtMs: this.#nowMs() };
        this.#tell('session');
        return ok({});
      },
      'agent.ready': () =>
        this.#session.kind === 'signedIn' && this.#session.shiftCheckedAtMs === undefined
          ? refused(refusal('conflict', 'shiftCheckFirst'))
          : done(this.#go({ kind: 'readyAsked', atMs: this.#nowMs() })),
      'agent.notReady': ({ reason }) => done(this.#go({ kind: 'notReadyAsked', reason, atMs: this.#nowMs() })),
      'contact.identify': ({ contactId, customerId }) =>
        inHand(contactId, (view) => {
          const customer = this.world.customers.find((one) => one.id === customerId);
          const match: PopMatch =
            customer === undefined ? { kind: 'none', why: 'unknown' } : { kind: 'one', customer, certainty: 'certain' };
          const same = view.contact.customerId === customerId;
          this.#view = { ...view, match, verification: same ? view.verification : unverified };
          return done(this.#apply({ name: 'contact.identified', contactId, customerId, atMs: this.#nowMs() }));
        }),
      'contact.chooseTopic': ({ contactId, topicId }) =>
        inHand(contactId, () => {
          const topic = sampleTopics.find((one) => one.id === topicId);
          if (topic === undefined) return refused(refusal('notFound', 'topic'));
          const script =
            topic.scriptId === null ? null : { id: this.world.script.id, version: this.world.script.version };
          return done(this.#apply({ name: 'contact.topicChosen', contactId, topicId, script, atMs: this.#nowMs() }));
        }),
      'script.answer': ({ contactId, stepId, answerId }) =>
        inHand(contactId, (view) => this.#step(view, { kind: 'answered', stepId, answerId, atMs: this.#nowMs() })),
      'script.tell': ({ contactId, stepId, itemId }) =>
        inHand(contactId, () => {
          const mark = { recording: 'none', offsetMs: null } as const;
          return done(this.#apply({ name: 'contact.disclosed', contactId, stepId, itemId, atMs: this.#nowMs(), mark }));
        }),
      'recording.marks': () => ok({ marks: [] }),
      'script.back': ({ contactId }) => inHand(contactId, (view) => this.#step(view, { kind: 'back' })),
      'verification.try': ({ contactId, factor, value }) => this.#try(contactId, factor, value),
      'verification.keypad': ({ contactId }) => this.#keypad(contactId),
      'verification.keypadCancel': () => ok({}),
      'verification.callBack': ({ contactId }) => {
        const view = this.#view;
        if (view?.contact.id !== contactId) return refused(refusal('conflict', 'contactNotInHand'));
        const pass = { masked: '138****8000', untilMs: this.#nowMs() + 900_000 };
        const { customerId } = view.contact;
        if (customerId !== null) this.#callBack = { ...pass, customerId, numberIndex: 0 };
        this.#view = { ...view, verifying: { ...view.verifying, callBack: this.#callBack } };
        this.#tell('contact');
        this.#tell('callBack');
        return ok(pass);
      },
      'verification.askOverride': ({ contactId }) =>
        inHand(contactId, (view) => {
          this.#view = { ...view, verifying: { ...view.verifying, override: 'asked' } };
          this.#tell('contact');
          return ok({});
        }),
      'override.list': () => ok({ overrides: [...this.world.overrides] }),
      'override.decide': ({ id }) => {
        this.world.overrides = this.world.overrides.filter((one) => one.id !== id);
        return ok({});
      },
      'field.reveal': ({ contactId, key }) =>
        inHand(contactId, (view) => {
          const openUntilMs = { ...view.verifying.openUntilMs, [key]: this.#nowMs() + 30_000 };
          const value = Object.entries(openedBy(view)).find(([name]) => name === key)?.[1];
          if (value === undefined) return refused(refusal('policy', 'notVerified'));
          this.#setRevealed({ ...view.revealed, [key]: value }, openUntilMs);
          return ok({});
        }),
      'account.change': ({ action }) => ok({ how: action === 'passwordReset' ? 'keyed' : 'done', reference: null }),
      'verification.sendCode': () =>
        this.world.sms === 'works'
          ? ok({ expiresAtMs: this.#nowMs() + 300_000 })
          : refused(refusal('offline', 'smsUnavailable')),
      'draft.save': ({ contactId, note, disposition }) => {
        if (this.#view?.contact.id !== contactId) return refused(refusal('conflict', 'contactNotInHand'));
        this.#view = { ...this.#view, draft: { note, disposition } };
        this.#tell('contact');
        return ok({ savedAtMs: this.#nowMs() });
      },
      'contact.wrapUp': ({ contactId, note, disposition }) =>
        inHand(contactId, (view) => {
          if (view.contact.endedAtMs === null) return refused(refusal('conflict', 'callRunning'));
          if (!isComplete(view.tree, disposition)) return refused(refusal('mandatory', 'disposition'));
          const early = whyNotOutcome(follow(view.tree, disposition)?.at(-1)?.outcome, contactId, this.#work.rows());
          if (early !== undefined) return refused(early);
          const atMs = this.#nowMs();
          const wrapped = this.#apply({ name: 'contact.wrappedUp', contactId, disposition, forced: false, note, atMs });
          if (!wrapped.ok) return wrapped;
          this.#done.push({
            ...{ atMs, topic: null, forced: false },
            talkMs: Math.max(0, (wrapped.value.endedAtMs ?? atMs) - (wrapped.value.answeredAtMs ?? atMs)),
            outcome: follow(view.tree, disposition)?.at(-1)?.label ?? null,
          });
          this.#uses = withUse(this.#uses, { treeId: view.tree.id, topicId: view.contact.topicId, path: disposition });
          this.#view = null;
          this.#go({ kind: 'wrappedUp', contactId, atMs });
          this.#tell('contact');
          return ok({});
        }),
      'phone.keep': () => refused(refusal('forbidden')),
      'phone.kept': () => refused(refusal('forbidden')),
      'day.rooms': () => ok({ rooms: this.world.rooms }),
      'forced.seen': () => {
        this.world.force(null);
        return ok({});
      },
      'team.states': () => ok({ agents: this.world.states, switches: this.world.switches }),
      'team.force': () => ok({}),
      'directory.list': () => ok({ targets: [...this.world.targets], recent: [...this.world.recent] }),
      'missed.list': ({ where }) => {
        const { list, atCentral } = this.world.missed;
        if (where === 'seat') return ok(list);
        return atCentral === 'away' ? refused(refusal('offline')) : ok(atCentral);
      },
      'missed.team': () => ok({ calls: this.world.missed.team }),
      'directory.states': () => ok({ colleagues: [...this.world.colleagues] }),
      'customer.search': ({ text, where }) => {
        const read = readSearch(text);
        if (read.kind === 'unclear') return ok(read);
        if (where === 'central' && this.world.atCentral === 'away') return refused(refusal('offline'));
        const from =
          where === 'seat' ? this.world.customers : this.world.atCentral === 'away' ? [] : this.world.atCentral;
        const rows = from.flatMap((customer) => found(customer, read.search, text));
        return ok(rows.length > mostFound ? { kind: 'tooBroad' } : { kind: 'found', rows });
      },
      'history.of': ({ customerId }) => ok({ contacts: [...(sampleHistory(this.#nowMs()).get(customerId) ?? [])] }),
      ...this.#history,
      'customer.setField': ({ contactId, key, value }) => this.#said(contactId, { key, value }),
      'customer.refuse': ({ contactId }) => this.#said(contactId, null),
      ...this.#work.handlers,
      'refused.retry': ({ opId }) => this.#repaired(opId, 'retry'),
      'refused.edit': ({ opId, ...mended }) => this.#repaired(opId, mended),
      'refused.discard': ({ opId, reason }) => this.#repaired(opId, reason),
      'refused.tree': () => ok({ tree: sampleTree }),
      'practice.callers': () => ok({ callers: sampleCallers.map(({ id, label, queue }) => ({ id, label, queue })) }),
      'practice.callMe': ({ callerId }) => {
        const caller = sampleCallers.find((one) => one.id === callerId) ?? sampleCallers[0];
        this.world.callMe(caller);
        return ok({});
      },
      'practice.cue': ({ customerId }) =>
        sampleCustomers(this.#nowMs()).some(({ id }) => id === customerId)
          ? ok({ answers: { ...sampleAnswers } })
          : refused(refusal('notFound', 'customer')),
      'recording.pause': ({ contactId }) => this.#silence(contactId),
      'recording.resume': () => {
        this.#record({ kind: 'resumeAsked' });
        this.#record({ kind: 'resumed' });
        return ok({});
      },
      ...this.world.scripts.handlers,
      ...this.world.tasks.handlers,
      ...fakeFigures(() => this.world.role),
      ...this.world.calendar.handlers,
      'supervise.calls': () =>
        this.world.role === 'agent' ? refused(refusal('forbidden', 'role')) : ok({ calls: this.world.team }),
      'supervise.start': ({ agentId, mode }) => {
        const id = SupervisionId.parse(this.#newId());
        const agentName = this.world.team.find((one) => one.agentId === agentId)?.agentName ?? '';
        this.#supervise({ kind: 'asked', id, agentId, agentName, mode, atMs: this.#nowMs() });
        return this.#supervise({ kind: 'began', id, contactId: null, mode, atMs: this.#nowMs() });
      },
      'supervise.switch': ({ mode }) =>
        this.#supervision.kind === 'on'
          ? this.#supervise({ kind: 'changed', id: this.#supervision.id, mode })
          : refused(refusal('notFound', 'supervision')),
      'supervise.stop': () =>
        this.#supervision.kind === 'none' ? ok({}) : this.#supervise({ kind: 'ended', id: this.#supervision.id }),
      'trace.popPainted': () => ok({}),
      'phone.credentials': () => ok(null),
      'phone.report': () => ok({}),
      'phone.quality': () => ok({}),
      'dial.authorise': () => refused(refusal('forbidden')),
    };
  }

  /** R7, R22: the row follows at once, as the real engine's does. */
  #said(contactId: string, set: { key: string; value: string } | null): Result<Record<string, never>> {
    const view = this.#view;
    if (view?.contact.id !== contactId) return refused(refusal('conflict', 'contactNotInHand'));
    const atMs = this.#nowMs();
    const customer = this.world.customers.find((one) => one.id === view.contact.customerId);
    if (customer === undefined) return refused(refusal('conflict', 'customerFirst'));
    if (set !== null && !isEditable(set.key)) return refused(refusal('policy', 'fieldNotEditable'));
    const why = set !== null && isEditable(set.key) ? fieldRefusal(set.key, set.value, atMs) : undefined;
    if (why !== undefined) return refused(why);
    const from = { agentName: sampleAgent.name, atMs, contactId: view.contact.id };
    const next =
      set === null || !isEditable(set.key)
        ? { ...customer, refusesMarketing: true }
        : withField(customer, {
            ...{ key: set.key, class: editableFields[set.key], from },
            shown: maskedField(set.key, set.value),
          });
    this.world.customers = this.world.customers.map((one) => (one.id === next.id ? next : one));
    this.#view = { ...view, match: { kind: 'one', customer: next, certainty: 'certain' } };
    this.#tell('contact');
    return ok({});
  }

  #repaired(opId: string, how: unknown): Result<Record<string, never>> {
    if (!this.#refusedOps.some((op) => op.opId === opId)) return refused(refusal('notFound', 'refusedOp'));
    this.world.repaired.push({ opId, how });
    this.world.setRefusedOps(this.#refusedOps.filter((op) => op.opId !== opId));
    return ok({});
  }

  #signIn(agentNumber: string, password: string): Result<Record<string, never>> {
    if (password !== 'lanqiao') return refused(refusal('unauthorised', 'wrongPassword'));
    this.#session = {
      kind: 'signedIn',
      seatId: SeatId.parse('01900000-0000-7000-8000-0000000000ff'),
      agent: {
        ...{ ...sampleAgent, id: agentId, number: agentNumber, queues: [...sampleAgent.queues] },
        role: this.world.role,
      },
      policy: samplePolicy,
      practice: this.world.practice,
      sinceMs: this.#nowMs(),
    };
    this.#sync = { kind: 'idle', waiting: 0, atMs: this.#nowMs() };
    this.#tell('session');
    this.#tell('sync');
    this.#go({ kind: 'signedIn', atMs: this.#nowMs() });
    return ok({});
  }

  #step(view: ContactView, event: Parameters<typeof nextRun>[1]): Result<Record<string, never>> {
    if (view.script === null) return refused(refusal('notFound', 'script'));
    const next = nextRun(view.script.run, event, view.script.script, view.contact.told ?? []);
    if (!next.ok) return next;
    const applied = this.#apply({
      name: 'contact.scriptAnswered',
      contactId: view.contact.id,
      answers: [...next.value.taken],
      atMs: this.#nowMs(),
    });
    return applied.ok ? ok({}) : applied;
  }

  #keypad(contactId: ContactId): Result<{ outcome: Keyed; triesLeft: number; level: 1 | 2 | 3 }> {
    const view = this.#view;
    if (view?.contact.id !== contactId) return refused(refusal('conflict', 'contactNotInHand'));
    const outcome = this.world.keypad;
    if (outcome === 'nothing') return ok({ outcome, triesLeft: 3, level: view.verification.level });
    const tried = { kind: 'tried', factor: 'keypadPassword', matched: outcome === 'matched' } as const;
    const verification = nextVerification(view.verification, { ...tried, atMs: this.#nowMs() }, samplePolicy);
    this.#view = { ...view, verification };
    this.#refresh();
    const { failures } = factorState(verification, 'keypadPassword');
    return ok({ outcome, triesLeft: samplePolicy.triesPerFactorPerCall - failures, level: verification.level });
  }

  #try(
    contactId: ContactId,
    factor: keyof typeof sampleAnswers,
    value: string,
  ): Result<{ matched: boolean; triesLeft: number; level: 1 | 2 | 3 }> {
    const view = this.#view;
    if (view?.contact.id !== contactId) return refused(refusal('conflict', 'contactNotInHand'));
    if (view.contact.customerId === null) return refused(refusal('conflict', 'identifyFirst'));
    if (this.world.central === 'away') return refused(refusal('offline', 'verificationNeedsCentral'));
    if (factorState(view.verification, factor).status === 'closed') return refused(refusal('locked', 'factorClosed'));
    const matched = sampleAnswers[factor] === value;
    const verification = nextVerification(
      view.verification,
      { kind: 'tried', factor, matched, atMs: this.#nowMs() },
      samplePolicy,
    );
    this.#view = { ...view, verification };
    this.#apply({
      name: 'contact.verified',
      contactId,
      factor,
      matched,
      level: verification.level,
      atMs: this.#nowMs(),
    });
    const { failures } = factorState(verification, factor);
    return ok({ matched, triesLeft: samplePolicy.triesPerFactorPerCall - failures, level: verification.level });
  }
}

const openedBy = ({ verification: { level } }: ContactView): Record<string, string> => ({
  ...(level >= 2 ? sampleRevealed[2] : {}),
  ...(level >= 3 ? sampleRevealed[3] : {}),
});

const numberOf = (presented: string): string => {
  const parsed = parseNumber(presented);
  if ('key' in parsed) return parsed.key;
  return parsed.kind === 'malformed' ? parsed.shown : '';
};

/** Numbers, accounts and surnames; the real engine reads pinyin as well. */
const found = (customer: Customer, { number, parts, name }: Search, text: string): readonly FoundCustomer[] => {
  const index = customer.numbers.findIndex(({ key }) => key === number);
  if (index >= 0) return [{ customer, by: 'number', numberIndex: index }];
  if (customer.id === text) return [{ customer, by: 'account', numberIndex: null }];
  const [part] = parts;
  const partly = part === undefined ? undefined : numberWith(part, customer);
  if (partly !== undefined) return [{ customer, by: 'numberPart', numberIndex: partly }];
  const isNamed =
    name?.script === 'latin'
      ? name.words.includes(customer.surname.toLowerCase())
      : part === undefined && name?.text.startsWith(customer.surname);
  return isNamed === true ? [{ customer, by: 'surname', numberIndex: null }] : [];
};
