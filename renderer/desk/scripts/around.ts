import type { ScriptsResponse, ScriptUsesResponse } from '../../../shared/script-api.ts';
import type { ScriptLife } from '../../../shared/script-life.ts';
import { hintOffers } from '../../../shared/tier.ts';
import { inLanguage, type Language, type Text } from '../../../shared/text.ts';
import type { Option } from './fields.tsx';

/** What a script may name beside itself, as choices with names. */
export type Around = {
  /** Entries of the objections library; `published` those agents see. */
  readonly entries: readonly Option[];
  readonly published: ReadonlySet<string>;
  readonly topics: readonly Option[];
  readonly queues: readonly Option[];
  readonly tasks: readonly Option[];
  readonly hints: readonly Option[];
};

type Row = ScriptsResponse['scripts'][number];
export const isPublished = ({ versions }: Row): boolean =>
  versions.some(({ life }: { readonly life: ScriptLife }) => life.kind === 'published');

export const aroundOf = (
  list: ScriptsResponse | null,
  uses: ScriptUsesResponse | null,
  language: Language,
  named: (prefix: 'offerName', name: string, otherwise: string) => string,
): Around => {
  const option = (value: string, text: Text): Option => ({ value, label: inLanguage(text, language) || value });
  const entries = (list?.scripts ?? []).filter(({ objection }) => objection !== undefined);
  return {
    entries: entries.map(({ id, title }) => option(id, title)),
    published: new Set(entries.filter(isPublished).map(({ id }) => id)),
    topics: (uses?.topics ?? []).map(({ id, name }) => option(id, name)),
    queues: (uses?.queues ?? []).map(({ id, name }) => option(id, name)),
    tasks: (uses?.tasks ?? []).map(({ id, title }) => ({ value: id, label: title })),
    hints: hintOffers.map((id) => ({ value: id, label: named('offerName', id, id) })),
  };
};

/** Scripts whose newest version refers to an entry. */
export const usersOf = (list: ScriptsResponse | null, entryId: string): readonly Row[] =>
  (list?.scripts ?? []).filter(({ library }) => library?.some(({ id }) => id === entryId) === true);
