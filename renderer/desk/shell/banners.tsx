import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

export type Banner = {
  readonly key: string;
  readonly tone: 'attention' | 'danger';
  /** What happened, what we do, what the agent does: one sentence. */
  readonly text: string;
  readonly action?: { readonly label: string; readonly onPress: () => void };
};

export const Banners = ({ banners }: { readonly banners: readonly Banner[] }) => {
  const { t } = useWords();
  return (
    <div className="banners" role="status" aria-label={t('banner.region')}>
      {banners.map((banner) => (
        <div key={banner.key} className="banner" data-tone={banner.tone}>
          <Icon name="warn" />
          <span>{banner.text}</span>
          {banner.action === undefined ? null : (
            <Button label={banner.action.label} tone="quiet" onPress={banner.action.onPress} />
          )}
        </div>
      ))}
    </div>
  );
};
