import type { z } from 'zod';
import type { AgentId, ScriptId } from '../shared/ids.ts';
import type { Result } from '../shared/result.ts';
import { ok, refusal, refused } from '../shared/result.ts';
import type {
  ScriptMoved,
  ScriptMoveRequest,
  ScriptSaved,
  ScriptSaveRequest,
  ScriptsResponse,
  ScriptVersion,
} from '../shared/script-api.ts';
import { newScriptId } from '../shared/script-api.ts';
import { faultCount } from '../shared/script-check.ts';
import type { ScriptLife, ScriptLifeEvent } from '../shared/script-life.ts';
import { nextScriptLife } from '../shared/script-life.ts';
import type { LibraryUse, Script } from '../shared/script.ts';
import { audit } from './audit.ts';
import type { Db, Tx } from './db.ts';
import { asJson, firstRow, rows, run, statement, transaction } from './db.ts';
import { publishReference } from './feed.ts';
import type { Secrets } from './secrets.ts';
import { coverageOf } from './script-coverage.ts';
import { scriptUses } from './script-uses.ts';
import type { Session } from './sessions.ts';
import type { Handlers } from './http.ts';

export type ScriptPorts = {
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly secrets: Pick<Secrets, 'auditKey'>;
};

/** Scripts as leads write, review, publish and withdraw them (R14). Seats hear of it by the change feed. */
export const scriptHandlers = (ports: ScriptPorts): Partial<Handlers> => ({
  scripts: async (_asked, { db }) => ok(await scriptList(db)),
  scriptUses: async (_asked, { db }) => ok(await scriptUses(db)),
  scriptVersion: async (asked, { db }) => {
    const found = await transaction(db, async (tx) => {
      await adopt(tx);
      return versionAt(tx, asked);
    });
    return found === undefined ? refused(refusal('notFound', 'script')) : ok(shown(found));
  },
  scriptSave: (asked, session) => save(ports, session, asked),
  scriptMove: (asked, session) => move(ports, session, asked),
  scriptCoverage: async (asked, { db }) => {
    const found = await versionAt(db, asked);
    return found === undefined ? refused(refusal('notFound', 'script')) : ok(await coverageOf(db, found.script));
  },
});

type Row = {
  readonly script: Script;
  readonly life: ScriptLife;
  readonly authors: readonly AgentId[];
  readonly revision: number;
};

const shown = ({ authors, ...row }: Row): ScriptVersion => ({ ...row, authors: [...authors] });

/**
 * Scripts that came with an import or a sample are versions as well, the newest of each the published one. Those of nobody in particular
 * are the operator's own: a firm that works for it neither changes nor withdraws them.
 */
const adopt = (tx: Tx): Promise<void> =>
  run(
    tx,
    statement`
      insert into script_version (id, version, row, life, authors, revision)
      select found.row ->> 'id', (found.row ->> 'version')::int, found.row,
        json_build_object('kind', case when found.newest then 'published' else 'superseded' end, 'by', 'import', 'atMs', 0),
        '{}'::text[], 0
      from (
        select row, (row ->> 'version')::int = max((row ->> 'version')::int) over (partition by row ->> 'id') as newest
        from feed
        where entity = 'script' and row is not null
          and (tenant = current_tenant() or (tenant is null and coalesce(current_tenant(), 'default') = 'default'))
      ) as found
      where not exists (select 1 from script_version where id = found.row ->> 'id' and version = (found.row ->> 'version')::int)
      on conflict (id, version) do nothing`,
  );

const versionAt = (
  db: Db,
  { scriptId, version }: { readonly scriptId: ScriptId; readonly version: number },
): Promise<Row | undefined> =>
  firstRow(
    db,
    statement<Row>`
      select row as script, life, authors, revision from script_version where id = ${scriptId} and version = ${version}`,
  );

const scriptList = (db: Db): Promise<z.input<typeof ScriptsResponse>> =>
  transaction(db, async (tx) => {
    await adopt(tx);
    const found = await rows(
      tx,
      statement<
        { id: ScriptId; version: number; life: ScriptLife } & Pick<Script, 'title' | 'kind'> & {
            variantOf: ScriptId | null;
            objection: Script['objection'] | null;
            library: LibraryUse[] | null;
          }
      >`
        select id, version, life, row -> 'title' as title, row ->> 'kind' as kind, row -> 'variant' ->> 'of' as "variantOf",
          row -> 'objection' as objection, row -> 'library' as library
        from script_version where life ->> 'kind' <> 'discarded' order by id, version desc`,
    );
    const agents = await rows(tx, statement<{ id: string; name: string }>`select id, name from agent`);
    const writers = new Set<string>(found.map(({ life }) => life.by));
    return {
      scripts: [...Map.groupBy(found, ({ id }) => id).values()].flatMap((versions) => {
        const [newest] = versions;
        if (newest === undefined) return [];
        const { id, title, kind, variantOf, objection, library } = newest;
        const own = { ...(objection === null ? {} : { objection }), ...(library === null ? {} : { library }) };
        return [
          { id, title, kind, variantOf, ...own, versions: versions.map(({ version, life }) => ({ version, life })) },
        ];
      }),
      names: Object.fromEntries(agents.filter(({ id }) => writers.has(id)).map(({ id, name }) => [id, name])),
    };
  });

const save = (
  ports: ScriptPorts,
  session: Session,
  asked: z.output<typeof ScriptSaveRequest>,
): Promise<Result<z.input<typeof ScriptSaved>>> =>
  transaction(session.db, async (tx) => {
    await adopt(tx);
    return asked.revision === null
      ? begin(tx, ports, session, asked.script)
      : change(tx, ports, session, asked.script, asked.revision);
  });

/** One draft of a script at a time: two would leave one of them without a way to become the next version. */
const begin = async (
  tx: Tx,
  ports: ScriptPorts,
  session: Session,
  given: Script,
): Promise<Result<z.input<typeof ScriptSaved>>> => {
  const isNew = given.id === newScriptId;
  const scriptId = isNew ? (`s-${ports.newId()}` as ScriptId) : given.id;
  await locked(tx, scriptId);
  const known = await firstRow(
    tx,
    statement<{ newest: number | null; open: number | null }>`
      select max(version) as newest, max(version) filter (where life ->> 'kind' in ('draft', 'review')) as open
      from script_version where id = ${scriptId}`,
  );
  if (known?.open != null) return refused(refusal('conflict', 'scriptOpenDraft'));
  if (!isNew && known?.newest == null) return refused(refusal('notFound', 'script'));
  const script = { ...given, id: scriptId, version: (known?.newest ?? 0) + 1 };
  const atMs = ports.nowMs();
  const life: ScriptLife = { kind: 'draft', by: session.agent.id, atMs };
  await run(
    tx,
    statement`
      insert into script_version (id, version, row, life, authors, revision)
      values (${scriptId}, ${script.version}, ${asJson(script)}::json, ${asJson(life)}::json, ${[session.agent.id]}, 1)`,
  );
  await note(tx, ports, session, script, 'begun');
  return ok({ scriptId, version: script.version, revision: 1 });
};

const change = async (
  tx: Tx,
  ports: ScriptPorts,
  session: Session,
  script: Script,
  revision: number,
): Promise<Result<z.input<typeof ScriptSaved>>> => {
  const who = { by: session.agent.id, atMs: ports.nowMs() };
  const at = { scriptId: script.id, version: script.version };
  const seen = await seenAt(tx, at, revision);
  if (!seen.ok) return seen;
  const next = nextScriptLife(seen.value.life, { kind: 'edited', ...who }, seen.value.authors);
  if (!next.ok) return next;
  const isFirst = !seen.value.authors.includes(who.by);
  const authors = isFirst ? [...seen.value.authors, who.by] : seen.value.authors;
  await put(tx, { script, life: next.value, authors, revision: revision + 1 });
  // Every writer once: a draft is kept each time its writer pauses.
  if (isFirst) await note(tx, ports, session, script, 'edited');
  return ok({ ...at, revision: revision + 1 });
};

const move = (
  ports: ScriptPorts,
  session: Session,
  asked: z.output<typeof ScriptMoveRequest>,
): Promise<Result<z.input<typeof ScriptMoved>>> =>
  transaction(session.db, async (tx) => {
    await adopt(tx);
    const seen = await seenAt(tx, asked, asked.revision);
    if (!seen.ok) return seen;
    const { script, life, authors } = seen.value;
    const event = eventOf(asked, script, { by: session.agent.id, atMs: ports.nowMs() });
    const next = nextScriptLife(life, event, authors);
    if (!next.ok) return next;
    const revision = asked.revision + 1;
    await put(tx, { script, life: next.value, authors, revision });
    if (event.kind === 'published') await goesToSeats(tx, script, event);
    if (event.kind === 'withdrawn') await leavesSeats(tx, script, event);
    await note(tx, ports, session, script, event.kind);
    return ok({ life: next.value, revision });
  });

const eventOf = (
  { move: wanted, note: why = '' }: z.output<typeof ScriptMoveRequest>,
  script: Script,
  who: { readonly by: AgentId; readonly atMs: number },
): ScriptLifeEvent => {
  switch (wanted) {
    case 'askReview':
      return { kind: 'reviewAsked', faults: faultCount(script), ...who };
    case 'publish':
      return { kind: 'published', faults: faultCount(script), ...who };
    case 'sendBack':
      return { kind: 'sentBack', note: why, ...who };
    case 'withdraw':
      return { kind: 'withdrawn', note: why, ...who };
    case 'discard':
      return { kind: 'discarded', ...who };
  }
};

/** The version before stays at the seats for calls that began with it, with seats of before as well; older ones go. */
const goesToSeats = async (tx: Tx, script: Script, who: ScriptLifeEvent): Promise<void> => {
  const before = await otherVersions(tx, script);
  const kept = Math.max(0, ...before.map((row) => row.script.version));
  for (const row of before) {
    const next = nextScriptLife(row.life, { kind: 'superseded', by: who.by, atMs: who.atMs }, row.authors);
    if (next.ok) await put(tx, { ...row, life: next.value, revision: row.revision + 1 });
  }
  await publishReference(tx, 'script', [
    ...before
      .filter((row) => row.script.version < kept)
      .map((row) => ({ id: `${script.id}@${row.script.version}`, row: null })),
    { id: `${script.id}@${script.version}`, row: script },
  ]);
};

/** With it goes what it had replaced, or seats would go back to that. A call that began with one of them ends with it (the seat's rule). */
const leavesSeats = async (tx: Tx, script: Script, event: ScriptLifeEvent): Promise<void> => {
  const others = await otherVersions(tx, script);
  for (const row of others) {
    const next = nextScriptLife(row.life, event, row.authors);
    if (next.ok) await put(tx, { ...row, life: next.value, revision: row.revision + 1 });
  }
  await publishReference(
    tx,
    'script',
    [script.version, ...others.map((row) => row.script.version)].map((version) => ({
      id: `${script.id}@${version}`,
      row: null,
    })),
  );
};

/** Those that seats may hold. */
const otherVersions = (tx: Tx, { id, version }: Script): Promise<readonly Row[]> =>
  rows(
    tx,
    statement<Row>`
      select row as script, life, authors, revision from script_version
      where id = ${id} and version <> ${version} and life ->> 'kind' in ('published', 'superseded') order by version`,
  );

const seenAt = async (
  tx: Tx,
  at: { readonly scriptId: ScriptId; readonly version: number },
  revision: number,
): Promise<Result<Row>> => {
  await locked(tx, at.scriptId);
  const found = await versionAt(tx, at);
  if (found === undefined) return refused(refusal('notFound', 'script'));
  return found.revision === revision ? ok(found) : refused(refusal('conflict', 'scriptChanged'));
};

const locked = (tx: Tx, scriptId: string): Promise<void> =>
  run(tx, statement`select pg_advisory_xact_lock(hashtextextended(${`script ${scriptId}`}, 0))`);

const put = (tx: Tx, { script, life, authors, revision }: Row): Promise<void> =>
  run(
    tx,
    statement`
      update script_version set row = ${asJson(script)}::json, life = ${asJson(life)}::json, authors = ${[...authors]},
        revision = ${revision}
      where id = ${script.id} and version = ${script.version}`,
  );

const note = (tx: Tx, ports: ScriptPorts, { agent, seatId }: Session, script: Script, what: string): Promise<void> =>
  audit(tx, ports.secrets.auditKey, [
    {
      ...{
        atMs: ports.nowMs(),
        agentId: agent.id,
        seatId,
        contactId: null,
        customerId: null,
        kind: 'script',
        factor: null,
      },
      result: `${what}:${script.id}@${script.version}`,
    },
  ]);
