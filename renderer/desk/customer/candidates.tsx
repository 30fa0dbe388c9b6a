import type { Customer } from '../../../shared/customer.ts';
import type { CustomerId } from '../../../shared/ids.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Choice } from '../parts/button.tsx';

/** Several customers on one number: the agent asks, then picks (security 77). */
export const Candidates = (props: {
  readonly customers: readonly Customer[];
  readonly onPick: (customerId: CustomerId | null) => void;
}) => {
  const { t, language } = useWords();
  return (
    <section className="candidates" aria-label={t('candidates.title', { count: props.customers.length })}>
      <h2>{t('candidates.title', { count: props.customers.length })}</h2>
      {props.customers.map((customer, index) => (
        <Choice
          key={customer.id}
          digit={index < 9 ? index + 1 : null}
          label={customer.nameMasked}
          onPress={() => props.onPick(customer.id)}
        >
          <span className="quiet">
            {[
              t(`gender.${customer.gender}`),
              inLanguage(customer.area, language),
              inLanguage(customer.package.name, language) || t('candidates.masked'),
            ]
              .filter((part) => part !== '')
              .join(' · ')}
          </span>
        </Choice>
      ))}
      <Choice digit={0} label={t('candidates.none')} onPress={() => props.onPick(null)} />
    </section>
  );
};

/** One customer, but the number alone does not make it certain: ask first, then say so here. */
export const Confirm = (props: { readonly onYes: () => void; readonly onNo: () => void }) => {
  const { t } = useWords();
  return (
    <div className="confirm">
      <span>{t('confirm.ask')}</span>
      <button type="button" className="button plain" onClick={props.onYes}>
        {t('confirm.yes')}
      </button>
      <button type="button" className="button quiet" onClick={props.onNo}>
        {t('confirm.no')}
      </button>
    </div>
  );
};
