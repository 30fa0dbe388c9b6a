import type { Text } from '../../shared/text.ts';

/** A row as it stands in the file; `row` counts as a spreadsheet does, the header being 1. */
export type SourceRow = {
  readonly row: number;
  readonly cells: readonly string[];
  /** The row has no shape: nothing of it can be used. */
  readonly fault?: Text;
};

export type Source = {
  readonly format: 'csv' | 'xlsx';
  readonly readAs: string;
  readonly header: readonly string[];
  /** Some rows at a time, in order, never the whole file. @throws SourceBroken */
  readonly rows: AsyncIterable<readonly SourceRow[]>;
  /** 0–1 of the file. */
  readonly share: () => number;
  readonly close: () => void;
};

/** The file cannot be read on. The message is for the person who has it. */
export class SourceBroken extends Error {
  readonly why: Text;
  constructor(why: Text, cause?: unknown) {
    super(why.en, { cause });
    this.name = 'SourceBroken';
    this.why = why;
  }
}

/** More than anybody means; what a hostile file would use up memory with. */
export const mostColumns = 1_000;
export const mostCellCharacters = 32_767;
