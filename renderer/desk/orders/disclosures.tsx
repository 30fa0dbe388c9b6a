import { isTold } from '../../../shared/disclosure.ts';
import type { ContactView } from '../../../shared/seat.ts';
import type { ScriptStep } from '../../../shared/script.ts';
import { inLanguage, type Language } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { duration } from '../format.ts';
import { Choice } from '../parts/button.tsx';

export type ToldItems = NonNullable<ContactView['contact']['told']>;

/** What has to be said before the step is left (R42): each ticked when it was read, with its place in the recording. Not taken back. */
export const Disclosures = (props: {
  readonly step: ScriptStep;
  readonly told: ToldItems;
  readonly spoken: Language;
  readonly onTell: (itemId: string) => void;
}) => {
  const { t } = useWords();
  const { step, told } = props;
  const items = step.disclosures ?? [];
  if (items.length === 0) return null;
  const left = items.filter(({ id }) => !isTold(told, { stepId: step.id, itemId: id })).length;
  return (
    <section className="disclosures" aria-label={t('disclosure.region')}>
      <h3>{left === 0 ? t('disclosure.allTold') : t('disclosure.left', { count: left })}</h3>
      {items.map((item, index) => {
        const one = told.find(({ stepId, itemId }) => stepId === step.id && itemId === item.id);
        return (
          <Choice
            key={item.id}
            digit={one === undefined && left > 0 ? index + 1 : null}
            label={inLanguage(item.label, props.spoken)}
            chosen={one !== undefined}
            onPress={() => props.onTell(item.id)}
          >
            <span className="quiet figure">
              {one === undefined ? t(`disclosure.${item.kind}`) : <Place mark={one.mark} />}
            </span>
          </Choice>
        );
      })}
    </section>
  );
};

const Place = ({ mark }: { readonly mark: ToldItems[number]['mark'] }) => {
  const { t } = useWords();
  return (
    <>
      {mark.recording === 'at' && mark.offsetMs !== null
        ? t('disclosure.at', { time: duration(mark.offsetMs) })
        : t(`disclosure.mark.${mark.recording}`)}
    </>
  );
};
