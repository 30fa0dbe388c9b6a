import { memo } from 'react';
import { useStore } from 'zustand';
import { useDesk, useSnapshot, useUi, useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { tourStep, tourSteps } from './tour.ts';

/** One sentence at a time, above the work and never over it. Read out politely; the only buttons are a call to practise on, and the end. */
export const TourStrip = memo(() => {
  const { tour, actions } = useDesk();
  const { t } = useWords();
  const { isOn, hadCall } = useStore(tour.store);
  const declined = useUi((now) => now.declined);
  const step = useSnapshot((snapshot) => tourStep(snapshot, hadCall, declined));
  const isBetween = useSnapshot((snapshot) => snapshot.contact === null);
  if (!isOn) return null;
  const at = tourSteps.indexOf(step) + 1;
  return (
    <section className="tour" aria-label={t('tour.title')}>
      <p role="status">
        <span className="tour-at figure">{t('tour.at', { at, of: tourSteps.length })}</span>
        <span>{t(`tour.${step}`)}</span>
      </p>
      {step === 'call' ? (
        <Button label={t('tour.callMe')} hint={keyLabels.next} icon="phone" onPress={() => void actions.callMe(null)} />
      ) : null}
      <Button
        label={t(step === 'done' ? 'tour.close' : 'tour.end')}
        hint={isBetween ? keyLabels.escape : undefined}
        tone="quiet"
        onPress={tour.end}
      />
    </section>
  );
});
