import type { ReactNode } from 'react';
import type { AgentState } from '../../../shared/agent.ts';
import type { DayRecord } from '../../../shared/day.ts';
import type { LineState, Voicemail } from '../../../shared/phone.ts';
import type { Policy } from '../../../shared/policy.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Key } from '../parts/button.tsx';
import { Elapsed } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';
import { BreakChip } from '../shift/break-chip.tsx';
import { type OwedRow, standingOf } from '../work-owed/due.ts';
import { reasonWords, stateWords } from './state-words.ts';

export type AgentBarProps = {
  readonly agent: AgentState;
  /** R38: what the roster has for this agent, and how long a reason may last. */
  readonly breaks: DayRecord['breaks'];
  readonly caps: Policy['reasonCaps'];
  readonly agentName: string;
  readonly agentNumber: string;
  readonly queues: readonly string[];
  /** What is owed next (R24); null: nothing. */
  readonly due: OwedRow | null;
  readonly onDue: () => void;
  /** What is not at central yet. */
  readonly sync: ReactNode;
  readonly line: LineState;
  readonly lineReachable: boolean;
  /** Undefined: no mailbox, or nobody tells of it. */
  readonly voicemail: Voicemail | undefined;
  readonly store: 'keyStore' | 'keyFile' | 'memory';
  readonly stateOpen: boolean;
  readonly onState: () => void;
  readonly onAccount: () => void;
  readonly accountOpen: boolean;
};

/** State of the agent as shape, word and colour with its timer; what is not yet at central; line; who I am. */
export const AgentBar = (props: AgentBarProps) => {
  const { t } = useWords();
  return (
    <header className="agentbar">
      <button
        type="button"
        className="agentstate"
        data-state={props.agent.kind}
        aria-expanded={props.stateOpen}
        aria-keyshortcuts={keyLabels.state}
        onClick={props.onState}
      >
        <StateShape kind={props.agent.kind} />
        <span className="agentstate-word">{stateWords(props.agent, t)}</span>
        <Elapsed sinceMs={props.agent.sinceMs} />
        <AfterWords agent={props.agent} />
        <Key label={keyLabels.state} />
      </button>
      <BreakChip agent={props.agent} breaks={props.breaks} caps={props.caps} />
      <span className="agentbar-queues" title={props.queues.join(' · ')}>
        {t('agent.queues', { names: props.queues.join(' · ') })}
      </span>
      <span className="spacer" />
      {props.store === 'keyStore' ? null : (
        <span className="chip" data-tone="attention" title={t(`store.${props.store}.long`)}>
          <Icon name="warn" />
          <span>{t(`store.${props.store}`)}</span>
        </span>
      )}
      <DueChip due={props.due} onPress={props.onDue} />
      <VoicemailChip voicemail={props.voicemail} />
      <LineChip line={props.line} reachable={props.lineReachable} />
      {props.sync}
      <button type="button" className="whoami" aria-expanded={props.accountOpen} onClick={props.onAccount}>
        <Icon name="user" />
        <span>{props.agentName}</span>
        <span className="figure quiet">{props.agentNumber}</span>
      </button>
    </header>
  );
};

/** Shapes differ so that colour is not needed: ring, disc, triangle, square, half disc. */
const StateShape = ({ kind }: { readonly kind: AgentState['kind'] }) => {
  const shapes: Readonly<Record<AgentState['kind'], string>> = {
    offline: 'M3 8h10',
    notReady: 'M8 3a5 5 0 1 1 0 10a5 5 0 0 1 0-10M5 8h6',
    ready: 'M8 2.500a5.500 5.500 0 1 1 0 11a5.500 5.500 0 0 1 0-11',
    reserved: 'M8 2.500l6 10.500H2z',
    onCall: 'M3 3h10v10H3z',
    wrapUp: 'M8 2.500a5.500 5.500 0 0 1 0 11z',
  };
  return (
    <svg
      className="shape"
      data-filled={kind !== 'notReady' && kind !== 'offline'}
      viewBox="0 0 16 16"
      width="14"
      height="14"
      aria-hidden="true"
    >
      <path d={shapes[kind]} />
    </svg>
  );
};

const AfterWords = ({ agent }: { readonly agent: AgentState }) => {
  const { t } = useWords();
  if (agent.kind !== 'onCall' && agent.kind !== 'wrapUp') return null;
  const { then } = agent;
  return (
    <span className="quiet">
      {t('agent.then', { state: then.kind === 'ready' ? t('agent.ready') : reasonWords(then.reason, t) })}
    </span>
  );
};

const LineChip = ({ line, reachable }: { readonly line: LineState; readonly reachable: boolean }) => {
  const { t } = useWords();
  const good = reachable && line.kind === 'registered';
  return (
    <span className="chip" data-tone={good ? 'plain' : 'attention'}>
      <Icon name={good ? 'phone' : 'warn'} />
      <span>{reachable ? t(`line.${line.kind}`) : t('line.unreachable')}</span>
    </span>
  );
};

/** The next thing due; it changes its words when it is overdue, and takes nothing away from where the agent is. */
const DueChip = ({ due, onPress }: { readonly due: OwedRow | null; readonly onPress: () => void }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (due === null) return null;
  const standing = standingOf(due.row.dueAtMs, nowMs);
  return (
    <button
      type="button"
      className="chip duechip"
      data-tone={standing === 'overdue' ? 'danger' : standing === 'today' ? 'attention' : 'plain'}
      onClick={onPress}
    >
      <Icon name={standing === 'overdue' ? 'warn' : 'due'} />
      <span>
        {t('due.next', {
          standing: t(`due.standing.${standing}`),
          kind: t(`due.kind.${due.row.kind}`),
          time: dateTime(due.row.dueAtMs, nowMs, language),
        })}
      </span>
    </button>
  );
};

/** Only while something new waits: an empty mailbox is no news. */
const VoicemailChip = ({ voicemail }: { readonly voicemail: Voicemail | undefined }) => {
  const { t } = useWords();
  if (voicemail === undefined || voicemail.new === 0) return null;
  const name = t('voicemail.long', voicemail);
  return (
    <span className="chip" data-tone="attention" role="img" aria-label={name} title={name}>
      <Icon name="voicemail" />
      <span>{t('voicemail.new', { count: voicemail.new })}</span>
    </span>
  );
};
