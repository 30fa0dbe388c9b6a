import { limitSeconds } from '../../../shared/script-length.ts';
import type { Script, ScriptStep as Step } from '../../../shared/script.ts';
import { type Spoken, speak, type Variables } from '../../../shared/script.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { inLanguage, type Language, type Text } from '../../../shared/text.ts';
import { leftIn } from '../../../shared/disclosure.ts';
import { Disclosures, type ToldItems } from '../orders/disclosures.tsx';
import { useNow, useWords } from '../context.tsx';
import { duration } from '../format.ts';
import { keyLabels } from '../keys.ts';
import { Button, Choice } from '../parts/button.tsx';
import type { Ui } from '../ui-store.ts';
import { progressOf } from '../view.ts';

export type ScriptProps = {
  readonly script: NonNullable<ContactView['script']>;
  readonly step: Step | undefined;
  /** From the first answer to the end of the call; null: not yet. */
  readonly spokenMs: { readonly from: number | null; readonly until: number | null };
  readonly spoken: Language;
  readonly objections: Ui['objections'];
  /** R42: what was disclosed in this call. */
  readonly told: ToldItems;
  readonly onTell: (stepId: string, itemId: string) => void;
  /** To the order, after the script of a tariff; null: there is nothing to sell. */
  readonly onOrder: (() => void) | null;
  /** The field behind a variable that was shown and is masked again (R44); null: it is missing for another reason. */
  readonly hiddenField: (variable: string) => string | null;
  readonly onShow: (key: string) => void;
  readonly onAnswer: (answerId: string | null) => void;
  readonly onBack: () => void;
  readonly onObjections: () => void;
  readonly onObjection: (id: string) => void;
  readonly onCloseObjections: () => void;
  readonly onWrapUp: () => void;
};

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
            {script.objections.length === 0 ? null : (
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
      <Sentence {...props} text={step.say} variables={props.script.variables} />
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

const Objections = (props: ScriptProps) => {
  const { t, language } = useWords();
  const { objections } = props.script.script;
  const { objections: open } = props;
  const one = open.kind === 'one' ? objections.find((other) => other.id === open.id) : undefined;
  return (
    <div className="objections">
      {one === undefined ? (
        <h3>{t('script.objectionsAsk')}</h3>
      ) : (
        <>
          <h3>{inLanguage(one.label, language)}</h3>
          <Sentence {...props} text={one.say} variables={props.script.variables} />
        </>
      )}
      <div className="answers" role="group" aria-label={t('script.objections')}>
        {objections.map((other, index) => (
          <Choice
            key={other.id}
            digit={index < 9 ? index + 1 : null}
            label={inLanguage(other.label, language)}
            chosen={other.id === one?.id}
            onPress={() => props.onObjection(other.id)}
          />
        ))}
      </div>
    </div>
  );
};

type SentenceProps = Pick<ScriptProps, 'spoken' | 'hiddenField' | 'onShow'> & {
  readonly text: Text;
  readonly variables: Variables;
};

/**
 * A sentence with its variables filled in. What is missing stands out and is named, so that it is never read out; what is only masked
 * again is one press away.
 */
export const Sentence = (props: SentenceProps) => {
  const { t, named } = useWords();
  const parts = speak(props.text, props.variables, props.spoken);
  const label = (name: string): string => named('variable', name, name);
  const gaps = [...new Set(parts.flatMap((part) => ('missing' in part ? [part.missing] : [])))];
  const hidden = gaps.flatMap((name) => {
    const key = props.hiddenField(name);
    return key === null ? [] : [{ name, key }];
  });
  const missing = gaps.filter((name) => props.hiddenField(name) === null).map(label);
  return (
    <div className="sentence">
      <p className="say" lang={props.spoken}>
        {parts.map((part, index) => (
          <Part key={`${index}:${'text' in part ? part.text : part.missing}`} part={part} label={label} />
        ))}
      </p>
      {hidden.length === 0 ? null : (
        <div className="plain-note hidden-values" data-tone="attention" role="note">
          <span>{t('script.hidden', { names: hidden.map(({ name }) => label(name)).join(t('listComma')) })}</span>
          {hidden.map(({ name, key }) => (
            <Button key={name} label={t('script.show', { name: label(name) })} onPress={() => props.onShow(key)} />
          ))}
        </div>
      )}
      {missing.length === 0 ? null : (
        <p className="plain-note" data-tone="attention" role="note">
          {t('script.missing', { names: missing.join(t('listComma')) })}
        </p>
      )}
    </div>
  );
};

const Part = ({ part, label }: { readonly part: Spoken[number]; readonly label: (name: string) => string }) =>
  'text' in part ? <span>{part.text}</span> : <mark className="missing">{label(part.missing)}</mark>;
