import {
  type AnyDispositionNode,
  type DispositionPath,
  type DispositionTree,
  follow,
  isComplete,
} from './disposition.ts';

/**
 * R28: a disposition found by typing. A leaf is found by the words of its path, the last one first: written in either language, in full pinyin, in
 * initials, or by the digits that would choose it. Several words narrow it down, wherever they are on the path.
 */
export type Outcome = {
  readonly path: DispositionPath;
  /** From the root to the leaf. */
  readonly nodes: readonly AnyDispositionNode[];
  /** What the keyboard would choose it with, one digit a level. */
  readonly digits: string;
  /** The agent chose it before, in a call about the same matter. */
  readonly isRecent: boolean;
};

/** How the Chinese labels of a tree are spoken: full pinyin and initials, by label. */
export type SpokenLabels = Readonly<Record<string, readonly string[]>>;

const mostOutcomes = 9;

/** Every way to the end, in the order of the tree. */
const outcomesOf = (tree: DispositionTree): readonly Omit<Outcome, 'isRecent'>[] => {
  const found: Omit<Outcome, 'isRecent'>[] = [];
  const walk = (level: readonly AnyDispositionNode[], above: readonly AnyDispositionNode[], digits: string): void => {
    for (const [index, node] of level.entries()) {
      const nodes = [...above, node];
      const own = `${digits}${index + 1}`;
      if (node.children.length > 0) walk(node.children, nodes, own);
      else found.push({ path: nodes.map(({ id }) => id), nodes, digits: own });
    }
  };
  walk(tree.roots, [], '');
  return found;
};

/** Those used before that this tree still has, the newest first. */
export const stillThere = (tree: DispositionTree, used: readonly DispositionPath[]): readonly DispositionPath[] =>
  used.filter((path) => isComplete(tree, path));

/** What fits best comes first; among equals, what was used lately, then the order of the tree. Without a text: what was used lately. */
export const searchOutcomes = (
  tree: DispositionTree,
  text: string,
  spoken: SpokenLabels,
  recent: readonly DispositionPath[],
): readonly Outcome[] => {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  const lately = new Map(stillThere(tree, recent).map((path, index) => [keyOf(path), index]));
  const ageOf = (path: DispositionPath): number => lately.get(keyOf(path)) ?? Number.MAX_SAFE_INTEGER;
  const found = outcomesOf(tree).flatMap((one) => {
    const isRecent = lately.has(keyOf(one.path));
    if (words.length === 0) return isRecent ? [{ ...one, isRecent, rank: 0 }] : [];
    const rank = rankOf(one, words, spoken);
    return rank === undefined ? [] : [{ ...one, isRecent, rank }];
  });
  return found
    .toSorted((one, other) => one.rank - other.rank || ageOf(one.path) - ageOf(other.path))
    .slice(0, mostOutcomes)
    .map(({ path, nodes, digits, isRecent }) => ({ path, nodes, digits, isRecent }));
};

const keyOf = (path: DispositionPath): string => JSON.stringify(path);
const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/gu, '');

/** The worst of its words; undefined when one of them is nowhere on the path. */
const rankOf = (
  { nodes, digits }: Omit<Outcome, 'isRecent'>,
  words: readonly string[],
  spoken: SpokenLabels,
): number | undefined => {
  let worst = 0;
  for (const word of words) {
    const rank = wordRank(nodes, digits, word, spoken);
    if (rank === undefined) return undefined;
    worst = Math.max(worst, rank);
  }
  return worst;
};

const wordRank = (
  nodes: readonly AnyDispositionNode[],
  digits: string,
  word: string,
  spoken: SpokenLabels,
): number | undefined => {
  if (/^\d+$/u.test(word) && digits.startsWith(word)) return digits === word ? 0 : 1;
  const spellings = nodes.map((node) => spellingsOf(node, spoken));
  const own = spellings.at(-1) ?? [];
  if (own.includes(word)) return 0;
  if (own.some((one) => one.startsWith(word))) return 1;
  if (own.some((one) => one.includes(word))) return 2;
  const above = spellings.slice(0, -1).flat();
  if (above.includes(word)) return 3;
  if (above.some((one) => one.includes(word))) return 4;
  return wholePaths(spellings).some((one) => one.includes(word)) ? 5 : undefined;
};

/** Chinese, English, then as spoken: the same places at every level, so that a whole path can be typed in one of them. */
const spellingsOf = ({ label }: AnyDispositionNode, spoken: SpokenLabels): readonly string[] =>
  // A label may be called as what every object has (security 21).
  [label.zh, label.en, ...((Object.hasOwn(spoken, label.zh) ? spoken[label.zh] : undefined) ?? [])].map(plain);

const wholePaths = (spellings: readonly (readonly string[])[]): readonly string[] =>
  (spellings[0] ?? []).map((_, way) => spellings.map((one) => one[way] ?? one[0] ?? '').join(''));

/** One use more, the newest first; the same outcome for the same matter is kept once. */
export type OutcomeUse = { readonly treeId: string; readonly topicId: string | null; readonly path: DispositionPath };
const mostUses = 60;
export const withUse = (before: readonly OutcomeUse[], use: OutcomeUse): readonly OutcomeUse[] =>
  [use, ...before.filter((one) => !isSame(one, use))].slice(0, mostUses);
const isSame = (one: OutcomeUse, other: OutcomeUse): boolean =>
  one.treeId === other.treeId && one.topicId === other.topicId && keyOf(one.path) === keyOf(other.path);

/** Of this tree, each once: those of the same matter before the others. */
export const recentOf = (
  uses: readonly OutcomeUse[],
  tree: DispositionTree,
  topicId: string | null,
): readonly DispositionPath[] => {
  const of = uses.filter(({ treeId, path }) => treeId === tree.id && follow(tree, path) !== undefined);
  const sorted = [...of.filter((one) => one.topicId === topicId), ...of.filter((one) => one.topicId !== topicId)];
  return [...new Map(sorted.map(({ path }) => [keyOf(path), path])).values()].slice(0, 5);
};
