/** The steps after later-migrations.ts, around outbound work. */
export const campaignMigrations = (
  id: string,
  withTenant: (table: string) => readonly string[],
): readonly { readonly name: string; readonly statements: readonly string[] }[] => [
  {
    name: 'who asked by text to be left alone',
    statements: [
      // R22. Of all firms, as dial_refusal is. One row a number: who asks twice is told once that it was heard.
      `create table opt_out (
         number ${id} primary key, reply_id ${id} not null, customer_id ${id}, is_english boolean not null,
         said_at_ms bigint not null, arrived_at_ms bigint not null, text_claimed_until_ms bigint not null,
         text_tries int not null, text_sent_at_ms bigint)`,
    ],
  },
  {
    name: 'which agents are kept for callers, for their leads',
    statements: [
      `create table shifted_agent (
         agent_id ${id} primary key, queue ${id} not null, why text not null, since_ms bigint not null,
         seen_at_ms bigint not null)`,
      ...withTenant('shifted_agent'),
    ],
  },
  {
    name: 'what was due on which day',
    statements: [
      "alter table due_entry add column day text not null default ''",
      "alter table due_entry add column kind text not null default ''",
    ],
  },
];
