import type { AgentState } from '../shared/agent.ts';
import type { ColleagueState, ColleagueStates, Target } from '../shared/directory.ts';
import type { Agent, Queue } from './agents.ts';
import type { Db, Tx } from './db.ts';
import { firstRow, rows, statement } from './db.ts';
import { publishReference } from './feed.ts';
import { liveGraceMs } from './presence.ts';

const most = 5_000;

export const colleagueTarget = (agent: Pick<Agent, 'number' | 'name'>, pinyin: readonly string[] = []): Target => ({
  id: `colleague:${agent.number}`,
  kind: 'colleague',
  name: { zh: agent.name, en: '' },
  number: agent.number,
  category: { zh: '', en: '' },
  pinyin: [...pinyin],
});

/** @param number by which the exchange's dial plan leads into the queue */
export const queueTarget = (queue: Queue, number: string, pinyin: readonly string[] = []): Target => ({
  id: `queue:${queue.id}`,
  kind: 'queue',
  name: { zh: queue.zh, en: queue.en },
  number,
  category: { zh: '', en: '' },
  pinyin: [...pinyin],
});

/** Lines of the directory (R37), to every seat: what is not in it no customer is handed to (security 74). */
export const publishTargets = (tx: Tx, targets: readonly Target[]): Promise<void> =>
  publishReference(
    tx,
    'target',
    targets.map((row) => ({ id: row.id, row })),
  );

/** @returns whether it was there */
export const withdrawTarget = async (tx: Tx, id: string): Promise<boolean> => {
  const known = await firstRow(
    tx,
    statement<{ id: string }>`select id from feed where entity = 'target' and id = ${id} and row is not null`,
  );
  if (known !== undefined) await publishReference(tx, 'target', [{ id, row: null }]);
  return known !== undefined;
};

/** What everybody is doing, as the seats told; nobody's contact and nobody's customer. */
export const colleaguesNow = async (db: Db, nowMs: number): Promise<ColleagueStates> => {
  const found = await rows(
    db,
    statement<{ number: string; state: AgentState | null; isHere: boolean }>`
      select agent.number, presence.state,
        coalesce(presence.session_id is not null and presence.live_seen_at_ms > ${nowMs - liveGraceMs}, false) as "isHere"
      from agent left join presence on presence.agent_id = agent.id
      order by agent.number limit ${most}`,
  );
  return {
    colleagues: found.map(({ number, state, isHere }) => ({
      number,
      state: state === null || !isHere ? 'offline' : stateOf(state),
    })),
  };
};

const stateOf = ({ kind }: AgentState): ColleagueState => {
  switch (kind) {
    case 'ready':
    case 'notReady':
    case 'offline':
      return kind;
    case 'reserved':
    case 'onCall':
    case 'wrapUp':
      return 'busy';
  }
};
