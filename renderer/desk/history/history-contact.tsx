import { type ReactNode, useEffect, useRef } from 'react';
import type { HistoryDetail, RecordedPart } from '../../../shared/history.ts';
import { recordingKeptMs } from '../../../shared/history.ts';
import type { CustomerId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/policy.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useDesk, useMinute, useWords } from '../context.tsx';
import { dateOnly, dateTime, duration, timeOfDay } from '../format.ts';
import type { Words } from '../i18n.ts';
import { Button } from '../parts/button.tsx';
import type { OpenedContact } from './history-store.ts';
import { type Mark, PlayerRegion } from './player.tsx';

/** One contact: how it went, what was written, and its recordings. */
export const HistoryContact = (props: {
  readonly opened: OpenedContact;
  readonly policy: Policy;
  readonly onBack: () => void;
  readonly onCustomer: (customerId: CustomerId) => void;
}) => {
  const words = useWords();
  const { t } = words;
  const { opened } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="history-contact" aria-label={t('history.contact')} aria-busy={opened.kind === 'opening'}>
      <header>
        <h2 ref={heading} tabIndex={-1}>
          {t('history.contact')}
        </h2>
        <span className="spacer" />
        <Button label={t('history.back')} icon="back" hint="Esc" tone="quiet" onPress={props.onBack} />
      </header>
      {opened.kind === 'opening' ? <p role="status">{t('history.opening')}</p> : null}
      {opened.kind === 'refused' ? (
        <p className="plain-note" data-tone="attention" role="alert">
          {words.refusal(opened.why)}
        </p>
      ) : null}
      {opened.kind === 'open' ? <Detail {...props} detail={opened.detail} from={opened.from} /> : null}
    </section>
  );
};

const Detail = (props: {
  readonly detail: HistoryDetail;
  readonly from: 'seat' | 'central';
  readonly policy: Policy;
  readonly onCustomer: (customerId: CustomerId) => void;
}) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { detail, from } = props;
  const { row } = detail;
  const { customerId } = row;
  const outcome = row.disposition.map((label) => inLanguage(label, language)).join(' › ');
  return (
    <>
      {from === 'seat' ? (
        <p className="plain-note" data-tone="attention">
          {t('history.fromSeat')}
        </p>
      ) : null}
      <p className="history-head">
        <strong>{row.who ?? t('history.nobody')}</strong>
        <span className="figure">{row.number === '' ? t('history.withheld') : row.number}</span>
        {customerId === null ? null : (
          <Button label={t('history.customer')} icon="user" tone="quiet" onPress={() => props.onCustomer(customerId)} />
        )}
      </p>
      <dl className="history-facts">
        <Fact name={t('history.began')}>
          {[
            t(`call.direction.${row.direction}`),
            dateTime(row.startedAtMs, nowMs, language),
            duration(row.talkMs),
          ].join(' · ')}
        </Fact>
        <Fact name={t('history.agent')}>{row.agentName}</Fact>
        <Fact name={t('history.topic')}>
          {row.topic === null ? t('timeline.noTopic') : inLanguage(row.topic, language)}
        </Fact>
        <Fact name={t('history.outcome')}>
          {outcome === '' ? t('history.noOutcome') : outcome}
          {detail.forced ? ` · ${t('history.forced')}` : ''}
        </Fact>
        <Fact name={t('history.note')}>{detail.note === '' ? t('history.noNote') : detail.note}</Fact>
      </dl>
      <RecordingPart {...props} />
      <Course detail={detail} />
    </>
  );
};

const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const RecordingPart = ({ detail, policy }: { readonly detail: HistoryDetail; readonly policy: Policy }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const { recordings, row } = detail;
  const keptUntilMs = row.startedAtMs + recordingKeptMs(policy);
  const isKept = recordings.kind === 'listed' && recordings.parts.some(({ state }) => state === 'ready');
  return (
    <section className="block" aria-label={t('history.recording')}>
      <h3>{t('history.recording')}</h3>
      {recordings.kind === 'notAllowed' ? <p>{t('reason.recordingNotAllowed')}</p> : null}
      {recordings.kind === 'askCentral' ? <p>{t('history.soundAtCentral')}</p> : null}
      {recordings.kind === 'listed' && recordings.parts.length === 0 ? <p>{t('history.noRecording')}</p> : null}
      {recordings.kind === 'listed'
        ? recordings.parts.map((part) => (
            <Part key={part.part} detail={detail} part={part} of={recordings.parts.length} />
          ))
        : null}
      {isKept ? (
        <p className="quiet">{t('history.keptUntil', { day: dateOnly(keptUntilMs, nowMs, language) })}</p>
      ) : null}
    </section>
  );
};

const stateReasons = {
  running: 'reason.recordingRunning',
  missing: 'reason.recordingMissing',
  expired: 'reason.recordingExpired',
} as const;

const Part = (props: { readonly detail: HistoryDetail; readonly part: RecordedPart; readonly of: number }) => {
  const { player } = useDesk();
  const words = useWords();
  const { t } = words;
  const { part, detail } = props;
  const { contactId } = detail.row;
  useEffect(() => () => player.show(null), [player]);
  const label = props.of > 1 ? t('history.part', { nth: part.part + 1 }) : t('history.recording');
  if (part.state !== 'ready')
    return (
      <p>
        {props.of > 1 ? `${label}: ` : ''}
        {t(stateReasons[part.state])}
      </p>
    );
  return <PlayerRegion label={label} contactId={contactId} part={part} marks={marksOf(detail, part, words)} />;
};

/** Where in the sound something of the contact's course happened. */
const marksOf = (detail: HistoryDetail, part: RecordedPart, { t, language }: Words): readonly Mark[] => {
  const { startedAtMs, lengthMs } = part;
  if (startedAtMs === null || lengthMs === null) return [];
  const marks = [
    ...part.pauses.map(({ fromMs, toMs }) => ({
      offsetMs: fromMs,
      label: t('history.paused', { length: duration(toMs - fromMs) }),
    })),
    ...(detail.script?.answers ?? []).map(({ say, answer, atMs }) => ({
      offsetMs: atMs - startedAtMs,
      label:
        answer === null ? inLanguage(say, language) : `${inLanguage(say, language)} — ${inLanguage(answer, language)}`,
    })),
    ...detail.verifications.map(({ factor, matched, atMs }) => ({
      offsetMs: atMs - startedAtMs,
      label: t('history.checked', {
        factor: t(`factor.${factor}`),
        how: t(matched ? 'history.matched' : 'history.unmatched'),
      }),
    })),
  ];
  return marks.filter(({ offsetMs }) => offsetMs >= 0 && offsetMs < lengthMs).sort((a, b) => a.offsetMs - b.offsetMs);
};

/** Script, checks and hand-overs, in the order they came. */
const Course = ({ detail }: { readonly detail: HistoryDetail }) => {
  const { t, language } = useWords();
  const { script, verifications, transfers } = detail;
  if (script === null && verifications.length === 0 && transfers.length === 0) return null;
  const entries = [
    ...(script?.answers ?? []).map(({ say, answer, atMs }) => ({
      atMs,
      what: inLanguage(say, language),
      how: answer === null ? '' : inLanguage(answer, language),
    })),
    ...verifications.map(({ factor, matched, atMs }) => ({
      atMs,
      what: t(`factor.${factor}`),
      how: t(matched ? 'history.matched' : 'history.unmatched'),
    })),
    ...transfers.map(({ target, outcome, atMs }) => ({
      atMs,
      what: t('history.handedTo', { target }),
      how: t(`history.handed.${outcome}`),
    })),
  ].sort((one, other) => one.atMs - other.atMs);
  return (
    <section className="block" aria-label={t('history.course')}>
      <h3>
        {script === null
          ? t('history.course')
          : t('history.courseOf', { script: inLanguage(script.title, language), version: script.version })}
      </h3>
      <ol className="history-course">
        {entries.map(({ atMs, what, how }, index) => (
          <li key={`${atMs} ${index}`}>
            <time className="figure quiet">{timeOfDay(atMs)}</time>
            <span>{what}</span>
            <strong>{how}</strong>
          </li>
        ))}
      </ol>
    </section>
  );
};
