import { limitSeconds } from '../../../shared/script-length.ts';
import type { Script } from '../../../shared/script.ts';
import { inLanguage } from '../../../shared/text.ts';
import { leftIn } from '../../../shared/disclosure.ts';
import { Disclosures } from '../orders/disclosures.tsx';
import { useNow, useWords } from '../context.tsx';
import { duration } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button, Choice } from '../parts/button.tsx';
import { Objections } from './objections.tsx';
import type { ScriptProps } from './script-props.ts';
import { Sentence } from './sentence.tsx';
import { progressOf } from '../view.ts';

/** The sentence to speak, large; answers are numbered keys; objections one key away and back (R17, R18). */
export const ScriptView = (props: ScriptProps) => {
  const { t, language } = useWords();
  const { script, run } = props.script;
  const { at, of } = progressOf(script, run.taken.length, run.stepId);
  const objecting = props.objections.kind !== 'closed';
  return (
    <section className="script" aria-label={t('script.region')}>
      <header className="script-head">
        <h2>{inLanguage(script.title, language)}</h2>
        <span className="quiet figure">{t('script.version', { version: script.version })}</span>
        <span className="spacer" />
        <TimeUsed kind={script.kind} {...props.spokenMs} />
        {props.step === undefined ? null : (
          <span className="quiet figure">{t('script.progress', { part: t(`part.${props.step.part}`), at, of })}</span>
        )}
      </header>
      {objecting ? <Objections {...props} /> : <CurrentStep {...props} />}
      <footer className="script-foot">
        {objecting ? (
          <Button label={t('script.return')} hint={keyLabels.escape} icon="back" onPress={props.onCloseObjections} />
        ) : (
          <>
            <Button
              label={t('script.back')}
              hint={keyLabels.back}
              icon="back"
              tone="quiet"
              disabled={run.taken.length === 0}
              onPress={props.onBack}
            />
            {props.known.length === 0 ? null : (
              <Button
                label={t('script.objections')}
                hint={keyLabels.objections}
                tone="quiet"
                onPress={props.onObjections}
              />
            )}
          </>
        )}
      </footer>
    </section>
  );
};

/** R16: how long the script takes already, against what it may. Steps by itself, so nothing around it is drawn again. */
const TimeUsed = (props: {
  readonly kind: Script['kind'];
  readonly from: number | null;
  readonly until: number | null;
}) => {
  const { t } = useWords();
  const now = useNow();
  if (props.from === null) return null;
  const usedMs = Math.max(0, (props.until ?? now) - props.from);
  const limitMs = limitSeconds(props.kind) * 1_000;
  return (
    <span className="figure script-time" data-over={usedMs > limitMs}>
      {t('script.time', { used: duration(usedMs), limit: duration(limitMs) })}
      {usedMs > limitMs ? <strong> {t('script.timeOver')}</strong> : null}
    </span>
  );
};

const CurrentStep = (props: ScriptProps) => {
  const { t, language } = useWords();
  const { step } = props;
  if (step === undefined)
    return (
      <div className="finished">
        <p className="say">{t('script.finished')}</p>
        {props.onOrder === null ? null : (
          <Button label={t('order.go')} hint={keyLabels.next} tone="main" onPress={props.onOrder} />
        )}
        <Button
          label={t('wrapUp.open')}
          hint={keyLabels.wrapUp}
          tone={props.onOrder === null ? 'main' : 'plain'}
          onPress={props.onWrapUp}
        />
      </div>
    );
  const isLeft = leftIn(step, props.told).length > 0;
  return (
    <>
      <Sentence {...props} text={step.say} variables={props.script.variables} isOver={props.spokenMs.until !== null} />
      <Disclosures
        step={step}
        told={props.told}
        spoken={props.spoken}
        onTell={(itemId) => props.onTell(step.id, itemId)}
      />
      {step.answers.length === 0 ? (
        <Button
          label={t('script.next')}
          hint={keyLabels.next}
          tone="main"
          disabled={isLeft}
          onPress={() => props.onAnswer(null)}
        />
      ) : (
        <div className="answers" role="group" aria-label={t('script.answers')}>
          {step.answers.map((answer, index) => (
            <Choice
              key={answer.id}
              digit={isLeft ? null : index + 1}
              label={inLanguage(answer.label, language)}
              disabled={isLeft}
              onPress={() => props.onAnswer(answer.id)}
            />
          ))}
        </div>
      )}
    </>
  );
};
