import { type CallSummary, ratingOfMos } from '../../../shared/quality.ts';
import { useWords } from '../context.tsx';
import { duration } from '../format.ts';

/** How the call sounded on the whole (R40), in one line. */
export const QualitySummary = ({ quality }: { readonly quality: CallSummary }) => {
  const { t } = useWords();
  const { talkMs, listenMs, silenceMs } = quality.voice;
  return (
    <p className="quiet quality-summary">
      {t('quality.summary', {
        rating: t(`quality.rating.${ratingOfMos(quality.mosMean)}`),
        mos: quality.mosMean.toFixed(1),
        talk: duration(talkMs),
        listen: duration(listenMs),
        silence: duration(silenceMs),
      })}
    </p>
  );
};
