import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../main/engine/clock.ts';
import { createEngine } from '../../../main/engine/engine.ts';
import { Call } from '../../../shared/call.ts';
import { uuidv7 } from '../../../shared/ids.ts';
import type { Result } from '../../../shared/result.ts';
import { connect } from '../../../shared/rpc.ts';
import { seatContract } from '../../../shared/seat.ts';
import { portPair } from '../../main/port-pair.ts';
import type { Figure } from './figures.ts';
import { figuresOf } from './figures.ts';
import { callersOf, keyAt, rowsOf, sampleRows } from './rows.ts';
import { fillWith, openSeatStore, storeKey, type Watch } from './stores.ts';

const program = fileURLToPath(new URL('day-central.ts', import.meta.url));
const newId = (): string => uuidv7(Date.now(), randomBytes(10));
const note = '客户查询上月话费，已解释费用构成，客户认可。';

const startCentral = async () => {
  const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const url = await new Promise<string>((done, failed) => {
    child.once('message', (told) => done(told as string));
    child.once('exit', () => failed(new Error('central ended')));
  });
  return { url, stop: () => void child.kill() };
};

const openSeat = (profileDir: string, centralUrl: string, { log }: Watch) => {
  const engine = createEngine({
    ...{ centralUrl, profileDir, storeKey: { key: storeKey, kept: 'keyFile' }, clock: systemClock, log },
    random: (bytes) => randomBytes(bytes),
  });
  const window = (role: 'desk' | 'phone') => {
    const [inside, outside] = portPair();
    engine.connect(inside, role, { windowId: 'first' });
    return connect(seatContract, outside);
  };
  return { engine, desk: window('desk'), phone: window('phone') };
};

const signIn = async ({ desk }: Pick<ReturnType<typeof openSeat>, 'desk'>): Promise<void> => {
  const signedIn = await desk.call('session.signIn', { agentNumber: '8001', password: 'sample-8001' });
  if (!signedIn.ok) throw new Error(`not signed in: ${signedIn.error.kind}`);
  await desk.call('shift.checked', { microphone: 'heard' });
};

/** Beside the wall's time the processor's, of this thread: on a machine that others use too they differ. */
type Taken = { readonly name: string; readonly wallMs: number; readonly cpuMs: number };
const watchCalls = () => {
  const taken: Taken[] = [];
  const timed = async <T>(name: string, call: Promise<Result<T>> | (() => Promise<Result<T>>)): Promise<T> => {
    const [startMs, before] = [performance.now(), process.threadCpuUsage()];
    const answer = await (typeof call === 'function' ? call() : call);
    const { user, system } = process.threadCpuUsage(before);
    taken.push({ name, wallMs: performance.now() - startMs, cpuMs: (user + system) / 1_000 });
    if (!answer.ok) throw new Error(`${name} was refused: ${JSON.stringify(answer.error)}`);
    // Windows are told, logs emptied and central reached between two calls of an agent.
    await new Promise((next) => setTimeout(next, 1));
    return answer.value;
  };
  return { taken, timed };
};

/**
 * A scripted day against the engine as the windows see it, with its sync to a central at work: so many calls, each with pop, topic,
 * drafts, searches, history and wrap-up. Every call the engine answers by itself is timed, from the question to the answer.
 */
export const measureDay = async (
  dir: string,
  { customers, calls }: { readonly customers: number; readonly calls: number },
  { watch, say }: { readonly watch: Watch; readonly say: (what: string) => void },
): Promise<Figure[]> => {
  const profileDir = join(dir, 'day');
  mkdirSync(profileDir, { recursive: true });
  const central = await startCentral();
  const first = openSeat(profileDir, central.url, watch);
  await signIn(first);
  for (;;) {
    const snapshot = await first.desk.call('seat.snapshot', {});
    if (snapshot.ok && snapshot.value.sync.kind === 'idle') break;
    await new Promise((next) => setTimeout(next, 20));
  }
  await first.engine.close();
  const filling = openSeatStore(profileDir, { ...watch.log, warn: () => {} });
  const called = callersOf(customers, calls);
  const rows = { ...sampleRows(Date.now()), reference: [] };
  fillWith(filling, rowsOf(rows, { to: customers }, called), () => {});
  filling.close();
  say(`a day with ${customers} customers`);
  const { engine, desk, phone } = openSeat(profileDir, central.url, watch);
  const { taken, timed } = watchCalls();
  const turns = monitorEventLoopDelay({ resolution: 1 });
  const work = takeCall({ desk, phone, timed });
  await signIn({ desk });
  // The first calls compile what the others run.
  for (const [n, index] of called.entries()) {
    if (n === 5) {
      taken.length = 0;
      turns.enable();
    }
    await work(keyAt(index));
  }
  turns.disable();
  await engine.close();
  central.stop();
  rmSync(profileDir, { recursive: true, force: true });
  const slowest = taken.toSorted((one, other) => other.wallMs - one.wallMs).slice(0, 3);
  for (const { name, wallMs, cpuMs } of slowest)
    say(`${name}: ${wallMs.toFixed(1)} ms, at work ${cpuMs.toFixed(1)} ms`);
  const of = { size: customers };
  const stats = ['p50', 'p99', 'max'] as const;
  return [
    ...figuresOf({ metric: 'engine_call_ms', unit: 'ms', samples: taken.map((one) => one.wallMs) }, stats, [], of),
    ...figuresOf({ metric: 'engine_call_cpu_ms', unit: 'ms', samples: taken.map((one) => one.cpuMs) }, stats, [], of),
    ...figuresOf({ metric: 'engine_turn_ms', unit: 'ms', samples: [turns.max / 1e6] }, ['max'], [], of),
  ];
};

type Seat = Pick<ReturnType<typeof openSeat>, 'desk' | 'phone'> & {
  readonly timed: ReturnType<typeof watchCalls>['timed'];
};
const takeCall =
  ({ desk, phone, timed }: Seat) =>
  async (number: string): Promise<void> => {
    const report = (call: Call) =>
      timed('phone.report', () =>
        phone.call('phone.report', {
          line: { kind: 'registered', sinceMs: 1 },
          devices: { kind: 'ready', microphone: 'test', speaker: 'test' },
          calls: [call],
        }),
      );
    const { agent } = await timed('seat.snapshot', () => desk.call('seat.snapshot', {}));
    if (agent.kind !== 'ready') await timed('agent.ready', () => desk.call('agent.ready', {}));
    const ringing = Call.parse({
      ...{ id: newId(), contactId: newId(), direction: 'inbound', number, display: '', queue: 'service' },
      ...{ state: { kind: 'ringing', sinceMs: 1 }, trace: { inviteMs: 1 } },
    });
    const { contactId } = ringing;
    await report(ringing);
    const { contact } = await timed('seat.snapshot', () => desk.call('seat.snapshot', {}));
    await report({
      ...ringing,
      state: { kind: 'talking', sinceMs: 2, microphone: 'open', hold: { kind: 'none' }, media: 'flowing' },
    });
    await timed('contact.chooseTopic', () => desk.call('contact.chooseTopic', { contactId, topicId: 'bill' }));
    for (const length of [4, 9, note.length])
      await timed('draft.save', () =>
        desk.call('draft.save', { contactId, note: note.slice(0, length), disposition: [] }),
      );
    for (const text of [number, `王 ${number.slice(-4)}`, `ljg${number.slice(-4)}`, number.slice(-4)])
      await timed('customer.search', () => desk.call('customer.search', { text, where: 'seat' }));
    const customerId = contact?.contact.customerId ?? null;
    if (customerId === null) throw new Error('the caller was not found');
    await timed('history.of', () => desk.call('history.of', { customerId }));
    await timed('directory.list', () => desk.call('directory.list', {}));
    await report({ ...ringing, state: { kind: 'ended', atMs: 3, cause: 'customerHungUp', talkMs: 1 } });
    await timed('contact.wrapUp', () => desk.call('contact.wrapUp', { contactId, note, disposition: ['other'] }));
  };
