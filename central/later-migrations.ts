/** The steps that came last; apart from the others for their number alone (migrations.ts). */
export const laterMigrations = (
  id: string,
  withTenant: (table: string) => readonly string[],
): readonly { readonly name: string; readonly statements: readonly string[] }[] => [
  {
    name: 'states leads want agents in',
    statements: [
      // `outcome` null: the agent's seat has not said anything of it yet.
      `create table forced_state (
         id ${id} primary key, agent_id ${id} not null, goal json not null, why text not null, by_id ${id} not null,
         by_name text not null, at_ms bigint not null, outcome text, outcome_why text, outcome_at_ms bigint)`,
      'create index forced_state_by_agent on forced_state (agent_id, at_ms desc)',
      ...withTenant('forced_state'),
    ],
  },
  {
    name: 'provisioning and payment asked of the carrier, and what came of it',
    statements: [
      // On disk before the carrier is asked. `outcome` null: nothing was heard of it yet.
      `create table fulfilment (
         order_id ${id} not null, kind text not null, attempt int not null, key ${id} not null unique,
         created_at_ms bigint not null, claimed_until_ms bigint not null, sent_at_ms bigint, outcome text,
         outcome_at_ms bigint, primary key (order_id, kind, attempt))`,
      ...withTenant('fulfilment'),
      // Every result as it came, whatever became of it; the id is the carrier's.
      `create table fulfilment_result (
         id ${id} primary key, key ${id} not null, order_id ${id}, outcome text not null, why text not null,
         at_ms bigint not null, arrived_at_ms bigint not null, effect text not null)`,
      'create index fulfilment_result_by_order on fulfilment_result (order_id)',
      ...withTenant('fulfilment_result'),
    ],
  },
  {
    name: 'since when an agent waits for a call of the dialler',
    statements: ['alter table dialler_agent add column since_ms bigint not null default 0'],
  },
  {
    name: 'agents kept for callers',
    statements: ['alter table dialler_agent add column is_shifted boolean not null default false'],
  },
  {
    name: 'tasks that write first',
    statements: [
      // R26. Before the carrier is asked; `sent_at_ms` null: it has not taken it yet.
      `create table hot_text (
         task_id ${id} not null, key ${id} not null, claimed_until_ms bigint not null, tries int not null, sent_at_ms bigint,
         primary key (task_id, key))`,
      'create index hot_text_by_number on hot_text (key, sent_at_ms)',
      ...withTenant('hot_text'),
    ],
  },
  {
    name: 'what is due goes into tasks by itself',
    statements: [
      // R24. What has become part of a task, named for good: no other task takes it up. `obligation_id` null: the customer's own state.
      `create table due_entry (
         key text not null, task_id ${id} not null, entry_key ${id} not null, obligation_id ${id})`,
      ...withTenant('due_entry'),
      'create unique index due_entry_once on due_entry (tenant, key)',
      'create index due_entry_by_task on due_entry (task_id, entry_key)',
      'create index due_entry_by_number on due_entry (entry_key)',
      `create table due_look (task_id ${id} primary key, day text not null)`,
      ...withTenant('due_look'),
    ],
  },
];
