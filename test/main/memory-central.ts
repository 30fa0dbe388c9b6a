import type { ForceOrder } from '../../shared/forced-state.ts';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Change } from '../../shared/central-api.ts';
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
import { shippedCalendar } from '../../shared/calendar.ts';
import { CalledIn, type CalledInAnswer } from '../../shared/hot-call.ts';
import { TaskNextRequest, type TaskNextResponse } from '../../shared/task-api.ts';
import type { z } from 'zod';
import { nextWork, type WorkRow } from '../../shared/work.ts';
import type { Policy } from '../../shared/policy.ts';
import type { Fault } from './misbehave.ts';
import { misbehave } from './misbehave.ts';
import type { SeatOrder, SeatReceipt, SeatStatus } from '../../shared/seat-order.ts';
import { isPlain, ok, plainAnswers, type Answer, type RouteName } from './plain-answers.ts';

/** What `FakeCentral` says, in memory and over real HTTP and WebSocket. */
export class MemoryCentral {
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
    if (isPlain(name)) return plainAnswers[name];
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
      case 'check': {
        const matched = this.answers[given['factor'] ?? ''] === given['value'];
        return ok({ matched, triesLeft: matched ? 3 : 2, lockedUntilMs: this.lockedUntilMs });
      }
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
      case 'accountChange':
        this.changeIds.push(given['changeId'] ?? '');
        return ok({ how: 'keyed', atMs: 1, reference: null });
      case 'work':
        return ok({
          ...{ mark: '', calendar: this.calendar },
          rows: this.work.filter((row) => row.record !== 'order'),
          ...(given['orders'] === 'yes' ? { orders: this.work.filter((row) => row.record === 'order') } : {}),
        });
      case 'roster':
        return ok({ breaks: [...this.breaks] });
      case 'forcedOrder':
        this.forcedAsked += 1;
        return ok({ order: this.forced });
      case 'calendar':
        return ok({ years: this.calendar.years, mark: 'mark', mayEdit: true });
      case 'missed':
        return ok({ calls: [...this.missed] });
      case 'reasonRoom':
        return ok(this.room);
      case 'contacts':
        return ok({ contacts: [...this.contacts.values()] });
      case 'practiceCue':
        return ok({ answers: this.answers });
      case 'seatReport':
        return this.#report(body);
      // Tasks are a real central's (test/central/tasks.test.ts); a seat under test is given what the test has put here.
      case 'taskNext':
        this.taskAsked.push(TaskNextRequest.parse(body));
        return ok(this.nextTask());
      case 'calledIn':
        return this.#calledIn(CalledIn.parse(body));
      case 'dialGrant':
        return this.dialGrant();
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
