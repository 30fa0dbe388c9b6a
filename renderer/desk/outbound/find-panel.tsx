import { useState } from 'react';
import type { Customer } from '../../../shared/customer.ts';
import type { CustomerId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/policy.ts';
import type { Result } from '../../../shared/result.ts';
import { tierOf } from '../../../shared/tier.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { maskedNumber } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

type Found = Result<readonly Customer[]> | null;

/** Ctrl+F: customers by number, surname or id; at most ten masked rows (security 46). */
export const FindPanel = (props: {
  readonly policy: Policy;
  readonly mayDial: boolean;
  /** Central cannot be asked: what is found is what this seat holds. */
  readonly hereOnly: boolean;
  /** Can this row become the customer of the contact in hand; also instead of one picked by mistake. */
  readonly mayIdentify: (customerId: CustomerId) => boolean;
  readonly onFind: (text: string) => Promise<Result<readonly Customer[]>>;
  readonly onDial: (customerId: CustomerId, numberIndex: number) => void;
  readonly onIdentify: (customerId: CustomerId) => void;
}) => {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found>(null);
  const field = useFocusWish<HTMLInputElement>('find');
  return (
    <section className="panel" aria-label={t('find.title')}>
      <h2>{t('find.title')}</h2>
      <form
        role="search"
        className="find-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void props.onFind(text.trim()).then(setFound);
        }}
      >
        <label htmlFor="find-text">{t('find.text')}</label>
        <input
          id="find-text"
          ref={field}
          type="search"
          value={text}
          maxLength={64}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
        <Button label={t('find.find')} hint="Enter" type="submit" onPress={() => undefined} />
      </form>
      <p className="quiet" role="status">
        {found === null
          ? t('find.hint')
          : found.ok
            ? t('find.count', { count: found.value.length })
            : words.refusal(found.error)}
      </p>
      {found?.ok === true && props.hereOnly ? (
        <p className="plain-note" data-tone="attention">
          {t('find.hereOnly')}
        </p>
      ) : null}
      {found?.ok === true ? (
        <ul className="found">
          {found.value.map((customer) => (
            <Row key={customer.id} {...props} customer={customer} />
          ))}
        </ul>
      ) : null}
    </section>
  );
};

const Row = (props: {
  readonly customer: Customer;
  readonly policy: Policy;
  readonly mayDial: boolean;
  readonly mayIdentify: (customerId: CustomerId) => boolean;
  readonly onDial: (customerId: CustomerId, numberIndex: number) => void;
  readonly onIdentify: (customerId: CustomerId) => void;
}) => {
  const { t, language } = useWords();
  const { customer } = props;
  return (
    <li>
      <span className="found-who">
        <strong>{customer.nameMasked}</strong>
        <span className="badge" data-tone="plain">
          {t(`tier.${tierOf(customer.usage, props.policy.tier).tier}`)}
        </span>
        {customer.list === 'normal' ? null : (
          <span className="badge" data-tone={customer.list === 'red' ? 'danger' : 'solid'}>
            {t(`list.${customer.list}`)}
          </span>
        )}
      </span>
      <span className="quiet">{inLanguage(customer.area, language)}</span>
      {customer.roaming ? (
        <span className="outcome" data-tone="attention">
          {t('roaming.dial')}
        </span>
      ) : null}
      {props.mayIdentify(customer.id) ? (
        <Button label={t('find.thisOne')} onPress={() => props.onIdentify(customer.id)} />
      ) : null}
      {customer.numbers.map((number, index) => (
        <span key={number.key} className="found-number">
          <span className="figure">{maskedNumber(number.key)}</span>
          <span className="spacer" />
          <Button
            label={t('numbers.dial')}
            icon="phone"
            tone="quiet"
            disabled={!props.mayDial}
            onPress={() => props.onDial(customer.id, index)}
          />
        </span>
      ))}
    </li>
  );
};
