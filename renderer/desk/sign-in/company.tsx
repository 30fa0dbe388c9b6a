import { type CompanySignIn, isPage } from '../../../shared/company-sign-in.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** The way in by the company's account: the provider's page opens beside this one, and this one waits. */
export const Company = ({
  company,
  onBegin,
  onTakeOver,
  onCancel,
}: {
  readonly company: CompanySignIn;
  readonly onBegin: () => void;
  readonly onTakeOver: () => void;
  readonly onCancel: () => void;
}) => {
  const words = useWords();
  const { t } = words;
  const isOnTheWay = company.kind === 'beginning' || company.kind === 'finishing';
  return (
    <section className="signin-company" aria-label={t('signIn.company')}>
      {company.kind === 'waiting' ? (
        <>
          <p role="status">{t('signIn.companyWaiting')}</p>
          {company.url === null || !isPage(company.url) ? null : (
            <p>
              <a href={company.url} target="_blank" rel="noopener noreferrer">
                {t('signIn.companyOpen')}
              </a>
            </p>
          )}
          <Button label={t('signIn.companyCancel')} onPress={onCancel} />
        </>
      ) : (
        <Button label={t(isOnTheWay ? 'signIn.asking' : 'signIn.company')} disabled={isOnTheWay} onPress={onBegin} />
      )}
      <p className="outcome" role="alert" data-tone="danger">
        {company.kind === 'refused' ? words.refusal(plain(company.why)) : null}
      </p>
      {company.kind === 'refused' && company.why.reason === 'signedInElsewhere' ? (
        <Button label={t('signIn.takeOver')} tone="main" onPress={onTakeOver} />
      ) : null}
    </section>
  );
};

const plain = ({ kind, reason, params }: Extract<CompanySignIn, { kind: 'refused' }>['why']) => ({
  kind,
  ...(reason === undefined ? {} : { reason }),
  ...(params === undefined ? {} : { params }),
});
