import type { ReactNode } from 'react';
import type { AgentState } from '../../../shared/agent.ts';
import type { DevicesInUse } from '../../../shared/devices.ts';
import { type DayRecord, nextBreak } from '../../../shared/day.ts';
import type { DeviceState } from '../../../shared/phone.ts';
import type { SeatSnapshot } from '../../../shared/seat.ts';
import { useMinute, useWords } from '../context.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { DeviceCheck } from '../devices/device-check.tsx';
import { dateTime, duration } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { textOr } from '../text-or.ts';
import { plannedWords } from '../shift/break-chip.tsx';
import type { OwedRow } from '../work-owed/due.ts';
import { DueList } from '../work-owed/due-list.tsx';

/** Between calls: what to do next, the day so far, devices. Nothing here needs a click to be reachable for a call. */
export const Idle = (props: {
  readonly agent: AgentState;
  readonly devices: DeviceState;
  readonly uses: DevicesInUse;
  readonly queues: readonly string[];
  readonly day: DayRecord;
  readonly onDay: () => void;
  /** What this agent owes, what breaches first in front (R24). */
  readonly owed: readonly OwedRow[];
  readonly onDue: () => void;
  readonly readyWhy: string | null;
  readonly callBack: SeatSnapshot['callBack'];
  readonly onCallBack: () => void;
  readonly onReady: () => void;
  readonly onCheck: () => void;
  readonly onDevices: () => void;
  readonly onFind: () => void;
  readonly onDial: () => void;
  /** Who was not answered here (R38). */
  readonly missed: ReactNode;
}) => {
  const { t } = useWords();
  const ready = props.agent.kind === 'ready';
  return (
    <section className="idle" aria-label={t('idle.region')}>
      <div className="idle-next">
        <h1>{t(ready ? 'idle.waiting' : 'idle.notReady')}</h1>
        <p className="quiet">
          {ready
            ? t('idle.queues', { names: props.queues.join(t('listComma')) })
            : (props.readyWhy ?? t(isAway(props.agent) ? 'idle.missed' : 'idle.becomeReady'))}
        </p>
        {props.callBack === null ? null : (
          <p className="outcome" role="status" data-tone="accent">
            <span>{t('verify.callBack.owed', { number: props.callBack.masked })}</span>
            <Remaining untilMs={props.callBack.untilMs} />
            <Button
              label={t('verify.callBack.dial')}
              hint={keyLabels.answer}
              icon="phone"
              tone="main"
              onPress={props.onCallBack}
            />
          </p>
        )}
        <div className="idle-actions">
          {ready ? null : (
            <Button
              label={t('idle.ready')}
              hint={keyLabels.state}
              tone="main"
              disabled={props.readyWhy !== null}
              onPress={props.onReady}
            />
          )}
          <Button label={t('nobody.find')} hint={keyLabels.find} icon="find" onPress={props.onFind} />
          <Button label={t('dial.title')} icon="dial" onPress={props.onDial} />
        </div>
      </div>
      <div className="idle-columns">
        {props.missed}
        <DueList owed={props.owed} onOpen={props.onDue} />
        <DaySoFar day={props.day} onOpen={props.onDay} />
        <DeviceCheck devices={props.devices} uses={props.uses} onCheck={props.onCheck} onChoose={props.onDevices} />
      </div>
    </section>
  );
};

/** R38: nobody answered, so nobody is offered until the agent says that they are there. */
const isAway = (agent: AgentState): boolean => agent.kind === 'notReady' && agent.reason === 'missed';

const DaySoFar = ({ day, onOpen }: { readonly day: DayRecord; readonly onOpen: () => void }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const average = day.contacts === 0 ? 0 : day.talkMs / day.contacts;
  const next = nextBreak(day.breaks, nowMs);
  return (
    <section className="day" aria-label={t('day.title')}>
      <h2>{t('day.title')}</h2>
      <dl className="day-figures">
        <div>
          <dt>{t('day.contacts')}</dt>
          <dd className="figure">{day.contacts}</dd>
        </div>
        <div>
          <dt>{t('day.talk')}</dt>
          <dd className="figure">{duration(day.talkMs)}</dd>
        </div>
        <div>
          <dt>{t('day.average')}</dt>
          <dd className="figure">{duration(average)}</dd>
        </div>
      </dl>
      <p className="quiet">
        {day.last === null
          ? t('day.none')
          : t('day.last', {
              time: dateTime(day.last.atMs, nowMs, language),
              topic: textOr(day.last.topic, language, t('timeline.noTopic')),
              outcome: textOr(day.last.outcome, language, t('day.noOutcome')),
            })}
      </p>
      {next === undefined ? null : <p className="quiet">{t('break.next', { planned: plannedWords(next, t) })}</p>}
      <Button label={t('day.open')} tone="quiet" onPress={onOpen} />
    </section>
  );
};
