import { z } from 'zod';
import { dayOf, momentOf } from '../shared/calendar.ts';
import { planBreaks } from './day.ts';
import type { Db } from './db.ts';
import { rows, statement, transaction } from './db.ts';

/**
 * The breaks of a day (R38) for whoever makes the roster: a file replaces what is planned that day for the agents it names. Seats have it
 * within ten minutes.
 */
const Minute = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const Planned = z.object({
  day: z.string(),
  breaks: z
    .array(z.object({ agent: z.string().min(1), reason: z.string().min(1).max(32), from: Minute, to: Minute }))
    .min(1)
    .max(20_000),
});

const usage = 'Usage: npm run central -- breaks [show [DAY] | import FILE]\n';
import { readJsonFile, type Wrong } from './json-file.ts';
const dayMs = 24 * 3_600_000;

export const breaksCommand = async (
  db: Db,
  [word = 'show', what]: readonly string[],
  reasons: readonly string[],
  nowMs: number,
): Promise<void> => {
  const answer =
    word === 'show'
      ? await shown(db, what ?? dayOf(nowMs))
      : word === 'import' && what !== undefined
        ? await imported(db, what, reasons)
        : { wrong: usage };
  if (typeof answer === 'string') return void process.stdout.write(answer);
  process.stderr.write(`${answer.wrong.trimEnd()}\n`);
  process.exitCode = 1;
};

const shown = async (db: Db, day: string): Promise<string | Wrong> => {
  const fromMs = momentOf(day, 0);
  if (fromMs === undefined) return { wrong: 'A day is written as 2026-11-28.' };
  const found = await rows(
    db,
    statement<{ number: string; name: string; reason: string; fromMs: number; toMs: number }>`
      select agent.number, agent.name, reason, from_ms as "fromMs", to_ms as "toMs"
      from planned_break join agent on agent.id = planned_break.agent_id
      where from_ms >= ${fromMs} and from_ms < ${fromMs + dayMs} order by from_ms, agent.number`,
  );
  if (found.length === 0) return `${day}: no breaks are planned\n`;
  return found
    .map(
      (one) =>
        `${one.number}\t${one.name}\t${clockOf(one.fromMs - fromMs)}–${clockOf(one.toMs - fromMs)}\t${one.reason}\n`,
    )
    .join('');
};

const clockOf = (ms: number): string =>
  `${String(Math.floor(ms / 3_600_000)).padStart(2, '0')}:${String(Math.floor(ms / 60_000) % 60).padStart(2, '0')}`;
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const imported = async (db: Db, path: string, reasons: readonly string[]): Promise<string | Wrong> => {
  const file = await readJsonFile(path);
  if ('wrong' in file) return file;
  const read = Planned.safeParse(file.given);
  const fromMs = read.success ? momentOf(read.data.day, 0) : undefined;
  if (!read.success || fromMs === undefined)
    return {
      wrong:
        'A roster is {"day": "2026-11-30", "breaks": [{"agent": "1001", "reason": "break", "from": "10:15", "to": "10:30"}, …]}.',
    };
  return plan(db, read.data, fromMs, reasons);
};

/** Nothing is planned when a line is wrong: it is named. */
const plan = async (
  db: Db,
  { day, breaks }: z.infer<typeof Planned>,
  fromMs: number,
  reasons: readonly string[],
): Promise<string | Wrong> => {
  const agents = new Map(
    (await rows(db, statement<{ id: string; number: string }>`select id, number from agent`)).map((one) => [
      one.number,
      one.id,
    ]),
  );
  const seen = new Set<string>();
  const planned: Parameters<typeof planBreaks>[1][number][] = [];
  for (const [index, { agent, reason, from, to }] of breaks.entries()) {
    const line = `Line ${index + 1} (${agent}, ${from})`;
    const agentId = agents.get(agent);
    if (agentId === undefined) return { wrong: `${line}: there is no agent with this number.` };
    if (!reasons.includes(reason)) return { wrong: `${line}: the reason is one of ${reasons.join(', ')}.` };
    if (minutesOf(to) <= minutesOf(from)) return { wrong: `${line}: a break ends after it begins.` };
    if (seen.has(`${agentId}@${from}`)) return { wrong: `${line}: this agent has a break from then already.` };
    seen.add(`${agentId}@${from}`);
    planned.push({
      ...{ agentId, reason, fromMs: fromMs + minutesOf(from) * 60_000, toMs: fromMs + minutesOf(to) * 60_000 },
    });
  }
  await transaction(db, (tx) => planBreaks(tx, planned, { fromMs, toMs: fromMs + dayMs }));
  return `${day}: ${planned.length} breaks planned for ${new Set(planned.map(({ agentId }) => agentId)).size} agents\n`;
};
