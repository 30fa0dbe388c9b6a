import type { NewId } from '../../shared/ids.ts';
import { uuidv7 } from '../../shared/ids.ts';
import type { Clock } from './clock.ts';

const perId = 10;
const atOnce = 100;

/** Ids of this seat. Random bytes come by the hundred ids: asked for one by one they cost an op as much as its rows. */
export const createNewId = (clock: Pick<Clock, 'nowMs'>, random: (bytes: number) => Uint8Array): NewId => {
  let bytes = new Uint8Array(0);
  let used = 0;
  return () => {
    if (used + perId > bytes.length) {
      bytes = new Uint8Array(random(perId * atOnce));
      used = 0;
    }
    used += perId;
    return uuidv7(clock.nowMs(), bytes.subarray(used - perId, used));
  };
};
