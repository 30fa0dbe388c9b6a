import type { Script } from '../../../shared/script.ts';
import { endPlace, type Way, waysFrom } from './script-ways.ts';

/**
 * A script drawn from left to right: every step in a column behind all that lead to it, columns sorted so that few ways cross, and places
 * kept free where a way passes a column by (after Sugiyama, Tagawa and Toda, 1981). Ways that lead back run below everything.
 */
export type Placed = { readonly id: string; readonly x: number; readonly y: number; readonly height: number };
export type Layout = {
  readonly places: readonly Placed[];
  /** Where a way passes the columns between its ends, from left to right. */
  readonly bends: ReadonlyMap<string, readonly { readonly x: number; readonly y: number }[]>;
  /** Ways that lead back, and how far down they run. */
  readonly back: ReadonlyMap<string, number>;
};

export const stepWidth = 208;
export const headHeight = 76;
export const rowHeight = 24;
export const endHeight = 40;
const columnGap = 72;
const gap = 28;
const bendHeight = 8;
const laneGap = 14;
const sweeps = 8;

/** A step, the end, or a bend: the place a way needs in a column it passes by. */
type Cell = { readonly id: string; readonly column: number; readonly height: number; y: number };
type Link = {
  readonly from: string;
  readonly to: string;
  /** Down from the middle of `from`, where the way leaves it. */ readonly port: number;
};

export const heightOf = (answers: number): number => headHeight + rowHeight * Math.max(1, answers);
/** How far below its top a step's nth way leaves it. */
export const portOf = (nth: number): number => headHeight + rowHeight * (nth + 0.5);

export const layoutOf = (script: Script): Layout => {
  const known = new Set([...script.steps.map(({ id }) => id), endPlace]);
  const ways = script.steps.flatMap((step) => waysFrom(step).filter(({ to }) => known.has(to)));
  const { order, back } = orderOf(script, ways);
  const columns = columnsOf(order, ways, back);
  const cells = new Map<string, Cell>(
    [...columns].map(([id, column]) => {
      const step = script.steps.find((one) => one.id === id);
      return [id, { id, column, height: step === undefined ? endHeight : heightOf(step.answers.length), y: 0 }];
    }),
  );
  const links: Link[] = [];
  const passed = new Map<string, Cell[]>();
  for (const way of ways) {
    const [from, to] = [cells.get(way.from), cells.get(way.to)];
    if (from === undefined || to === undefined || back.has(way.id)) continue;
    const bends = Array.from({ length: to.column - from.column - 1 }, (_, index) => ({
      ...{ id: `${way.id}\n${index}`, column: from.column + index + 1, height: bendHeight, y: 0 },
    }));
    for (const bend of bends) cells.set(bend.id, bend);
    passed.set(way.id, bends);
    const chain = [from, ...bends, to];
    for (const [index, cell] of chain.slice(1).entries()) {
      const before = chain[index];
      if (before !== undefined)
        links.push({ from: before.id, to: cell.id, port: index === 0 ? portFrom(script, way) - before.height / 2 : 0 });
    }
  }
  arrange(cells, links);
  return drawn(
    cells,
    passed,
    ways.filter(({ id }) => back.has(id)),
  );
};

const portFrom = (script: Script, way: Way): number => {
  const step = script.steps.find(({ id }) => id === way.from);
  const nth = step?.answers.findIndex(({ id }) => id === way.answerId) ?? 0;
  return portOf(Math.max(0, nth));
};

/** Steps so that every way leads to a later one, but for those that lead back. Unreachable ones follow, in their order. */
const orderOf = (
  { steps, first }: Script,
  ways: readonly Way[],
): { readonly order: readonly string[]; readonly back: ReadonlySet<string> } => {
  const out = Map.groupBy(ways, ({ from }) => from);
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<string>();
  const finished: string[] = [];
  const visit = (id: string): void => {
    if (state.has(id)) return;
    state.set(id, 'open');
    for (const way of out.get(id) ?? [])
      if (state.get(way.to) === 'open') back.add(way.id);
      else visit(way.to);
    state.set(id, 'done');
    finished.push(id);
  };
  // The last root visited comes first in the order.
  const roots = [first, ...steps.map(({ id }) => id), endPlace].filter(
    (id) => id === endPlace || steps.some((step) => step.id === id),
  );
  for (const root of roots) visit(root);
  return { order: finished.reverse(), back };
};

/** The column of each: one behind the last of those that lead to it; the end behind everything. */
const columnsOf = (
  order: readonly string[],
  ways: readonly Way[],
  back: ReadonlySet<string>,
): ReadonlyMap<string, number> => {
  const columns = new Map(order.map((id) => [id, 0]));
  const out = Map.groupBy(ways, ({ from }) => from);
  for (const id of order)
    for (const way of out.get(id) ?? [])
      if (!back.has(way.id)) columns.set(way.to, Math.max(columns.get(way.to) ?? 0, (columns.get(id) ?? 0) + 1));
  const last = Math.max(0, ...order.flatMap((id) => (id === endPlace ? [] : [columns.get(id) ?? 0])));
  columns.set(endPlace, last + 1);
  return columns;
};

/** Sorts the columns, then moves every cell towards those it is linked with, as far as its column lets it. */
const arrange = (cells: ReadonlyMap<string, Cell>, links: readonly Link[]): void => {
  const columns = [...Map.groupBy(cells.values(), ({ column }) => column)]
    .toSorted(([one], [other]) => one - other)
    .map(([, column]) => column);
  const into = Map.groupBy(links, ({ to }) => to);
  const outOf = Map.groupBy(links, ({ from }) => from);
  const at = (id: string): number => {
    const cell = cells.get(id);
    return cell === undefined ? 0 : cell.y + cell.height / 2;
  };
  const wish = (cell: Cell, side: 'left' | 'both'): number => {
    const left = (into.get(cell.id) ?? []).map(({ from, port }) => at(from) + port);
    const right = side === 'left' ? [] : (outOf.get(cell.id) ?? []).map(({ to, port }) => at(to) - port);
    const all = [...left, ...right];
    return all.length === 0 ? at(cell.id) : all.reduce((sum, y) => sum + y, 0) / all.length;
  };
  for (const column of columns) stack(column);
  for (let n = 0; n < sweeps; n += 1)
    for (const column of n % 2 === 0 ? columns : columns.toReversed()) {
      const wanted = new Map(column.map((cell) => [cell, wish(cell, n === 0 ? 'left' : 'both')]));
      if (n < sweeps / 2) column.sort((one, other) => (wanted.get(one) ?? 0) - (wanted.get(other) ?? 0));
      settle(column, (cell) => wanted.get(cell) ?? 0);
    }
};

const between = (one: Cell, other: Cell): number =>
  one.height === bendHeight && other.height === bendHeight ? gap / 2 : gap;

const stack = (column: readonly Cell[]): void => settle(column, () => 0);

/** From above each as high as it may be, from below each as low: half way between both no two overlap. */
const settle = (column: readonly Cell[], wished: (cell: Cell) => number): void => {
  const tops = column.map((cell) => wished(cell) - cell.height / 2);
  const down = [...tops];
  for (let n = 1; n < column.length; n += 1) {
    const [one, other] = [column[n - 1], column[n]];
    if (one !== undefined && other !== undefined)
      down[n] = Math.max(tops[n] ?? 0, (down[n - 1] ?? 0) + one.height + between(one, other));
  }
  const up = [...tops];
  for (let n = column.length - 2; n >= 0; n -= 1) {
    const [one, other] = [column[n], column[n + 1]];
    if (one !== undefined && other !== undefined)
      up[n] = Math.min(tops[n] ?? 0, (up[n + 1] ?? 0) - one.height - between(one, other));
  }
  for (const [n, cell] of column.entries()) cell.y = ((down[n] ?? 0) + (up[n] ?? 0)) / 2;
};

const drawn = (
  cells: ReadonlyMap<string, Cell>,
  passed: ReadonlyMap<string, readonly Cell[]>,
  back: readonly Way[],
): Layout => {
  const top = Math.min(...[...cells.values()].map(({ y }) => y));
  const bottom = Math.max(...[...cells.values()].map(({ y, height }) => y + height)) - top;
  const x = (column: number): number => column * (stepWidth + columnGap);
  const bends = new Set([...passed.values()].flat());
  return {
    places: [...cells.values()]
      .filter((cell) => !bends.has(cell))
      .map(({ id, column, y, height }) => ({ id, x: x(column), y: Math.round(y - top), height })),
    bends: new Map(
      [...passed].map(([id, all]) => [
        id,
        all.map(({ column, y }) => ({ x: x(column) + stepWidth / 2, y: Math.round(y - top + bendHeight / 2) })),
      ]),
    ),
    back: new Map(back.map(({ id }, lane) => [id, bottom + gap + lane * laneGap])),
  };
};
