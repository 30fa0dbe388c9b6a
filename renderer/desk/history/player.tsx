import { useStore } from 'zustand';
import type { RecordedPart } from '../../../shared/history.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { useDesk, useWords } from '../context.tsx';
import { duration } from '../format.ts';
import { Button } from '../parts/button.tsx';
import { type Player, type PlayerState, type Speed, speeds } from './player-store.ts';

/** A place in a recording one may go to. */
export type Mark = { readonly offsetMs: number; readonly label: string };

const stepMs = 5_000;

/** One recording: the player is this one's once it is played, before that it stands at the beginning. */
export const PlayerRegion = (props: {
  readonly label: string;
  readonly contactId: ContactId;
  readonly part: RecordedPart;
  readonly marks: readonly Mark[];
}) => {
  const { player } = useDesk();
  const { contactId, part } = props;
  const now = useStore(player.store);
  const isOwn = now.of?.contactId === contactId && now.of.part.part === part.part;
  const own = (run: (player: Player) => void) => (): void => {
    player.show({ contactId, part });
    run(player);
  };
  return (
    <PlayerView
      {...props}
      now={isOwn ? now : { ...now, of: null, kind: 'stopped', atMs: 0, why: null }}
      onToggle={own(({ toggle }) => toggle())}
      onSeek={(ms) => own(({ seek }) => seek(ms))()}
      onSkip={(ms) => own(({ skip }) => skip(ms))()}
      onSpeed={(speed) => own(({ setSpeed }) => setSpeed(speed))()}
    />
  );
};

export const PlayerView = (props: {
  readonly label: string;
  readonly part: RecordedPart;
  readonly marks: readonly Mark[];
  readonly now: PlayerState;
  readonly onToggle: () => void;
  readonly onSeek: (ms: number) => void;
  readonly onSkip: (ms: number) => void;
  readonly onSpeed: (speed: Speed) => void;
}) => {
  const words = useWords();
  const { t } = words;
  const { part, now } = props;
  const lengthMs = part.lengthMs ?? 0;
  const nth = speeds.indexOf(now.speed);
  const keys: Readonly<Record<string, () => void>> = {
    ' ': props.onToggle,
    ArrowLeft: () => props.onSkip(-stepMs),
    ArrowRight: () => props.onSkip(stepMs),
    ArrowUp: () => props.onSpeed(speeds[nth + 1] ?? now.speed),
    ArrowDown: () => props.onSpeed(speeds[nth - 1] ?? now.speed),
    Home: () => props.onSeek(0),
  };
  return (
    <div className="player" role="group" aria-label={props.label}>
      <div className="player-picture">
        <Picture part={part} marks={props.marks} atMs={now.atMs} />
        <input
          type="range"
          min={0}
          max={lengthMs}
          step={100}
          value={Math.min(now.atMs, lengthMs)}
          aria-label={t('player.place')}
          aria-valuetext={t('player.placeOf', { at: duration(now.atMs), length: duration(lengthMs) })}
          title={t('player.keys')}
          onChange={(event) => props.onSeek(Number(event.target.value))}
          onKeyDown={(event) => {
            const run = keys[event.key];
            if (run === undefined) return;
            event.preventDefault();
            event.stopPropagation();
            run();
          }}
        />
      </div>
      <div className="player-keys">
        <Button
          label={t(now.kind === 'stopped' ? 'player.play' : 'player.pause')}
          icon={now.kind === 'stopped' ? 'resume' : 'hold'}
          tone="main"
          onPress={props.onToggle}
        />
        <Button label={t('player.back')} onPress={() => props.onSkip(-stepMs)} />
        <Button label={t('player.forward')} onPress={() => props.onSkip(stepMs)} />
        <Button
          label={t('player.speed', { speed: now.speed })}
          onPress={() => props.onSpeed(speeds[(nth + 1) % speeds.length] ?? 1)}
        />
        <span className="spacer" />
        <span className="figure">{t('player.at', { at: duration(now.atMs), length: duration(lengthMs) })}</span>
      </div>
      <p className="quiet player-hint" role="status">
        {t(now.kind === 'loading' ? 'player.loading' : 'player.keys')}
      </p>
      {now.why === null ? null : (
        <p className="plain-note" data-tone="attention" role="alert">
          {words.refusal(now.why)}
        </p>
      )}
      <Marks marks={props.marks} onSeek={props.onSeek} />
    </div>
  );
};

const Marks = ({ marks, onSeek }: { readonly marks: readonly Mark[]; readonly onSeek: (ms: number) => void }) => {
  const { t } = useWords();
  if (marks.length === 0) return null;
  return (
    <ol className="player-marks" aria-label={t('player.marks')}>
      {marks.map(({ offsetMs, label }) => (
        <li key={`${offsetMs} ${label}`}>
          <button type="button" className="player-mark" onClick={() => onSeek(offsetMs)}>
            <time className="figure">{duration(offsetMs)}</time>
            <span>{label}</span>
          </button>
        </li>
      ))}
    </ol>
  );
};

const height = 40;

/** Loudness along the recording, what was heard darker; silences as hatched stretches, marks as lines. Decoration beside the slider. */
const Picture = ({
  part,
  marks,
  atMs,
}: Pick<Parameters<typeof PlayerView>[0], 'part' | 'marks'> & { readonly atMs: number }) => {
  const lengthMs = Math.max(1, part.lengthMs ?? 1);
  const peaks = part.peaks ?? [];
  const width = Math.max(1, peaks.length);
  const x = (ms: number): number => (ms / lengthMs) * width;
  const bars = (isHeard: boolean): string =>
    peaks
      .map((peak, nth) => {
        if ((nth + 0.5) * (lengthMs / width) < atMs !== isHeard) return '';
        const half = Math.max(0.5, (peak / 100) * (height / 2 - 2));
        return `M${nth + 0.5} ${height / 2 - half}V${height / 2 + half}`;
      })
      .join('');
  return (
    <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      {part.pauses.map(({ fromMs, toMs }) => (
        <rect key={fromMs} className="player-silence" x={x(fromMs)} y={0} width={x(toMs) - x(fromMs)} height={height} />
      ))}
      <path className="player-bars" d={bars(false)} />
      <path className="player-bars heard" d={bars(true)} />
      {marks.map(({ offsetMs, label }) => (
        <path key={`${offsetMs} ${label}`} className="player-tick" d={`M${x(offsetMs)} ${height - 6}V${height}`} />
      ))}
      <path className="player-at" d={`M${x(atMs)} 0V${height}`} />
    </svg>
  );
};
