import { useId, type ReactNode } from 'react';

/** Fields of the task form: a label and its input, side by side. */
export const Field = (props: {
  readonly label: string;
  readonly wide?: boolean;
  readonly children: (id: string) => ReactNode;
}) => {
  const id = useId();
  return (
    <div className="task-field" data-wide={props.wide === true}>
      <label htmlFor={id}>{props.label}</label>
      {props.children(id)}
    </div>
  );
};

export const Select = (props: {
  readonly id: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
}) => (
  <select id={props.id} value={props.value} onChange={(event) => props.onChange(event.target.value)}>
    {props.options.map(([value, label]) => (
      <option key={value} value={value}>
        {label}
      </option>
    ))}
  </select>
);

export const NumberField = (props: {
  readonly label: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly onChange: (value: number) => void;
}) => (
  <Field label={props.label}>
    {(id) => (
      <input
        id={id}
        type="number"
        min={props.from}
        max={props.to}
        value={props.value}
        onChange={(event) => {
          const value = Math.round(Number(event.target.value));
          if (Number.isFinite(value)) props.onChange(Math.min(props.to, Math.max(props.from, value)));
        }}
      />
    )}
  </Field>
);
