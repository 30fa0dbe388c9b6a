import { couriers, type OrderFlow, orderFlows, paymentWays } from '../../../shared/order.ts';
import { useWords } from '../context.tsx';
import { Choice } from '../parts/button.tsx';
import type { OrderForm } from '../ui-store.ts';

/** A new order for the customer in hand: one of three flows (R30). What the script and the topic say is filled in. */
export const NewOrder = (props: {
  readonly form: OrderForm;
  /** What is sold, unless the agent writes something else. */
  readonly usual: string;
  /** Mandatory items the customer was not told yet; null: this call has no script of a tariff, and nothing can be sold. */
  readonly missing: number | null;
  readonly onEdit: (change: Partial<OrderForm>) => void;
  readonly onOpen: (flow: OrderFlow) => void;
}) => {
  const { t, refusal } = useWords();
  const { form, missing } = props;
  return (
    <section className="order" aria-label={t('order.new')}>
      <h2>{t('order.new')}</h2>
      {missing === 0 ? null : (
        <p className="plain-note" data-tone="attention" role="note">
          {missing === null ? t('order.noTariff') : t('order.missing', { count: missing })}
        </p>
      )}
      <div className="answers" role="group" aria-label={t('order.flows')}>
        {orderFlows.map((flow, index) => (
          <Choice
            key={flow}
            digit={index + 1}
            label={t(`order.open.${flow}`)}
            disabled={missing === null && flow !== 'lead'}
            onPress={() => props.onOpen(flow)}
          />
        ))}
      </div>
      {form.why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(form.why)}
        </p>
      )}
      <OrderFields form={form} usual={props.usual} onEdit={props.onEdit} />
      {form.way === 'phone' ? <p className="quiet">{t('order.phonePays')}</p> : null}
    </section>
  );
};

const OrderFields = (props: {
  readonly form: OrderForm;
  readonly usual: string;
  readonly onEdit: (change: Partial<OrderForm>) => void;
}) => {
  const { t } = useWords();
  const { form } = props;
  return (
    <div className="order-form">
      <label>
        <span>{t('order.name')}</span>
        <input
          type="text"
          maxLength={120}
          value={form.name ?? props.usual}
          onChange={(event) => props.onEdit({ name: event.target.value })}
        />
      </label>
      <label>
        <span>{t('order.pay')}</span>
        <select
          value={form.way}
          onChange={(event) => {
            const way = paymentWays.find((one) => one === event.target.value);
            props.onEdit({ way: way ?? '' });
          }}
        >
          <option value="">{t('order.onBill')}</option>
          {paymentWays.map((way) => (
            <option key={way} value={way}>
              {t(`order.way.${way}`)}
            </option>
          ))}
        </select>
      </label>
      {form.way === '' ? null : (
        <label>
          <span>{t('order.amount')}</span>
          <input
            type="text"
            inputMode="decimal"
            maxLength={12}
            value={form.amount}
            onChange={(event) => props.onEdit({ amount: event.target.value })}
          />
        </label>
      )}
      <label>
        <span>{t('order.bringer')}</span>
        <select
          value={form.by}
          onChange={(event) => props.onEdit({ by: couriers.find((one) => one === event.target.value) ?? 'courier' })}
        >
          {couriers.map((by) => (
            <option key={by} value={by}>
              {t(`order.by.${by}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('order.note')}</span>
        <input
          type="text"
          maxLength={2_000}
          value={form.note}
          onChange={(event) => props.onEdit({ note: event.target.value })}
        />
      </label>
    </div>
  );
};
