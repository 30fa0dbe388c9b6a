import { type Client, connect, type Contract, type Port } from '../../shared/rpc.ts';
import { backOffMs } from '../../shared/sync.ts';
import type { Clock } from './clock.ts';

/**
 * A connection that comes back by itself.
 *
 *   connecting ──welcomed──▶ up ──closed──▶ lost ──after back-off──▶ connecting
 *   up ──steppedBack──▶ away ──retry()──▶ connecting      (another window has the seat: only the agent takes it back)
 */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up' }
  | { readonly kind: 'lost'; readonly attempt: number; readonly retryAtMs: number }
  | { readonly kind: 'away'; readonly why: Away };
/** Why another window is the seat: it was first, it is talking, or it took over from here. */
export type Away = 'seatOpenElsewhere' | 'callRunningElsewhere' | 'displaced';

export type LinkPlan<C extends Contract> = {
  readonly contract: C;
  readonly open: (isTakeOver: boolean) => Promise<Port>;
  /** Called on each new connection: subscribe, read the whole state. `again`: not usable, try later. */
  readonly welcome: (client: Client<C>) => Promise<'up' | 'again' | Away>;
  readonly onState: (state: LinkState) => void;
  readonly clock: Clock;
  /** 0–1, spreads the retries. */
  readonly random: () => number;
};

export type Link<C extends Contract> = {
  readonly call: Client<C>['call'];
  /** At once; from another window, takes the seat over. */
  readonly retry: () => void;
  readonly stepBack: (why: Away) => void;
  readonly stop: () => void;
};

export const keepLinked = <C extends Contract>(plan: LinkPlan<C>): Link<C> => {
  let client: Client<C> | undefined;
  let attempt = 0;
  let round = 0; // tells a late answer of an older connection from the present one
  let isAway = false;
  let cancelRetry = (): void => {};

  const lost = (of: number): void => {
    if (of !== round) return;
    round += 1;
    client = undefined;
    attempt += 1;
    const waitMs = backOffMs(attempt, plan.random());
    plan.onState({ kind: 'lost', attempt, retryAtMs: plan.clock.now() + waitMs });
    cancelRetry = plan.clock.after(waitMs, () => void dial(false));
  };

  const dial = async (isTakeOver: boolean): Promise<void> => {
    cancelRetry();
    round += 1;
    const mine = round;
    // A retry keeps the banner as it is: connecting is only told the first time.
    if (attempt === 0) plan.onState({ kind: 'connecting' });
    const port = await plan.open(isTakeOver).catch(() => undefined);
    if (port === undefined) return lost(mine);
    if (mine !== round) return port.close();
    const made = connect(plan.contract, port);
    made.onClose(() => lost(mine));
    client = made;
    const welcomed = await plan.welcome(made);
    if (mine !== round) return;
    if (welcomed === 'again') {
      made.close();
      return lost(mine);
    }
    if (welcomed !== 'up') return stepBack(welcomed);
    attempt = 0;
    plan.onState({ kind: 'up' });
  };

  const leave = (): void => {
    round += 1;
    cancelRetry();
    client?.close();
    client = undefined;
    isAway = false;
  };

  const stepBack = (why: Away): void => {
    leave();
    isAway = true;
    plan.onState({ kind: 'away', why });
  };

  void dial(false);
  return {
    call: (name, request) =>
      client === undefined
        ? Promise.resolve({ ok: false, error: { kind: 'conflict', reason: 'connectionLost' } })
        : client.call(name, request),
    retry: () => {
      const isTakeOver = isAway;
      leave();
      attempt = 0;
      void dial(isTakeOver);
    },
    stepBack,
    stop: leave,
  };
};
