import type { Recording } from '../../../shared/recording.ts';
import { useWords } from '../context.tsx';
import { Elapsed } from '../parts/elapsed.tsx';

/** Whether this call is being recorded, by shape and word: a full dot, two bars, a ring (R33). */
export const RecordingMark = ({ recording }: { readonly recording: Recording }) => {
  const { t } = useWords();
  return (
    <span className="mark-live" data-kind={recording.kind}>
      <svg className="icon" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" focusable="false">
        <path d={shapes[recording.kind]} />
      </svg>
      <span role="status" aria-label={t('recording.region')}>
        {t(`recording.${recording.kind}`)}
      </span>
      {recording.kind === 'paused' ? <Elapsed sinceMs={recording.sinceMs} /> : null}
    </span>
  );
};

const dot = 'M8 3a5 5 0 1 1 0 10a5 5 0 0 1 0-10z';
const bars = 'M4.500 3h2.500v10h-2.500zM9 3h2.500v10h-2.500z';
const shapes: Readonly<Record<Recording['kind'], string>> = {
  running: dot,
  resuming: bars,
  pausing: dot,
  paused: bars,
  none: 'M8 3a5 5 0 1 1 0 10a5 5 0 0 1 0-10z',
  unknown: 'M5.500 6a2.500 2.500 0 1 1 3.500 2.300c-.7.4-1 .8-1 1.700M8 12.500v.1',
};
