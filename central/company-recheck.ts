import type { Clock, Log } from './ambient.ts';
import { faultFields } from './ambient.ts';
import { mapClaims, readClaimsMap } from './claims-map.ts';
import type { Claims } from './claims-map.ts';
import type { Database, Db, Tx } from './db.ts';
import { firstRow, rows, run, statement, transaction } from './db.ts';
import { tellEnded } from './live.ts';
import type { Members } from './members.ts';
import { signedOut } from './presence.ts';
import type { Provider } from './provider.ts';
import { openText, sealText } from './sealed-text.ts';
import { endSession } from './sessions.ts';

/**
 * A session by the company's account lasts as long as the account is good there: the provider is asked again every few minutes, by whichever
 * instance comes first. An account that was disabled, or stands for another agent or role now, ends the session; a provider that
 * does not answer does not, and is asked again a minute later.
 */
export const keepCompanySession = (
  tx: Tx,
  key: Uint8Array,
  kept: {
    readonly sessionId: string;
    readonly sub: string;
    readonly refreshToken: string;
    readonly nowMs: number;
    readonly checkAtMs: number;
  },
): Promise<void> =>
  run(
    tx,
    statement`
      insert into company_session (session_id, sub, refresh, check_at_ms, checked_at_ms)
      values (${kept.sessionId}, ${kept.sub}, ${sealText(key, kept.refreshToken, kept.sessionId)}, ${kept.checkAtMs},
        ${kept.nowMs})`,
  );

export type Recheck = { readonly settled: () => Promise<void>; readonly close: () => Promise<void> };

type RecheckPorts = {
  readonly database: Pick<Database, 'db' | 'tenant'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly key: Uint8Array;
  readonly provider: Provider;
  readonly members: Members;
  readonly recheckMs: number;
};

const sweepMs = 15_000;
/** Also how long an instance that died keeps a session from being asked about. */
const againMs = 60_000;
const atOnce = 20;

type Due = {
  readonly sessionId: string;
  readonly agentId: string;
  readonly tenant: string;
  readonly sub: string;
  readonly refresh: string;
};

export const openRecheck = (ports: RecheckPorts): Recheck => {
  const { clock, log } = ports;
  const { db } = ports.database;
  let isClosed = false;
  let cancel = (): void => {};
  let round: Promise<void> = Promise.resolve();

  const sweep = async (): Promise<void> => {
    await run(
      db,
      statement`
        delete from company_session using session where session.id = company_session.session_id
          and (session.ended_at_ms is not null or session.expires_at_ms < ${clock.nowMs()})`,
    );
    for (;;) {
      const due = isClosed ? [] : await claimDue(db, clock.nowMs());
      if (due.length === 0) return;
      await Promise.all(due.map((one) => ask(one)));
    }
  };

  const ask = async (due: Due): Promise<void> => {
    const refreshToken = openText(ports.key, due.refresh, due.sessionId);
    // Sealed with another secret than central's present one: nobody can ask any more.
    if (refreshToken === undefined) return end(due, 'unreadable');
    const answer = await ports.provider.refresh(refreshToken, due.sub);
    if (!answer.ok) {
      if (answer.error.kind === 'offline')
        return log.warn({ agentId: due.agentId }, 'the provider cannot be asked now');
      return end(due, answer.error.reason ?? answer.error.kind);
    }
    const { claims } = answer.value;
    const changed = claims === undefined ? undefined : await whatChanged(db, due.agentId, claims);
    if (changed !== undefined) return end(due, changed);
    const nowMs = clock.nowMs();
    await run(
      db,
      statement`
        update company_session set refresh = ${sealText(ports.key, answer.value.refreshToken, due.sessionId)},
          check_at_ms = ${nowMs + ports.recheckMs}, checked_at_ms = ${nowMs}
        where session_id = ${due.sessionId}`,
    );
  };

  const end = async ({ sessionId, agentId, tenant }: Due, why: string): Promise<void> => {
    await transaction(ports.database.tenant(tenant), async (tx) => {
      await run(tx, statement`delete from company_session where session_id = ${sessionId}`);
      await endSession(tx, sessionId, clock.nowMs());
      await signedOut(tx, agentId, sessionId);
      await tellEnded(tx, sessionId, 'unauthorised');
    });
    ports.members.refresh(agentId);
    log.info({ agentId, why }, 'session ended: the company’s account is no longer good for it');
  };

  const look = (): void => {
    round = round
      .then(sweep)
      .catch((fault: unknown) => log.warn(faultFields(fault), 'accounts were not asked about; tried again'));
  };
  const wait = (): void => {
    cancel = clock.after(sweepMs, () => {
      if (isClosed) return;
      look();
      wait();
    });
  };
  wait();
  return {
    settled: () => round,
    close: async () => {
      isClosed = true;
      cancel();
      await round;
    },
  };
};

/** Claimed by being put off: an instance that dies on the way has lost a minute, not the session. */
const claimDue = (db: Db, nowMs: number): Promise<readonly Due[]> =>
  rows(
    db,
    statement<Due>`
      update company_session as kept set check_at_ms = ${nowMs + againMs}
      from session
      where session.id = kept.session_id and kept.session_id in (
        select session_id from company_session where check_at_ms <= ${nowMs}
        order by check_at_ms limit ${atOnce} for update skip locked)
      returning kept.session_id as "sessionId", session.agent_id as "agentId", kept.tenant, kept.sub, kept.refresh`,
  );

/** @returns which part of the map no longer gives what the agent signed in with */
const whatChanged = async (db: Db, agentId: string, claims: Claims): Promise<string | undefined> => {
  const mapped = mapClaims(await readClaimsMap(db), claims);
  if (!mapped.ok) return mapped.error.reason ?? mapped.error.kind;
  const agent = await firstRow(
    db,
    statement<{ number: string; role: string; tenant: string; queues: readonly string[] }>`
      select number, role, tenant, queues from agent where id = ${agentId}`,
  );
  if (agent === undefined) return 'gone';
  const { agentNumber, role, tenant, queues } = mapped.value;
  if (agentNumber !== agent.number) return 'number';
  if (role !== undefined && role !== agent.role) return 'role';
  if (tenant !== undefined && tenant !== agent.tenant) return 'tenant';
  return queues !== undefined && agent.queues.some((queue) => !queues.includes(queue)) ? 'queues' : undefined;
};
