import type { ForceOrder } from '../../shared/forced-state.ts';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Change, Routes } from '../../shared/central-api.ts';
import type { SipCredentials } from '../../shared/sip-credentials.ts';
import { livePath, liveProtocol, PushRequest, routes, SeatReportRequest } from '../../shared/central-api.ts';
import type { PlannedBreak } from '../../shared/day.ts';
import type { Contact } from '../../shared/contact.ts';
import { nextContact } from '../../shared/contact.ts';
import type { Customer } from '../../shared/customer.ts';
import type { HistoryDetail } from '../../shared/history.ts';
import type { TeamMissedCall } from '../../shared/missed-calls.ts';
import { isContactOp, isWorkOp } from '../../shared/op.ts';
import type { Op } from '../../shared/op.ts';
import { defaultPolicy } from '../../shared/policy.ts';
import { readSearch } from '../../shared/search.ts';
import { shippedCalendar, type WorkCalendar } from '../../shared/calendar.ts';
import { CalledIn, type CalledInAnswer } from '../../shared/hot-call.ts';
import { TaskNextRequest, type TaskNextResponse } from '../../shared/task-api.ts';
import type { z } from 'zod';
import { nextWork, type WorkRow } from '../../shared/work.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Fault } from './misbehave.ts';
import { misbehave } from './misbehave.ts';
import type { SeatOrder, SeatReceipt, SeatStatus } from '../../shared/seat-order.ts';

/**
 * A small central: the contract's routes over real HTTP and WebSocket, the shared rule, everything in memory. What goes wrong is
 * switched by `fault`.
 */
export type { Fault } from './misbehave.ts';

type RouteName = keyof Routes;
type Answer = { readonly status: number; readonly body: unknown };

export interface FakeCentral {
  readonly url: string;
  fault: Fault;
  /** Only these routes fail; all when undefined. */
  faultOn: readonly RouteName[] | undefined;
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Ops that took effect, in order. */
  readonly applied: readonly Op[];
  readonly pushes: number;
  readonly asked: readonly RouteName[];
  /** Op ids to refuse with policy/poison. */
  readonly poison: Set<string>;
  poisonNames: ReadonlySet<string>;
  /** A push with such an op is refused as a whole, as by a server that cannot read it. */
  unreadable: string | undefined;
  /** A request with more ops than this is never answered. */
  mostInTime: number;
  /** Ops of each push, in order. */
  readonly pushSizes: readonly number[];
  /** Customers outside every working set. */
  readonly strangers: Customer[];
  /** What seats asked of their next customer, and what they are told. */
  readonly calledInAsked: readonly CalledIn[];
  calledIn: () => CalledInAnswer | undefined;
  readonly taskAsked: readonly z.infer<typeof TaskNextRequest>[];
  nextTask: () => z.input<typeof TaskNextResponse>;
  /** Central's word on a marketing call by hand. */
  dialGrant: () => { status: number; body: object };
  /** The right answer to a check, by factor. */
  answers: Readonly<Record<string, string>>;
  lockedUntilMs: number | null;
  /** What it knows before the first question. */
  standing: { flags: string[]; carried: string[]; keypad: boolean; override: string };
  /** What becomes of a password keyed in. */
  keyed: string;
  /** Of the changes asked for, in order. */
  readonly changeIds: readonly string[];
  /** Until when passes count. */
  untilMs: number;
  /** What it says of STUN and TURN, by how often the account was asked for again. */
  ice: ((asked: number) => Partial<SipCredentials>) | undefined;
  readonly revealFields: Record<string, string>;
  revealLevel: 1 | 2 | 3;
  policy: Policy;
  /** Of whoever signs in. */
  role: 'agent' | 'lead';
  /** As its `health` tells; undefined: of before there were ways to choose from. */
  signInWith: string[] | undefined;
  /** What was told at the last `companyBegin`, and what the next `companyFinish` is refused with. */
  readonly begun: Readonly<Record<string, string>> | undefined;
  companySays: { readonly kind: string; readonly reason: string } | undefined;
  attemptEndsAtMs: number;
  /** Answers as a later version might: with fields nobody here knows, in every object. */
  isNewer: boolean;
  /** For the seat, whoever asks. */
  order: SeatOrder | null;
  /** Obligations and cases, as it tells them. */
  work: WorkRow[];
  breaks: PlannedBreak[];
  /** R38: what a lead wants of the agent. */
  forced: ForceOrder | null;
  /** Times it was asked for. */
  readonly forcedAsked: number;
  /** R38: calls nobody answered, as it tells them. */
  missed: TeamMissedCall[];
  /** How many of the team have a reason, and how many may. */
  room: { limit: number | null; taken: number };
  calendar: WorkCalendar;
  status: SeatStatus;
  readonly receipts: readonly SeatReceipt[];
  readonly sealed: readonly string[];
  readonly liveCount: number;
  say(message: object): void;
  publish(...changes: Change[]): void;
  close(): Promise<void>;
}

export const startFakeCentral = async (feed: readonly Change[]): Promise<FakeCentral> => {
  const central = new Central(feed);
  await central.listen();
  return central;
};

class Central implements FakeCentral {
  url = '';
  fault: Fault = 'none';
  faultOn: readonly RouteName[] | undefined;
  readonly contacts = new Map<string, Contact>();
  readonly applied: Op[] = [];
  pushes = 0;
  readonly asked: RouteName[] = [];
  readonly poison = new Set<string>();
  poisonNames: ReadonlySet<string> = new Set();
  unreadable: string | undefined;
  mostInTime = Number.POSITIVE_INFINITY;
  readonly pushSizes: number[] = [];
  readonly strangers: Customer[] = [];
  readonly taskAsked: z.infer<typeof TaskNextRequest>[] = [];
  dialGrant: () => { status: number; body: object } = () => ({
    status: 404,
    body: { error: { kind: 'notFound', reason: 'task' } },
  });
  readonly calledInAsked: CalledIn[] = [];
  /** Undefined: central is away. */
  calledIn: () => CalledInAnswer | undefined = () => ({ hot: null });
  nextTask: () => z.input<typeof TaskNextResponse> = () => ({
    item: null,
    why: 'noTasks',
    againInMs: 60_000,
    tasks: [],
  });
  readonly contactsElsewhere: HistoryDetail[] = [];
  answers: Readonly<Record<string, string>> = {
    fullName: '李示例',
    lastBillRange: '100-150',
    package: 'p1',
    servicePassword: '135790',
    smsCode: '246802',
    idNumber: '330100199001010011',
    address: '示例路 1 号',
    contactPhone: '13900139000',
  };
  lockedUntilMs: number | null = null;
  standing = { flags: [] as string[], carried: [] as string[], keypad: true, override: '' };
  keyed = 'matched';
  readonly changeIds: string[] = [];
  untilMs = 4_000_000_000_000;
  ice: ((asked: number) => Partial<SipCredentials>) | undefined;
  sipAccounts = 0;
  readonly revealFields: Record<string, string> = { lastBill: '128.50', idNumber: '330100199001010011' };
  revealLevel: 1 | 2 | 3 = 3;
  policy: Policy = defaultPolicy;
  role: 'agent' | 'lead' = 'agent';
  signInWith: string[] | undefined;
  begun: Record<string, string> | undefined;
  companySays: { readonly kind: string; readonly reason: string } | undefined;
  attemptEndsAtMs = 4_000_000_000_000;
  isNewer = false;
  order: SeatOrder | null = null;
  work: WorkRow[] = [];
  breaks: PlannedBreak[] = [];
  missed: TeamMissedCall[] = [];
  forced: ForceOrder | null = null;
  forcedAsked = 0;
  room: { limit: number | null; taken: number } = { limit: null, taken: 0 };
  calendar = shippedCalendar;
  status: SeatStatus = 'open';
  readonly receipts: SeatReceipt[] = [];
  readonly sealed: string[] = [];
  readonly #feed: Change[];
  readonly #seen = new Map<string, string>();
  readonly #refused = new Set<string>();
  readonly #live = new Set<WebSocket>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  constructor(feed: readonly Change[]) {
    this.#feed = [...feed];
  }

  get liveCount(): number {
    return this.#live.size;
  }

  async listen(): Promise<void> {
    const live = new WebSocketServer({ noServer: true, handleProtocols: () => liveProtocol });
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const wanted = request.url === livePath && this.fault !== 'down' && this.fault !== 'unauthorised';
      if (!wanted) return void socket.destroy();
      live.handleUpgrade(request, socket, head, (opened) => {
        this.#live.add(opened);
        opened.on('close', () => this.#live.delete(opened));
      });
    });
    await new Promise<void>((done) => {
      this.#server.listen(0, '127.0.0.1', done);
    });
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  publish(...changes: Change[]): void {
    this.#feed.push(...changes);
    for (const socket of this.#live) socket.send(JSON.stringify({ t: 'poke' }));
  }

  /** Anything on the live line, as a newer central may say. */
  say(message: object): void {
    for (const socket of this.#live) socket.send(JSON.stringify(message));
  }

  async close(): Promise<void> {
    for (const socket of this.#live) socket.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => {
      this.#server.close(done);
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://central');
    const name = (Object.keys(routes) as RouteName[]).find(
      (route) => routes[route].path === url.pathname && routes[route].method === request.method,
    );
    if (name === undefined) return send(response, 404, { error: { kind: 'notFound', reason: 'route' } });
    this.asked.push(name);
    const fault = this.faultOn === undefined || this.faultOn.includes(name) ? this.fault : 'none';
    if (fault !== 'none' && fault !== 'loseReply') return misbehave(fault, response);
    const body = request.method === 'GET' ? Object.fromEntries(url.searchParams) : await jsonOf(request);
    const ops = (body as { readonly ops?: readonly unknown[] }).ops ?? [];
    if (name === 'push') this.pushSizes.push(ops.length);
    if (ops.length > this.mostInTime) return;
    const answer = this.#answer(name, body);
    if (fault === 'loseReply') return void response.socket?.destroy();
    send(response, answer.status, this.isNewer ? newer(answer.body) : answer.body);
  }

  #answer(name: RouteName, body: unknown): Answer {
    const given = body as Record<string, string>;
    switch (name) {
      case 'health':
        return ok({
          status: 'ok',
          protocol: 1,
          lowest: 1,
          samples: [{ agentNumber: '8001', name: '王示例', password: 'sample-8001' }],
          ...(this.signInWith === undefined ? {} : { signInWith: this.signInWith }),
        });
      case 'companyBegin':
        this.begun = given;
        return ok({
          ...{ url: `https://id.example/authorize?state=state-of-the-attempt`, state: 'state-of-the-attempt' },
          expiresAtMs: this.attemptEndsAtMs,
        });
      case 'companyFinish':
        return this.#companyFinish(given);
      case 'signIn':
        if (given['password'] !== `sample-${given['agentNumber']}`)
          return { status: 401, body: { error: { kind: 'unauthorised', reason: 'wrongPassword' } } };
        return ok(this.#signedIn(given['agentNumber'] ?? ''));
      case 'sipAccount':
        this.sipAccounts += 1;
        return ok(this.#sip('8001'));
      case 'changes':
        return ok(this.#page(given['cursor'] ?? '', Number(given['limit'])));
      case 'push':
        return this.#push(body);
      case 'lookup': {
        const key = given['key'];
        const customers = this.strangers.filter((row) => row.numbers.some((number) => number.key === key));
        return ok({ customers, history: [] });
      }
      case 'search': {
        const read = readSearch(given['text'] ?? '');
        if (read.kind === 'unclear') return ok(read);
        const rows = this.strangers.flatMap((row) => {
          const index = row.numbers.findIndex((number) => number.key === read.search.number);
          return index < 0 ? [] : [{ customer: row, by: 'number', numberIndex: index }];
        });
        return ok({ kind: 'found', rows });
      }
      case 'history':
        return ok({ kind: 'found', rows: this.contactsElsewhere.map(({ row }) => row), cursor: null });
      case 'historyContact': {
        const found = this.contactsElsewhere.find(({ row }) => row.contactId === given['contactId']);
        return found === undefined
          ? { status: 404, body: { error: { kind: 'notFound', reason: 'contact' } } }
          : ok(found);
      }
      case 'recordingSound':
        return { status: 404, body: { error: { kind: 'notFound', reason: 'recordingMissing' } } };
      case 'check': {
        const matched = this.answers[given['factor'] ?? ''] === given['value'];
        return ok({ matched, triesLeft: matched ? 3 : 2, lockedUntilMs: this.lockedUntilMs });
      }
      case 'sendCode':
        return ok({ expiresAtMs: 1_000 });
      case 'reveal':
        return ok({ level: this.revealLevel, fields: this.revealFields });
      case 'standing':
        return ok({ ...this.standing, lockedUntilMs: this.lockedUntilMs });
      case 'keypad':
        return ok({ outcome: this.keyed, triesLeft: 3, lockedUntilMs: this.lockedUntilMs });
      case 'callBack':
        return ok({ numberIndex: 0, masked: '138****8000', untilMs: this.untilMs });
      case 'sendLevel':
        return ok({ untilMs: this.untilMs });
      case 'askOverride':
        this.standing = { ...this.standing, override: 'asked' };
        return ok({ overrideId: 'o1' });
      case 'overrides':
        return ok({ overrides: [] });
      case 'accountChange':
        this.changeIds.push(given['changeId'] ?? '');
        return ok({ how: 'keyed', atMs: 1, reference: null });
      // Scripts are written at a real central only.
      case 'scripts':
        return ok({ scripts: [], names: {} });
      case 'scriptUses':
        return ok({ scripts: [], topics: [], queues: [], tasks: [] });
      case 'scriptVersion':
      case 'scriptSave':
      case 'scriptMove':
      case 'scriptCoverage':
        return { status: 404, body: { error: { kind: 'notFound', reason: 'script' } } };
      case 'colleagues':
        return ok({ colleagues: [{ number: '8002', state: 'ready' }] });
      case 'work':
        return ok({
          ...{ mark: '', calendar: this.calendar },
          rows: this.work.filter((row) => row.record !== 'order'),
          ...(given['orders'] === 'yes' ? { orders: this.work.filter((row) => row.record === 'order') } : {}),
        });
      case 'ownTime':
        return ok({ contacts: 0, talkMs: 0, unfinished: 0, states: [] });
      case 'roster':
        return ok({ breaks: [...this.breaks] });
      case 'forcedOrder':
        this.forcedAsked += 1;
        return ok({ order: this.forced });
      case 'agentForce':
        return ok({});
      case 'feedback':
        return ok({ rows: [], total: 0, contacts: 0, mayExport: false });
      case 'feedbackList':
      case 'surveyList':
        return ok({ total: 0, rows: [], cursor: null });
      case 'feedbackExport':
      case 'surveyExport':
        return ok({ name: 'file.csv', base64: '' });
      case 'surveys':
        return ok({ surveys: [] });
      case 'survey':
        return ok({ asked: 0, finished: 0, questions: [], agents: [], days: [], mayExport: false });
      case 'calendar':
        return ok({ years: this.calendar.years, mark: 'mark', mayEdit: true });
      case 'calendarTry':
      case 'calendarSet':
        return ok({ total: 0, shown: [] });
      case 'missed':
        return ok({ calls: [...this.missed] });
      case 'teamStates':
        return ok({ agents: [] });
      case 'reasonRoom':
        return ok(this.room);
      case 'recordingMarks':
        return ok({ marks: [] });
      case 'contacts':
        return ok({ contacts: [...this.contacts.values()] });
      case 'practiceCallers':
        return ok({ callers: [{ id: 'c1', label: { zh: '示例', en: 'Sample' }, queue: 'service' }] });
      case 'practiceCue':
        return ok({ answers: this.answers });
      // A central without an exchange: nobody listens in, nothing is recorded.
      case 'supervise':
      case 'superviseMode':
        return { status: 409, body: { error: { kind: 'phone', reason: 'noSupervision' } } };
      case 'teamCalls':
        return ok({ calls: [] });
      case 'recordingState':
      case 'recordingPause':
        return { status: 409, body: { error: { kind: 'phone', reason: 'noRecorder' } } };
      case 'seatReport':
        return this.#report(body);
      case 'seats':
      case 'seatHoldings':
      case 'seatOrder':
        return { status: 403, body: { error: { kind: 'forbidden', reason: 'role' } } };
      // Tasks are a real central's (test/central/tasks.test.ts); a seat under test is given what the test has put here.
      case 'taskNext':
        this.taskAsked.push(TaskNextRequest.parse(body));
        return ok(this.nextTask());
      case 'calledIn':
        return this.#calledIn(CalledIn.parse(body));
      case 'dialGrant':
        return this.dialGrant();
      case 'tasks':
        return ok({ tasks: [], names: {}, lists: [], scripts: [], trees: [], packages: [], areas: [], agents: [] });
      case 'necessities':
        return ok({ wishes: [] });
      case 'figures':
      case 'figureList':
      case 'figureExport':
      case 'figureListExport':
      case 'rates':
      case 'rateSet':
        return { status: 403, body: { error: { kind: 'forbidden', reason: 'role' } } };
      case 'taskSave':
      case 'taskEstimate':
      case 'taskMove':
      case 'listPaste':
      case 'necessityAsk':
      case 'necessityDecide':
        return { status: 404, body: { error: { kind: 'notFound', reason: 'task' } } };
      case 'keypadCancel':
      case 'decideOverride':
      case 'superviseEnd':
      case 'recordingResume':
      case 'signOut':
      case 'practiceCall':
        return ok({});
    }
  }

  /** PKCE as a provider checks it: whoever finishes is who began. */
  #companyFinish(given: Record<string, unknown>): Answer {
    const { challenge, seatId } = this.begun ?? {};
    const isSame = createHash('sha256').update(String(given['verifier'])).digest('base64url') === challenge;
    if (!isSame || given['seatId'] !== seatId || given['state'] !== 'state-of-the-attempt')
      return { status: 409, body: { error: { kind: 'conflict', reason: 'companySignInOver' } } };
    if (this.companySays !== undefined && given['takeOver'] !== true)
      return { status: 409, body: { error: this.companySays } };
    return ok(this.#signedIn('8001'));
  }

  #signedIn(agentNumber: string) {
    return {
      token: `token-${agentNumber}`,
      expiresAtMs: 4_000_000_000_000,
      serverTimeMs: 0,
      agent: {
        id: `agent-${agentNumber}`,
        number: agentNumber,
        name: '王示例',
        role: this.role,
        queues: [{ id: 'service', zh: '客服', en: 'Service' }],
      },
      policy: this.policy,
      sip: this.#sip(agentNumber),
      practice: true,
    };
  }

  #sip(agentNumber: string) {
    return {
      server: 'ws://127.0.0.1:1',
      domain: 'sip.example',
      user: agentNumber,
      password: 'sip-secret',
      expiresAtMs: 4_000_000_000_000,
      iceServers: [],
      ...this.ice?.(this.sipAccounts),
    };
  }

  #page(cursor: string, limit: number) {
    const from = Number(cursor === '' ? '0' : cursor);
    const changes = this.#feed.slice(from, from + limit);
    const next = from + changes.length;
    return { changes, cursor: String(next), more: next < this.#feed.length, total: this.#feed.length - from };
  }

  #push(body: unknown): Answer {
    this.pushes += 1;
    const parsed = PushRequest.safeParse(body);
    if (!parsed.success || parsed.data.ops.some((op) => op.body.name === this.unreadable))
      return { status: 400, body: { error: { kind: 'invalid', reason: 'requestMalformed' } } };
    const wrapped: Change[] = [];
    const results = parsed.data.ops.map((op) => this.#apply(op, wrapped));
    if (wrapped.length > 0) this.publish(...wrapped);
    return ok({ results });
  }

  #calledIn(asked: CalledIn) {
    this.calledInAsked.push(asked);
    const answer = this.calledIn();
    return answer === undefined ? { status: 503, body: { error: { kind: 'offline' } } } : { status: 200, body: answer };
  }

  #report(body: unknown): Answer {
    const parsed = SeatReportRequest.safeParse(body);
    if (!parsed.success) return { status: 400, body: { error: { kind: 'invalid', reason: 'requestMalformed' } } };
    const { ops = [], receipt, sealed } = parsed.data;
    const wrapped: Change[] = [];
    const results = ops.map((op) => this.#apply(op, wrapped));
    if (wrapped.length > 0) this.publish(...wrapped);
    if (sealed !== undefined) this.sealed.push(sealed);
    if (receipt !== undefined) {
      this.receipts.push(receipt);
      if (receipt.orderId === this.order?.id) this.order = null;
    }
    return ok({ status: this.status, order: this.order, results });
  }

  #apply(op: Op, wrapped: Change[]) {
    const opId = op.id;
    const text = JSON.stringify(op);
    const before = this.#seen.get(opId);
    if (this.#refused.has(opId)) return { opId, outcome: 'refused', kind: 'policy', reason: 'poison' };
    if (before !== undefined)
      return before === text ? { opId, outcome: 'duplicate' } : { opId, outcome: 'refused', kind: 'conflict' };
    this.#seen.set(opId, text);
    if (this.poison.has(opId) || this.poisonNames.has(op.body.name)) {
      this.#refused.add(opId);
      return { opId, outcome: 'refused', kind: 'policy', reason: 'poison' };
    }
    const { body } = op;
    if (isWorkOp(body)) {
      const row = this.work.find(({ id }) => id === body.workId);
      const next = nextWork(row, body, { agentId: op.agentId, role: 'agent', missing: 0 }, this.calendar);
      if (!next.ok) {
        this.#refused.add(opId);
        return { opId, outcome: 'refused', ...next.error };
      }
      this.work = [...this.work.filter((one) => one !== row), next.value];
    }
    if (isContactOp(body)) {
      const next = nextContact(this.contacts.get(body.contactId), body, op.agentId);
      if (!next.ok) {
        this.#refused.add(opId);
        return { opId, outcome: 'refused', ...next.error };
      }
      this.contacts.set(next.value.id, next.value);
      const { customerId } = next.value;
      if (body.name === 'contact.wrappedUp' && customerId !== null)
        wrapped.push({ entity: 'history', id: next.value.id, row: { customerId, past: lineOf(next.value) } });
    }
    this.applied.push(op);
    return { opId, outcome: 'applied' };
  }
}

const lineOf = (contact: Contact) => ({
  contactId: contact.id,
  direction: contact.direction,
  startedAtMs: contact.openedAtMs,
  talkMs: 0,
  topic: null,
  disposition: [{ zh: '中央', en: 'central' }],
  agentName: '王示例',
  note: contact.note,
});

const ok = (body: unknown): Answer => ({ status: 200, body });

const newer = (body: unknown): unknown => {
  if (Array.isArray(body)) return body.map(newer);
  if (typeof body !== 'object' || body === null) return body;
  // Lists by name have no fields: every name in them is an entry.
  const lists = ['answers', 'reasonCaps'];
  const known = Object.entries(body).map(([key, value]) => [key, lists.includes(key) ? value : newer(value)]);
  return { ...Object.fromEntries(known), addedLater: 'unknown' };
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
};

const jsonOf = async (request: IncomingMessage): Promise<unknown> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as unknown);
};
