import type { AgentState } from '../../../shared/agent.ts';
import { backAtMs, type DayRecord, nextBreak, type PlannedBreak } from '../../../shared/day.ts';
import type { Policy } from '../../../shared/policy.ts';
import { useMinute, useNow, useWords } from '../context.tsx';
import { duration, hourAndMinute } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { reasonWords } from '../shell/state-words.ts';

/** A break that comes later than this is looked up in the state menu. */
const soonMs = 30 * 60_000;

/** In a break: what is left of it, or by how much it is over. Else the next one planned, when it is near. */
export const BreakChip = (props: {
  readonly agent: AgentState;
  readonly breaks: DayRecord['breaks'];
  readonly caps: Policy['reasonCaps'];
}) => {
  const nowMs = useMinute();
  const untilMs = backAtMs(props.agent, props.breaks, props.caps);
  if (untilMs !== null) return <Left untilMs={untilMs} />;
  const next = nextBreak(props.breaks, nowMs);
  // One who is away already needs no reminder.
  if (next === undefined || props.agent.kind === 'notReady' || props.agent.kind === 'offline') return null;
  return next.fromMs - nowMs > soonMs ? null : <Soon planned={next} isDue={next.fromMs <= nowMs} />;
};

/** Changes shape and word when it is over, not only the colour. */
const Left = ({ untilMs }: { readonly untilMs: number }) => {
  const { t } = useWords();
  const leftMs = untilMs - useNow();
  const isOver = leftMs < 0;
  return (
    <span className="chip breakchip" data-tone={isOver ? 'danger' : 'plain'}>
      <Icon name={isOver ? 'warn' : 'due'} />
      <span>
        {t(isOver ? 'break.over' : 'break.left')} <span className="figure">{duration(Math.abs(leftMs))}</span>
      </span>
    </span>
  );
};

const Soon = ({ planned, isDue }: { readonly planned: PlannedBreak; readonly isDue: boolean }) => {
  const { t } = useWords();
  return (
    <span className="chip breakchip" data-tone={isDue ? 'attention' : 'plain'}>
      <Icon name="due" />
      <span>{isDue ? t('break.due', { planned: plannedWords(planned, t) }) : plannedWords(planned, t)}</span>
    </span>
  );
};

/** "小休 15:30–15:45" */
export const plannedWords = ({ reason, fromMs, toMs }: PlannedBreak, t: ReturnType<typeof useWords>['t']): string =>
  t('break.planned', { reason: reasonWords(reason, t), from: hourAndMinute(fromMs), to: hourAndMinute(toMs) });
