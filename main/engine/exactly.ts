import type { z } from 'zod';

/**
 * Is this value, fresh from JSON, just what the schema says and nothing beyond it, so that parsing it would give the same again? A fraction
 * of a parse's cost: a load asks it of every row and keeps the text the row came as. It may say no where a parse says yes (an unknown key, to
 * be left out): ask the schema then. It never says yes where a parse says no, or would change something.
 */
export type Exactly = (value: unknown) => boolean;

type Schema = z.core.$ZodType;
const never: Exactly = () => false;

/** What a schema uses that is not known here makes it say no to everything it is asked for there. */
export const exactly = (schema: Schema): Exactly => {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return isFormat(def) ? never : stringOf(def.checks ?? []);
    case 'number':
      return numberOf([...(isFormat(def) ? [schema as unknown as Check] : []), ...(def.checks ?? [])]);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return oneOf(def.values);
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'nullable':
      return nullable(exactly(def.innerType));
    case 'array':
      return arrayOf(exactly(def.element), def.checks ?? []);
    case 'object':
      return def.catchall === undefined && (def.checks ?? []).length === 0 ? objectOf(def.shape) : never;
    case 'union': {
      // Of objects the first that fits counts, however much it leaves out: which one that is only a parse knows.
      const isPlain = def.options.every((option) => plain.has((option as z.core.$ZodTypes)._zod.def.type));
      const options = def.options.map(exactly);
      return isPlain ? (value) => options.some((option) => option(value)) : never;
    }
    default:
      return never;
  }
};

const plain: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'literal', 'enum']);

const oneOf = (values: readonly unknown[]): Exactly => {
  const known = new Set(values);
  return (value) => known.has(value);
};

const nullable =
  (inner: Exactly): Exactly =>
  (value) =>
    value === null || inner(value);

type Check = z.core.$ZodCheck<never>;
const checkOf = (check: Check) => (check as unknown as z.core.$ZodChecks)._zod.def;
const isFormat = (def: object): boolean => 'format' in def;

type Limits = {
  readonly least: number;
  readonly most: number;
  readonly isInteger: boolean;
  readonly patterns: RegExp[];
};

/** Undefined: there is one among them that is not known. */
const limitsOf = (checks: readonly Check[]): Limits | undefined => {
  let [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let isInteger = false;
  const patterns: RegExp[] = [];
  for (const check of checks) {
    const def = checkOf(check);
    if (def.check === 'min_length') least = Math.max(least, def.minimum);
    else if (def.check === 'max_length') most = Math.min(most, def.maximum);
    else if (def.check === 'greater_than' && def.inclusive && typeof def.value === 'number')
      least = Math.max(least, def.value);
    else if (def.check === 'less_than' && def.inclusive && typeof def.value === 'number')
      most = Math.min(most, def.value);
    else if (def.check === 'number_format' && def.format === 'safeint') isInteger = true;
    else if (def.check === 'string_format' && def.format === 'regex' && isLone(def.pattern)) patterns.push(def.pattern);
    else return undefined;
  }
  return { least, most, isInteger, patterns };
};
/** One that is global remembers where it was. */
const isLone = (pattern: RegExp | undefined): pattern is RegExp =>
  pattern !== undefined && !pattern.global && !pattern.sticky;

const stringOf = (checks: readonly Check[]): Exactly => {
  const limits = limitsOf(checks);
  if (limits === undefined) return never;
  const { least, most, patterns } = limits;
  const [pattern, ...more] = patterns;
  if (pattern === undefined)
    return (value) => typeof value === 'string' && value.length >= least && value.length <= most;
  return (value) =>
    typeof value === 'string' &&
    value.length >= least &&
    value.length <= most &&
    pattern.test(value) &&
    more.every((one) => one.test(value));
};

const numberOf = (checks: readonly Check[]): Exactly => {
  const limits = limitsOf(checks);
  if (limits === undefined) return never;
  const { least, most, isInteger } = limits;
  return isInteger
    ? (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    : (value) => Number.isFinite(value) && (value as number) >= least && (value as number) <= most;
};

const arrayOf = (element: Exactly, checks: readonly Check[]): Exactly => {
  const limits = limitsOf(checks);
  if (limits === undefined) return never;
  const { least, most } = limits;
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return false;
    for (const one of value) if (!element(one)) return false;
    return true;
  };
};

const objectOf = (shape: Readonly<Record<string, Schema>>): Exactly => {
  const keys = Object.keys(shape);
  const properties = keys.map((key) => {
    const { def } = (shape[key] as z.core.$ZodTypes)._zod;
    const isOptional = def.type === 'optional';
    return { key, isOptional, fits: exactly(isOptional ? def.innerType : (shape[key] as Schema)) };
  });
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    let found = 0;
    for (const { key, isOptional, fits } of properties) {
      const one = (value as Readonly<Record<string, unknown>>)[key];
      if (one === undefined) {
        if (!isOptional) return false;
        continue;
      }
      if (!fits(one)) return false;
      found += 1;
    }
    // As many as were found: no other one is there. From JSON nothing comes along from a prototype.
    for (const _key in value) found -= 1;
    return found === 0;
  };
};
