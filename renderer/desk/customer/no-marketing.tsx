import { useState } from 'react';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** R22: counts at once and is not taken back in a hurry, so it takes a second press. */
export const NoMarketing = ({ onRefuse }: { readonly onRefuse: () => void }) => {
  const { t } = useWords();
  const [isAsking, setAsking] = useState(false);
  return isAsking ? (
    <div className="confirm" role="group" aria-label={t('refuse.do')}>
      <span>{t('refuse.ask')}</span>
      <Button label={t('refuse.yes')} onPress={onRefuse} />
      <Button label={t('refuse.no')} tone="quiet" onPress={() => setAsking(false)} />
    </div>
  ) : (
    <div>
      <button type="button" className="button quiet small" onClick={() => setAsking(true)}>
        {t('refuse.do')}
      </button>
    </div>
  );
};
