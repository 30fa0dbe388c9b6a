import type { AgentState } from '../shared/agent.ts';
import type { Contact } from '../shared/contact.ts';
import type { SeatId } from '../shared/ids.ts';
import type { Op } from '../shared/op.ts';
import { entityOf, isContactOp } from '../shared/op.ts';
import type { Policy } from '../shared/policy.ts';
import { refusal, SeatFault } from '../shared/result.ts';
import { putContacts } from './contacts.ts';
import { statesEntered } from './day.ts';
import type { Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement } from './db.ts';
import { putContactFacts } from './facts.ts';
import { statesChanged } from './presence.ts';

/** What became of an op: as the `op` table keeps it. */
export type Kept = {
  readonly hash: string;
  readonly outcome: 'applied' | 'refused';
  readonly kind: string | null;
  readonly reason: string | null;
};
type Taken = Kept & { readonly op: Op };
type By = { readonly nowMs: number; readonly deliveredBy: string; readonly policy: Policy };

/**
 * Ops of one seat that are taken in one transaction. What they all have to know is read at once, what they leave behind is written at
 * once: a statement is a way to the database and back, and there may be two hundred ops behind each other.
 */
export class OpBatch {
  readonly seatId: SeatId;
  readonly #tx: Tx;
  readonly #by: By;
  readonly #known: Map<string, Kept>;
  readonly #workers: ReadonlySet<string>;
  readonly #contacts: Map<string, Contact>;
  readonly #new = new Set<string>();
  readonly #changed = new Set<string>();
  #taken: Taken[] = [];
  #entered: { readonly op: Op; readonly state: AgentState; readonly atMs: number }[] = [];

  private constructor(tx: Tx, seatId: SeatId, by: By, found: Found) {
    this.#tx = tx;
    this.seatId = seatId;
    this.#by = by;
    this.#known = new Map(found.ops?.map(({ id, ...kept }) => [id, kept]));
    this.#workers = new Set(found.agents);
    this.#contacts = new Map(found.contacts?.map((contact) => [contact.id, contact]));
  }

  /** From here on nobody else works on the same entities. */
  static async open(tx: Tx, seatId: SeatId, by: By, ops: readonly Op[]): Promise<OpBatch> {
    await lock(tx, [...new Set(ops.map(entityOf))]);
    // A statement of its own: it must see what whoever had the locks has written.
    return new OpBatch(tx, seatId, by, await read(tx, seatId, ops));
  }

  known(opId: string): Kept | undefined {
    return this.#known.get(opId);
  }

  /** Whether the agent ever signed in at this seat: an outbox keeps its author when another agent has taken over. */
  hasWorked(agentId: string): boolean {
    return this.#workers.has(agentId);
  }

  /** Of one of the batch's contact ops. */
  contact(id: string): Contact | undefined {
    return this.#contacts.get(id);
  }

  putContact(contact: Contact): void {
    if (!this.#contacts.has(contact.id)) this.#new.add(contact.id);
    this.#contacts.set(contact.id, contact);
    this.#changed.add(contact.id);
  }

  entered(op: Op, state: AgentState, atMs: number): void {
    this.#entered.push({ op, state, atMs });
  }

  took(op: Op, kept: Kept): void {
    this.#known.set(op.id, kept);
    this.#taken.push({ ...kept, op });
  }

  /** Writes what was left behind so far; before anything that looks at the tables itself, and at the end. */
  async flush(): Promise<void> {
    const [taken, entered] = [this.#taken, this.#entered];
    const contacts = [...this.#changed].flatMap((id) => this.#contacts.get(id) ?? []);
    const isNew = new Set(this.#new);
    [this.#taken, this.#entered] = [[], []];
    this.#changed.clear();
    this.#new.clear();
    if (entered.length > 0) {
      const { nowMs } = this.#by;
      await statesChanged(
        this.#tx,
        this.seatId,
        entered.map(({ op, state, atMs }) => ({ agentId: op.agentId, state, atMs })),
      );
      await statesEntered(this.#tx, entered, nowMs);
    }
    if (contacts.length > 0) {
      await putContacts(this.#tx, contacts, isNew);
      await putContactFacts(this.#tx, this.#by.policy, contacts);
    }
    if (taken.length > 0) await keep(this.#tx, taken, this.#by);
  }
}

/** In one order for everybody, so that two batches wait for each other one after the other. */
const lock = (tx: Tx, entities: readonly string[]): Promise<void> =>
  run(
    tx,
    statement`
      select pg_advisory_xact_lock(key) from (
        select distinct hashtextextended(entity, 0) as key from unnest(${entities}::text[]) as entity order by key) as wanted`,
  );

type Found = {
  readonly ops: readonly (Kept & { readonly id: string })[] | null;
  readonly agents: readonly string[] | null;
  readonly contacts: readonly Contact[] | null;
};

const read = async (tx: Tx, seatId: SeatId, ops: readonly Op[]): Promise<Found> => {
  const ids = ops.map(({ id }) => id);
  const agents = [...new Set(ops.map(({ agentId }) => agentId))];
  const contacts = [...new Set(ops.flatMap(({ body }) => (isContactOp(body) ? [body.contactId] : [])))];
  const found = await firstRow(
    tx,
    statement<Found>`
      select
        (select json_agg(json_build_object('id', id, 'hash', body_hash, 'outcome', outcome, 'kind', kind, 'reason', reason))
          from op where id = any(${ids}::text[])) as ops,
        (select json_agg(distinct agent_id) from session
          where seat_id = ${seatId} and agent_id = any(${agents}::text[])) as agents,
        (select json_agg(row) from contact where id = any(${contacts}::text[])) as contacts`,
  );
  return found ?? { ops: null, agents: null, contacts: null };
};

const keep = async (tx: Tx, taken: readonly Taken[], { nowMs, deliveredBy }: By): Promise<void> => {
  const written = taken.map(({ op, hash, outcome, kind, reason }) => ({
    ...{ id: op.id, seat: op.seatId, seq: op.seq, agent: op.agentId, entity: entityOf(op), body: op.body },
    ...{ hash, outcome, kind, reason },
  }));
  const kept = await rows(
    tx,
    statement`
      insert into op (id, seat_id, seq, agent_id, entity, body_hash, body, outcome, kind, reason, at_ms, delivered_by)
      select x.id, x.seat, x.seq, x.agent, x.entity, x.hash, x.body, x.outcome, x.kind, x.reason, ${nowMs}::bigint,
        ${deliveredBy}::text
      from json_to_recordset(${asJson(written)}::json) as x (id text, seat text, seq bigint, agent text, entity text,
        hash text, body json, outcome text, kind text, reason text)
      on conflict (id) do nothing returning id`,
  );
  // The same id for another entity, at the same moment: whoever came first has it.
  if (kept.length < taken.length) throw new SeatFault('op id used twice at once', refusal('conflict', 'opIdReused'));
};
