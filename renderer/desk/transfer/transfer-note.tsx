import type { Call, Hold, Transfer } from '../../../shared/call.ts';
import { whyNotTransferred } from '../../../shared/transfer.ts';
import { useWords } from '../context.tsx';
import { keyLabels } from '../keys.ts';
import { shortcut } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

/** Handing over: under way, or what came of it and where the customer is now. */
export const TransferNote = (props: {
  readonly transfer: Transfer;
  readonly hold: Hold;
  readonly onClose: () => void;
}) => {
  const { t } = useWords();
  const { transfer } = props;
  if (transfer.kind !== 'failed')
    return (
      <p className="linenote" role="status">
        <Icon name="outbound" />
        {t(`transfer.${transfer.kind}`)}
      </p>
    );
  const why = t(`transfer.why.${whyNotTransferred(transfer.status)}`, { status: transfer.status });
  return (
    <p className="linenote" role="status" data-tone="danger">
      <Icon name="warn" />
      <span>
        {t('transfer.failed', { why })} {t(whereabouts(props.hold))}
      </span>
      <Close label={t('close')} onClose={props.onClose} />
    </p>
  );
};

/** Said only when it is so: a customer who is being taken back is not back yet. */
const whereabouts = ({ kind }: Hold): 'transfer.customerBack' | 'transfer.takingBack' | 'transfer.stillHeld' =>
  kind === 'none' ? 'transfer.customerBack' : kind === 'resuming' ? 'transfer.takingBack' : 'transfer.stillHeld';

/** A consultation that came to nothing: the customer still waits, the next step is the agent's. */
export const ConsultNote = ({ consult, name }: { readonly consult: Call; readonly name: string }) => {
  const { t } = useWords();
  if (consult.state.kind !== 'ended') return null;
  return (
    <p className="linenote" role="status" data-tone="attention">
      <Icon name="warn" />
      <span>
        {t('consult.failed', { name, why: t(`endCause.${consult.state.cause}`) })} {t('transfer.stillHeld')}
      </span>
    </p>
  );
};

/** A colleague rings: beside everything, in nobody's way. It never takes the focus; the two keys are on it. */
export const WaitingNotice = (props: {
  readonly name: string;
  readonly isInCall: boolean;
  readonly onAnswer: () => void;
  readonly onDecline: () => void;
}) => {
  const { t } = useWords();
  return (
    <section className="waiting" role="status" aria-label={t('line.waitingRegion')}>
      <Icon name="inbound" />
      <span>{t(props.isInCall ? 'line.waitingInCall' : 'line.waiting', { name: props.name })}</span>
      <button type="button" className="button main" onClick={props.onAnswer} aria-keyshortcuts={keyLabels.answer}>
        <span>{t('call.answer')}</span>
        <kbd className="key" aria-hidden="true">
          {keyLabels.answer}
        </kbd>
      </button>
      <button
        type="button"
        className="button plain"
        onClick={props.onDecline}
        aria-keyshortcuts={shortcut(keyLabels.decline)}
      >
        <span>{t('line.decline')}</span>
        <kbd className="key" aria-hidden="true">
          {keyLabels.decline}
        </kbd>
      </button>
    </section>
  );
};

const Close = ({ label, onClose }: { readonly label: string; readonly onClose: () => void }) => (
  <button type="button" className="linenote-close" aria-label={label} onClick={onClose}>
    <Icon name="close" />
  </button>
);
