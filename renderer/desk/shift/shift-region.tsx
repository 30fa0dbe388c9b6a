import { useStore } from 'zustand';
import { useDesk, useSnapshot, useWords } from '../context.tsx';
import { Choice } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';
import { isShiftCheckDue } from './shift-check.ts';

/** Three lines that tick themselves, three keys; gone when all is well. */
export const ShiftRegion = () => {
  const { shift, phone } = useDesk();
  const { t } = useWords();
  const isDue = useSnapshot(isShiftCheckDue);
  const progress = useStore(shift.store);
  const isRegistered = useStore(phone, ({ state }) => state.line.kind === 'registered');
  if (!isDue) return null;
  return (
    <section className="shift" aria-label={t('shift.title')}>
      <h2>{t('shift.title')}</h2>
      <p className="quiet">{t('shift.why')}</p>
      <ul>
        <Item isDone={isRegistered} text={t(isRegistered ? 'shift.line.ok' : 'shift.line.waiting')} />
        <Item isDone={progress.microphone !== 'waiting'} text={t(`shift.microphone.${progress.microphone}`)} />
        <Item isDone={progress.speaker !== 'waiting'} text={t(`shift.speaker.${progress.speaker}`)} />
      </ul>
      <Meter side="microphoneDb" label={t('call.meter.me')} />
      <div className="shift-keys" role="group" aria-label={t('shift.title')}>
        <Choice
          digit={1}
          label={t('shift.toneHeard')}
          disabled={progress.speaker !== 'waiting'}
          onPress={shift.toneHeard}
        />
        <Choice digit={2} label={t('shift.toneAgain')} onPress={shift.toneAgain} />
        <Choice
          digit={3}
          label={t('shift.confirmMicrophone')}
          disabled={progress.microphone !== 'waiting'}
          onPress={shift.confirmMicrophone}
        />
      </div>
    </section>
  );
};

const Item = ({ isDone, text }: { readonly isDone: boolean; readonly text: string }) => (
  <li data-done={isDone}>
    <Icon name={isDone ? 'check' : 'mic'} />
    <span role="status">{text}</span>
  </li>
);
