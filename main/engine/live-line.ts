import { backOffMs } from '../../shared/sync.ts';
import type { CentralClient, Live, LiveListener } from './central-client.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

/** Central speaks every ten seconds on the live line: after so long without a word nobody is at the other end. */
const silentMs = 25_000;

export type LiveLineNeeds = Pick<LiveListener, 'ousted' | 'shutOut' | 'dialled' | 'forced' | 'calledIn'> & {
  readonly client: CentralClient;
  readonly clock: Clock;
  /** 0–1, spreads retries. */
  readonly chance: () => number;
  readonly log: Log;
  /** null: the line is new, and what was told before may be over. */
  readonly supervised: (message: Parameters<LiveListener['supervised']>[0] | null) => void;
};

export type LiveLine = {
  start(token: string): void;
  stop(): void;
  isOpen(): boolean;
  /** Central answers again: the wait until the next try is over. */
  answered(): void;
};

/** The live connection: tells when to pull. It may fail for hours; polling goes on meanwhile. */
export const createLiveLine = (
  { client, clock, chance, log, supervised, dialled, calledIn, forced, ousted, shutOut }: LiveLineNeeds,
  poked: () => void,
): LiveLine => {
  let line: Live | null = null;
  let open = false;
  let attempt = 0;
  let cancel = (): void => {};
  let retry: (() => void) | undefined;
  let cancelSilence = (): void => {};
  const stop = (): void => {
    cancel();
    retry = undefined;
    cancelSilence();
    line?.close();
    line = null;
    open = false;
  };
  const begin = (token: string): void => {
    const lost = (): void => {
      if (line !== mine) return;
      open = false;
      attempt += 1;
      cancelSilence();
      retry = () => {
        cancel();
        retry = undefined;
        begin(token);
      };
      cancel = clock.after(backOffMs(attempt, chance()), retry);
      // What the line would have told is asked for, now and more often from now on.
      poked();
    };
    const mine = client.live(token, {
      opened: () => {
        open = true;
        attempt = 0;
        log.info('live connection open');
        supervised(null);
        forced();
        poked();
      },
      heard: (isBeat) => {
        if (line !== mine || !isBeat) return;
        cancelSilence();
        cancelSilence = clock.after(silentMs, () => {
          log.warn('live connection silent: given up');
          mine.close();
          lost();
        });
      },
      poked,
      supervised,
      dialled,
      calledIn,
      forced,
      ousted,
      shutOut,
      closed: lost,
    });
    line = mine;
  };
  return {
    start: (token) => {
      stop();
      begin(token);
    },
    stop,
    isOpen: () => open,
    answered: () => retry?.(),
  };
};
