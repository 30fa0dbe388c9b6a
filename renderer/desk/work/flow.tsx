import type { QueryClass } from '../../../shared/customer.ts';
import { useWords } from '../context.tsx';
import { Icon } from '../parts/icon.tsx';
import type { FlowStep } from '../ui-store.ts';

/** Topic → verification → script → order as steps of one flow: where the contact is, and the way back to any of them. */
export const Flow = (props: {
  readonly shown: FlowStep;
  readonly at: FlowStep;
  readonly topicName: string | null;
  readonly topicClass: QueryClass | null;
  /** Without a topic too: a task brings its own. */
  readonly hasScript: boolean;
  readonly level: QueryClass;
  /** In a word, the order of this call; null: none. */
  readonly order: string | null;
  readonly mayOrder: boolean;
  /** The call is over: nobody is there to be asked. */
  readonly isOver: boolean;
  readonly onGo: (step: FlowStep) => void;
}) => {
  const { t } = useWords();
  const { topicClass, level } = props;
  const verify =
    topicClass === null || topicClass === 1
      ? t('flow.verify.none')
      : topicClass <= level
        ? t('flow.verify.done')
        : t(`flow.verify.${topicClass}`);
  const step = (name: FlowStep, label: string, detail: string | null, enabled: boolean, done: boolean) => (
    <li data-shown={props.shown === name}>
      <button
        type="button"
        disabled={!enabled}
        aria-current={props.shown === name ? 'step' : undefined}
        onClick={() => props.onGo(name)}
      >
        {done ? <Icon name="check" /> : null}
        <strong>{label}</strong>
        {detail === null ? null : <span className="quiet">{detail}</span>}
      </button>
    </li>
  );
  const chosen = topicClass !== null;
  const needs = chosen && topicClass > 1 && !props.isOver;
  return (
    <ol className="flow" aria-label={t('flow.region')}>
      {step('topic', t('flow.topic'), props.topicName, true, chosen)}
      {step(
        'verify',
        t('flow.verify'),
        chosen && !props.isOver ? verify : null,
        needs,
        chosen && topicClass <= level && topicClass > 1,
      )}
      {step('script', t('flow.script'), null, chosen || props.hasScript, false)}
      {step('order', t('flow.order'), props.order, props.mayOrder, false)}
    </ol>
  );
};
