import type { Text } from '../../shared/text.ts';
import type { Secrets } from '../secrets.ts';
import type { Db, Tx } from '../db.ts';
import type { Rules } from './cells.ts';
import type { Mapping, Plan } from './mapping.ts';
import type { RowFault } from './read-row.ts';
import type { SourceRow } from './source.ts';

/** How one kind of record is taken in. The importer owns the file, the transactions, the report and the progress. */
export type Taking = {
  /** Columns whose cells are secrets: they are not repeated in the report. */
  readonly secretFields: readonly string[];
  /** What is wrong with the mapping's defaults, or with what else was asked; before any row. */
  readonly fault: Text | undefined;
  /**
   * Decides about a batch, in the order of the file, and remembers what later rows have to know of it.
   * @param db the transaction of the batch; in a dry run any handle, and nothing is written
   */
  readonly decide: (db: Db, rows: readonly SourceRow[]) => Promise<Decided>;
  /** Once, after the last row. */
  readonly warnings: (db: Db) => Promise<readonly Text[]>;
};

export type Decided = {
  readonly bad: ReadonlyMap<number, readonly RowFault[]>;
  /** Records that are new or differ from what the database holds. */
  readonly changed: number;
  /** Writes those. @returns queues whose seats have to be told */
  readonly write: (tx: Tx) => Promise<readonly string[]>;
};

export type TakingPorts = {
  readonly plan: Plan;
  readonly mapping: Mapping;
  readonly rules: Rules;
  readonly mark: Secrets['mark'];
  readonly nowMs: number;
};
