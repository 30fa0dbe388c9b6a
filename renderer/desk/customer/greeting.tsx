import { memo } from 'react';
import { greetingOf } from '../../../shared/greeting.ts';
import type { PopMatch } from '../../../shared/seat.ts';
import type { Language } from '../../../shared/text.ts';
import { useSpokenWords, useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';

/** R8 in words: exactly what to say first, in the customer's language. An outbound call asks whom one speaks with. */
export const greetingWords = (match: PopMatch, direction: 'inbound' | 'outbound', spoken: Words): string => {
  const { key, surname, title } = greetingOf(match, spoken.language);
  if (direction === 'outbound')
    return key === 'neutral'
      ? spoken.t('greeting.outbound.neutral')
      : spoken.t(`greeting.outbound.${title}`, { surname });
  return key === 'neutral' ? spoken.t('greeting.neutral') : spoken.t(`greeting.${key}.${title}`, { surname });
};

export const Greeting = memo(
  (props: {
    readonly match: PopMatch;
    readonly direction: 'inbound' | 'outbound';
    /** Language when nobody is known. */
    readonly otherwise: Language;
  }) => {
    const { t } = useWords();
    const { language } = greetingOf(props.match, props.otherwise);
    const spoken = useSpokenWords(language);
    return (
      <div className="greeting">
        <span className="overline">{t('greeting.label')}</span>
        <p lang={language}>{greetingWords(props.match, props.direction, spoken)}</p>
      </div>
    );
  },
);
