import { type Spoken, speak, type Variables } from '../../../shared/script.ts';
import type { Language, Text } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';

type SentenceProps = {
  readonly spoken: Language;
  /** The field behind a variable that was shown and is masked again (R44); null: it is missing for another reason. */
  readonly hiddenField: (variable: string) => string | null;
  readonly onShow: (key: string) => void;
  readonly text: Text;
  readonly variables: Variables;
  /** Nobody speaks it any more: what is missing is marked and asks for nothing. */
  readonly isOver?: boolean;
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
      {hidden.length === 0 || props.isOver === true ? null : (
        <div className="plain-note hidden-values" data-tone="attention" role="note">
          <span>{t('script.hidden', { names: hidden.map(({ name }) => label(name)).join(t('listComma')) })}</span>
          {hidden.map(({ name, key }) => (
            <Button key={name} label={t('script.show', { name: label(name) })} onPress={() => props.onShow(key)} />
          ))}
        </div>
      )}
      {missing.length === 0 || props.isOver === true ? null : (
        <p className="plain-note" data-tone="attention" role="note">
          {t('script.missing', { names: missing.join(t('listComma')) })}
        </p>
      )}
    </div>
  );
};

const Part = ({ part, label }: { readonly part: Spoken[number]; readonly label: (name: string) => string }) =>
  'text' in part ? <span>{part.text}</span> : <mark className="missing">{label(part.missing)}</mark>;
