import type { Customer, Field, QueryClass } from './customer.ts';

/**
 * R7: fields an agent completes in a call. What a caller may prove themselves with is not among them, nor a number codes are sent to:
 * those change on line and strictly verified only (security 60).
 */
export const editableFields = {
  otherNumber: 3,
  email: 3,
  mailAddress: 3,
  birthday: 3,
  preferredTime: 1,
  preferredChannel: 1,
  remark: 1,
} as const satisfies Readonly<Record<string, QueryClass>>;
export type EditableField = keyof typeof editableFields;
export const isEditable = (key: string): key is EditableField => Object.hasOwn(editableFields, key);

/** As seats may show it below the level its class asks for (security 36). */
export const maskedField = (key: EditableField, value: string): string => {
  if (editableFields[key] === 1 || value === '') return value;
  const letters = Array.from(value);
  return letters.length <= 2 ? '**' : '*'.repeat(Math.min(8, letters.length - 2)) + letters.slice(-2).join('');
};

/** The customer with this field; the others keep their order. */
export const withField = (customer: Customer, field: Field): Customer => {
  const isKnown = customer.fields.some(({ key }) => key === field.key);
  return {
    ...customer,
    fields: isKnown
      ? customer.fields.map((other) => (other.key === field.key ? field : other))
      : [...customer.fields, field],
  };
};
