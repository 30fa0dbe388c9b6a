import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';

/** The last thing that was refused, in words, until closed or replaced. Never a modal over the script. */
export const StatusLine = (props: {
  readonly trouble: { readonly refusal: Refusal; readonly n: number } | null;
  readonly onClose: () => void;
}) => {
  const words = useWords();
  const { trouble } = props;
  return (
    <div className="statusline" role="alert">
      {trouble === null ? null : (
        <p key={trouble.n}>
          <Icon name="warn" />
          <span>{words.refusal(trouble.refusal)}</span>
          <Button label={words.t('close')} tone="quiet" onPress={props.onClose} />
        </p>
      )}
    </div>
  );
};
