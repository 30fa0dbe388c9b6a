import { useState } from 'react';
import { findTargets, type Target, targetName } from '../../../shared/directory.ts';
import type { Refusal } from '../../../shared/result.ts';
import { inLanguage } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

const most = 8;

/** R37: merchants, departments and colleagues by name, category or place: to tell, to hand the call to, or to book with. */
export const DirectoryList = (props: {
  readonly targets: readonly Target[];
  readonly text: string;
  /** In a call with a customer who is known; null: there is nobody to hand over or to book for. */
  readonly inCall: {
    readonly onTransfer: (target: Target) => void;
    readonly onBook: (target: Target) => Promise<Refusal | null>;
  } | null;
}) => {
  const { t } = useWords();
  // Digits are a number being typed; who answers to it is said above.
  if (!/\p{L}/u.test(props.text)) return null;
  const found = findTargets(props.targets, props.text).slice(0, most);
  return (
    <section className="directory-list" aria-label={t('directory.matches')}>
      <h3>{t('directory.matches')}</h3>
      {found.length === 0 ? <p className="quiet">{t('transfer.none')}</p> : null}
      <ul>
        {found.map((target) => (
          <Line key={target.id} target={target} inCall={props.inCall} />
        ))}
      </ul>
    </section>
  );
};

type LineProps = { readonly target: Target; readonly inCall: Parameters<typeof DirectoryList>[0]['inCall'] };

const Line = ({ target, inCall }: LineProps) => {
  const { t, language, refusal } = useWords();
  const [said, setSaid] = useState<Refusal | 'booked' | null>(null);
  const name = targetName(target, language);
  const about = [target.category, ...(target.place === undefined ? [] : [target.place])]
    .map((one) => inLanguage(one, language))
    .filter((one) => one !== '');
  return (
    <li>
      <span className="directory-who">
        <strong>{name}</strong>
        <span className="figure">{target.number}</span>
        <span className="quiet">{[t(`directory.kind.${target.kind}`), ...about].join(' · ')}</span>
      </span>
      {inCall === null ? null : (
        <span className="directory-do">
          <Button
            label={t('directory.handOver', { name })}
            icon="handOver"
            tone="quiet"
            onPress={() => inCall.onTransfer(target)}
          />
          {target.kind === 'department' ? (
            <Button
              label={t('directory.book', { name })}
              tone="quiet"
              disabled={said === 'booked'}
              onPress={() => void inCall.onBook(target).then((why) => setSaid(why ?? 'booked'))}
            />
          ) : null}
        </span>
      )}
      {said === null ? null : (
        <span className="outcome" role="status" data-tone={said === 'booked' ? 'plain' : 'danger'}>
          {said === 'booked' ? t('directory.booked') : refusal(said)}
        </span>
      )}
    </li>
  );
};
