import type { CallId } from '../../shared/ids.ts';
import type { Refusal } from '../../shared/result.ts';
import { refusal } from '../../shared/result.ts';
import type { EventOf, EventPayload, Handlers, Peer, Port } from '../../shared/rpc.ts';
import { serve } from '../../shared/rpc.ts';
import type { SeatContract } from '../../shared/seat.ts';
import { seatContract } from '../../shared/seat.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { faultFields } from './log.ts';
import type { Part } from './seat.ts';

export type Role = 'desk' | 'phone';
export type Caller = { readonly role: Role };
export type HowToConnect = {
  /** Names the tab. Without a name (a brokered port) the newest connection is the page. */
  readonly windowId?: string | undefined;
  /** The agent asked for this seat here. Not while a call is running. */
  readonly takeOver?: boolean | undefined;
};

export interface Windows {
  connect(port: Port, role: Role, how?: HowToConnect): void;
  /** Sends the present state of a part to the windows it concerns. */
  tell(part: Part): void;
  close(): void;
}

export type WindowsNeeds = {
  readonly clock: Clock;
  readonly log: Log;
  readonly state: { readonly [P in Part]: () => EventPayload<SeatContract, P> };
  readonly handlers: Handlers<SeatContract, Caller>;
  /** Why nothing may be asked of this seat but what a locked one still answers. */
  readonly whyLocked: () => Refusal | undefined;
  readonly callRunning: () => CallId | undefined;
  readonly phoneConnected: () => void;
  readonly phoneGone: () => void;
  /** Nobody sees the desk any more, or another page of it does. */
  readonly deskGone: () => void;
};

type Connection = {
  readonly peer: Peer<SeatContract>;
  readonly windowId: string | undefined;
  readonly gone: PromiseWithResolvers<void>;
  /** Each part as it was told last, as text. */
  readonly told: Map<string, string>;
  open: boolean;
};

/**
 * A reloaded page may come back before its old connection is known to be closed. One that stays open is another tab, also when
 * it has the same name: browsers copy the name when a tab is duplicated.
 */
const reloadMs = 1_000;
const farewellMs = 250;
/** The phone needs to know who is signed in and whether calls may come; the customer is none of its business. */
const phoneParts: ReadonlySet<Part> = new Set<Part>(['session', 'agent', 'supervision', 'expected']);

/** One desk and one phone: a second tab of the seat is told so, and steps in only when asked to and no call is running. */
export const createWindows = (needs: WindowsNeeds): Windows => {
  const current: { desk: Connection | null; phone: Connection | null } = { desk: null, phone: null };
  const { clock, log } = needs;
  const telling = tellingOf(current, needs.state);

  const admit = async (role: Role, newcomer: Connection, takeOver: boolean): Promise<Refusal | undefined> => {
    const isFree = (): boolean => {
      const holder = current[role];
      return holder === null || !holder.open || isBrokered(holder, newcomer);
    };
    if (!newcomer.open) return refusal('conflict', 'seatOpenElsewhere');
    if (!isFree() && !takeOver) await goneWithin(clock, current[role], reloadMs);
    if (!isFree()) {
      if (!takeOver) return refusal('conflict', 'seatOpenElsewhere');
      if (needs.callRunning() !== undefined) return refusal('conflict', 'callRunningElsewhere');
    }
    if (!newcomer.open) return refusal('conflict', 'connectionLost');
    const before = current[role];
    current[role] = newcomer;
    if (before?.open === true) stepBack(before, !isBrokered(before, newcomer));
    log.info('window connected', { role, takeOver });
    if (role === 'phone') needs.phoneConnected();
    // The old page is told to go and says nothing of it here.
    else if (before !== null) needs.deskGone();
    return undefined;
  };

  const stepBack = (before: Connection, isOther: boolean): void => {
    before.open = false;
    if (!isOther) return before.peer.close();
    before.peer.emit('displaced', {});
    // A line closed at once may take its last message with it.
    clock.after(farewellMs, () => before.peer.close());
  };

  return {
    connect: (port, role, how = {}) => {
      let admission: Promise<Refusal | undefined> | undefined;
      const guard = async (): Promise<Refusal | undefined> => {
        if (current[role] === connection) return undefined;
        const mine = (admission ??= admit(role, connection, how.takeOver === true));
        const refusedWith = await mine;
        // Refused once is not refused for ever: the other window may be closed by the next call.
        if (admission === mine) admission = undefined;
        return refusedWith;
      };
      const guarded = guardAll(needs.handlers, guard, needs.whyLocked, (name) => {
        // What it was told before is no longer what it has.
        if (name === 'seat.snapshot') connection.told.clear();
      });
      const peer = serve(seatContract, guarded, port, { role }, (name, fault) =>
        log.error('handler failed', { name, ...faultFields(fault) }),
      );
      const gone = Promise.withResolvers<void>();
      const connection: Connection = { peer, windowId: how.windowId, gone, told: new Map(), open: true };
      port.onClose(() => {
        connection.open = false;
        gone.resolve();
        if (current[role] !== connection) return;
        current[role] = null;
        log.info('window gone', { role });
        if (role === 'phone') needs.phoneGone();
        else needs.deskGone();
      });
      void guard();
    },
    tell: telling.tell,
    close: () => {
      telling.stop();
      current.desk?.peer.close();
      current.phone?.peer.close();
    },
  };
};

/**
 * After the answer to the call that changed something: "saved" must not wait until a desk has painted what it was told. States are
 * whole, so a part that changed twice is told once, and one that is as it was told last is not told again. All that changed in a
 * turn goes in one message: a page draws it once.
 */
const tellingOf = (
  current: { readonly desk: Connection | null; readonly phone: Connection | null },
  state: WindowsNeeds['state'],
) => {
  const due = new Set<Part>();
  const emitDue = (): void => {
    const states = [...due].map((name) => ({ name, body: state[name]() }) as EventOf<SeatContract>);
    due.clear();
    const { desk, phone } = current;
    if (desk?.open === true) desk.peer.emitTogether(newsFor(desk, states));
    const forPhone = states.filter(({ name }) => phoneParts.has(name as Part));
    if (phone?.open === true) phone.peer.emitTogether(newsFor(phone, forPhone));
  };
  return {
    tell: (part: Part): void => {
      if (due.size === 0) setImmediate(emitDue);
      due.add(part);
    },
    stop: () => due.clear(),
  };
};

const newsFor = ({ told }: Connection, states: readonly EventOf<SeatContract>[]): readonly EventOf<SeatContract>[] =>
  states.filter(({ name, body }) => {
    const text = JSON.stringify(body);
    if (told.get(name) === text) return false;
    told.set(name, text);
    return true;
  });

const isBrokered = (one: Connection, other: Connection): boolean =>
  one.windowId === undefined && other.windowId === undefined;

const goneWithin = async (clock: Clock, holder: Connection | null, ms: number): Promise<void> => {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(ms, over.resolve);
  await Promise.race([holder?.gone.promise, over.promise]);
  cancel();
};

/**
 * What a seat answers under a lock (security 33, 34): signing in, which central decides, and what the telephone needs to end its call in
 * order. Nothing of a customer is read or written.
 */
const answeredLocked: ReadonlySet<string> = new Set<keyof SeatContract['calls']>([
  ...([
    'seat.snapshot',
    'session.signIn',
    'session.company',
    'session.companyTakeOver',
    'session.companyCancel',
  ] as const),
  ...(['session.signOut', 'supervise.stop', 'recording.resume'] as const),
  ...(['phone.credentials', 'phone.report', 'phone.keep', 'phone.kept', 'phone.quality'] as const),
]);

/** Every call waits for its window to be admitted, and for a seat that is not locked. */
const guardAll = (
  handlers: Handlers<SeatContract, Caller>,
  guard: () => Promise<Refusal | undefined>,
  whyLocked: () => Refusal | undefined,
  onCall: (name: string) => void,
): Handlers<SeatContract, Caller> =>
  Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [
      name,
      async (request: never, caller: Caller) => {
        const why = (await guard()) ?? (answeredLocked.has(name) ? undefined : whyLocked());
        if (why !== undefined) return { ok: false, error: why };
        onCall(name);
        return handler(request, caller);
      },
    ]),
  ) as unknown as Handlers<SeatContract, Caller>;
