import type { CentralClient } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import { receiptTaken, wipeReceipt } from './store/wipe.ts';

/** Central is told of a wipe, and given what was sealed, until it has taken it. The seat that obeyed is none any more; the order speaks for it. */
export interface WipeReceiptBearer {
  /** This program, or the one before it, wiped the seat, and nobody has signed in since. */
  readonly isOwed: boolean;
  close(): void;
}

const againMs = 30_000;

export const createWipeReceiptBearer = (needs: {
  readonly folder: string;
  readonly client: CentralClient;
  readonly clock: Clock;
  readonly log: Log;
}): WipeReceiptBearer => {
  const { folder, client, clock, log } = needs;
  const receipt = wipeReceipt(folder);
  let isClosed = false;
  let cancel = (): void => {};

  const bring = async (): Promise<void> => {
    if (receipt === undefined) return;
    const { orderId, seatId, ops, sealed } = receipt;
    const told = { orderId, outcome: 'wiped' as const, atMs: clock.nowMs(), sealedOps: ops };
    const asked = { seatId, seatSecret: orderId, waiting: 0, receipt: told, ...(sealed === null ? {} : { sealed }) };
    const answer = await client.call('seatReport', asked, null);
    if (isClosed) return;
    if (answer.ok) {
      receiptTaken(folder);
      log.info('receipt of the wipe taken', { orderId });
    } else cancel = clock.after(againMs, go);
  };
  const go = (): void =>
    void bring().catch((fault: unknown) => {
      log.error('the receipt of the wipe was not brought', faultFields(fault));
      if (!isClosed) cancel = clock.after(againMs, go);
    });
  go();
  return {
    isOwed: receipt !== undefined,
    close: () => {
      isClosed = true;
      cancel();
    },
  };
};
