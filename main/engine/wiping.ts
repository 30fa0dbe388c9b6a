import type { SeatId } from '../../shared/ids.ts';
import type { Op } from '../../shared/op.ts';
import type { SeatOrder } from '../../shared/seat-order.ts';
import type { Clock } from './clock.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { createEngine } from './engine.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { StoreKey } from './store/open-store.ts';
import type { WipeParts } from './store/wipe.ts';
import { finishWipe, wipe, wipePending } from './store/wipe.ts';

/** What differs between hosts when a seat is wiped (security 34). */
export type WipingHost = Pick<WipeParts, 'stateDir' | 'dooms' | 'destroyKey'> & {
  /** The key of the store that is there, or of a new one. Asked again after a wipe. */
  readonly storeKey: () => StoreKey;
  /** The engine is about to close for good: pages that come now are to come again. */
  readonly wiping: () => void;
  /** Everything is destroyed: a seat on a new store is to be begun. */
  readonly wiped: () => void;
};

export type WipingOptions = Omit<EngineOptions, 'storeKey' | 'wipeOrdered' | 'wipeDir'> & { readonly host: WipingHost };

const againMs = 10_000;

/**
 * The engine of a seat that can be wiped. An order that was not finished is carried out before the store is opened for work; one that
 * comes while the seat works closes the engine first, and is tried again until everything is gone.
 * @returns undefined when the host has to begin anew: `wiped` was called
 * @throws SeatFault as `createEngine` does
 */
export const openSeatEngine = (options: WipingOptions): Engine | undefined => {
  const { host, profileDir, clock, log } = options;
  const storeKey = host.storeKey();
  const parts = (unsent: readonly Op[]): WipeParts => ({ ...host, storeKey, profileDir, clock, log, unsent });
  if (wipePending(host.stateDir)) {
    finishWipe(parts([]));
    host.wiped();
    return undefined;
  }
  let isWiping = false;
  const engine = createEngine({
    ...options,
    storeKey,
    wipeDir: host.stateDir,
    wipeOrdered: (order, unsent) => {
      if (isWiping) return;
      isWiping = true;
      host.wiping();
      void carryOut(engine, order, parts(unsent), { clock, log, wiped: host.wiped });
    },
  });
  return engine;
};

const carryOut = async (
  engine: Engine,
  order: SeatOrder & { readonly seatId: SeatId },
  parts: WipeParts,
  { clock, log, wiped }: { readonly clock: Clock; readonly log: Log; readonly wiped: () => void },
): Promise<void> => {
  await engine.close();
  const attempt = (): void => {
    try {
      const { id, sealTo, seatId } = order;
      wipe({ id, sealTo, seatId }, parts);
    } catch (fault) {
      log.error('the wipe broke off and is tried again', faultFields(fault));
      clock.after(againMs, attempt);
      return;
    }
    wiped();
  };
  attempt();
};
