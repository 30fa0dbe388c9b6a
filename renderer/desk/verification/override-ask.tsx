import { useState } from 'react';
import type { Refusal } from '../../../shared/result.ts';
import type { Verifying } from '../../../shared/seat.ts';
import { type OverrideReason, overrideReasons } from '../../../shared/verification-api.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

/** Security 61: nothing left to ask? A lead decides, with the reason; the customer is told. */
export const OverrideAsk = (props: {
  readonly override: Verifying['override'];
  readonly onAsk: (reason: OverrideReason) => Promise<Refusal | null>;
}) => {
  const words = useWords();
  const { t } = words;
  const [isOpen, setOpen] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  if (props.override === 'asked' || props.override === 'refused')
    return (
      <p className="outcome" data-tone={props.override === 'asked' ? 'accent' : 'danger'} role="status">
        {t(`verify.override.${props.override}`)}
      </p>
    );
  return (
    <div className="override-ask">
      <Button
        label={t('verify.override.ask')}
        tone="quiet"
        expanded={isOpen}
        onPress={() => setOpen((before) => !before)}
      />
      {isOpen ? (
        <span className="pair">
          {overrideReasons.map((reason) => (
            <Button
              key={reason}
              label={t(`verify.override.reason.${reason}`)}
              onPress={() =>
                void props.onAsk(reason).then((why) => {
                  setRefusal(why);
                  setOpen(why !== null);
                })
              }
            />
          ))}
        </span>
      ) : null}
      {refusal === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {words.refusal(refusal)}
        </p>
      )}
    </div>
  );
};
