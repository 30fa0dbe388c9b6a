import type { WireContract } from '../../../shared/wire.ts';

/** `frozen.json`: the contract as released, and a sentence for each change since. */
export type Frozen = {
  readonly protocolVersion: number;
  readonly notes: readonly string[];
  readonly contract: WireContract;
};
