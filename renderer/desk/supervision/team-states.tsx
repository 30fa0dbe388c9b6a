import { useEffect, useState } from 'react';
import type { QueueSwitch } from '../../../shared/blending.ts';
import type { ForcedTo, TeamState, TeamStatesResponse } from '../../../shared/forced-state.ts';
import type { AgentId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { hourAndMinute } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { Elapsed } from '../parts/elapsed.tsx';
import { forcedWords, reasonWords } from '../shell/state-words.ts';

type Props = {
  readonly reasons: readonly string[];
  readonly queueName: (id: string) => string;
  readonly onStates: () => Promise<Result<TeamStatesResponse>>;
  readonly onForce: (agentId: AgentId, to: ForcedTo, why: string) => Promise<Refusal | null>;
};

const everyMs = 3_000;

/** For leads: what everybody of the team is doing, and another state for one of them, with the reason they will read (R38). */
export const TeamStates = (props: Props) => {
  const { t } = useWords();
  const { onStates } = props;
  const [{ agents, switches = [] }, setTeam] = useState<TeamStatesResponse>({ agents: [] });
  const [openId, setOpen] = useState<AgentId | null>(null);
  useEffect(() => {
    let isHere = true;
    const look = (): void =>
      void onStates().then((answer) => {
        if (isHere && answer.ok) setTeam(answer.value);
      });
    look();
    const timer = setInterval(look, everyMs);
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [onStates]);
  if (agents.length === 0 && switches.length === 0) return null;
  return (
    <section aria-label={t('team.title')}>
      <h3>{t('team.title')}</h3>
      <Switches switches={switches} queueName={props.queueName} />
      <ul className="board">
        {agents.map((agent) => (
          <li key={agent.agentId}>
            <span className="board-who">
              <strong>{t('supervision.of', { agent: agent.agentName, number: agent.agentNumber })}</strong>
              <Button
                label={t('team.change')}
                expanded={openId === agent.agentId}
                onPress={() => setOpen(openId === agent.agentId ? null : agent.agentId)}
              />
            </span>
            <span className="board-state">
              <span className="chip">
                {agent.reason === null
                  ? t(`agent.${agent.state}`)
                  : t('agent.notReadyBecause', { reason: reasonWords(agent.reason, t) })}
              </span>
              <Elapsed sinceMs={agent.sinceMs} />
            </span>
            <Shifted shift={agent.shift} queueName={props.queueName} />
            <Asked forced={agent.forced} />
            {openId === agent.agentId ? (
              <ForceForm
                {...props}
                isBusy={agent.state === 'onCall' || agent.state === 'wrapUp' || agent.state === 'reserved'}
                onForce={async (to, why) => {
                  const said = await props.onForce(agent.agentId, to, why);
                  if (said === null) setOpen(null);
                  return said;
                }}
              />
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
};

/** R19: how each queue's switch stands between callers and tasks, why, and since when. */
const Switches = (props: { readonly switches: readonly QueueSwitch[]; readonly queueName: (id: string) => string }) => {
  const { t } = useWords();
  if (props.switches.length === 0) return null;
  return (
    <ul className="board board-switches" aria-label={t('team.switches')}>
      {props.switches.map((one) => (
        <li key={one.queue} data-kind={one.kind}>
          <span className="board-who">
            <strong>{props.queueName(one.queue)}</strong>
            <span
              className={one.kind === 'open' ? 'chip' : 'badge'}
              data-tone={one.kind === 'open' ? undefined : 'attention'}
            >
              {t(`team.switch.${one.kind}`)}
            </span>
          </span>
          {one.kind === 'open' ? null : (
            <span className="board-state">
              <span>{t(`team.shift.${one.why}`)}</span>
              <span className="quiet">{t('team.since', { since: hourAndMinute(one.sinceMs) })}</span>
              <Elapsed sinceMs={one.sinceMs} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
};

/** R19: this agent takes tasks, and callers come first. */
const Shifted = (props: { readonly shift: TeamState['shift']; readonly queueName: (id: string) => string }) => {
  const { t } = useWords();
  const { shift } = props;
  if (shift === undefined) return null;
  return (
    <span className="board-state">
      <span className="badge" data-tone="attention">
        {t('task.shifted')}
      </span>
      <span>{t('team.shifted', { queue: props.queueName(shift.queue), why: t(`team.shift.${shift.why}`) })}</span>
      <Elapsed sinceMs={shift.sinceMs} />
    </span>
  );
};

/** What was asked of them last, and what came of it. */
const Asked = ({ forced }: Pick<TeamState, 'forced'>) => {
  const { t, named } = useWords();
  if (forced === null) return null;
  const { to, byName, outcome, why } = forced;
  return (
    <span className="quiet">
      {t(`team.${outcome}`, {
        state: forcedWords(to, t),
        name: byName,
        why: why === null ? '' : named('reason', why, why),
      })}
    </span>
  );
};

const ForceForm = (props: {
  readonly reasons: readonly string[];
  /** It will be done after the contact in hand. */
  readonly isBusy: boolean;
  readonly onForce: (to: ForcedTo, why: string) => Promise<Refusal | null>;
}) => {
  const { t, refusal } = useWords();
  const goals: readonly ForcedTo[] = [
    { kind: 'ready' },
    ...props.reasons.map((reason) => ({ kind: 'notReady', reason }) as const),
    { kind: 'signOut' },
  ];
  const [at, setAt] = useState(1);
  const [why, setWhy] = useState('');
  const [said, setSaid] = useState<Refusal | null>(null);
  const goal = goals[at];
  const send = async (): Promise<void> => {
    if (goal !== undefined) setSaid(await props.onForce(goal, why));
  };
  return (
    <form
      className="repair-form"
      aria-label={t('team.change')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label>
        <span>{t('team.to')}</span>
        <select value={at} onChange={(event) => setAt(Number(event.target.value))}>
          {goals.map((to, index) => (
            <option key={forcedWords(to, t)} value={index}>
              {forcedWords(to, t)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('team.why')}</span>
        <input value={why} minLength={2} maxLength={200} required onChange={(event) => setWhy(event.target.value)} />
      </label>
      {props.isBusy ? <p className="quiet">{t('team.afterwards')}</p> : null}
      <Button type="submit" tone="main" label={t('team.send')} onPress={() => {}} />
      {said === null ? null : (
        <span className="outcome" data-tone="danger" role="alert">
          {refusal(said)}
        </span>
      )}
    </form>
  );
};
