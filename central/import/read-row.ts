import type { Text } from '../../shared/text.ts';
import type { Read, Rules } from './cells.ts';
import { cleanCell, spoiled } from './cells.ts';
import type { Plan } from './mapping.ts';
import { reasons } from './reasons.ts';
import type { SourceRow } from './source.ts';

/** Why a row is not taken in; `column` as the file calls it, null for the row as a whole. */
export type RowFault = { readonly column: string | null; readonly why: Text };

type Readers = Readonly<Record<string, Read<unknown>>>;
/** What a row says; a field that is empty or has no column is absent, and changes nothing. */
export type Values<R extends Readers> = { readonly [F in keyof R]?: R[F] extends Read<infer T> ? T : never };

export type ReadRow<R extends Readers> =
  | { readonly kind: 'good'; readonly values: Values<R> }
  /** All that is wrong with it, so that a row is repaired once. */
  | { readonly kind: 'bad'; readonly faults: readonly RowFault[] };

/** Reads every field that has a column or a default. */
export const readRow = <R extends Readers>(
  source: SourceRow,
  plan: Plan,
  readers: R,
  mandatory: readonly string[],
  rules: Rules,
): ReadRow<R> => {
  if (source.fault !== undefined) return { kind: 'bad', faults: [{ column: null, why: source.fault }] };
  const values: Record<string, unknown> = {};
  const faults: RowFault[] = [];
  for (const [field, read] of Object.entries(readers)) {
    const index = plan.at.get(field);
    const cell = index === undefined ? '' : cleanCell(source.cells[index] ?? '');
    const text = cell === '' ? (plan.defaults.get(field) ?? '') : cell;
    const column = index === undefined ? field : (plan.header[index] ?? field);
    if (text === '') {
      if (mandatory.includes(field)) faults.push({ column, why: reasons.mandatory });
      continue;
    }
    const spoilt = spoiled(text);
    const value = spoilt === undefined ? read(text, rules) : undefined;
    if (value?.ok === true) values[field] = value.value;
    else faults.push({ column, why: value?.error ?? spoilt ?? reasons.mandatory });
  }
  return faults.length > 0 ? { kind: 'bad', faults } : { kind: 'good', values: values as Values<R> };
};

/** A mapping's defaults are checked once, before any row. */
export const defaultFault = (plan: Plan, readers: Readers, rules: Rules): Text | undefined => {
  for (const [field, text] of plan.defaults) {
    const value = readers[field]?.(text, rules);
    if (value?.ok === false) return reasons.badDefault(field, value.error);
  }
  return undefined;
};
