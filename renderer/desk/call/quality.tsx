import { memo } from 'react';
import { useStore } from 'zustand';
import type { CallId } from '../../../shared/ids.ts';
import type { Quality } from '../../../shared/phone.ts';
import { useDesk, useNow, useUi, useWords } from '../context.tsx';
import { duration } from '../format.ts';
import { keyLabels } from '../keys.ts';

/** How long the agent is told that the sound is back. */
const mendedForMs = 6_000;

/**
 * How the call sounds (R40): bars, a word and the opinion score, and one calm line of a width that never changes. Told once a second;
 * nothing else on the desk is drawn for it.
 */
export const CallQuality = memo(({ callId }: { readonly callId: CallId }) => {
  const desk = useDesk();
  const { t } = useWords();
  const quality = useStore(desk.quality, (now) => (now?.callId === callId ? now : null));
  const isOpen = useUi((now) => now.figures);
  const rating = quality?.rating ?? 'unknown';
  const score = quality === null ? '' : quality.mos.toFixed(1);
  return (
    <span className="quality" data-rating={rating}>
      <button
        type="button"
        className="quality-score"
        aria-expanded={isOpen}
        aria-keyshortcuts="Control+I"
        title={`${t('quality.title')} (${keyLabels.quality})`}
        onClick={() => desk.ui.setState({ figures: !isOpen })}
      >
        <span className="quality-bars" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <span className="visually-hidden">{t('quality.title')}</span>
        <span className="quality-word">{t(`quality.rating.${rating}`)}</span>
        <span className="figure">{score}</span>
      </button>
      <Line callId={callId} quality={quality} />
      {isOpen && quality !== null ? <Figures quality={quality} /> : null}
    </span>
  );
});

/** What was repaired, else what the agent can do something about, else what the network does. */
const Line = ({ callId, quality }: { readonly callId: CallId; readonly quality: Quality | null }) => {
  const { t } = useWords();
  const mended = useStore(useDesk().phone, (phone) => phone.mended);
  const prompt = quality?.prompt ?? null;
  const why = quality?.why ?? null;
  const otherwise = prompt !== null ? t(`quality.prompt.${prompt}`) : why !== null ? t(`quality.why.${why}`) : '';
  return (
    <span className="quality-line" role="status" title={otherwise}>
      {mended?.callId === callId ? (
        <Mended atMs={mended.atMs} words={t(`guardian.mended.${mended.leg}`)} otherwise={otherwise} />
      ) : (
        otherwise
      )}
    </span>
  );
};

/** Steps with the clock, and is only there while there is something to tell. */
const Mended = (props: { readonly atMs: number; readonly words: string; readonly otherwise: string }) =>
  useNow() - props.atMs < mendedForMs ? props.words : props.otherwise;

const Figures = ({ quality }: { readonly quality: Quality }) => {
  const { t } = useWords();
  const { voice, rttMs } = quality;
  const rows: readonly (readonly [string, string])[] = [
    [t('quality.mos'), quality.mos.toFixed(2)],
    [t('quality.loss'), `${quality.lossPct.toFixed(1)} %`],
    [t('quality.jitter'), `${quality.jitterMs.toFixed(0)} ms`],
    [t('quality.rtt'), rttMs === null ? t('quality.unknown') : `${rttMs.toFixed(0)} ms`],
    [t('quality.talk'), duration(voice.talkMs)],
    [t('quality.listen'), duration(voice.listenMs)],
    [t('quality.silence'), duration(voice.silenceMs)],
    [t('quality.talkOver'), duration(voice.talkOverMs)],
    [t('quality.noise'), `${voice.agentNoiseDb} / ${voice.customerNoiseDb} dB`],
  ];
  return (
    <dl className="quality-figures" aria-label={t('quality.figures')}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="figure">{value}</dd>
        </div>
      ))}
    </dl>
  );
};
