import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { type Option, SelectField } from './fields.tsx';

/** Several of a list: each that was taken stands there with a way to leave it; none taken says what that means. */
export const PickMany = (props: {
  readonly label: string;
  readonly none: string;
  readonly value: readonly string[];
  readonly options: readonly Option[];
  readonly onChange: (value: string[]) => void;
}) => {
  const { t } = useWords();
  const { value, options, onChange } = props;
  const nameOf = (id: string): string =>
    options.find((one) => one.value === id)?.label ?? t('scripts.goneName', { name: id });
  const left = options.filter((one) => !value.includes(one.value));
  return (
    <div className="pick-many" role="group" aria-label={props.label}>
      <SelectField
        label={props.label}
        value=""
        options={[{ value: '', label: value.length === 0 ? props.none : t('scripts.addOne') }, ...left]}
        onChange={(id) => (id === '' ? undefined : onChange([...value, id]))}
      />
      {value.length === 0 ? null : (
        <span className="pair">
          {value.map((id) => (
            <Button
              key={id}
              label={t('scripts.takeAway', { name: nameOf(id) })}
              onPress={() => onChange(value.filter((one) => one !== id))}
            />
          ))}
        </span>
      )}
    </div>
  );
};
