import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { CompanyBeginRequest, CompanyBeginResponse, CompanyFinishRequest } from '../shared/company-sign-in.ts';
import type { SignInResponse } from '../shared/central-api.ts';
import { AgentId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { SignInAgent } from './agents.ts';
import { agentByNumber, putAgent, seatRoles } from './agents.ts';
import type { Clock, Log } from './ambient.ts';
import type { Mapped } from './claims-map.ts';
import { mapClaims, readClaimsMap, tenantOf } from './claims-map.ts';
import { keepCompanySession } from './company-recheck.ts';
import type { Database, Db } from './db.ts';
import { firstRow, run, statement, transaction } from './db.ts';
import { colleagueTarget, publishTargets } from './directory.ts';
import type { Provider } from './provider.ts';
import { challengeOf } from './provider.ts';
import { openText, sealText } from './sealed-text.ts';
import { whyOtherTenant } from './seats.ts';
import type { Secrets } from './secrets.ts';
import { hashPassword, sameText } from './secrets.ts';
import type { SignIn } from './sign-in.ts';

/**
 * Signing in with the company's account. The attempt is in the database, so that any instance finishes what another began; an attempt is
 * redeemed once, and is over with the session it leads to.
 */
export type CompanySignInPorts = {
  readonly database: Pick<Database, 'db' | 'tenant'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly provider: Provider;
  readonly admit: SignIn['admit'];
  readonly recheckMs: number;
};

/** For typing a password and a code from a phone. */
const attemptMs = 10 * 60_000;
/** Turned away because of another seat: how long the agent may think about it. */
const provenMs = 2 * 60_000;
/** Where the provider gives no refresh token, nobody can be asked whether the account is still good: a session is short. */
const uncheckedMs = 60 * 60_000;

/** What the provider's word came to, until it is a session. */
const Proven = z.object({ agentNumber: z.string(), sub: z.string(), refreshToken: z.string().optional() });
type Proven = z.infer<typeof Proven>;

export const makeCompanySignIn = (ports: CompanySignInPorts) => ({
  begin: async (asked: z.output<typeof CompanyBeginRequest>): Promise<Result<z.input<typeof CompanyBeginResponse>>> => {
    const { clock, provider } = ports;
    const { db } = ports.database;
    const [state, nonce] = [secret(), secret()];
    const { challenge, redirectUri, seatId } = asked;
    const url = await provider.authorizationUrl({ state, nonce, challenge, redirectUri });
    if (!url.ok) return url;
    const nowMs = clock.nowMs();
    const expiresAtMs = nowMs + attemptMs;
    await run(db, statement`delete from sign_in_attempt where expires_at_ms < ${nowMs - attemptMs}`);
    await run(
      db,
      statement`
        insert into sign_in_attempt (state, seat_id, nonce, challenge, redirect_uri, expires_at_ms)
        values (${ports.secrets.mark('attempt', state)}, ${seatId}, ${nonce}, ${challenge}, ${redirectUri}, ${expiresAtMs})`,
    );
    return ok({ url: url.value, state, expiresAtMs });
  },
  finish: async (asked: z.output<typeof CompanyFinishRequest>): Promise<Result<z.input<typeof SignInResponse>>> => {
    const proven = await prove(ports, asked);
    if (!proven.ok) return proven;
    const { sub, refreshToken, agentNumber } = proven.value;
    const { db } = ports.database;
    const otherTenant = await whyOtherTenant(db, { seatId: asked.seatId, agentNumber });
    if (otherTenant !== undefined) return refused(otherTenant);
    const agent = await agentByNumber(db, agentNumber);
    if (agent === undefined) return refused(refusal('forbidden', 'companyAccountUnknown'));
    const nowMs = ports.clock.nowMs();
    return ports.admit({
      ...{ agent, seatId: asked.seatId, seatKey: asked.seatKey, takeOver: asked.takeOver },
      ...(refreshToken === undefined ? { longestMs: uncheckedMs } : {}),
      also: async (tx, sessionId) => {
        await run(
          tx,
          statement`
            update sign_in_attempt set done_at_ms = ${nowMs}, proven = null
            where state = ${ports.secrets.mark('attempt', asked.state)}`,
        );
        if (refreshToken === undefined) return;
        const kept = { sessionId, sub, refreshToken, nowMs, checkAtMs: nowMs + ports.recheckMs };
        await keepCompanySession(tx, ports.secrets.keepKey, kept);
      },
    });
  },
});

const secret = (): string => randomBytes(32).toString('base64url');

type Attempt = {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly proven: string | null;
};

/** Who it is: by the provider's word, or by what was proven a moment ago in this attempt. */
const prove = async (
  ports: CompanySignInPorts,
  { state, seatId, verifier, code }: z.output<typeof CompanyFinishRequest>,
): Promise<Result<Proven>> => {
  const { db } = ports.database;
  const mark = ports.secrets.mark('attempt', state);
  const nowMs = ports.clock.nowMs();
  // The one statement that lets a code be redeemed: of two at once, at any instances, one gets it.
  const first = await firstRow(db, taken(mark, seatId, nowMs));
  const attempt = first ?? (await firstRow(db, again(mark, seatId, nowMs)));
  if (attempt === undefined || !sameText(challengeOf(verifier), attempt.challenge))
    return refused(refusal('conflict', 'companySignInOver'));
  if (first === undefined) {
    const text = attempt.proven === null ? undefined : openText(ports.secrets.keepKey, attempt.proven, mark);
    return text === undefined ? refused(refusal('conflict', 'companySignInOver')) : ok(Proven.parse(JSON.parse(text)));
  }
  const { nonce, redirectUri } = attempt;
  const redeemed = await ports.provider.redeem({ code, verifier, redirectUri, nonce });
  if (!redeemed.ok) return redeemed;
  const { claims, refreshToken } = redeemed.value;
  const mapped = mapClaims(await readClaimsMap(db), claims);
  if (!mapped.ok) return mapped;
  const agent = await broughtInLine(ports, mapped.value);
  if (!agent.ok) return agent;
  const proven = {
    ...{ agentNumber: mapped.value.agentNumber, sub: claims.sub },
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
  const sealed = sealText(ports.secrets.keepKey, JSON.stringify(proven), mark);
  await run(
    db,
    statement`
      update sign_in_attempt set proven = ${sealed}, expires_at_ms = ${ports.clock.nowMs() + provenMs}
      where state = ${mark}`,
  );
  return ok(proven);
};

const taken = (mark: string, seatId: string, nowMs: number) => statement<Attempt>`
  update sign_in_attempt set redeemed_at_ms = ${nowMs}
  where state = ${mark} and seat_id = ${seatId} and redeemed_at_ms is null and expires_at_ms > ${nowMs}
  returning nonce, challenge, redirect_uri as "redirectUri", proven`;

const again = (mark: string, seatId: string, nowMs: number) => statement<Attempt>`
  select nonce, challenge, redirect_uri as "redirectUri", proven from sign_in_attempt
  where state = ${mark} and seat_id = ${seatId} and done_at_ms is null and proven is not null
    and expires_at_ms > ${nowMs}`;

/** The agent as the provider has it now: added, or with another role and other queues, where the map says so. */
const broughtInLine = async (ports: CompanySignInPorts, mapped: Mapped): Promise<Result<SignInAgent>> => {
  const { database } = ports;
  const known = await agentByNumber(database.db, mapped.agentNumber);
  const map = await readClaimsMap(database.db);
  if (known === undefined && !(map.adds && mapped.role !== undefined))
    return refused(refusal('forbidden', 'companyAccountUnknown'));
  const tenant = tenantOf(mapped, known?.tenant);
  // An account that moved to another firm takes nothing along: an administrator decides.
  if (known !== undefined && known.tenant !== tenant) return refused(refusal('forbidden', 'companyOtherTenant'));
  const agent: SignInAgent = {
    id: known?.id ?? AgentId.parse(`A${mapped.agentNumber}`),
    number: mapped.agentNumber,
    name: mapped.name ?? known?.name ?? mapped.agentNumber,
    role: mapped.role ?? known?.role ?? 'agent',
    queues: await knownQueues(database.tenant(tenant), mapped.queues ?? known?.queues ?? []),
    tenant,
    // A password that nobody knows: only the provider lets this agent in.
    password: known?.password ?? (await hashPassword(secret())),
  };
  if (!seatRoles.includes(agent.role)) return refused(refusal('forbidden', 'role'));
  if (known !== undefined && isSame(known, agent)) return ok(known);
  await transaction(database.tenant(tenant), async (tx) => {
    await putAgent(tx, agent);
    if (known === undefined || known.name !== agent.name) await publishTargets(tx, [colleagueTarget(agent)]);
  });
  ports.log.info({ agentId: agent.id, isNew: known === undefined }, 'agent brought in line with the provider');
  return ok(agent);
};

const knownQueues = async (db: Db, ids: readonly string[]): Promise<readonly string[]> => {
  const found = await firstRow(
    db,
    statement<{ ids: readonly string[] | null }>`select array_agg(id) as ids from queue where id = any(${ids}::text[])`,
  );
  return ids.filter((id) => found?.ids?.includes(id) === true);
};

const isSame = (one: SignInAgent, other: SignInAgent): boolean =>
  one.name === other.name && one.role === other.role && one.queues.join('\n') === other.queues.join('\n');
