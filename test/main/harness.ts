import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { createEngine } from '../../main/engine/engine.ts';
import type { Engine, EngineOptions } from '../../main/engine/engine.ts';
import type { Log, LogFields } from '../../main/engine/log.ts';
import type { HowToConnect } from '../../main/engine/windows.ts';
import type { Call } from '../../shared/call.ts';
import { Call as CallSchema } from '../../shared/call.ts';
import type { Customer } from '../../shared/customer.ts';
import { uuidv7 } from '../../shared/ids.ts';
import type { PhoneState } from '../../shared/phone.ts';
import type { Result } from '../../shared/result.ts';
import type { Client } from '../../shared/rpc.ts';
import { connect } from '../../shared/rpc.ts';
import type { ContactView, SeatContract, SeatSnapshot } from '../../shared/seat.ts';
import { seatContract } from '../../shared/seat.ts';
import type { ManualClock } from './manual-clock.ts';
import { manualClock } from './manual-clock.ts';
import { portPair } from './port-pair.ts';

export const memoryLog = (): Log & { readonly lines: { level: string; what: string; fields: LogFields }[] } => {
  const lines: { level: string; what: string; fields: LogFields }[] = [];
  const at =
    (level: string) =>
    (what: string, fields: LogFields = {}): void =>
      void lines.push({ level, what, fields });
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
};

export const uuid = (): string => uuidv7(Date.now(), randomBytes(10));

export type SeatUnderTest = {
  readonly engine: Engine;
  readonly desk: Client<SeatContract>;
  readonly phone: Client<SeatContract>;
  readonly clock: ManualClock;
  readonly log: ReturnType<typeof memoryLog>;
  readonly profileDir: string;
  readonly key: Uint8Array;
  window(role: 'desk' | 'phone', how?: HowToConnect): Client<SeatContract>;
  snapshot(): Promise<SeatSnapshot>;
  contact(): Promise<ContactView>;
  report(...calls: Call[]): Promise<void>;
  signIn(agentNumber?: string): Promise<void>;
  /** Waits until central acknowledged everything and the feed is at its end. */
  synced(): Promise<void>;
};

const rooms: { engine: Engine; profileDir: string }[] = [];

export const endSeats = async (): Promise<void> => {
  for (const { engine, profileDir } of rooms.splice(0)) {
    await engine.close();
    rmSync(profileDir, { recursive: true, force: true });
  }
};

export const startSeat = (centralUrl: string, over: Partial<EngineOptions> = {}): SeatUnderTest => {
  const clock = (over.clock as ManualClock | undefined) ?? manualClock();
  const log = memoryLog();
  const profileDir = over.profileDir ?? mkdtempSync(join(tmpdir(), 'zuoxi-seat-'));
  const storeKey = over.storeKey ?? { key: randomBytes(32), kept: 'keyFile' as const };
  const engine = createEngine({
    centralUrl,
    random: (bytes) => randomBytes(bytes),
    log,
    ...over,
    clock,
    profileDir,
    storeKey,
  });
  rooms.push({ engine, profileDir });
  const window = (role: 'desk' | 'phone', how: HowToConnect = {}): Client<SeatContract> => {
    const [inside, outside] = portPair();
    engine.connect(inside, role, how);
    return connect(seatContract, outside);
  };
  const desk = window('desk', { windowId: 'first' });
  const phone = window('phone', { windowId: 'first' });
  const snapshot = async (): Promise<SeatSnapshot> => value(await desk.call('seat.snapshot', {}));
  return {
    engine,
    desk,
    phone,
    clock,
    log,
    profileDir,
    key: storeKey.key,
    window,
    snapshot,
    contact: async () => {
      const { contact } = await snapshot();
      if (contact === null) throw new Error('no contact in hand');
      return contact;
    },
    report: async (...calls) => void value(await phone.call('phone.report', phoneWith(...calls))),
    signIn: async (agentNumber = '8001') => {
      value(await desk.call('session.signIn', { agentNumber, password: `sample-${agentNumber}` }));
      value(await desk.call('shift.checked', { microphone: 'heard' }));
    },
    synced: async () => {
      await vi.waitFor(
        async () => {
          const { sync } = await snapshot();
          // A deadline may have passed while a test let time go by: the retry is waited for, as in life.
          if (sync.kind === 'offline') clock.advance(Math.max(0, sync.retryAtMs - clock.nowMs()));
          expect({ kind: sync.kind, waiting: sync.waiting }).toEqual({ kind: 'idle', waiting: 0 });
        },
        { timeout: 5_000, interval: 10 },
      );
    },
  };
};

/** A seat whose agent has signed in, has what the seat holds, and is Ready. */
export const readySeat = async (centralUrl: string, over: Partial<EngineOptions> = {}): Promise<SeatUnderTest> => {
  const seat = startSeat(centralUrl, over);
  await seat.signIn();
  await seat.synced();
  value(await seat.desk.call('agent.ready', {}));
  return seat;
};

/**
 * Lets time pass by hand, again and again, until it is so. A request under way is given real time to be answered in between: time by hand
 * would run out on it.
 */
export const passUntil = (clock: ManualClock, ms: number, isSo: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(
    async () => {
      clock.advance(ms);
      await new Promise((later) => setTimeout(later, 200));
      await isSo();
    },
    { timeout: 30_000, interval: 10 },
  );

export const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
};

/** What the agent finds by this text: here, else at central. */
export const customersFound = async (seat: Pick<SeatUnderTest, 'desk'>, text: string): Promise<readonly Customer[]> => {
  for (const where of ['seat', 'central'] as const) {
    const answer = await seat.desk.call('customer.search', { text, where });
    if (answer.ok && answer.value.kind === 'found' && answer.value.rows.length > 0)
      return answer.value.rows.map((row) => row.customer);
  }
  return [];
};

export const refusalOf = (result: Result<unknown>): { kind: string; reason?: string } => {
  if (result.ok) throw new Error('was not refused');
  return result.error;
};

export const phoneWith = (...calls: Call[]): PhoneState => ({
  line: { kind: 'registered', sinceMs: 1 },
  devices: { kind: 'ready', microphone: 'test', speaker: 'test' },
  calls,
});

export const inbound = (number: string, over: Partial<Record<keyof Call, unknown>> = {}): Call =>
  CallSchema.parse({
    id: uuid(),
    direction: 'inbound',
    number,
    display: '',
    queue: 'service',
    contactId: uuid(),
    state: { kind: 'ringing', sinceMs: 1 },
    trace: { inviteMs: 1 },
    ...over,
  });

export const talking = (call: Call): Call => ({
  ...call,
  state: { kind: 'talking', sinceMs: 2, microphone: 'open', hold: { kind: 'none' }, media: 'flowing' },
});

export const ended = (
  call: Call,
  cause: 'customerHungUp' | 'agentHungUp' | 'missed' | 'rejected' | 'busy' = 'customerHungUp',
): Call => ({
  ...call,
  state: { kind: 'ended', atMs: 3, cause, talkMs: 1 },
});
