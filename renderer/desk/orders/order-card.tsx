import type { Order, OrderStep } from '../../../shared/order.ts';
import { stageOf } from '../../../shared/order.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { Sale } from '../../../shared/sale.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Choice } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { milestones, type OrderRow, stateOfMilestone } from './sale-progress.ts';

export type OrderCardProps = {
  readonly one: OrderRow;
  readonly steps: readonly OrderStep[];
  /** Digits choose here; in a list beside the work they do not. */
  readonly hasDigits: boolean;
  /** Central cannot be reached: what waits for it waits here. */
  readonly isOffline: boolean;
  readonly note: string;
  readonly why: Refusal | null;
  readonly onNote: (note: string) => void;
  readonly onStep: (step: OrderStep) => void;
};

/** One order: how far the sale is and what is waited for, money and delivery, and what can be done now. */
export const OrderCard = (props: OrderCardProps) => {
  const { t, refusal } = useWords();
  const { row } = props.one;
  return (
    <article className="order" aria-label={row.offer.name}>
      <OrderLine {...props.one} />
      {row.sale === null ? null : <SaleWay sale={row.sale} isOffline={props.isOffline} />}
      <Replies replies={row.replies} />
      {props.steps.length === 0 ? null : (
        <>
          <div className="answers" role="group" aria-label={t('order.steps')}>
            {props.steps.map((step, index) => (
              <Choice
                key={step}
                digit={props.hasDigits && index < 9 ? index + 1 : null}
                label={t(`order.do.${step}`)}
                onPress={() => props.onStep(step)}
              />
            ))}
          </div>
          <label className="order-note">
            <span>{t('order.note')}</span>
            <input
              type="text"
              maxLength={2_000}
              value={props.note}
              placeholder={t('order.noteHint')}
              onChange={(event) => props.onNote(event.target.value)}
            />
          </label>
        </>
      )}
      {props.why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(props.why)}
        </p>
      )}
      <Steps row={row} />
    </article>
  );
};

export const OrderLine = ({ row, customer }: OrderRow) => {
  const { t } = useWords();
  const stage = stageOf(row);
  const { payment, delivery } = row;
  return (
    <span className="owed-line">
      <span className="owed-what">
        <span className="badge" data-tone={stage === 'lost' || stage === 'cancelled' ? 'danger' : 'plain'}>
          {t(`order.stage.${stage}`)}
        </span>
        <strong>{row.offer.name}</strong>
        <span>{customer ?? t('due.nobody')}</span>
      </span>
      <span className="quiet">
        {[
          t(`order.flow.${row.flow}`),
          ...(row.lead === null ? [] : [t(`order.lead.${row.lead}`)]),
          payment === null
            ? t('order.onBill')
            : t('order.money', {
                way: t(`order.way.${payment.way}`),
                amount: (payment.amountFen / 100).toFixed(2),
                state: t(`order.payment.${payment.state}`),
              }),
          ...(delivery === null ? [] : [`${t(`order.by.${delivery.by}`)} ${t(`order.delivery.${delivery.state}`)}`]),
        ].join(' · ')}
      </span>
    </span>
  );
};

/** R41, each step as shape and word: done, the one that is waited for, to come. */
const SaleWay = ({ sale, isOffline }: { readonly sale: Sale; readonly isOffline: boolean }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const waits = isOffline && sale.kind === 'asking';
  return (
    <>
      {sale.kind === 'declined' ? null : (
        <ol className="sale-way" aria-label={t('order.way')}>
          {milestones.map((milestone, nth) => {
            const state = stateOfMilestone(sale.kind, nth);
            return (
              <li key={milestone} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
                {state === 'done' ? <Icon name="check" /> : <span className="sale-dot" aria-hidden="true" />}
                <span>{t(`order.milestone.${milestone}`)}</span>
                <span className="visually-hidden">{t(`order.state.${state}`)}</span>
              </li>
            );
          })}
        </ol>
      )}
      <p className="plain-note" role="status" data-tone={isTrouble(sale) ? 'attention' : 'plain'}>
        {waits
          ? t('order.sale.waitsForLine')
          : t(`order.sale.${sale.kind}`, {
              time: dateTime(sale.untilMs ?? sale.atMs, nowMs, language),
              attempt: sale.attempt,
            })}
      </p>
    </>
  );
};

const isTrouble = ({ kind }: Sale): boolean => kind === 'unsent' || kind === 'lapsed' || kind === 'declined';

/** Whatever the customer wrote, and what became of it: nothing is lost (R41). */
const Replies = ({ replies }: Pick<Order, 'replies'>) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (replies.length === 0) return null;
  return (
    <ul className="sale-replies" aria-label={t('order.replies')}>
      {replies.map(({ atMs, says, outcome }, index) => (
        <li key={`${atMs}-${index}`}>
          <time className="figure">{dateTime(atMs, nowMs, language)}</time>
          <span>{t(`order.says.${says}`)}</span>
          <span className="quiet">{t(`order.outcome.${outcome}`)}</span>
        </li>
      ))}
    </ul>
  );
};

const Steps = ({ row }: { readonly row: Order }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  return (
    <details className="order-steps">
      <summary>{t('order.history')}</summary>
      <ol className="case-steps">
        {row.steps.map(({ step, atMs, note, agentId }, index) => (
          <li key={`${atMs}-${index}`}>
            <span className="owed-what">
              <time className="figure">{dateTime(atMs, nowMs, language)}</time>
              <span>{t(`order.step.${step}`)}</span>
              <span className="quiet">{agentId ?? t('order.central')}</span>
            </span>
            {note === '' ? null : <span className="quiet">{note}</span>}
          </li>
        ))}
      </ol>
    </details>
  );
};
