import type { ContactId } from '../../../shared/ids.ts';
import type { MissedCall, MissedCalls, MissedColleague } from '../../../shared/missed-calls.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import type { Words } from '../i18n.ts';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';

const mostOpen = 5;
const mostSettled = 3;

/** On the idle desk: who was not answered here, and what became of it (R38). Nothing to tick off: it follows from the calls. */
export const MissedList = (props: {
  readonly missed: MissedCalls;
  /** No call can be made now. */
  readonly isBlocked: boolean;
  readonly queueName: (id: string) => string;
  readonly onCallBack: (contactId: ContactId) => void;
  readonly onColleague: (number: string) => void;
}) => {
  const { t } = useWords();
  const { calls, colleagues } = props.missed;
  if (calls.length === 0 && colleagues.length === 0) return null;
  const open = calls.filter(({ state }) => state.kind === 'open');
  const settled = calls.filter(({ state }) => state.kind !== 'open').slice(0, mostSettled);
  // The key calls the first one that has a number.
  const keyed = open.find(({ shown }) => shown !== '')?.contactId;
  return (
    <section className="day" aria-label={t('missed.title')}>
      <h2>
        {t('missed.title')}
        {open.length === 0 ? null : <span className="figure"> {open.length}</span>}
      </h2>
      <ol className="owed">
        {open.slice(0, mostOpen).map((call) => (
          <Missed key={call.contactId} call={call} {...props} hint={call.contactId === keyed} />
        ))}
        {colleagues.slice(0, mostOpen).map((one) => (
          <Colleague key={one.number} one={one} isBlocked={props.isBlocked} onColleague={props.onColleague} />
        ))}
        {settled.map((call) => (
          <Missed key={call.contactId} call={call} {...props} hint={false} />
        ))}
      </ol>
      {open.length > mostOpen ? <p className="quiet">{t('missed.more', { count: open.length - mostOpen })}</p> : null}
    </section>
  );
};

const Missed = (props: {
  readonly call: MissedCall;
  readonly hint: boolean;
  readonly isBlocked: boolean;
  readonly queueName: (id: string) => string;
  readonly onCallBack: (contactId: ContactId) => void;
}) => {
  const words = useWords();
  const { t, language } = words;
  const nowMs = useMinute();
  const { call } = props;
  const isOpen = call.state.kind === 'open';
  return (
    <li className="owed-item missed" data-open={isOpen}>
      <span className="owed-what">
        <span className="badge" data-tone={isOpen ? 'attention' : 'plain'}>
          {t(`missed.how.${call.how}`)}
        </span>
        <strong>{call.name ?? (call.shown === '' ? t('missed.withheld') : call.shown)}</strong>
        {call.name === null ? null : <span className="figure">{call.shown}</span>}
        <time className="figure">{dateTime(call.atMs, nowMs, language)}</time>
        {call.times === 1 ? null : <span>{t('missed.times', { count: call.times })}</span>}
        {call.queue === null ? null : <span className="quiet">{props.queueName(call.queue)}</span>}
      </span>
      <span className="missed-state">
        <span className="quiet">{stateWords(call, nowMs, words)}</span>
        {isOpen && call.shown !== '' ? (
          <Button
            label={t('missed.callBack', { number: call.shown })}
            hint={props.hint ? keyLabels.missed : undefined}
            icon="phone"
            disabled={props.isBlocked}
            onPress={() => props.onCallBack(call.contactId)}
          />
        ) : null}
      </span>
    </li>
  );
};

const stateWords = ({ state, shown }: MissedCall, nowMs: number, { t, language }: Words): string => {
  const time = (atMs: number): string => dateTime(atMs, nowMs, language);
  switch (state.kind) {
    case 'open':
      if (shown === '') return t('missed.noNumber');
      return state.triedAtMs === null ? t('missed.open') : t('missed.tried', { time: time(state.triedAtMs) });
    case 'calledBack':
      return t('missed.calledBack', { time: time(state.atMs) });
    case 'calledAgain':
      return t('missed.calledAgain', { time: time(state.atMs) });
    case 'colleague':
      return t('missed.byColleague', { time: time(state.atMs), name: state.by });
  }
};

const Colleague = (props: {
  readonly one: MissedColleague;
  readonly isBlocked: boolean;
  readonly onColleague: (number: string) => void;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { number, name, atMs, times } = props.one;
  return (
    <li className="owed-item missed" data-open="true">
      <span className="owed-what">
        <span className="badge">{t('directory.kind.colleague')}</span>
        <strong>{name === null ? number : inLanguage(name, language)}</strong>
        <time className="figure">{dateTime(atMs, nowMs, language)}</time>
        {times === 1 ? null : <span>{t('missed.times', { count: times })}</span>}
      </span>
      <span className="missed-state">
        <span className="quiet">{t('missed.colleague')}</span>
        <Button
          label={t('missed.callBack', { number })}
          icon="phone"
          disabled={props.isBlocked}
          onPress={() => props.onColleague(number)}
        />
      </span>
    </li>
  );
};
