import { AgentId, ScriptId } from '../../../shared/ids.ts';
import { ok, type Refusal, refusal, refused, type Result } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import { newScriptId, type ScriptCoverage, type ScriptVersion } from '../../../shared/script-api.ts';
import { faultCount } from '../../../shared/script-check.ts';
import { nextScriptLife, type ScriptLifeEvent, type ScriptMove } from '../../../shared/script-life.ts';
import type { Script } from '../../../shared/script.ts';
import { sampleTopics } from './sample.ts';
import type { SeatContract } from '../../../shared/seat.ts';

/** Central's scripts in memory, for the editor: the real life of a version, nothing published to anybody. */
export type FakeScripts = {
  readonly versions: ScriptVersion[];
  readonly coverage: Map<string, ScriptCoverage>;
  /** Central cannot be asked. */
  isAway: boolean;
  readonly handlers: Pick<
    Handlers<SeatContract, { role: string }>,
    'scripts.list' | 'scripts.uses' | 'scripts.open' | 'scripts.save' | 'scripts.move' | 'scripts.coverage'
  >;
};

const other = AgentId.parse('other-lead');

export const createFakeScripts = (
  published: readonly Script[],
  me: () => AgentId,
  nowMs: () => number,
): FakeScripts => {
  const versions: ScriptVersion[] = published.map((script) => ({
    ...{ script, life: { kind: 'published', by: other, atMs: 0 }, authors: [], revision: 0 },
  }));
  const at = (scriptId: string, version: number) =>
    versions.find(({ script }) => script.id === scriptId && script.version === version);
  const put = (next: ScriptVersion): void => {
    const index = versions.findIndex(
      ({ script }) => script.id === next.script.id && script.version === next.script.version,
    );
    if (index < 0) versions.push(next);
    else versions[index] = next;
  };
  const fake: FakeScripts = {
    versions,
    coverage: new Map(),
    isAway: false,
    handlers: {
      'scripts.list': () => {
        if (fake.isAway) return refused(refusal('offline'));
        const ids = [...new Set(versions.map(({ script }) => script.id))];
        const scripts = ids.flatMap((id) => {
          const own = versions
            .filter(({ script, life }) => script.id === id && life.kind !== 'discarded')
            .toSorted((one, two) => two.script.version - one.script.version);
          const [newest] = own;
          if (newest === undefined) return [];
          const { title, kind, variant, objection, library } = newest.script;
          const more = {
            ...(objection === undefined ? {} : { objection }),
            ...(library === undefined ? {} : { library }),
          };
          const shown = own.map(({ script, life }) => ({ version: script.version, life }));
          return [{ id, title, kind, variantOf: variant?.of ?? null, ...more, versions: shown }];
        });
        return ok({ scripts, names: { [me()]: '林小满', [other]: '苏班长' } });
      },
      'scripts.uses': () => {
        if (fake.isAway) return refused(refusal('offline'));
        const scripts = versions.flatMap(({ script, life }) => (life.kind === 'published' ? [script] : []));
        return ok({
          scripts,
          topics: [...sampleTopics],
          queues: [{ id: 'service', name: { zh: '综合服务', en: 'Service' } }],
          tasks: [],
        });
      },
      'scripts.open': ({ scriptId, version }) => {
        const found = at(scriptId, version);
        return found === undefined ? refused(refusal('notFound', 'script')) : ok(structuredClone(found));
      },
      'scripts.save': ({ script, revision }) => (fake.isAway ? refused(refusal('offline')) : save(script, revision)),
      'scripts.move': ({ scriptId, version, revision, move, note }) => {
        const found = at(scriptId, version);
        if (found === undefined) return refused(refusal('notFound', 'script'));
        if (found.revision !== revision) return refused(refusal('conflict', 'scriptChanged'));
        const authors = found.authors.map((id) => AgentId.parse(id));
        const event = {
          kind: kindOf[move],
          by: me(),
          atMs: nowMs(),
          faults: faultCount(found.script),
          note: note ?? '',
        };
        const next = nextScriptLife(found.life, event, authors);
        if (!next.ok) return next;
        put({ ...found, life: next.value, revision: revision + 1 });
        return ok({ life: next.value, revision: revision + 1 });
      },
      'scripts.coverage': ({ scriptId, version }) =>
        ok(fake.coverage.get(`${scriptId}@${version}`) ?? { runs: 0, finished: 0, steps: [] }),
    },
  };

  const save = (
    script: Script,
    revision: number | null,
  ): Result<{ scriptId: ScriptId; version: number; revision: number }, Refusal> => {
    if (revision === null) {
      const scriptId = script.id === newScriptId ? ScriptId.parse(`s-${versions.length}`) : script.id;
      const version =
        1 + Math.max(0, ...versions.filter((one) => one.script.id === scriptId).map((one) => one.script.version));
      const isOpen = versions.some(
        (one) => one.script.id === scriptId && (one.life.kind === 'draft' || one.life.kind === 'review'),
      );
      if (isOpen) return refused(refusal('conflict', 'scriptOpenDraft'));
      const life = { kind: 'draft' as const, by: me(), atMs: nowMs() };
      put({ script: { ...script, id: scriptId, version }, life, authors: [me()], revision: 1 });
      return ok({ scriptId, version, revision: 1 });
    }
    const found = at(script.id, script.version);
    if (found === undefined) return refused(refusal('notFound', 'script'));
    if (found.revision !== revision) return refused(refusal('conflict', 'scriptChanged'));
    const next = nextScriptLife(found.life, { kind: 'edited', by: me(), atMs: nowMs() }, []);
    if (!next.ok) return next;
    put({ script, life: next.value, authors: [...new Set([...found.authors, me()])], revision: revision + 1 });
    return ok({ scriptId: script.id, version: script.version, revision: revision + 1 });
  };
  return fake;
};

const kindOf = {
  askReview: 'reviewAsked',
  sendBack: 'sentBack',
  publish: 'published',
  withdraw: 'withdrawn',
  discard: 'discarded',
} as const satisfies Record<ScriptMove, ScriptLifeEvent['kind']>;
