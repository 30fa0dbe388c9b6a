import { z } from 'zod';
import { headerKey } from '../../shared/list-columns.ts';
import type { Result } from '../../shared/result.ts';
import { ok, refused } from '../../shared/result.ts';
import type { Text } from '../../shared/text.ts';
import { columnsOf, reportColumns, requiredOf } from './columns.ts';
import type { ColumnReading, ImportKind } from './progress.ts';
import { reasons } from './reasons.ts';

/** MAP.json: what the operator knows about a file that its header does not say. */
export const Mapping = z.strictObject({
  /** Header → field; null leaves the column out on purpose. What is not named here is guessed. */
  columns: z.record(z.string(), z.string().nullable()).default({}),
  /** Field → what an empty or missing cell stands for. */
  defaults: z.record(z.string(), z.string()).default({}),
  /** R8: couples and families; without it a number has one customer. */
  sharedNumbers: z.boolean().default(false),
  foreignNumbers: z.boolean().default(false),
  /** Times in the file are local times at this offset. */
  utcOffset: z
    .string()
    .regex(/^[+-](?:0\d|1[0-4]):[0-5]\d$/)
    .default('+08:00'),
  /** Sheet of a workbook; the first one by default. */
  sheet: z.string().optional(),
  /** Instead of guessing it. */
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
});
export type Mapping = z.infer<typeof Mapping>;

/** Where each field is found in a row. */
export type Plan = {
  readonly kind: ImportKind;
  readonly header: readonly string[];
  readonly at: ReadonlyMap<string, number>;
  readonly defaults: ReadonlyMap<string, string>;
  readonly columns: readonly ColumnReading[];
};

const unused = (column: string, why: Text): ColumnReading => ({ column, as: { kind: 'unused', why } });

/** Decides before any row which column is which field, or says why it cannot. */
export const planColumns = (
  kind: ImportKind,
  header: readonly string[],
  mapping: Pick<Mapping, 'columns' | 'defaults'>,
): Result<Plan, Text> => {
  const fields = columnsOf[kind];
  const known = Object.keys(fields);
  const wrong = mappingFault(header, mapping, known);
  if (wrong !== undefined) return refused(wrong);

  const at = new Map<string, number>();
  for (const [index, column] of header.entries()) {
    const field = mapping.columns[column];
    if (typeof field !== 'string') continue;
    if (at.has(field)) return refused(reasons.mapTwice(field));
    at.set(field, index);
  }
  const byName = new Map(known.flatMap((field) => (fields[field] ?? []).map((name) => [headerKey(name), field])));
  const own = new Set(reportColumns.map(headerKey));
  const columns = header.map((column, index): ColumnReading => {
    if (mapping.columns[column] === null) return unused(column, reasons.leftOut);
    if (own.has(headerKey(column))) return unused(column, reasons.ownReport);
    const mapped = [...at].find(([, place]) => place === index)?.[0];
    const field = mapped ?? byName.get(headerKey(column)) ?? known.find((name) => name === column.trim());
    if (field === undefined) return unused(column, reasons.unknownColumn);
    if (at.has(field) && at.get(field) !== index) return unused(column, reasons.secondColumn(field));
    at.set(field, index);
    return field === 'tier' ? unused(column, reasons.derivedTier) : { column, as: { kind: 'field', field } };
  });
  const required = requiredOf[kind];
  const twice = header.find(
    (column, index) =>
      required.some((field) => at.get(field) === index) && header.indexOf(column) !== header.lastIndexOf(column),
  );
  if (twice !== undefined) return refused(reasons.headerTwice(twice));
  const missing = missingOf(kind, (field) => at.has(field) || field in mapping.defaults);
  if (missing.length > 0) return refused(reasons.missingColumns(missing, header));
  return ok({ kind, header, at, defaults: new Map(Object.entries(mapping.defaults)), columns });
};

const missingOf = (kind: ImportKind, has: (field: string) => boolean): readonly string[] => {
  const shown = (field: string): string => `${columnsOf[kind][field]?.[0] ?? field} (${field})`;
  const missing = requiredOf[kind].filter((field) => !has(field)).map(shown);
  const nobody = kind === 'histories' && !has('customerId') && !has('number');
  return nobody ? [...missing, `${shown('customerId')} / ${shown('number')}`] : missing;
};

const mappingFault = (
  header: readonly string[],
  mapping: Pick<Mapping, 'columns' | 'defaults'>,
  known: readonly string[],
): Text | undefined => {
  const fields = [...Object.values(mapping.columns), ...Object.keys(mapping.defaults)];
  const wrongField = fields.find((field) => field !== null && !known.includes(field));
  if (typeof wrongField === 'string') return reasons.mapUnknownField(wrongField, known);
  const wrongColumn = Object.keys(mapping.columns).find((column) => !header.includes(column));
  return wrongColumn === undefined ? undefined : reasons.mapUnknownColumn(wrongColumn, header);
};
