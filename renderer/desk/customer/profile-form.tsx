import { type KeyboardEvent, useEffect, useRef, useState, memo } from 'react';
import type { Customer } from '../../../shared/customer.ts';
import { type EditableField, editableFields, isEditable } from '../../../shared/profile.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

type Save = (key: EditableField, value: string) => Promise<Refusal | null>;

const keys = Object.keys(editableFields).filter(isEditable);
/** What keyboards of a screen and browsers make of the field; the text itself is checked in the engine. */
const inputOf: Readonly<Record<EditableField, 'text' | 'tel' | 'email' | 'date'>> = {
  otherNumber: 'tel',
  email: 'email',
  mailAddress: 'text',
  birthday: 'date',
  preferredTime: 'text',
  preferredChannel: 'text',
  remark: 'text',
};

/** R7: what the customer says of themselves is put down where it is shown; what they prove themselves with is not among it. */
export const ProfileForm = memo((props: { readonly customer: Customer; readonly onSave: Save }) => {
  const { t, named } = useWords();
  const [isOpen, setOpen] = useState(false);
  const [saved, setSaved] = useState<EditableField | null>(null);
  const opener = useFocusWish<HTMLButtonElement>('profile');
  const close = (field: EditableField | null): void => {
    setOpen(false);
    setSaved(field);
    // The focus was in the form, which is gone now.
    opener.current?.focus();
  };
  return (
    <div className="profile">
      <button
        ref={opener}
        type="button"
        className="button quiet small"
        aria-expanded={isOpen}
        onClick={() => {
          setSaved(null);
          setOpen((before) => !before);
        }}
      >
        {t('profile.edit')}
      </button>
      <span role="status" className="quiet">
        {saved === null ? '' : t('profile.saved', { field: named('field', saved, saved) })}
      </span>
      {isOpen ? <Entry {...props} onClose={close} /> : null}
    </div>
  );
});

const Entry = (props: {
  readonly customer: Customer;
  readonly onSave: Save;
  readonly onClose: (saved: EditableField | null) => void;
}) => {
  const words = useWords();
  const { t, named } = words;
  const known = new Set(props.customer.fields.map((field) => field.key));
  // What is still missing first: that is what is mostly asked for.
  const sorted = keys.toSorted((one, other) => Number(known.has(one)) - Number(known.has(other)));
  const [key, setKey] = useState<EditableField>(sorted[0] ?? 'remark');
  const [value, setValue] = useState('');
  const [why, setWhy] = useState<Refusal | null>(null);
  const isSaving = useRef(false);
  const field = useRef<HTMLSelectElement>(null);
  // Opened by hand, to be filled in at once; never again while somebody types.
  useEffect(() => field.current?.focus(), []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
    event.stopPropagation();
    props.onClose(null);
  };
  const save = async (): Promise<void> => {
    if (isSaving.current) return;
    isSaving.current = true;
    const refused = await props.onSave(key, value.trim());
    isSaving.current = false;
    setWhy(refused);
    if (refused === null) props.onClose(key);
  };
  return (
    <form
      className="profile-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label>
        <span>{t('profile.field')}</span>
        <select
          value={key}
          ref={field}
          onKeyDown={onKey}
          onChange={(event) => {
            if (isEditable(event.target.value)) setKey(event.target.value);
            setValue('');
            setWhy(null);
          }}
        >
          {sorted.map((one) => (
            <option key={one} value={one}>
              {named('field', one, one)}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t('profile.value')}</span>
        <input
          key={key}
          type={inputOf[key]}
          value={value}
          maxLength={400}
          autoComplete="off"
          aria-describedby="profile-why"
          onKeyDown={onKey}
          onChange={(event) => setValue(event.target.value)}
        />
      </label>
      <p id="profile-why" className="outcome" role="alert" data-tone="danger">
        {why === null ? '' : words.refusal(why)}
      </p>
      <span className="pair">
        <Button label={t('profile.save')} hint="Enter" tone="main" type="submit" onPress={() => undefined} />
        <Button label={t('profile.cancel')} hint="Esc" tone="quiet" onPress={() => props.onClose(null)} />
      </span>
      <p className="quiet">{t(known.has(key) ? 'profile.replaces' : 'profile.how')}</p>
    </form>
  );
};
