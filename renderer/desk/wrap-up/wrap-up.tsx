import { type DispositionPath, type DispositionTree, isComplete } from '../../../shared/disposition.ts';
import type { CallSummary } from '../../../shared/quality.ts';
import type { Refusal } from '../../../shared/result.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { QualitySummary } from '../call/quality-summary.tsx';
import { useWords } from '../context.tsx';
import { timeOfDay } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button } from '../parts/button.tsx';
import { Remaining } from '../parts/elapsed.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';
import type { Draft, Saving } from './draft.ts';
import { Picker } from './picker.tsx';

export type WrapUpProps = {
  readonly open: boolean;
  readonly draft: Draft;
  readonly tree: DispositionTree;
  readonly finding: ContactView['finding'];
  /** When the timer forces "unfinished" (R28); null while the call goes on. */
  readonly deadlineMs: number | null;
  readonly onNote: (note: string) => void;
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
  const { open, draft } = props;
  const note = useFocusWish<HTMLTextAreaElement>('note');
  return (
    <section className="wrapup" data-open={open} aria-label={t('wrapUp.region')}>
      <div className="wrapup-note">
        <div className="wrapup-note-head">
          <label htmlFor="note">{t('wrapUp.note')}</label>
          <SavedMark saving={draft.saving} />
        </div>
        <textarea
          id="note"
          ref={note}
          value={draft.note}
          maxLength={4_000}
          rows={open ? 5 : 1}
          placeholder={t('wrapUp.notePlaceholder')}
          onChange={(event) => props.onNote(event.target.value)}
        />
      </div>
      {open ? (
        <>
          <Picker tree={props.tree} finding={props.finding} path={draft.disposition} onChoose={props.onChoose} />
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
            <FinishState tree={props.tree} path={draft.disposition} refusal={props.refusal} />
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

const SavedMark = ({ saving }: { readonly saving: Saving }) => {
  const words = useWords();
  const { t } = words;
  switch (saving.kind) {
    case 'same':
      return <span className="quiet" />;
    case 'changed':
    case 'saving':
      return <span className="quiet">{t('draft.saving')}</span>;
    case 'saved':
      return <span className="quiet figure">{t('draft.saved', { time: timeOfDay(saving.atMs) })}</span>;
    case 'failed':
      return (
        <span className="outcome" data-tone="danger" role="alert">
          {t('draft.failed', { why: words.refusal(saving.refusal) })}
        </span>
      );
  }
};
