import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../central/ambient.ts';
import { putAgent, putQueue } from '../../central/agents.ts';
import type { Database } from '../../central/db.ts';
import { openDatabase, transaction } from '../../central/db.ts';
import { publishReference } from '../../central/feed.ts';
import { hashPassword } from '../../central/secrets.ts';
import { AgentId } from '../../shared/ids.ts';
import type { TaskId } from '../../shared/ids.ts';
import type { TaskPlan } from '../../shared/task.ts';
import type { RunningPbx } from '../../scripts/pbx-instance.mjs';
import { startPbx } from '../../scripts/pbx-instance.mjs';
import { startPostgres } from '../central/postgres.ts';
import type { BentClock, ClockStart } from '../faults/bent-clock.ts';
import { bentClock } from '../faults/bent-clock.ts';
import type { Program } from '../faults/program.ts';
import { runProgram } from '../faults/program.ts';
import { putDialledSide } from '../pbx/dialled-side.ts';
import { makePlan } from '../shared/make-plan.ts';
import { wholeScript } from '../shared/script/make.ts';
import type { CentralStart, FromCentral, ToCentral } from './central-process.ts';
import type { Customer } from './customers.ts';
import { chanceOf, dialPlanOf, drawCustomers } from './customers.ts';
import type { QueueSeat } from './queue-seat.ts';
import { openQueueSeat } from './queue-seat.ts';
import type { Ask, SimulatedSeat } from './seats.ts';
import { askAt, openSeat, signInAt } from './seats.ts';
import type { Witness } from './witness.ts';
import { watchExchange } from './witness.ts';

export type Instance = { readonly url: string; readonly kill: () => Promise<void> };

/** An exchange with customers and telephones, a database, and agents at their seats; central is started by whoever runs it. */
export type Centre = {
  readonly clock: BentClock;
  readonly pbx: RunningPbx;
  readonly customers: readonly Customer[];
  readonly database: Database;
  readonly witness: Witness;
  readonly ask: Ask;
  readonly startCentral: () => Promise<Instance>;
  readonly crashed: readonly string[];
  /** The task is begun by a lead; their token goes with it. Central dials all customers, unless it is said otherwise. */
  readonly startTask: (over?: Partial<TaskPlan>, numbers?: readonly string[]) => Promise<StartedTask>;
  /** Everybody ready. */
  readonly seat: () => Promise<readonly SimulatedSeat[]>;
  /** Everybody at a seat that takes the calls of queues, and not ready yet. */
  readonly queueSeats: () => Promise<readonly QueueSeat[]>;
  readonly logs: string;
  readonly close: () => Promise<void>;
};

const password = 'only-of-this-run';
const leadNumber = '1003';
/** A Friday, ten o'clock where the customers are: one may call, whatever the hour of the run. */
const epochMs = Date.UTC(2026, 10, 20, 2, 0);

export const openCentre = async (of: {
  readonly seed: number;
  readonly customers: number;
  readonly agents: number;
  readonly blending?: CentralStart['blending'];
}): Promise<Centre> => {
  const clockStart: ClockStart = { beganMs: Date.now(), epochMs, speed: 1, offsetMs: 0 };
  const clock = bentClock(clockStart);
  const chance = chanceOf(of.seed);
  const customers = drawCustomers(of.customers, chance);
  const numbers = Array.from({ length: of.agents }, (_, n) => String(2_001 + n));
  const logs = mkdtempSync(join(tmpdir(), 'zuoxi-dialler-'));
  const postgres = await startPostgres();
  const pbx = await startPbx({ agents: 1, parentDir: logs });
  await putDialledSide(pbx, numbers, dialPlanOf(customers, numbers, chance));
  const databaseUrl = postgres.createDatabase();
  const database = await openDatabase({ kind: 'postgres', url: databaseUrl }, silent);
  await putFloor(database, numbers);
  const witness = await watchExchange(pbx.descriptor.ami, clock);
  const running = new Map<string, Program<ToCentral>>();
  const crashed: string[] = [];
  const urls = (): readonly string[] => [...running.keys()];
  const ask = askAt(urls);
  const seats: { readonly close: () => void }[] = [];
  let lead: string | undefined;
  const options = (number: string, n: number) => ({
    ...{ number, password, clock, witness, chance, urls: () => turned(urls(), n) },
  });
  return {
    ...{ clock, pbx, customers, database, witness, ask, crashed, logs },
    startCentral: async () => {
      const start: CentralStart = {
        ...clockStart,
        databaseUrl,
        log: join(logs, 'central.log'),
        ami: pbx.descriptor.ami,
        ...(of.blending === undefined ? {} : { blending: of.blending }),
      };
      const ready = Promise.withResolvers<string>();
      const program = runProgram<ToCentral, FromCentral>({
        file: '../dialler/central-process.ts',
        start,
        heard: ({ url }) => ready.resolve(url),
        crashed: (how) => {
          crashed.push(`central ${how}`);
          ready.reject(new Error(`central ${how}`));
        },
      });
      const url = await ready.promise;
      running.set(url, program);
      return {
        url,
        kill: async () => {
          running.delete(url);
          await program.kill();
        },
      };
    },
    startTask: async (over = dialledByCentral, whom = customers.map(({ number }) => number)) => {
      lead ??= (await signInAt(ask, leadNumber, password)).token;
      return startTask(ask, lead, over, whom);
    },
    seat: async () => {
      const opened: SimulatedSeat[] = [];
      for (const [n, number] of numbers.entries()) opened.push(await openSeat(options(number, n)));
      seats.push(...opened);
      for (const one of opened) await one.begin();
      return opened;
    },
    queueSeats: async () => {
      const opened: QueueSeat[] = [];
      for (const [n, number] of numbers.entries()) opened.push(await openQueueSeat(options(number, n)));
      seats.push(...opened);
      return opened;
    },
    close: async () => {
      for (const one of seats) one.close();
      witness.close();
      for (const program of running.values()) {
        program.say({ kind: 'close' });
        const late = setTimeout(() => void program.kill(), 5_000);
        await program.gone;
        clearTimeout(late);
      }
      await database.close();
      await pbx.stop();
      await postgres.stop();
      rmSync(logs, { recursive: true, force: true });
    },
  };
};

/** Seats are spread over the instances; one whose instance dies goes to the next. */
const turned = (urls: readonly string[], by: number): readonly string[] => {
  const at = urls.length === 0 ? 0 : by % urls.length;
  return [...urls.slice(at), ...urls.slice(0, at)];
};

const putFloor = async ({ db }: Database, numbers: readonly string[]): Promise<void> => {
  const hash = await hashPassword(password);
  for (const id of ['service', 'vip', 'marketing']) await putQueue(db, { id, zh: id, en: id });
  await transaction(db, (tx) =>
    publishReference(tx, 'script', [{ id: 'upgrade@1', row: wholeScript({ id: 'upgrade' }) }]),
  );
  const put = (number: string, role: 'agent' | 'lead') =>
    putAgent(db, {
      ...{
        id: AgentId.parse(`A${number}`),
        number,
        name: `坐席 ${number}`,
        role,
        queues: ['marketing'],
        password: hash,
      },
    });
  await put(leadNumber, 'lead');
  for (const number of numbers) await put(number, 'agent');
};

type StartedTask = { readonly taskId: TaskId; readonly revision: number; readonly lead: string };
const dialledByCentral: Partial<TaskPlan> = {
  mode: 'progressive',
  predictive: { ringSeconds: 6, detectsMachines: true },
};
const startTask = async (
  ask: Ask,
  lead: string,
  over: Partial<TaskPlan>,
  numbers: readonly string[],
): Promise<StartedTask> => {
  const { listId, added } = await ask('listPaste', { name: '外呼', text: numbers.join('\n') }, lead);
  if (added !== numbers.length) throw new Error(`${added} of ${numbers.length} numbers were taken`);
  const plan = makePlan({ source: { kind: 'list', listId }, treeId: null, ...over });
  const { taskId, revision } = await ask('taskSave', { taskId: null, revision: 0, plan }, lead);
  const moved = await ask('taskMove', { taskId, revision, move: 'start' }, lead);
  return { taskId, revision: moved.revision, lead };
};
