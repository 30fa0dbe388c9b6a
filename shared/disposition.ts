import { z } from 'zod';
import { Text } from './text.ts';

/** R28: a tree per queue or task, at most three levels; digits 1–9 choose. */
const nodeId = z.string().min(1).max(40);
const node = z.object({ id: nodeId, label: Text, outcome: z.string().max(40) });
const leaf = node.extend({ children: z.array(z.never()).max(0) });
const second = node.extend({ children: z.array(leaf).max(9) });
export const DispositionNode = node.extend({ children: z.array(second).max(9) });
export type DispositionNode = z.infer<typeof DispositionNode>;
export type AnyDispositionNode = {
  readonly id: string;
  readonly label: Text;
  readonly outcome: string;
  readonly children: readonly AnyDispositionNode[];
};

export const DispositionTree = z.object({
  id: z.string().max(64),
  /** Queues the tree serves; empty: the default for all. */
  queues: z.array(z.string().max(64)),
  roots: z.array(DispositionNode).min(1).max(9),
});
export type DispositionTree = z.infer<typeof DispositionTree>;

export const DispositionPath = z.array(nodeId).max(3);
export type DispositionPath = z.infer<typeof DispositionPath>;

/** The node a path leads to, or undefined when the tree has no such path. */
export const follow = (tree: DispositionTree, path: DispositionPath): readonly AnyDispositionNode[] | undefined => {
  const nodes: AnyDispositionNode[] = [];
  let level: readonly AnyDispositionNode[] = tree.roots;
  for (const id of path) {
    const found = level.find((other) => other.id === id);
    if (found === undefined) return undefined;
    nodes.push(found);
    level = found.children;
  }
  return nodes;
};

/** A contact may be wrapped up only with a path that ends at a leaf. */
export const isComplete = (tree: DispositionTree, path: DispositionPath): boolean => {
  const last = follow(tree, path)?.at(-1);
  return last !== undefined && last.children.length === 0;
};

/** Set by the timer when the agent did not choose (R28); a lead sees these. */
export const unfinished: DispositionPath = ['unfinished'];
