import { BaseEdge, type EdgeProps, Handle, type NodeProps, Position } from '@xyflow/react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { ScriptStep } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Key } from '../parts/button.tsx';
import { pathOf } from './script-path.ts';
import { secondsOf, type StepMark, type Way } from './script-ways.ts';
import { withoutNames } from './step-form.tsx';

/** The handle a new answer is drawn from. No answer is called so. */
export const newWay = 'new:';

export type StepData = {
  readonly step: ScriptStep;
  readonly ways: readonly Way[];
  readonly marks: readonly StepMark[];
  readonly isFirst: boolean;
  readonly isChosen: boolean;
  readonly isTabStop: boolean;
  readonly mayEdit: boolean;
  readonly pickedWay: string | null;
  /** Share of the calls that came here; null: nobody counted yet. */
  readonly reached: number | null;
  /** Grows when a key led here. */
  readonly wish: number;
  readonly onKey: (event: KeyboardEvent<HTMLElement>) => void;
  readonly onChoose: () => void;
  readonly onWay: (way: Way) => void;
};

const percent = (share: number): number => Math.round(share * 100);

/** A step: what is said, how long it takes, what is wrong with it, and a row for every way out of it. */
export const StepNode = (props: NodeProps) => {
  const { t, language } = useWords();
  const own = props.data as unknown as StepData;
  const { step, ways, marks, reached, mayEdit } = own;
  const said = inLanguage(step.say, language);
  const seconds = t('scripts.seconds', { seconds: secondsOf(step) });
  const share = reached === null ? null : t('scripts.share', { percent: percent(reached) });
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (own.wish > 0) button.current?.focus();
  }, [own.wish]);
  return (
    <div className="graph-card" data-chosen={own.isChosen} data-fault={marks.length > 0} title={said}>
      <Handle type="target" position={Position.Left} className="graph-handle graph-into" isConnectable={mayEdit} />
      <button
        type="button"
        ref={button}
        className="graph-step"
        data-step={step.id}
        tabIndex={own.isTabStop ? 0 : -1}
        aria-current={own.isChosen}
        onClick={own.onChoose}
        onKeyDown={own.onKey}
      >
        <span className="graph-top">
          <span>{t(`part.${step.part}`)}</span>
          <span className="spacer" />
          <span className="figure">{seconds}</span>
        </span>
        <span className="graph-said">{said.trim() === '' ? step.id : withoutNames(said)}</span>
        <span className="graph-marks">
          {own.isFirst ? <Mark kind="first" word={t('scripts.firstStep')} /> : null}
          {marks.map((mark) => (
            <Mark key={mark} kind={mark} word={t(`scripts.mark.${mark}`)} />
          ))}
          {reached === null || share === null ? null : <Share share={reached} word={share} />}
        </span>
        <span className="visually-hidden">{t('scripts.waysOut', { ways: ways.length })}</span>
      </button>
      {ways.map((way, nth) => (
        <WayRow key={way.id} {...own} way={way} nth={nth} />
      ))}
      {mayEdit && step.answers.length < 9 ? (
        <Handle
          type="source"
          id={newWay}
          position={Position.Bottom}
          className="graph-handle graph-new"
          title={t('scripts.drawAnswer')}
        />
      ) : null}
    </div>
  );
};

const Mark = (props: { readonly kind: StepMark | 'first'; readonly word: string }) => (
  <span className="graph-mark" data-mark={props.kind} title={props.word}>
    {props.word}
  </span>
);

/** The share as a bar and as a number; a step nobody came to says so. */
const Share = ({ share, word }: { readonly share: number; readonly word: string }) => {
  const { t } = useWords();
  if (share === 0) return <Mark kind="unreachable" word={t('scripts.neverReached')} />;
  return (
    <span className="graph-share figure">
      <svg viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">
        <rect className="whole" width="32" height="8" />
        <rect className="part" width={Math.max(1, share * 32)} height="8" />
      </svg>
      {word}
    </span>
  );
};

/** With the mouse: drag its dot, or press it. With keys: its digit on the step. */
const WayRow = ({ way, nth, pickedWay, mayEdit, onWay }: StepData & { readonly way: Way; readonly nth: number }) => {
  const { t, language } = useWords();
  const label = way.label === null ? t('script.next') : inLanguage(way.label, language) || t('scripts.untitled');
  return (
    <div className="graph-way" data-picked={pickedWay === way.id}>
      <button type="button" tabIndex={-1} onClick={() => onWay(way)} title={label}>
        <Key label={String(nth + 1)} />
        <span>{label}</span>
      </button>
      <Handle
        type="source"
        id={way.answerId ?? ''}
        position={Position.Right}
        className="graph-handle"
        isConnectable={mayEdit}
      />
    </div>
  );
};

export const EndNode = (props: NodeProps) => (
  <div className="graph-end" title={(props.data as { readonly label: string }).label}>
    <Handle type="target" position={Position.Left} className="graph-handle graph-into" />
    <span>{(props.data as { readonly label: string }).label}</span>
  </div>
);

type WayData = { readonly bends: readonly { readonly x: number; readonly y: number }[]; readonly lane: number | null };

export const WayEdge = (props: EdgeProps) => {
  const { bends, lane } = props.data as unknown as WayData;
  const path = pathOf({ x: props.sourceX, y: props.sourceY }, { x: props.targetX, y: props.targetY }, bends, lane);
  return <BaseEdge path={path} {...(props.markerEnd === undefined ? {} : { markerEnd: props.markerEnd })} />;
};
