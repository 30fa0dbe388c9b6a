import { memo } from 'react';
import type { Customer } from '../../../shared/customer.ts';
import type { Policy } from '../../../shared/policy.ts';
import { hintsOf } from '../../../shared/tier.ts';
import { useMinute, useWords } from '../context.tsx';

/** R5: next-best offers, each with the reason in words. */
export const Hints = memo(({ customer, policy }: { readonly customer: Customer; readonly policy: Policy }) => {
  const { t, named } = useWords();
  const hints = hintsOf(customer, policy, useMinute());
  if (hints.length === 0) return null;
  return (
    <section className="block" aria-label={t('hint.region')}>
      <h3>{t('hint.region')}</h3>
      <ul className="hints">
        {hints.map((hint) => (
          <li key={hint.offerId}>
            <strong>{named('offer', hint.offerId, hint.offerId)}</strong>
            <span className="quiet">{named('hint', hint.key, hint.key, hint.params)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
});
