import { memo } from 'react';
import type { ContactId } from '../../../shared/ids.ts';
import type { OptOut } from '../../../shared/opt-out.ts';
import type { CaseSummary, OrderSummary, PastContact } from '../../../shared/customer.ts';
import { inLanguage } from '../../../shared/text.ts';
import { never } from '../../../shared/result.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime, duration, maskedNumber } from '../format.ts';
import { Icon } from '../parts/icon.tsx';

/** What a customer's timeline is made of: a new kind of thing gets a member here and its line below. */
type Entry =
  | { readonly kind: 'contact'; readonly id: string; readonly atMs: number; readonly past: PastContact }
  | { readonly kind: 'case'; readonly id: string; readonly atMs: number; readonly one: CaseSummary }
  | { readonly kind: 'order'; readonly id: string; readonly atMs: number; readonly one: OrderSummary }
  | { readonly kind: 'optOut'; readonly id: string; readonly atMs: number; readonly one: OptOut };

/** What happened with this customer, newest first (R34). Notes are what other agents typed: inert text. */
export const Timeline = memo(
  (props: {
    readonly history: readonly PastContact[];
    readonly cases: readonly CaseSummary[];
    readonly onOpen: (contactId: ContactId) => void;
    readonly orders: readonly OrderSummary[];
    readonly optOuts: readonly OptOut[];
  }) => {
    const { t } = useWords();
    const entries: readonly Entry[] = [
      ...props.history.map((past): Entry => ({ kind: 'contact', id: past.contactId, atMs: past.startedAtMs, past })),
      ...props.cases.map((one): Entry => ({ kind: 'case', id: one.id, atMs: one.openedAtMs, one })),
      ...props.orders.map((one): Entry => ({ kind: 'order', id: one.id, atMs: one.openedAtMs, one })),
      ...props.optOuts.map((one): Entry => ({ kind: 'optOut', id: one.id, atMs: one.atMs, one })),
    ].toSorted((one, other) => other.atMs - one.atMs);
    return (
      <section className="block" aria-label={t('timeline.region')}>
        <h3>{t('timeline.region')}</h3>
        {entries.length === 0 ? <p className="quiet">{t('timeline.empty')}</p> : null}
        <ol className="timeline">
          {entries.map((entry) => (
            <li key={`${entry.kind} ${entry.id}`}>
              <Line entry={entry} onOpen={props.onOpen} />
            </li>
          ))}
        </ol>
      </section>
    );
  },
);

const Line = ({ entry, onOpen }: { readonly entry: Entry; readonly onOpen: (contactId: ContactId) => void }) => {
  switch (entry.kind) {
    case 'contact':
      return <ContactLine past={entry.past} onOpen={() => onOpen(entry.past.contactId)} />;
    case 'case':
      return <CaseLine one={entry.one} />;
    case 'order':
      return <OrderLine one={entry.one} />;
    case 'optOut':
      return <OptOutLine one={entry.one} />;
    default:
      return never(entry);
  }
};

const ContactLine = ({ past, onOpen }: { readonly past: PastContact; readonly onOpen: () => void }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <>
      <span className="timeline-when">
        <Icon name={past.direction} />
        <span className="visually-hidden">{t(`call.direction.${past.direction}`)}</span>
        <time className="figure">{dateTime(past.startedAtMs, nowMs, language)}</time>
        <span className="figure quiet">{duration(past.talkMs)}</span>
        {past.recorded === true ? (
          <span className="timeline-recorded">
            <Icon name="recording" />
            <span>{t('timeline.recorded')}</span>
          </span>
        ) : null}
        <span className="quiet timeline-agent">{past.agentName}</span>
      </span>
      <span className="timeline-what">
        <strong>{past.topic === null ? t('timeline.noTopic') : inLanguage(past.topic, language)}</strong>
        <span>{past.disposition.map((label) => inLanguage(label, language)).join(' › ')}</span>
        <button type="button" className="timeline-open" onClick={onOpen}>
          {t('timeline.open')}
        </button>
      </span>
      {past.note === '' ? null : (
        <span className="timeline-note quiet" title={past.note}>
          {past.note}
        </span>
      )}
    </>
  );
};

const OrderLine = ({ one }: { readonly one: OrderSummary }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <>
      <span className="timeline-when">
        <Icon name="orders" />
        <time className="figure">{dateTime(one.openedAtMs, nowMs, language)}</time>
        <span className="quiet">{t('timeline.order', { flow: t(`order.flow.${one.flow}`) })}</span>
      </span>
      <span className="timeline-what">
        <strong>{one.name}</strong>
        <span>{t(`order.stage.${one.stage}`)}</span>
      </span>
    </>
  );
};

/** R22: their own words, and from which of their numbers. */
const OptOutLine = ({ one }: { readonly one: OptOut }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <>
      <span className="timeline-when">
        <Icon name="warn" />
        <time className="figure">{dateTime(one.atMs, nowMs, language)}</time>
        <span className="quiet">{t('timeline.byText', { number: maskedNumber(one.number) })}</span>
      </span>
      <span className="timeline-what">
        <strong>{t('timeline.optOut')}</strong>
        <span>{t('timeline.said', { said: one.said })}</span>
      </span>
    </>
  );
};

const CaseLine = ({ one }: { readonly one: CaseSummary }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <>
      <span className="timeline-when">
        <Icon name="cases" />
        <time className="figure">{dateTime(one.openedAtMs, nowMs, language)}</time>
        <span className="quiet">{t('timeline.case', { kind: t(`case.kind.${one.kind}`), id: one.id })}</span>
        <span className="quiet timeline-agent">{inLanguage(one.department, language)}</span>
      </span>
      <span className="timeline-what">
        <strong>{inLanguage(one.title, language)}</strong>
        <span>{t(`case.status.${one.status}`)}</span>
      </span>
    </>
  );
};
