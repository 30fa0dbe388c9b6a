/**
 * What came, with each part that says what it said before being the object it was. Every message is made of new objects: whoever shows a
 * part that did not change is not drawn anew. For plain data as it comes out of a port.
 */
export const keepSame = <T>(before: unknown, next: T): T => kept(before, next) as T;

const kept = (before: unknown, next: unknown): unknown => {
  if (Object.is(before, next) || !isObject(before) || !isObject(next)) return next;
  if (Array.isArray(next)) return Array.isArray(before) ? keptArray(before, next) : next;
  return Array.isArray(before) ? next : keptRecord(before, next);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const keptArray = (before: readonly unknown[], next: readonly unknown[]): readonly unknown[] => {
  const made = next.map((value, at) => kept(before[at], value));
  return made.length === before.length && made.every((value, at) => Object.is(value, before[at])) ? before : made;
};

type Named = Readonly<Record<string, unknown>>;
const keptRecord = (before: Named, next: Named): Named => {
  const names = Object.keys(next);
  let isSame = names.length === Object.keys(before).length;
  const made: Record<string, unknown> = {};
  for (const name of names) {
    const value = kept(before[name], next[name]);
    made[name] = value;
    isSame &&= Object.hasOwn(before, name) && Object.is(value, before[name]);
  }
  return isSame ? before : made;
};
