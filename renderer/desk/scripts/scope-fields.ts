/** Lists and days as they are typed. */
export const wordsIn = (text: string, longest: number): string[] =>
  text
    .split(/[\s,，、]+/u)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, longest))
    .slice(0, 40);

const dayMs = 86_400_000;
/** The whole last day counts: what is kept is the beginning of the day after it. */
export const startOf = (day: string, days: number): number | null => {
  const at = new Date(`${day}T00:00:00`).getTime();
  return Number.isNaN(at) ? null : at + days * dayMs;
};
export const dayOf = (atMs: number | null, days: number): string => {
  if (atMs === null) return '';
  const at = new Date(atMs + days * dayMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};
