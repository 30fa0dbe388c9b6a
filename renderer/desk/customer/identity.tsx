import { useId, memo } from 'react';
import type { Customer } from '../../../shared/customer.ts';
import type { Policy } from '../../../shared/policy.ts';
import { type LifeCycle, lifeCycleOf, type Tier, tierOf, type Why } from '../../../shared/tier.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useMinute, useWords } from '../context.tsx';
import { money } from '../format.ts';
import type { Words } from '../i18n.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

/** Params of a reason with money written as money. */
const moneyParams = new Set(['arpu', 'from', 'below']);
const written = (params: Why['params']): Readonly<Record<string, string | number>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, moneyParams.has(name) ? money(value) : value]),
  );

/** Who this is: masked name, tier with its why (R1), list (R2), card and manager (R4), language, life cycle (R3). */
export const Identity = memo(
  ({
    customer,
    policy,
    name,
    onManager,
  }: {
    readonly customer: Customer;
    readonly policy: Policy;
    readonly name: string;
    /** Null: nobody is on the line to be handed over. */
    readonly onManager: ((name: string) => void) | null;
  }) => {
    const { t, language } = useWords();
    const nowMs = useMinute();
    const tier = tierOf(customer.usage, policy.tier);
    const life = lifeCycleOf(customer.usage, policy, nowMs);
    return (
      <section className="identity" aria-label={t('identity.region')}>
        <div className="identity-line">
          <h2>{name}</h2>
          <span className="quiet">{t(`gender.${customer.gender}`)}</span>
          <TierBadge tier={tier} />
          {customer.list === 'red' ? (
            <span className="badge" data-tone="danger" title={t('list.red.long')}>
              {t('list.red')}
            </span>
          ) : null}
          {customer.list === 'black' ? (
            <span className="badge" data-tone="solid">
              {t('list.black')}
            </span>
          ) : null}
          {customer.roaming ? (
            <span className="badge" data-tone="attention" title={t('roaming.long')}>
              {t('roaming')}
            </span>
          ) : null}
        </div>
        <p className="identity-facts">
          {customer.area.zh === '' ? null : <span>{inLanguage(customer.area, language)}</span>}
          {customer.package.name.zh === '' ? null : <span>{inLanguage(customer.package.name, language)}</span>}
          <span>{t(`language.${customer.language}`)}</span>
          {customer.card === 'none' ? null : <span>{t(`card.${customer.card}`)}</span>}
          {customer.refusesMarketing ? <span>{t('refusesMarketing')}</span> : null}
        </p>
        {customer.card === 'gold' || customer.card === 'diamond' ? (
          <p className="identity-manager">
            <span>
              {customer.manager === null ? t('manager.none') : t('manager.first', { name: customer.manager })}
            </span>
            {customer.manager === null || onManager === null ? null : (
              <Button
                label={t('manager.handOver')}
                icon="handOver"
                tone="quiet"
                onPress={() => onManager(customer.manager ?? '')}
              />
            )}
          </p>
        ) : null}
        <LifeLine life={life} />
      </section>
    );
  },
);

const TierBadge = ({ tier }: { readonly tier: Tier }) => {
  const { t, named } = useWords();
  const id = useId();
  return (
    <span className="tip-holder">
      <button
        type="button"
        className="badge"
        data-tone={tier.tier === 'high' ? 'accent' : 'plain'}
        aria-describedby={id}
      >
        {t(`tier.${tier.tier}`)}
      </button>
      <span className="tip" role="tooltip" id={id}>
        <span className="overline">{t('tier.why')}</span>
        {tier.why.map((why) => (
          <span key={why.key}>{named('tierWhy', why.key, why.key, written(why.params))}</span>
        ))}
      </span>
    </span>
  );
};

const LifeLine = ({ life }: { readonly life: LifeCycle }) => {
  const words = useWords();
  return (
    <p className="life" data-tone={life.stage === 'warning' ? 'attention' : 'plain'}>
      {life.stage === 'warning' ? <Icon name="warn" /> : null}
      <strong>{words.t(`life.${life.stage}`)}</strong>
      {life.reasons.map((reason) => (
        <span key={reason.key}>{warningWords(reason, words)}</span>
      ))}
    </p>
  );
};

const warningWords = (reason: LifeCycle['reasons'][number], { t }: Words): string => {
  if (reason.key === 'chargeSwing') {
    const percent = reason.params['percent'] ?? 0;
    return t(percent > 0 ? 'warning.chargeRise' : 'warning.chargeDrop', { percent: Math.abs(percent) });
  }
  return t(`warning.${reason.key}`, written(reason.params));
};
