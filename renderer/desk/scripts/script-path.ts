import { endHeight, type Placed, stepWidth } from './script-layout.ts';

/** Lines between the steps of a drawn script, and where the arrow keys go among them. */
type Point = { readonly x: number; readonly y: number };

const half = stepWidth / 2;

/** Flat through every column it passes, curved between them; back on a lane below everything. */
export const pathOf = (from: Point, to: Point, bends: readonly Point[], lane: number | null): string => {
  if (lane !== null) {
    const out = 44;
    return [
      `M${from.x},${from.y} C${from.x + out},${from.y} ${from.x + out},${lane} ${from.x},${lane}`,
      `L${to.x},${lane} C${to.x - out},${lane} ${to.x - out},${to.y} ${to.x},${to.y}`,
    ].join(' ');
  }
  let path = `M${from.x},${from.y}`;
  let at = from;
  const curve = (next: Point): void => {
    const middle = (at.x + next.x) / 2;
    path += ` C${middle},${at.y} ${middle},${next.y} ${next.x},${next.y}`;
    at = next;
  };
  for (const bend of bends) {
    curve({ x: bend.x - half, y: bend.y });
    at = { x: bend.x + half, y: bend.y };
    path += ` L${at.x},${at.y}`;
  }
  curve(to);
  return path;
};

export type ArrowKey = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';
export const isArrow = (key: string): key is ArrowKey => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** The step an arrow key leads to from this one; undefined: there is none on that side. */
export const nearestTo = (places: readonly Placed[], id: string, key: ArrowKey): string | undefined => {
  const at = places.find((place) => place.id === id);
  if (at === undefined) return undefined;
  const across = key === 'ArrowLeft' || key === 'ArrowRight';
  const sign = key === 'ArrowLeft' || key === 'ArrowUp' ? -1 : 1;
  const far = (place: Placed): { readonly ahead: number; readonly aside: number } => {
    const dx = place.x - at.x;
    const dy = place.y + place.height / 2 - (at.y + at.height / 2);
    return { ahead: (across ? dx : dy) * sign, aside: Math.abs(across ? dy : dx) };
  };
  return places
    .filter((place) => place.id !== id && place.height !== endHeight && far(place).ahead > 0)
    .toSorted((one, other) => cost(far(one)) - cost(far(other)) || (one.id < other.id ? -1 : 1))[0]?.id;
};

const cost = ({ ahead, aside }: { readonly ahead: number; readonly aside: number }): number => ahead + 2 * aside;
