import type { SignInRequest, SignInResponse } from '../shared/central-api.ts';
import type { SipCredentials } from '../shared/sip-credentials.ts';
import type { SeatId } from '../shared/ids.ts';
import type { Policy } from '../shared/policy.ts';
import type { Result } from '../shared/result.ts';
import { ok, type Refusal, refusal, refused } from '../shared/result.ts';
import type { z } from 'zod';
import type { Agent } from './agents.ts';
import {
  addFailure,
  agentByNumber,
  failuresFrom,
  failuresSince,
  forgetFailures,
  queuesByIds,
  seatRoles,
} from './agents.ts';
import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import type { Database, Db, Tx } from './db.ts';
import { type IceSettings, iceFor } from './ice.ts';
import { transaction } from './db.ts';
import { tellEnded } from './live.ts';
import type { Members } from './members.ts';
import { liveGraceMs, type Presence, presenceOf, signedIn, signedOut } from './presence.ts';
import type { Secrets } from './secrets.ts';
import { isPassword } from './secrets.ts';
import type { Session } from './sessions.ts';
import { beginSession, endSession, makeToken } from './sessions.ts';

/** A shift. */
const sessionMs = 12 * 3_600_000;
const minuteMs = 60_000;
/** Each time so many wrong passwords have come within the hour, the number waits longer; counted in the database, for all instances. */
const failuresAllowed = 5;
const pausesMinutes = [5, 15, 60] as const;
const failureWindowMs = 60 * minuteMs;
/** Of all numbers from one address: a whole centre may sit behind it, and has typing errors. */
const failuresPerAddress = 100;
const addressWindowMs = 5 * minuteMs;

/** The SIP account of an agent's session; may throw when there is none to be had now. */
export type SipAccounts = (
  agent: Pick<Agent, 'id' | 'number' | 'name'>,
  expiresAtMs: number,
) => SipCredentials | Promise<SipCredentials>;

export type SignInPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly sip: SipAccounts;
  /** Without it the accounts of `sip` say which STUN and TURN servers there are. */
  readonly ice: IceSettings | undefined;
  readonly practice: boolean;
  readonly lowestProtocol: number;
  readonly database: Pick<Database, 'db' | 'tenant'>;
  readonly secrets: Secrets;
  readonly members: Members;
  readonly policy: Policy;
  readonly newId: () => string;
};

/** Whoever it is, it was proven. */
type Admitted = {
  readonly agent: Agent & { readonly tenant: string };
  readonly seatId: SeatId;
  readonly takeOver?: boolean | undefined;
  /** Proven to be the seat's (seats.ts); the session is good with it only. */
  readonly seatKey?: string | undefined;
  /** At most a shift. */
  readonly longestMs?: number;
  /** With the session, or not at all. */
  readonly also?: (tx: Tx, sessionId: string) => Promise<void>;
};

export type SignIn = {
  /**
   * Signing in ends the agent's other sessions: an agent has one line. A seat that is still there is not ended behind the agent's back:
   * `signedInElsewhere` until `takeOver` is asked for, `inCallElsewhere` in any case while a call is on it.
   */
  readonly signIn: (
    asked: z.output<typeof SignInRequest>,
    from: string,
  ) => Promise<Result<z.input<typeof SignInResponse>>>;
  /** The same, once somebody else has proven who it is. */
  readonly admit: (admitted: Admitted) => Promise<Result<z.input<typeof SignInResponse>>>;
  readonly signOut: (session: Session) => Promise<Result<Record<string, never>>>;
  /** The session's account again: what lives shorter than a shift is fresh (ICE-2). */
  readonly sipAccount: (session: Session) => Promise<Result<SipCredentials>>;
};

export const makeSignIn = (ports: SignInPorts): SignIn => ({
  signIn: async (asked, from) => {
    const { clock } = ports;
    const { db } = ports.database;
    if (asked.protocol < ports.lowestProtocol) return refused(refusal('tooOld', 'updateNeeded'));
    const nowMs = clock.nowMs();
    const paused = await pausedMinutes(db, asked.agentNumber, from, nowMs);
    if (paused > 0) return refused(refusal('locked', 'signInPaused', { minutes: paused }));
    const agent = await agentByNumber(db, asked.agentNumber);
    if (!(await isPassword(asked.password, agent?.password)) || agent === undefined) {
      await addFailure(db, asked.agentNumber, from, nowMs);
      return refused(refusal('unauthorised', 'wrongPassword'));
    }
    await forgetFailures(db, nowMs - failureWindowMs, asked.agentNumber);
    return admit(ports, { ...asked, agent });
  },
  admit: (admitted) => admit(ports, admitted),
  signOut: async (session) => {
    const { clock, log, members } = ports;
    await transaction(session.db, async (tx) => {
      await endSession(tx, session.id, clock.nowMs());
      await signedOut(tx, session.agent.id, session.id);
      await tellEnded(tx, session.id, 'unauthorised');
    });
    members.refresh(session.agent.id);
    log.info({ agentId: session.agent.id, seatId: session.seatId }, 'agent signed out');
    return ok({});
  },
  sipAccount: async (session) => {
    const account = await sipAccount(ports, session);
    return account === undefined ? refused(refusal('offline', 'pbxUnavailable')) : ok(account);
  },
});

const admit = async (
  ports: SignInPorts,
  { agent, seatId, takeOver, seatKey, longestMs = sessionMs, also }: Admitted,
): Promise<Result<z.input<typeof SignInResponse>>> => {
  const { clock, log } = ports;
  const { db } = ports.database;
  if (!seatRoles.includes(agent.role)) return refused(refusal('forbidden', 'role'));
  const nowMs = clock.nowMs();
  const expiresAtMs = nowMs + Math.min(sessionMs, longestMs);
  const why = whyNotHere(await presenceOf(db, agent.id), { seatId, takeOver }, nowMs);
  if (why !== undefined) return refused(why);
  const account = await sipAccount(ports, { agent, seatId, expiresAtMs });
  if (account === undefined) return refused(refusal('offline', 'pbxUnavailable'));
  const session = { id: ports.newId(), seatId, expiresAtMs };
  const ended = await transaction(ports.database.tenant(agent.tenant), async (tx) => {
    const others = await beginSession(tx, { ...session, agentId: agent.id, seatKey: seatKey ?? null, nowMs });
    await also?.(tx, session.id);
    await signedIn(tx, agent.id, session.id, nowMs);
    for (const other of others) await tellEnded(tx, other, 'conflict');
    return others;
  });
  ports.members.refresh(agent.id);
  log.info({ agentId: agent.id, seatId, ended: ended.length }, 'agent signed in');
  const { id, number, name, role } = agent;
  return ok({
    token: await makeToken(session, agent.id, ports.secrets.tokenKey),
    expiresAtMs,
    serverTimeMs: nowMs,
    agent: { id, number, name, role, queues: [...(await queuesByIds(db, agent.queues))] },
    policy: ports.policy,
    sip: account,
    practice: ports.practice,
  });
};

/** How long this number, or this address, may not try again. */
const pausedMinutes = async (db: Db, agentNumber: string, from: string, nowMs: number): Promise<number> => {
  const failures = await failuresSince(db, agentNumber, nowMs - failureWindowMs);
  const times = Math.floor(failures.length / failuresAllowed);
  // From the failure that made it wait, not from the last: those that raced past it do not count less.
  const sinceMs = failures[times * failuresAllowed - 1];
  const left =
    sinceMs === undefined
      ? 0
      : Math.ceil((sinceMs - nowMs) / minuteMs + (pausesMinutes[times - 1] ?? pausesMinutes[2]));
  if (left > 0) return left;
  return (await failuresFrom(db, from, nowMs - addressWindowMs)) >= failuresPerAddress ? addressWindowMs / minuteMs : 0;
};

/** A seat counts as long as its live socket does: one that lost power must not keep its agent from working. */
const whyNotHere = (
  presence: Presence | undefined,
  { seatId, takeOver }: Pick<Admitted, 'seatId' | 'takeOver'>,
  nowMs: number,
): Refusal | undefined => {
  if (presence === undefined || presence.seatId === null || presence.seatId === seatId) return undefined;
  if (!presence.live || nowMs - presence.liveSeenAtMs > liveGraceMs) return undefined;
  const { state } = presence;
  if (state.kind === 'reserved' || state.kind === 'onCall') return refusal('conflict', 'inCallElsewhere');
  if (takeOver === true) return undefined;
  return refusal('conflict', 'signedInElsewhere', { seenAtMs: presence.liveSeenAtMs });
};

const sipAccount = async (
  ports: SignInPorts,
  { agent, seatId, expiresAtMs }: Pick<Session, 'agent' | 'seatId' | 'expiresAtMs'>,
): Promise<SipCredentials | undefined> => {
  try {
    const account = await ports.sip({ id: agent.id, number: agent.number, name: agent.name }, expiresAtMs);
    if (ports.ice === undefined) return account;
    return { ...account, ...iceFor(ports.ice, { ...agent, seatId }, ports.clock.nowMs()) };
  } catch (fault) {
    ports.log.warn({ agentId: agent.id, ...faultFields(fault) }, 'no SIP account to be had');
    return undefined;
  }
};
