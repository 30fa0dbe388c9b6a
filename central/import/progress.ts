import type { Text } from '../../shared/text.ts';

export const importKinds = ['customers', 'histories', 'lists'] as const;
export type ImportKind = (typeof importKinds)[number];

/** Which column of the file became which field; what was not understood is named, never dropped in silence. */
export type ColumnReading = {
  readonly column: string;
  readonly as: { readonly kind: 'field'; readonly field: string } | { readonly kind: 'unused'; readonly why: Text };
};

export type ImportCounts = {
  /** Rows of the file with anything in them, without the header. */
  readonly rows: number;
  readonly bad: number;
  /** Records that were new or differed. A dry run counts what it would write. */
  readonly written: number;
  /** Good rows that say what the database holds already. */
  readonly same: number;
  readonly rowsPerSecond: number;
  /** 0–1 of the file. */
  readonly share: number;
};

/**
 * ```
 * reading ─▶ planned ─▶ checking ⇄ writing ─▶ done
 *     └─────────┴─▶ refused      └─▶ stopped
 * ```
 * `refused`: before any row, nothing is written. `stopped`: the file cannot be read on; what was written stays, and `resume` goes on
 * after it.
 */
export type ImportProgress =
  | { readonly kind: 'reading'; readonly bytes: number; readonly totalBytes: number }
  | {
      readonly kind: 'planned';
      readonly format: 'csv' | 'xlsx';
      /** `utf-8, ","`, or the sheet's name. */
      readonly readAs: string;
      readonly columns: readonly ColumnReading[];
      /** Rows up to this one were written by an earlier run; 0: none. */
      readonly writtenUpToRow: number;
    }
  | { readonly kind: 'checking'; readonly counts: ImportCounts }
  | { readonly kind: 'writing'; readonly counts: ImportCounts }
  | { readonly kind: 'done'; readonly counts: ImportCounts; readonly warnings: readonly Text[] }
  | { readonly kind: 'refused'; readonly why: Text }
  | { readonly kind: 'stopped'; readonly why: Text; readonly counts: ImportCounts };
