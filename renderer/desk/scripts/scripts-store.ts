import { createStore, type StoreApi } from 'zustand/vanilla';
import type { AgentId, ScriptId } from '../../../shared/ids.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { ScriptCoverage, ScriptsResponse, ScriptUsesResponse, ScriptVersion } from '../../../shared/script-api.ts';
import type { ScriptMove } from '../../../shared/script-life.ts';
import type { Script } from '../../../shared/script.ts';
import type { Clock } from '../clock.ts';
import type { SeatLink } from '../seat-store.ts';

/** A version on the lead's table. */
export type OpenScript = {
  /** As central has it. */
  readonly version: ScriptVersion;
  /** As it is written here; the same object while nothing waits to be kept. */
  readonly script: Script;
  /** What was published before it, to compare with. */
  readonly before: Script | null;
  /** Of this version, or of the one before while this one has not been spoken yet. */
  readonly coverage: (ScriptCoverage & { readonly version: number }) | null;
  readonly keeping: 'kept' | 'waiting' | 'failed';
};
export type ScriptsState = {
  readonly list: ScriptsResponse | null;
  /** Who gets what (R17); null: not told yet, or by a central of before. */
  readonly uses: ScriptUsesResponse | null;
  readonly open: OpenScript | null;
  /** What central said no to last. */
  readonly why: Refusal | null;
};
export type Scripts = {
  readonly store: StoreApi<ScriptsState>;
  readonly load: () => Promise<void>;
  readonly open: (scriptId: ScriptId, version: number) => Promise<void>;
  /** Kept at central a second after the last change. */
  readonly edit: (script: Script) => void;
  /** A new draft, from a script as it is given. */
  readonly begin: (script: Script) => Promise<void>;
  readonly move: (move: ScriptMove, note: string) => Promise<void>;
  readonly close: () => Promise<void>;
  readonly stop: () => void;
};

const pauseMs = 1_000;

/** Scripts being written (R14). Lives beside the screens, so that a call in between takes nothing away. */
export const keepScripts = (link: Pick<SeatLink, 'call'>, me: () => AgentId | null, clock: Clock): Scripts => {
  const store = createStore<ScriptsState>(() => ({ list: null, uses: null, open: null, why: null }));
  const { getState, setState } = store;
  const change = (edit: (open: OpenScript) => OpenScript): void =>
    setState(({ open }) => (open === null ? {} : { open: edit(open) }));
  const keeper = keepDraft(link, store, me, clock);

  const load = async (): Promise<void> => {
    const [answer, uses] = await Promise.all([link.call('scripts.list', {}), link.call('scripts.uses', {})]);
    setState(answer.ok ? { list: answer.value, why: null } : { why: answer.error });
    if (uses.ok) setState({ uses: uses.value });
  };

  const open = async (scriptId: ScriptId, version: number): Promise<void> => {
    await keeper.flush();
    const answer = await link.call('scripts.open', { scriptId, version });
    if (!answer.ok) return setState({ why: answer.error });
    const found = answer.value;
    setState({
      open: { version: found, script: found.script, before: null, coverage: null, keeping: 'kept' },
      why: null,
    });
    const known = getState().list?.scripts.find(({ id }) => id === scriptId)?.versions ?? [];
    const earlier = known.find((one) => one.version < version && spoken.has(one.life.kind))?.version;
    const [before, coverage] = await Promise.all([
      earlier === undefined ? undefined : link.call('scripts.open', { scriptId, version: earlier }),
      countOf(scriptId, spoken.has(found.life.kind) ? version : earlier),
    ]);
    if (getState().open?.version.script.id !== scriptId || getState().open?.version.script.version !== version) return;
    change((now) => ({ ...now, before: before?.ok === true ? before.value.script : null, coverage }));
  };

  const countOf = async (scriptId: ScriptId, version: number | undefined): Promise<OpenScript['coverage']> => {
    if (version === undefined) return null;
    const answer = await link.call('scripts.coverage', { scriptId, version });
    return answer.ok ? { ...answer.value, version } : null;
  };

  return {
    store,
    load,
    open,
    edit: (script) => {
      change((now) => ({ ...now, script, keeping: 'waiting' }));
      keeper.soon();
    },
    begin: async (script) => {
      await keeper.flush();
      const answer = await link.call('scripts.save', { script, revision: null });
      if (!answer.ok) return setState({ why: answer.error });
      await load();
      await open(answer.value.scriptId, answer.value.version);
    },
    move: async (move, note) => {
      await keeper.flush();
      const now = getState().open;
      if (now === null || now.keeping !== 'kept') return;
      const { script, revision } = now.version;
      const asked = { scriptId: script.id, version: script.version, revision, move };
      const answer = await link.call('scripts.move', note === '' ? asked : { ...asked, note });
      if (!answer.ok) return setState({ why: answer.error });
      await load();
      if (move === 'discard') setState({ open: null });
      else await open(script.id, script.version);
    },
    close: async () => {
      await keeper.flush();
      // What could not be kept stays on the table.
      if (getState().open?.keeping !== 'failed') setState({ open: null, why: null });
      await load();
    },
    stop: keeper.stop,
  };
};

const spoken: ReadonlySet<string> = new Set(['published', 'superseded', 'withdrawn']);

/** One request at a time: each says which revision it saw. */
const keepDraft = (
  link: Pick<SeatLink, 'call'>,
  { getState, setState }: StoreApi<ScriptsState>,
  me: () => AgentId | null,
  clock: Clock,
) => {
  let cancel = (): void => {};
  let line: Promise<void> = Promise.resolve();

  const keep = async (): Promise<void> => {
    const now = getState().open;
    if (now === null || now.script === now.version.script) return;
    const { script, version } = now;
    const answer = await link.call('scripts.save', { script, revision: version.revision });
    const later = getState().open;
    if (later === null || later.version !== version) return;
    if (!answer.ok) return setState({ open: { ...later, keeping: 'failed' }, why: answer.error });
    const who = me();
    const authors = who === null || version.authors.includes(who) ? version.authors : [...version.authors, who];
    const kept = { ...version, script, authors, revision: answer.value.revision };
    const isLast = later.script === script;
    setState({ open: { ...later, version: kept, keeping: isLast ? 'kept' : 'waiting' }, why: null });
    if (!isLast) soon();
  };
  const flush = (): Promise<void> => {
    cancel();
    line = line.then(keep);
    return line;
  };
  const soon = (): void => {
    cancel();
    cancel = clock.after(pauseMs, () => void flush());
  };
  return { soon, flush, stop: () => cancel() };
};
