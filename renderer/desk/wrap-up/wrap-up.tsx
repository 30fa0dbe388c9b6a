import type { ReactNode } from 'react';
import { type DispositionPath, type DispositionTree, isComplete } from '../../../shared/disposition.ts';
import type { CallSummary } from '../../../shared/quality.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { QualitySummary } from '../call/quality-summary.tsx';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { Picker } from './picker.tsx';

export type WrapUpProps = {
  readonly open: boolean;
  readonly note: ReactNode;
  readonly disposition: DispositionPath;
  readonly tree: DispositionTree;
  readonly finding: ContactView['finding'];
  /** When the timer forces "unfinished" (R28); null while the call goes on. */
  readonly deadlineMs: number | null;
  readonly onChoose: (path: DispositionPath) => void;
  readonly onToggle: () => void;
  /** Why the last attempt to finish was refused. */
  readonly refusal: Refusal | null;
  readonly onFinish: () => void;
  /** R40, once the call is over and was measured. */
  readonly quality: CallSummary | undefined;
  /** What the disposition chosen brings about by itself, in a sentence; null: nothing. */
  readonly follows: string | null;
};

/** Bottom drawer: a note from the first second of the call; open, the disposition beside it. */
export const WrapUp = (props: WrapUpProps) => {
  const { t } = useWords();
  const { open } = props;
  return (
    <section className="wrapup" data-open={open} aria-label={t('wrapUp.region')}>
      {props.note}
      {open ? (
        <>
          <Picker tree={props.tree} finding={props.finding} path={props.disposition} onChoose={props.onChoose} />
          <div className="wrapup-end">
            {props.deadlineMs === null ? (
              <p className="quiet">{t('wrapUp.during')}</p>
            ) : (
              <p className="wrapup-timer">
                <span>{t('wrapUp.left')}</span>
                <Remaining untilMs={props.deadlineMs} soonMs={20_000} />
              </p>
            )}
            {props.quality === undefined ? null : <QualitySummary quality={props.quality} />}
            {props.follows === null ? null : (
              <p className="plain-note" role="status">
                {props.follows}
              </p>
            )}
            <FinishState tree={props.tree} path={props.disposition} refusal={props.refusal} />
            <Button
              label={t('wrapUp.finish')}
              hint={keyLabels.finish}
              tone="main"
              disabled={props.deadlineMs === null}
              onPress={props.onFinish}
            />
            {props.deadlineMs === null ? (
              <Button label={t('wrapUp.close')} hint={keyLabels.wrapUp} tone="quiet" onPress={props.onToggle} />
            ) : null}
          </div>
        </>
      ) : (
        <Button
          label={t('wrapUp.open')}
          hint={keyLabels.wrapUp}
          tone="quiet"
          expanded={false}
          onPress={props.onToggle}
        />
      )}
    </section>
  );
};

const FinishState = (props: {
  readonly tree: DispositionTree;
  readonly path: DispositionPath;
  readonly refusal: Refusal | null;
}) => {
  const words = useWords();
  if (props.refusal === null && isComplete(props.tree, props.path)) return null;
  return (
    <p className="outcome" data-tone={props.refusal === null ? 'plain' : 'danger'} role="status">
      {props.refusal === null ? words.t('wrapUp.chooseFirst') : words.refusal(props.refusal)}
    </p>
  );
};
