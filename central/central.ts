import type { FastifyInstance } from 'fastify';
import type { PracticeCaller, SampleAgent } from '../shared/central-api.ts';
import { lowestServedProtocol, protocolVersion, SeatHoldingsResponse, SeatsResponse } from '../shared/central-api.ts';
import type { AgentId, CustomerId, SeatId } from '../shared/ids.ts';
import { uuidv7 } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import { defaultPolicy } from '../shared/policy.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import { mayOrderSeats } from '../shared/seat-order.ts';
import type { Factor } from '../shared/verification.ts';
import { openAdmission } from './admission.ts';
import type { Clock, Log, Random } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { contactsOf } from './contacts.ts';
import { addMissingKeys } from './customer-keys.ts';
import { openCustomerSearch } from './customer-search.ts';
import type { CompanySettings, Door } from './door.ts';
import { openDoor } from './door.ts';
import { dayHandlers } from './day.ts';
import type { Dialler } from './dialler/dialler-port.ts';
import { colleaguesNow } from './directory.ts';
import type { Database, Db } from './db.ts';
import { firstRow, statement, transaction } from './db.ts';
import { openFeed, publishReference } from './feed.ts';
import { heldBy, lookedUp } from './holdings.ts';
import { fillFacts } from './facts.ts';
import { leadHandlers } from './lead-handlers.ts';
import { type FulfilmentWork, openFulfilment } from './fulfilment.ts';
import type { Fulfilment } from './fulfilment-port.ts';
import { forcedHandlers } from './forced-state.ts';
import type { Handlers } from './http.ts';
import { createHttp } from './http.ts';
import type { IceSettings } from './ice.ts';
import { addLive } from './live-route.ts';
import { openLive, tellAgent } from './live.ts';
import type { Operations } from './operations.ts';
import { openOperations } from './operations.ts';
import type { Keypad } from './keypad-port.ts';
import { keepMembers } from './members.ts';
import type { ArrivedOp, OpResult } from './ops.ts';
import { applyOps } from './ops.ts';
import { openOutbound, type OutboundWork } from './outbound.ts';
import type { Pbx } from './pbx.ts';
import { openHistory } from './history.ts';
import { openPlayback } from './playback.ts';
import type { Recorder } from './recorder-port.ts';
import type { RecordingFiles } from './recording-files.ts';
import type { RecordingWork } from './recording.ts';
import { openRecording } from './recording.ts';
import { isKnownSeat, orderSeat, seatReport, seatsNow, tenantOfSeat } from './seats.ts';
import { openProven } from './seat-proof.ts';
import { openSecrets } from './secrets.ts';
import { sessionOf } from './sessions.ts';
import type { Session } from './sessions.ts';
import type { SipAccounts } from './sign-in.ts';
import type { Sms } from './sms.ts';
import type { Supervision } from './supervision-port.ts';
import { defaultTenant } from './tenancy.ts';
import type { SupervisionWork } from './supervision.ts';
import { openSupervision } from './supervision.ts';
import { teamCalls } from './team-calls.ts';
import { provenLevel } from './verification.ts';
import type { VerificationWork } from './verification-handlers.ts';
import { openVerification } from './verification-handlers.ts';
import type { SaleTexts } from './sale-texts.ts';
import { openSaleTexts } from './sale-texts.ts';
import { scriptHandlers } from './scripts.ts';
import { workOf } from './work.ts';
import { workingSetHandlers } from './working-set-handlers.ts';

/** Practice mode: what the simulated customers offer to the seat. A refusal is thrown as a SeatFault. */
export type PracticeHooks = {
  readonly samples: readonly SampleAgent[];
  readonly callers: (agentId: AgentId) => readonly PracticeCaller[] | Promise<readonly PracticeCaller[]>;
  readonly call: (asked: { readonly callerId: string | null; readonly agentId: AgentId }) => void | Promise<void>;
  /** What this customer would answer to each factor. */
  readonly cue: (
    customerId: CustomerId,
  ) => Readonly<Record<Factor, string>> | undefined | Promise<Readonly<Record<Factor, string>> | undefined>;
};

export type CentralOptions = {
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly pbx: Pbx;
  /** Without it nobody can listen in (R35): refused as `noSupervision`. */
  readonly supervision?: Supervision;
  /** Without it recordings are the exchange's own business: refused as `noRecorder`. */
  readonly recorder?: Recorder;
  /** Where the exchange writes its recordings; without it none can be heard. */
  readonly recordings?: RecordingFiles;
  /** Without it a customer can only say the service password (R46): refused as `noKeypad`. */
  readonly keypad?: Keypad;
  /** Without it central calls nobody by itself: seats dial what is predictive as in progressive (R25). */
  readonly dialler?: Dialler;
  /** The SIP account of an agent's session. */
  readonly sip: SipAccounts;
  /** STUN and TURN servers of the seats; without it those that `sip` gives. */
  readonly ice?: IceSettings;
  readonly policy?: Policy;
  /** Signing in with the company's account (OpenID Connect); without it its routes do not exist. */
  readonly company?: CompanySettings;
  /** Without it the practice routes do not exist. */
  readonly practice?: PracticeHooks;
  /** Without it no one-time codes can be sent. */
  readonly sms?: Sms;
  /** The carrier's provisioning and payment (R30); without it agents and back teams say what was done. */
  readonly fulfilment?: Fulfilment;
  /** Ways in beside the contract's, as the carrier's own (http-fulfilment.ts). */
  readonly attach?: (app: FastifyInstance) => void;
  /** At least 32 bytes, the same for all instances; see openSecrets. */
  readonly secret?: Uint8Array;
  /** Which customers a seat holds; by default all in practice mode, those of the agent's queues otherwise. */
  readonly workingSet?: 'all' | 'queues';
  readonly signInsPerMinute?: number;
  /** Addresses or networks of the proxies in front; without them everybody seems to come from the proxy. */
  readonly trustedProxies?: readonly string[];
  /** Seats that speak an older version are refused; `lowestServedProtocol` by default. */
  readonly lowestProtocol?: number;
  /** Lets `/metrics` be read from elsewhere than this machine. */
  readonly metricsToken?: string;
};

export type Central = {
  readonly app: FastifyInstance;
  /** @returns the address served, as `http://127.0.0.1:8080`; port 0 takes a free one */
  readonly listen: (at: { readonly port: number; readonly host?: string }) => Promise<string>;
  /** Of the last listen; empty before. */
  readonly address: () => string;
  /** Resolves when the PBX was told everything there is to tell. */
  readonly settled: () => Promise<void>;
  /**
   * Before `close`, when another instance can take over: not ready at once, live seats told to connect again, `graceMs` for the proxy to
   * notice (requests are served meanwhile), then until no request is under way.
   */
  readonly drain: (graceMs: number) => Promise<void>;
  /** The database stays open: whoever opened it closes it. */
  readonly close: () => Promise<void>;
};

/** What a seat waits for at most: joining a call takes that long. */
const longestRequestMs = 25_000;

export const createCentral = async (options: CentralOptions): Promise<Central> => {
  const { db: database, clock, log, policy = defaultPolicy } = options;
  const { db } = database;
  const secrets = await openSecrets(db, options.secret);
  const everyone = (options.workingSet ?? (options.practice === undefined ? 'queues' : 'all')) === 'all';
  const epoch = await transaction(db, (tx) => openFeed(tx, () => Buffer.from(options.random(6)).toString('base64url')));
  await publishPolicy(database, policy);
  const filled = fillIn(db, policy, log);
  const instance = Buffer.from(options.random(6)).toString('base64url');
  const members = keepMembers(db, options.pbx, clock, log);
  const own = { database, clock, log, secrets, policy };
  const supervision = openSupervision({
    ...{ db, clock, log, secrets, policy, supervision: options.supervision },
    tell: (agentId, message) => tellAgent(db, agentId, message),
  });
  const recording = openRecording({ db, clock, log, secrets, recorder: options.recorder });
  const verification = openVerification({
    ...{ db, clock, log, secrets, policy, recording },
    ...{ random: options.random, sms: options.sms, keypad: options.keypad },
  });
  const outbound = openOutbound(options, secrets, instance);
  const sales = openSaleTexts({ ...own, random: options.random, sms: options.sms, optedOut: outbound.optedOut });
  const fulfilment = openFulfilment({ database, clock, log, secrets, fulfilment: options.fulfilment });
  const live = await openLive(database, { clock, log, members, everyone, instance, missed: supervision.shown });
  const sessionOfToken = (token: string): Promise<Session | undefined> =>
    sessionOf(database, token, secrets.tokenKey, clock);

  const door = doorOf(options, { secrets, members, supervision });
  const operations = openOperations({ db, clock, log, liveSeats: live.count, metricsToken: options.metricsToken });
  const proven = openProven({ clock, log, secrets, count: operations.countProof });
  const app = await createHttp({
    log,
    clock,
    trustedProxies: options.trustedProxies ?? [],
    prepare: operations.attach,
    handlers: makeHandlers(options, {
      ...{ door, members, secrets, everyone, epoch, supervision, recording, verification, sales, operations, outbound },
      fulfilment,
    }),
    sessionOf: sessionOfToken,
    proven,
    lowestProtocol: options.lowestProtocol ?? lowestServedProtocol,
    admission: openAdmission(clock),
    signInsPerMinute: options.signInsPerMinute ?? 1_000,
  });
  options.attach?.(app);
  addLive(app, { sessionOf: sessionOfToken, proven, clock }, (session, socket) => {
    if (operations.isDraining()) socket.close(1_012, 'offline');
    else live.add(session, socket);
  });

  let address = '';
  return {
    app,
    listen: async ({ port, host = '127.0.0.1' }) => {
      address = await app.listen({ port, host });
      log.info({ address }, 'central listening');
      return address;
    },
    address: () => address,
    settled: async () => {
      await Promise.all([members.settled(), supervision.settled(), recording.settled(), verification.settled()]);
      await Promise.all([door.settled(), sales.settled(), outbound.settled(), fulfilment.settled()]);
    },
    drain: async (graceMs) => {
      operations.drain();
      live.dismissAll();
      log.info({ graceMs }, 'central draining');
      if (graceMs > 0) await new Promise<void>((done) => void clock.after(graceMs, done));
      await operations.idle(longestRequestMs);
    },
    close: async () => {
      // What is under way is waited for: whoever closes the database, or opens central again, meets no statement of this one.
      await Promise.all([verification, sales, fulfilment, outbound, live].map((one) => one.close()));
      await app.close();
      await Promise.all([door.close(), filled]);
      await Promise.all([supervision.close(), recording.close(), members.close()]);
    },
  };
};

const doorOf = (
  options: CentralOptions,
  { secrets, members, supervision }: Pick<Inside, 'secrets' | 'members' | 'supervision'>,
): Door => {
  const { db: database, clock, log, sip, ice, company, policy = defaultPolicy } = options;
  return openDoor({
    ...{ database, clock, log, secrets, members, policy, sip, ice, company },
    newId: () => uuidv7(clock.nowMs(), options.random(10)),
    practice: options.practice !== undefined,
    lowestProtocol: options.lowestProtocol ?? lowestServedProtocol,
    leaveCalls: supervision.leave,
  });
};

type Inside = {
  readonly door: Door;
  readonly members: ReturnType<typeof keepMembers>;
  readonly secrets: Awaited<ReturnType<typeof openSecrets>>;
  readonly everyone: boolean;
  readonly epoch: string;
  readonly supervision: SupervisionWork;
  readonly recording: RecordingWork;
  readonly verification: VerificationWork;
  readonly sales: SaleTexts;
  readonly operations: Pick<Operations, 'countOps'>;
  readonly outbound: OutboundWork;
  readonly fulfilment: FulfilmentWork;
};

const makeHandlers = (options: CentralOptions, inside: Inside): Partial<Handlers> => {
  const { clock, log, random } = options;
  const { members, secrets } = inside;
  const policy = options.policy ?? defaultPolicy;
  const newId = () => uuidv7(clock.nowMs(), random(10));
  const scope = {
    kind: inside.everyone ? ('all' as const) : ('queues' as const),
    cap: policy.cacheCap,
    epoch: inside.epoch,
    cursorKey: secrets.cursorKey,
  };
  const take: Take = async (ofTenant, seatId, deliveredBy, ops) => {
    const results = await applyOps(
      {
        ...{ db: ofTenant, log, nowMs: clock.nowMs, auditKey: secrets.auditKey, policy, deliveredBy },
        provenLevel: (tx, about) => provenLevel(tx, policy, about),
        agentChanged: members.refresh,
      },
      seatId,
      ops,
    );
    inside.operations.countOps([...results]);
    if (ops.some(isOfOrder)) {
      inside.sales.look();
      inside.fulfilment.look();
    }
    return results;
  };
  return {
    health: async () =>
      ok({
        status: 'ok',
        protocol: protocolVersion,
        lowest: options.lowestProtocol ?? lowestServedProtocol,
        samples: [...(options.practice?.samples ?? [])],
        signInWith: [...inside.door.signInWith],
      }),
    ...inside.door.handlers,
    push: async ({ seatId, ops }, session) => {
      if (seatId !== session.seatId) return refused(refusal('forbidden', 'otherSeat'));
      return ok({ results: [...(await take(session.db, seatId, session.agent.id, ops))] });
    },
    ...seatHandlers(options, inside, take, newId),
    ...workingSetHandlers(clock, scope),
    ...inside.verification.handlers,
    ...scriptHandlers({ nowMs: clock.nowMs, newId, secrets }),
    ...inside.outbound.handlers,
    ...leadHandlers({ nowMs: clock.nowMs, auditKey: secrets.auditKey, policy, database: options.db }),
    colleagues: async (_asked, session) => ok(await colleaguesNow(session.db, clock.nowMs())),
    contacts: async ({ customerId }, session) => ok({ contacts: [...(await contactsOf(session.db, customerId, 100))] }),
    ...forcedHandlers({
      ...{ nowMs: clock.nowMs, auditKey: secrets.auditKey, policy },
      tell: (agentId, message) => tellAgent(options.db.db, agentId, message),
    }),
    ...dayHandlers({ nowMs: clock.nowMs, policy: options.policy ?? defaultPolicy }),
    work: async ({ mark, orders }, session) =>
      ok(await workOf(session, { mark, orders, everyone: inside.everyone, nowMs: clock.nowMs() })),
    search: searchHandler(options, inside),
    ...historyHandlers(options, inside),
    ...callHandlers(inside),
    ...practiceHandlers(options.practice),
  };
};

/** What a database of before lacks. Behind the door, not before it: it may hold a million customers, who are found by their numbers meanwhile. */
const fillIn = async (db: Db, policy: Policy, log: Log): Promise<void> => {
  const keyed = addMissingKeys(db).then(
    (added) => void (added > 0 && log.info({ added }, 'customers can be found by name and pinyin')),
    (fault: unknown) => log.error(faultFields(fault), 'customers of before cannot be found by name'),
  );
  const counted = fillFacts(db, policy).then(
    (filled) => void (filled > 0 && log.info({ filled }, 'contacts and orders of before are in the figures')),
    (fault: unknown) => log.error(faultFields(fault), 'contacts of before are not in the figures'),
  );
  await Promise.all([keyed, counted]);
};

/** Whoever is shown lies in the memory of the seat, as after a look-up. */
const searchHandler = (options: CentralOptions, { secrets, everyone }: Inside): Handlers['search'] => {
  const { clock, policy = defaultPolicy } = options;
  const practice = options.practice !== undefined;
  const search = openCustomerSearch({ clock, secrets, policy, everyone, practice });
  return async (asked, session) => {
    const answer = await search(asked, session);
    const rows = answer.ok && answer.value.kind === 'found' ? answer.value.rows : [];
    const ids = rows.map((row) => row.customer.id);
    if (ids.length > 0) await lookedUp(session.db, session.seatId, ids, clock.nowMs());
    return answer;
  };
};

const historyHandlers = (options: CentralOptions, { secrets, everyone }: Inside): Partial<Handlers> => {
  const { clock, policy = defaultPolicy } = options;
  const playback = openPlayback({ db: options.db.db, clock, secrets, policy, files: options.recordings });
  const practice = options.practice !== undefined;
  const history = openHistory({ clock, secrets, policy, everyone, practice, playback });
  return {
    history: history.search,
    historyContact: history.contact,
    recordingSound: playback.sound,
    recordingMarks: playback.marks,
  };
};

/** Something central may have to send now (R41). */
const isOfOrder = ({ body }: ArrivedOp): boolean =>
  typeof body === 'object' && body !== null && 'name' in body && body.name === 'order.stepped';

type Take = (db: Db, seatId: SeatId, deliveredBy: string, ops: readonly ArrivedOp[]) => Promise<readonly OpResult[]>;

/** Of seats themselves: what they say without an agent, and what managers see and order of them. */
const seatHandlers = (
  { db: database, clock, log }: CentralOptions,
  { secrets }: Inside,
  take: Take,
  newId: () => string,
): Partial<Handlers> => ({
  seatReport: async (asked, _none, from) => {
    const db = database.tenant((await tenantOfSeat(database.db, asked.seatId)) ?? defaultTenant);
    return seatReport(
      { db, log, secrets, nowMs: clock.nowMs(), from, take: (ops) => take(db, asked.seatId, 'seat', ops) },
      asked,
    );
  },
  seats: async (_asked, { agent, db }) =>
    mayOrderSeats(agent.role)
      ? ok(SeatsResponse.parse({ seats: await seatsNow(db) }))
      : refused(refusal('forbidden', 'role')),
  seatHoldings: async ({ seatId }, { agent, db }) =>
    mayOrderSeats(agent.role)
      ? ok(SeatHoldingsResponse.parse({ customers: (await isKnownSeat(db, seatId)) ? await heldBy(db, seatId) : [] }))
      : refused(refusal('forbidden', 'role')),
  seatOrder: async (asked, { agent, db }) =>
    mayOrderSeats(agent.role)
      ? orderSeat(db, secrets, { ...asked, by: agent.id }, { id: newId(), nowMs: clock.nowMs() })
      : refused(refusal('forbidden', 'role')),
});

/** Of calls that go on: who hears them, and whether they are recorded. */
const callHandlers = ({ supervision, recording }: Inside): Partial<Handlers> => ({
  supervise: supervision.begin,
  superviseMode: supervision.change,
  superviseEnd: supervision.end,
  teamCalls: async (_asked, session) => teamCalls(session.db, session.agent),
  recordingState: recording.state,
  recordingPause: recording.pause,
  recordingResume: recording.resume,
});

const practiceHandlers = (practice: PracticeHooks | undefined): Partial<Handlers> =>
  practice === undefined
    ? {}
    : {
        practiceCallers: async (_asked, session) => ok({ callers: [...(await practice.callers(session.agent.id))] }),
        practiceCall: async ({ callerId }, session) => {
          await practice.call({ callerId, agentId: session.agent.id });
          return ok({});
        },
        practiceCue: async ({ customerId }) => {
          const answers = await practice.cue(customerId);
          return answers === undefined ? refused(refusal('notFound', 'customer')) : ok({ answers: { ...answers } });
        },
      };

/** Seats follow the policy through the feed; it is written only when it is another one. */
const publishPolicy = async ({ db }: Database, policy: Policy): Promise<void> =>
  transaction(db, async (tx) => {
    const kept = await firstRow(
      tx,
      statement<{ row: Policy }>`select row from feed where entity = 'policy' and id = 'policy' for update`,
    );
    if (JSON.stringify(kept?.row) === JSON.stringify(policy)) return;
    await publishReference(tx, 'policy', [{ id: 'policy', row: policy }]);
  });
