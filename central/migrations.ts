import { campaignMigrations } from './campaign-migrations.ts';
import { laterMigrations } from './later-migrations.ts';
/**
 * Numbered steps; one that was released never changes. Ids are compared byte by byte (`collate "C"`): the feed's order must not
 * depend on the operating system's collation.
 */
const id = 'text collate "C"';
/**
 * The table's rows belong to tenants (tenancy.ts): a row is its writer's, and shown to no other. The function is asked once a statement, not
 * once a row (`select`). A table without this is named in tenants.test.ts, with the reason.
 */
const ofTenants = (table: string, rule = 'tenant = (select current_tenant())'): readonly string[] => [
  `alter table ${table} enable row level security`,
  `alter table ${table} force row level security`,
  `create policy of_tenant on ${table} using ((select current_tenant()) is null or ${rule})`,
];
const withTenant = (table: string): readonly string[] => [
  `alter table ${table} add column tenant ${id} not null default coalesce(current_tenant(), 'default')`,
  ...ofTenants(table),
];
export const migrations: readonly { readonly name: string; readonly statements: readonly string[] }[] = [
  {
    name: 'agents, sessions and presence',
    statements: [
      `create table setting (key ${id} primary key, value json not null)`,
      `create table queue (id ${id} primary key, zh text not null, en text not null)`,
      `create table agent (
         id ${id} primary key, number ${id} not null unique, name text not null, role text not null,
         queues text[] not null, password text not null)`,
      `create table session (
         id ${id} primary key, agent_id ${id} not null references agent (id), seat_id ${id} not null,
         created_at_ms bigint not null, expires_at_ms bigint not null, ended_at_ms bigint)`,
      'create index session_by_agent on session (agent_id, ended_at_ms)',
      'create index session_by_seat on session (seat_id, agent_id)',
      `create table sign_in_failure (agent_number ${id} not null, at_ms bigint not null)`,
      'create index sign_in_failure_by_agent on sign_in_failure (agent_number, at_ms)',
      // One row per agent; `live_seen_at_ms` is the last sign of life of the live socket, `applied` what the PBX was told.
      `create table presence (
         agent_id ${id} primary key references agent (id), session_id ${id}, state json not null,
         state_at_ms bigint not null, live_seen_at_ms bigint not null, live boolean not null, applied json)`,
    ],
  },
  {
    name: 'change feed',
    statements: [
      // `tx` is the transaction that last wrote the row (xid8 as bigint); see feed.ts. `row` null: a tombstone.
      `create table feed (
         entity ${id} not null, id ${id} not null, tx bigint not null, customer_id ${id}, place bigint,
         queues text[], left_queues text[], at_ms bigint, row json, primary key (entity, id))`,
      'create index feed_by_tx on feed (tx, entity, id)',
      'create index feed_by_customer on feed (customer_id, entity, at_ms)',
      "create index feed_by_place on feed (place) where entity = 'customer'",
      'create sequence customer_place',
    ],
  },
  {
    name: 'customers and contacts',
    statements: [
      `create table customer_number (key ${id} not null, customer_id ${id} not null, position int not null,
         primary key (key, customer_id))`,
      'create index customer_number_by_customer on customer_number (customer_id)',
      // Full values by field, each with its class; secrets that are only compared are keyed hashes.
      `create table customer_private (
         customer_id ${id} primary key, fields json not null, bill double precision, package_names json not null,
         password_salt text, password_mark text, locked_until_ms bigint)`,
      `create table contact (
         id ${id} primary key, agent_id ${id} not null, customer_id ${id}, opened_at_ms bigint not null,
         wrapped_up_at_ms bigint, row json not null)`,
      'create index contact_by_customer on contact (customer_id, opened_at_ms)',
      `create table op (
         id ${id} primary key, seat_id ${id} not null, seq bigint not null, agent_id ${id} not null, entity ${id} not null,
         body_hash text not null, body json not null, outcome text not null, kind text, reason text, at_ms bigint not null)`,
      'create index op_by_entity on op (entity, seq)',
    ],
  },
  {
    name: 'verification and audit',
    statements: [
      `create table verification_check (
         id bigserial primary key, contact_id ${id} not null, customer_id ${id} not null, agent_id ${id} not null,
         factor text not null, matched boolean not null, at_ms bigint not null)`,
      'create index verification_check_by_contact on verification_check (contact_id, customer_id, id)',
      'create index verification_check_by_customer on verification_check (customer_id, at_ms)',
      `create table verification_code (
         id bigserial primary key, contact_id ${id} not null, customer_id ${id} not null, mark text not null,
         sent_at_ms bigint not null, expires_at_ms bigint not null, used_at_ms bigint)`,
      'create index verification_code_by_customer on verification_code (customer_id, sent_at_ms)',
      `create table fraud_case (
         id ${id} primary key, customer_id ${id} not null, contact_id ${id} not null, opened_at_ms bigint not null)`,
      // Append-only (R13): a chain of keyed hashes, its head apart so that cutting off the end shows as well.
      `create table audit (
         seq bigint primary key, at_ms bigint not null, agent_id ${id} not null, seat_id ${id} not null, contact_id ${id},
         customer_id ${id}, kind text not null, factor text, result text not null, hash text not null)`,
      'create index audit_by_customer on audit (customer_id, at_ms)',
      'create table audit_head (single boolean primary key check (single), seq bigint not null, hash text not null)',
      "insert into audit_head (single, seq, hash) values (true, 0, '')",
      `create function audit_is_append_only() returns trigger language plpgsql as $$
         begin raise exception 'audit rows are never changed'; end $$`,
      `create trigger audit_append_only before update or delete on audit
         for each row execute function audit_is_append_only()`,
    ],
  },
  {
    name: 'supervision and recordings',
    statements: [
      // A lead in an agent's call (R35). Not ended: it runs, or nobody has noticed yet that it is over.
      `create table supervision (
         id ${id} primary key, lead_id ${id} not null references agent (id), lead_seat_id ${id} not null,
         agent_id ${id} not null references agent (id), contact_id ${id}, mode text not null,
         asked_at_ms bigint not null, began_at_ms bigint, ended_at_ms bigint)`,
      'create index supervision_running on supervision (agent_id) where ended_at_ms is null',
      // What the exchange recorded (R33): file name in its folder; offsets count from `started_at_ms`.
      `create table recording (
         file ${id} primary key, contact_id ${id} not null, started_at_ms bigint, ended_at_ms bigint)`,
      'create index recording_by_contact on recording (contact_id, started_at_ms)',
      // Silence in all recordings of the contact. `acknowledged_at_ms` null: the exchange has not said that it is silent.
      `create table recording_pause (
         id bigserial primary key, contact_id ${id} not null, agent_id ${id} not null, seat_id ${id} not null,
         reason text not null, asked_at_ms bigint not null, acknowledged_at_ms bigint, resume_by_ms bigint not null,
         resumed_at_ms bigint)`,
      'create unique index recording_pause_open on recording_pause (contact_id) where resumed_at_ms is null',
    ],
  },
  {
    name: 'imports and contact lists',
    statements: [
      // How far a file was taken in, by what it holds and how it is read; `up_to_row` moves with each batch's transaction.
      `create table import_run (
         fingerprint ${id} primary key, kind text not null, up_to_row bigint not null, started_at_ms bigint not null,
         finished_at_ms bigint)`,
      // Whom a task may target (R20): customers, and prospects who are none yet.
      `create table contact_list (id ${id} primary key, name text not null unique, created_at_ms bigint not null)`,
      `create table contact_list_entry (
         list_id ${id} not null references contact_list (id), key ${id} not null, position bigint not null,
         customer_id ${id}, name text not null, note text not null, primary key (list_id, key))`,
    ],
  },
  {
    name: 'contacts by the exchange’s name for their call',
    statements: ["create index contact_by_exchange on contact ((row ->> 'exchangeId'))"],
  },
  {
    name: 'seats, what each of them holds, and orders to them',
    statements: [
      // `secret`: keyed hash of what the seat proves itself with when nobody is signed in. `waiting`: ops it still had when last heard of.
      `create table seat (
         id ${id} primary key, secret text, agent_id ${id} not null, protocol int not null, first_seen_at_ms bigint not null,
         seen_at_ms bigint not null, waiting bigint, status text not null default 'open')`,
      // Every customer a seat was sent and has not confirmed to have dropped (security 44). `gone`: the page its tombstone went with.
      `create table seat_holding (
         seat_id ${id} not null, customer_id ${id} not null, place bigint not null, gone bigint, primary key (seat_id, customer_id))`,
      'create index seat_holding_gone on seat_holding (seat_id, gone) where gone is not null',
      'create index seat_holding_place on seat_holding (seat_id, place) where gone is null',
      'create index seat_holding_customer on seat_holding (customer_id)',
      // Callers outside the working set, in the memory of a seat until it says that it has none.
      `create table seat_lookup (
         seat_id ${id} not null, customer_id ${id} not null, at_ms bigint not null, primary key (seat_id, customer_id))`,
      // Lock, wipe, open again (security 34): appended, with what the seat said about it.
      `create table seat_order (
         id ${id} primary key, seat_id ${id} not null, kind text not null, reason text not null, ordered_by text not null,
         ordered_at_ms bigint not null, told_at_ms bigint, done_at_ms bigint, receipt json)`,
      'create index seat_order_by_seat on seat_order (seat_id, ordered_at_ms)',
      // Tombstones go to the seats that hold a customer, no longer to all that once could. A line that changed its customer is marked.
      'alter table feed drop column left_queues',
      'alter table feed add column moved boolean not null default false',
      'alter table op add column delivered_by text',
      // Every value a field was ever given in a call (R7), and every refusal (R22); `said_at_ms` by the seat's clock.
      `create table customer_field_set (
         op_id ${id} primary key, customer_id ${id} not null, key text not null, value text not null, agent_id ${id} not null,
         contact_id ${id} not null, said_at_ms bigint not null, arrived_at_ms bigint not null)`,
      'create index customer_field_set_by_customer on customer_field_set (customer_id, key, arrived_at_ms)',
      `create table customer_refusal (
         op_id ${id} primary key, customer_id ${id} not null, agent_id ${id} not null, contact_id ${id},
         said_at_ms bigint not null, arrived_at_ms bigint not null)`,
      'create index customer_refusal_by_customer on customer_refusal (customer_id)',
    ],
  },
  {
    name: 'verification: risk, passes, overrides, changes, notices and reveals',
    statements: [
      // What it was made for; null: to tell the customer something. Factor `used`: a step-up was used up.
      'alter table verification_check add column action text',
      'alter table verification_code add column action text',
      `create table customer_risk (
         customer_id ${id} primary key, sim_changed_at_ms bigint, port_changed_at_ms bigint, number_changed_at_ms bigint,
         old_number text)`,
      // Proof for another call, signed (standing.ts); `exchange_id` null: one the agent makes.
      `create table level_pass (
         id ${id} primary key, kind text not null, customer_id ${id} not null, from_contact_id ${id} not null,
         exchange_id ${id}, agent_id ${id} not null, factors json not null, expires_at_ms bigint not null,
         used_at_ms bigint, signature text not null)`,
      'create index level_pass_by_customer on level_pass (customer_id, expires_at_ms)',
      `create table override (
         id ${id} primary key, contact_id ${id} not null, customer_id ${id} not null, agent_id ${id} not null, action text,
         reason text not null, asked_at_ms bigint not null, decided_by ${id}, decided_at_ms bigint, granted boolean)`,
      'create index override_by_contact on override (contact_id, asked_at_ms)',
      `create table account_change (
         id ${id} primary key, contact_id ${id} not null, customer_id ${id} not null, agent_id ${id} not null,
         action text not null, how text not null, at_ms bigint not null)`,
      // Owed once written; `claimed_until_ms`: an instance is sending it.
      `create table customer_notice (
         id ${id} primary key, customer_id ${id} not null, number text not null, kind text not null,
         created_at_ms bigint not null, claimed_until_ms bigint not null, sent_at_ms bigint)`,
      'create index customer_notice_owed on customer_notice (created_at_ms) where sent_at_ms is null',
      `create table reveal (
         agent_id ${id} not null, customer_id ${id} not null, contact_id ${id} not null, field ${id} not null,
         class int not null, at_ms bigint not null, primary key (agent_id, contact_id, field, at_ms))`,
      'create index reveal_by_agent on reveal (agent_id, at_ms)',
    ],
  },
  {
    name: 'tenants',
    statements: [
      `create function current_tenant() returns text language sql stable parallel safe as
         $$ select nullif(current_setting('zuoxi.tenant', true), '') $$`,
      ...['queue', 'agent', 'session', 'presence', 'customer_number', 'customer_private'].flatMap(withTenant),
      ...['contact', 'op', 'verification_check', 'verification_code', 'fraud_case', 'supervision'].flatMap(withTenant),
      ...['contact_list', 'contact_list_entry', 'import_run', 'customer_field_set'].flatMap(withTenant),
      ...['customer_refusal', 'customer_risk', 'level_pass', 'override', 'account_change'].flatMap(withTenant),
      ...['customer_notice', 'reveal'].flatMap(withTenant),
      // A seat is the tenant's whose agent works there; see whyOtherTenant in seats.ts.
      ...ofTenants('seat', 'exists (select 1 from agent where agent.id = seat.agent_id)'),
      ...ofTenants('seat_order', 'exists (select 1 from seat where seat.id = seat_order.seat_id)'),
      // Customers and their timelines are somebody's; reference data without a tenant is everybody's.
      `alter table feed add column tenant ${id}`,
      "update feed set tenant = 'default' where customer_id is not null",
      ...ofTenants('feed', 'tenant is null or tenant = (select current_tenant())'),
    ],
  },
  {
    name: 'instances of central',
    statements: [
      // At which instance the live socket is: one that notices late that a seat has left does not take its word from another.
      `alter table presence add column live_at ${id}`,
      `alter table sign_in_failure add column address text`,
      'create index sign_in_failure_by_address on sign_in_failure (address, at_ms)',
    ],
  },
  {
    name: 'customers by name, pinyin and part of a number',
    statements: [
      `create table customer_key (key ${id} not null, customer_id ${id} not null, primary key (key, customer_id))`,
      'create index customer_key_by_customer on customer_key (customer_id)',
      ...withTenant('customer_key'),
    ],
  },
  {
    name: 'scripts as they are written, reviewed and published',
    statements: [
      // Who published what, and when, is in the audit chain as well; `authors`: none of them may publish it (R14).
      `create table script_version (
         id ${id} not null, version int not null, row json not null, life json not null, authors text[] not null,
         revision int not null, primary key (id, version))`,
      ...withTenant('script_version'),
      "create index contact_by_script on contact ((row -> 'script' ->> 'id'))",
    ],
  },
  {
    name: 'obligations and cases',
    statements: [
      // `due_at_ms` null: nothing is to be done about it any more.
      `create table work (
         id ${id} primary key, record text not null, agent_id ${id} not null, customer_id ${id} not null,
         due_at_ms bigint, changed_at_ms bigint not null, row json not null)`,
      'create index work_by_agent on work (agent_id, changed_at_ms)',
      'create index work_by_customer on work (customer_id)',
      'create index work_due on work (due_at_ms) where due_at_ms is not null',
      ...withTenant('work'),
    ],
  },
  {
    name: 'signing in with the company’s account',
    statements: [
      // Between the agent leaving for the provider and coming back, at whichever instance. `state`: keyed hash; `proven`: sealed.
      `create table sign_in_attempt (
         state ${id} primary key, seat_id ${id} not null, nonce text not null, challenge text not null, redirect_uri text not null,
         expires_at_ms bigint not null, redeemed_at_ms bigint, proven text, done_at_ms bigint)`,
      'create index sign_in_attempt_by_expiry on sign_in_attempt (expires_at_ms)',
      // Sessions that last as long as the account is good at the provider; `refresh`: sealed.
      `create table company_session (
         session_id ${id} primary key references session (id), sub text not null, refresh text not null,
         check_at_ms bigint not null, checked_at_ms bigint not null)`,
      'create index company_session_due on company_session (check_at_ms)',
      ...withTenant('company_session'),
    ],
  },
  {
    name: 'contacts searched by time, agent and number',
    statements: [
      'create index contact_by_time on contact (opened_at_ms desc, id desc)',
      'create index contact_by_agent on contact (agent_id, opened_at_ms desc, id desc)',
      "create index contact_by_number on contact ((row ->> 'number'), opened_at_ms desc)",
      "create index feed_history_by_time on feed (at_ms desc, id desc) where entity = 'history'",
    ],
  },
  {
    name: 'keys of seats',
    statements: [
      // Ed25519, base64url: the first a seat told, and the one each session is bound to (seat-proof.ts). Null: from before.
      'alter table seat add column key text',
      'alter table session add column seat_key text',
    ],
  },
  {
    name: 'what the agents’ time went to, and the breaks planned in it',
    statements: [
      // The state an agent entered, from when by the seat's clock; it lasted until the next one. `op_id`: once each.
      `create table agent_state (
         op_id ${id} primary key, agent_id ${id} not null, seat_id ${id} not null, seq bigint not null, kind text not null,
         reason text, from_ms bigint not null, arrived_at_ms bigint not null)`,
      'create index agent_state_by_agent on agent_state (agent_id, from_ms)',
      ...withTenant('agent_state'),
      `create table planned_break (
         agent_id ${id} not null references agent (id), from_ms bigint not null, to_ms bigint not null, reason text not null,
         primary key (agent_id, from_ms))`,
      ...withTenant('planned_break'),
    ],
  },
  {
    name: 'orders: texts to confirm them, replies, and what was disclosed',
    statements: [
      "create index work_sale on work ((row -> 'sale' ->> 'kind')) where record = 'order'",
      "create index work_money on work ((row -> 'payment' ->> 'state')) where record = 'order'",
      // Owed once written. `confirm`: one an attempt, each with its own code; `claimed_until_ms`: an instance is sending it.
      `create table sale_text (
         order_id ${id} not null, attempt int not null, kind text not null, customer_id ${id} not null, number ${id} not null,
         code ${id} not null, created_at_ms bigint not null, claimed_until_ms bigint not null, sent_at_ms bigint,
         primary key (order_id, kind, attempt))`,
      'create index sale_text_by_number on sale_text (number, created_at_ms)',
      'create index sale_text_by_code on sale_text (code, created_at_ms)',
      ...withTenant('sale_text'),
      // Every reply as it came, whatever became of it (R41); the id is the carrier's.
      `create table sms_reply (
         id ${id} primary key, number ${id} not null, text text not null, at_ms bigint not null, arrived_at_ms bigint not null,
         order_id ${id}, outcome text not null)`,
      'create index sms_reply_by_order on sms_reply (order_id)',
      ...withTenant('sms_reply'),
      // R42: appended, never changed; each line is in the audit chain as well.
      `create table disclosure (
         op_id ${id} primary key, contact_id ${id} not null, customer_id ${id}, agent_id ${id} not null, seat_id ${id} not null,
         script_id ${id} not null, version int not null, version_hash text, tariff_id ${id}, step_id ${id} not null,
         item_id ${id} not null, kind text not null, label json not null, said_at_ms bigint not null,
         arrived_at_ms bigint not null, recording text not null, offset_ms bigint)`,
      'create index disclosure_by_contact on disclosure (contact_id, said_at_ms)',
      `create trigger disclosure_append_only before update or delete on disclosure
         for each row execute function audit_is_append_only()`,
      ...withTenant('disclosure'),
    ],
  },
  {
    name: 'outbound tasks and leave to call',
    statements: [
      `create table task (
         id ${id} primary key, plan json not null, state json not null, owner_id ${id} not null, revision int not null,
         created_at_ms bigint not null)`,
      ...withTenant('task'),
      // Whom a task calls, each person once, settled when it starts. `tier`: 0 high, 1 mid, 2 standard and prospects.
      `create table task_entry (
         task_id ${id} not null references task (id), key ${id} not null, position int not null, customer_id ${id},
         name text not null, note text not null, tier int not null, state text not null, next_at_ms bigint not null,
         tries int not null, grant_id ${id}, contact_id ${id}, outcome text, out_why text, primary key (task_id, key))`,
      "create index task_entry_next on task_entry (task_id, tier, next_at_ms, position) where state = 'waiting'",
      "create index task_entry_open on task_entry (task_id) where state in ('held', 'calling')",
      'create index task_entry_by_grant on task_entry (grant_id) where grant_id is not null',
      ...withTenant('task_entry'),
      // Counted over all firms that call for the operator (R21): of no tenant.
      `create table dial_grant (
         id ${id} primary key, number_key ${id} not null, customer_id ${id}, is_marketing boolean not null,
         is_survey boolean not null, state text not null, at_ms bigint not null, asked_at_ms bigint not null,
         until_ms bigint not null, task_id ${id}, agent_id ${id} not null, seat_id ${id} not null, contact_id ${id})`,
      'create index dial_grant_by_number on dial_grant (number_key, asked_at_ms)',
      'create index dial_grant_by_customer on dial_grant (customer_id, asked_at_ms)',
      'create index dial_grant_by_agent on dial_grant (agent_id, asked_at_ms)',
      "create index dial_grant_held on dial_grant (seat_id) where state = 'held'",
      // `number_key` empty: about the customer, by whatever number.
      `create table dial_refusal (
         customer_id ${id} not null, number_key ${id} not null, at_ms bigint not null, primary key (customer_id, number_key))`,
      "create index dial_refusal_by_number on dial_refusal (number_key) where number_key <> ''",
      `create table dial_necessity (
         id ${id} primary key, customer_id ${id} not null, agent_id ${id} not null, reason text not null,
         asked_at_ms bigint not null, decided_by ${id}, decided_at_ms bigint, granted boolean, used_at_ms bigint,
         grant_id ${id})`,
      'create index dial_necessity_by_customer on dial_necessity (customer_id, asked_at_ms)',
      ...withTenant('dial_necessity'),
    ],
  },
  {
    name: 'figures: what each contact and order counts for, and what things cost',
    statements: [
      // One row a contact, judged when it is written (shared/figures.ts): figures are sums over it, and read no JSON. `tier`: as in task_entry.
      `create table contact_fact (
         contact_id ${id} primary key, agent_id ${id} not null, task_id ${id}, queue ${id}, customer_id ${id},
         day ${id} not null, opened_at_ms bigint not null, tier int, handled_ms bigint not null, at_risk boolean not null,
         dialled boolean not null, reached boolean not null, succeeded boolean not null, accepted boolean not null,
         refused boolean not null, offered boolean not null, answered boolean not null, in_time boolean not null)`,
      'create index contact_fact_by_day on contact_fact (day, agent_id)',
      'create index contact_fact_by_task on contact_fact (task_id, day) where task_id is not null',
      'create index contact_fact_at_risk on contact_fact (customer_id, opened_at_ms) where at_risk',
      ...withTenant('contact_fact'),
      `create table order_fact (
         order_id ${id} primary key, contact_id ${id} not null, agent_id ${id} not null, day ${id} not null,
         opened_at_ms bigint not null, tariff ${id} not null, name text not null, is_sale boolean not null)`,
      'create index order_fact_by_day on order_fact (day) where is_sale',
      ...withTenant('order_fact'),
      // Fen a month from a day on; a later word about the same day takes the place of the earlier one, which the audit chain keeps.
      `create table figure_rate (
         item ${id} not null, tariff ${id} not null, from_day ${id} not null, value bigint not null, set_by ${id} not null,
         set_at_ms bigint not null)`,
      ...withTenant('figure_rate'),
      'create unique index figure_rate_of on figure_rate (tenant, item, tariff, from_day)',
    ],
  },
  {
    name: 'central dials by itself',
    statements: [
      // Which instance dials a task (R25): it says so every second, and whoever finds `until_ms` passed takes over.
      `create table dialler_task (
         task_id ${id} primary key references task (id), instance ${id} not null, until_ms bigint not null, pacing json)`,
      ...withTenant('dialler_task'),
      // Who waits for a call of which task, as their seat said last.
      `create table dialler_agent (
         agent_id ${id} primary key references agent (id), task_id ${id} not null references task (id), seat_id ${id} not null,
         seen_at_ms bigint not null)`,
      'create index dialler_agent_by_task on dialler_agent (task_id)',
      ...withTenant('dialler_agent'),
      // Written before the exchange is asked: whoever takes over knows of every call that may have been made. `outcome` null: it goes on.
      `create table dialler_call (
         id ${id} primary key, task_id ${id} not null references task (id), key ${id} not null, grant_id ${id} not null,
         reserved_at_ms bigint not null, answered_at_ms bigint, met_at_ms bigint, agent_id ${id}, ended_at_ms bigint,
         outcome ${id}, cause int)`,
      'create index dialler_call_open on dialler_call (task_id) where outcome is null',
      'create index dialler_call_by_time on dialler_call (task_id, reserved_at_ms)',
      'create index dialler_call_by_grant on dialler_call (grant_id)',
      ...withTenant('dialler_call'),
    ],
  },
  ...laterMigrations(id, withTenant),
  ...campaignMigrations(id, withTenant),
];
