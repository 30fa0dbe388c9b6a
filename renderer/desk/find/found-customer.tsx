import { useEffect, useRef, useState } from 'react';
import type { PastContact } from '../../../shared/customer.ts';
import type { ContactId } from '../../../shared/ids.ts';
import type { Policy } from '../../../shared/policy.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { Timeline } from '../customer/timeline.tsx';
import { maskedNumber } from '../format.ts';
import { isLifted, NecessityAsk } from '../outbound/necessity-ask.tsx';
import { Button } from '../parts/button.tsx';
import { FoundWho } from './find-panel.tsx';
import type { FoundRow } from './find-store.ts';

/** A customer opened from the list: masked, with what may be done about them. Opening one changes nothing of the contact in hand. */
export const FoundCustomer = (props: {
  readonly row: FoundRow;
  readonly policy: Policy;
  readonly history: readonly PastContact[];
  readonly mayDial: boolean;
  /** Can this row become the customer of the contact in hand; also instead of one picked by mistake. */
  readonly mayIdentify: boolean;
  readonly onBack: () => void;
  readonly onDial: (numberIndex: number) => void;
  /** R21: with central's leave. */
  readonly onMarketing: (numberIndex: number) => Promise<Refusal | null>;
  readonly onNecessity: (reason: string) => Promise<Refusal | null>;
  readonly onIdentify: () => void;
  readonly onPast: (contactId: ContactId) => void;
}) => {
  const { t, refusal } = useWords();
  const [why, setWhy] = useState<Refusal | null>(null);
  const { customer } = props.row;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section className="panel" aria-label={t('find.opened')}>
      <h2 ref={heading} tabIndex={-1}>
        {t('find.opened')}
      </h2>
      <div>
        <Button label={t('find.back')} icon="back" tone="quiet" onPress={props.onBack} />
      </div>
      <FoundWho row={props.row} policy={props.policy} />
      {customer.roaming ? (
        <span className="outcome" data-tone="attention">
          {t('roaming.dial')}
        </span>
      ) : null}
      {props.mayIdentify ? <Button label={t('find.thisOne')} onPress={props.onIdentify} /> : null}
      {customer.numbers.map((number, index) => (
        <span key={number.key} className="found-number">
          <span className="figure">{maskedNumber(number.key)}</span>
          <span className="spacer" />
          <Button
            label={t('numbers.dial')}
            icon="phone"
            tone="quiet"
            disabled={!props.mayDial}
            onPress={() => props.onDial(index)}
          />
          <Button
            label={t('numbers.marketing')}
            icon="outbound"
            tone="quiet"
            disabled={!props.mayDial}
            onPress={() => void props.onMarketing(index).then(setWhy)}
          />
        </span>
      ))}
      {why === null ? null : (
        <p className="outcome" data-tone="danger" role="alert">
          {refusal(why)}
        </p>
      )}
      {why !== null && isLifted(why) ? <NecessityAsk onAsk={props.onNecessity} /> : null}
      <Timeline
        history={props.history}
        cases={customer.cases}
        orders={customer.orders ?? []}
        optOuts={customer.optOuts ?? []}
        onOpen={props.onPast}
      />
    </section>
  );
};
