import type { Text } from '../../../shared/text.ts';
import { useWords } from '../context.tsx';

/** A text in both languages; the customer's decides which one is spoken. */
export const TextPair = (props: {
  readonly label: string;
  readonly value: Text;
  readonly onChange: (value: Text) => void;
  readonly long?: boolean;
}) => {
  const { t } = useWords();
  return (
    <div className="text-pair">
      <TextField
        label={t('scripts.inChinese', { label: props.label })}
        lang="zh-CN"
        value={props.value.zh}
        long={props.long === true}
        onChange={(zh) => props.onChange({ ...props.value, zh })}
      />
      <TextField
        label={t('scripts.inEnglish', { label: props.label })}
        lang="en"
        value={props.value.en}
        long={props.long === true}
        onChange={(en) => props.onChange({ ...props.value, en })}
      />
    </div>
  );
};

const TextField = (props: {
  readonly label: string;
  readonly lang: string;
  readonly value: string;
  readonly long: boolean;
  readonly onChange: (value: string) => void;
}) => (
  <label>
    <span>{props.label}</span>
    {props.long ? (
      <textarea
        lang={props.lang}
        rows={3}
        maxLength={4_000}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    ) : (
      <input
        lang={props.lang}
        maxLength={200}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    )}
  </label>
);

export const LineField = (props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'date';
}) => (
  <label>
    <span>{props.label}</span>
    <input
      type={props.type ?? 'text'}
      maxLength={400}
      value={props.value}
      onChange={(event) => props.onChange(event.target.value)}
    />
  </label>
);

export type Option = { readonly value: string; readonly label: string };
export const SelectField = (props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly Option[];
  readonly onChange: (value: string) => void;
}) => (
  <label>
    <span>{props.label}</span>
    <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
      {props.options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  </label>
);
