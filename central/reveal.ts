import type { QueryClass } from '../shared/customer.ts';
import { classOfField } from '../shared/classes.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type { Revealed } from '../shared/reveal.ts';
import { budgetOf, judgeReveals } from '../shared/reveal.ts';
import { opens } from '../shared/verification.ts';
import { audit } from './audit.ts';
import { lockPrivate } from './customers.ts';
import type { Tx } from './db.ts';
import { asJson, firstRow, run, statement, transaction } from './db.ts';
import type { Session } from './sessions.ts';
import type { About, VerificationPorts } from './verifying.ts';
import { dayMs, noteOf, running, stateOf } from './verifying.ts';

type Opened = { readonly level: QueryClass; readonly fields: Record<string, string> };
type Asked = About & { readonly reason: string; readonly fields?: readonly string[] | undefined };

/**
 * Full values of the fields asked for, as far as the level proven at central opens them (R11): field by field in the log, with the
 * reason, against the agent's budget of the day (R44, security 37, 45).
 */
export const reveal = async (ports: VerificationPorts, session: Session, asked: Asked): Promise<Result<Opened>> => {
  const allowed = await running(ports, session, asked);
  if (!allowed.ok) return allowed;
  return transaction(ports.db, async (tx) => {
    const { policy, secrets } = ports;
    const kept = await lockPrivate(tx, asked.customerId);
    if (kept === undefined) return refused(refusal('notFound', 'customer'));
    const nowMs = ports.clock.nowMs();
    const { level } = await stateOf(tx, policy, allowed.value, asked.customerId, kept.lockedUntilMs, nowMs);
    const open = Object.entries(kept.fields)
      .map(([key, field]) => ({ key, value: field.value, class: classOfField(key, field.class) }))
      .filter(({ key, class: of }) => opens(level, of) && (asked.fields === undefined || asked.fields.includes(key)));
    const note = noteOf(session, asked, nowMs);
    const counted = open.filter(({ class: of }) => of > 1);
    // Two calls of one agent at the same moment must not both take the last of a budget.
    await run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`reveal:${session.agent.id}`}, 0))`);
    const before = await revealedSince(tx, session, nowMs - dayMs);
    for (const { key, class: of } of counted) await addReveal(tx, session, asked, key, of, nowMs);
    const after = await revealedSince(tx, session, nowMs - dayMs);
    const verdict = judgeReveals(after, budgetOf(policy));
    if (verdict.kind === 'over') {
      await forget(
        tx,
        session,
        asked,
        nowMs,
        counted.map(({ key }) => key),
      );
      await audit(tx, secrets.auditKey, [note('budget', null, `refused:${verdict.which}`)]);
      ports.log.error(
        { agentId: session.agent.id, which: verdict.which },
        'an agent reached the day’s budget of reveals',
      );
      return refused(refusal('policy', 'revealBudget'));
    }
    // Told once, on the way up.
    const isNew = verdict.kind === 'alarm' && judgeReveals(before, budgetOf(policy)).kind === 'within';
    if (isNew) ports.log.warn({ agentId: session.agent.id, ...after }, 'an agent opens unusually many private values');
    // The reason is the seat's word, from outside: kept by its first letters only, for it could hold anything.
    const why = asked.reason.replace(/[^A-Za-z0-9._-]/g, '').slice(0, 24);
    await audit(tx, secrets.auditKey, [
      ...(open.length === 0 ? [note('reveal', null, `level${level}:${why}`)] : []),
      ...open.map(({ key }) => note('reveal', null, `level${level}:${why}:${key}`)),
      ...(isNew ? [note('budget', null, 'alarm')] : []),
    ]);
    return ok({ level, fields: Object.fromEntries(open.map(({ key, value }) => [key, value])) });
  });
};

const addReveal = (
  tx: Tx,
  session: Session,
  about: About,
  field: string,
  of: QueryClass,
  atMs: number,
): Promise<void> =>
  run(
    tx,
    statement`
      insert into reveal (agent_id, customer_id, contact_id, field, class, at_ms)
      values (${session.agent.id}, ${about.customerId}, ${about.contactId}, ${field}, ${of}, ${atMs})
      on conflict (agent_id, contact_id, field, at_ms) do nothing`,
  );

const forget = (tx: Tx, session: Session, about: About, atMs: number, fields: readonly string[]): Promise<void> =>
  run(
    tx,
    statement`
      delete from reveal where agent_id = ${session.agent.id} and contact_id = ${about.contactId} and at_ms = ${atMs}
        and field in (select json_array_elements_text(${asJson(fields)}::json))`,
  );

/** Customers whose sensitive values were opened, customers in all, and values: the same one opened twice counts once. */
const revealedSince = async (tx: Tx, { agent }: Session, sinceMs: number): Promise<Revealed> => {
  const counted = await firstRow(
    tx,
    statement<Revealed>`
      select count(distinct customer_id) filter (where class = 3)::int as sensitive,
        count(distinct customer_id)::int as records, count(distinct (customer_id, field))::int as other
      from reveal where agent_id = ${agent.id} and at_ms > ${sinceMs}`,
  );
  return counted ?? { sensitive: 0, records: 0, other: 0 };
};
