import {
  type AnyDispositionNode,
  type DispositionPath,
  type DispositionTree,
  follow,
} from '../../../shared/disposition.ts';

/** Where the agent chooses next (R28): the children of the last node; at a leaf its neighbours, so that another digit corrects it. */
export type Level = { readonly before: DispositionPath; readonly choices: readonly AnyDispositionNode[] };

export const levelOf = (tree: DispositionTree, path: DispositionPath): Level => {
  const nodes = follow(tree, path);
  // A path of another tree (the tree changed under a kept draft) is begun anew.
  if (nodes === undefined) return { before: [], choices: tree.roots };
  const last = nodes.at(-1);
  if (last === undefined) return { before: [], choices: tree.roots };
  if (last.children.length > 0) return { before: path, choices: last.children };
  return { before: path.slice(0, -1), choices: nodes.at(-2)?.children ?? tree.roots };
};

export const chooseNth = (tree: DispositionTree, path: DispositionPath, nth: number): DispositionPath | undefined => {
  const { before, choices } = levelOf(tree, path);
  const chosen = choices[nth];
  return chosen === undefined ? undefined : [...before, chosen.id];
};

export const goUp = (path: DispositionPath): DispositionPath => path.slice(0, -1);
