import type { z } from 'zod';
import type { ScriptUsesResponse } from '../shared/script-api.ts';
import type { Db } from './db.ts';
import { rows, statement } from './db.ts';

/** Without the words. */
const kept = ['id', 'version', 'title', 'kind', 'variant', 'shownFor', 'objection'];

type Uses = z.input<typeof ScriptUsesResponse>;

/** Which script which call gets (R17), as the seats have it: what is published, and what calls come by. */
export const scriptUses = async (db: Db): Promise<Uses> => ({
  scripts: (
    await rows(
      db,
      statement<{ script: Uses['scripts'][number] }>`
        select distinct on (row ->> 'id') (select json_object_agg(key, value) from json_each(row) where key = any(${kept}::text[])) as script
        from feed where entity = 'script' and row is not null
        order by row ->> 'id', (row ->> 'version')::int desc limit 2000`,
    )
  ).map(({ script }) => script),
  topics: (
    await rows(
      db,
      statement<{ topic: Uses['topics'][number] }>`
        select row as topic from feed where entity = 'topic' and row is not null order by id limit 2000`,
    )
  ).map(({ topic }) => topic),
  queues: (
    await rows(
      db,
      statement<{ id: string; zh: string; en: string }>`select id, zh, en from queue order by id limit 500`,
    )
  ).map(({ id, zh, en }) => ({ id, name: { zh, en } })),
  tasks: [
    ...(await rows(
      db,
      statement<Uses['tasks'][number]>`
        select id, plan ->> 'title' as title, plan ->> 'scriptId' as "scriptId"
        from task where state ->> 'kind' <> 'ended' order by created_at_ms desc limit 500`,
    )),
  ],
});
