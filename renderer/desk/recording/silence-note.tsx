import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Gate } from './use-silence.ts';

/** Beside a field for a secret: why it is locked, what is being done, what the agent can do. */
export const SilenceNote = (props: { readonly id: string; readonly gate: Gate; readonly onAgain: () => void }) => {
  const words = useWords();
  const { t } = words;
  const { gate } = props;
  if (gate.kind === 'open') return null;
  if (gate.kind === 'silent')
    return (
      <p className="silence" id={props.id} role="status" data-tone="accent">
        <Icon name="hold" />
        <span>{t('secret.paused')}</span>
      </p>
    );
  if (gate.kind === 'failed')
    return (
      <p className="silence" id={props.id} role="alert" data-tone="danger">
        <Icon name={gate.isLocked ? 'lock' : 'warn'} />
        <span>
          {gate.isLocked ? <strong>{t('secret.locked')}</strong> : null}
          <span>{words.refusal(gate.why)}</span>
          <span>{t(gate.isLocked ? 'secret.failed' : 'secret.unpaused')}</span>
        </span>
        <Button label={t('secret.pause')} onPress={props.onAgain} />
      </p>
    );
  const sentences = { notAsked: 'secret.onFocus', asking: 'secret.pausing', limit: 'secret.again' } as const;
  return (
    <p className="silence" id={props.id} role="status" data-tone="attention">
      <Icon name="lock" />
      <span>
        <strong>{t('secret.locked')}</strong>
        <span>{t(sentences[gate.because])}</span>
      </span>
      {gate.because === 'asking' ? null : <Button label={t('secret.pause')} onPress={props.onAgain} />}
    </p>
  );
};
