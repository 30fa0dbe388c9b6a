import type { Customer, Field, QueryClass } from './customer.ts';
import { parseNumber } from './phone-number.ts';
import { type Refusal, refusal } from './result.ts';

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

const oldestYears = 130;

/** Why this cannot be what the customer said; '' takes the field back. Told while the customer is still there to be asked. */
export const fieldRefusal = (key: EditableField, value: string, nowMs: number): Refusal | undefined => {
  if (value === '') return undefined;
  switch (key) {
    case 'otherNumber': {
      const { kind } = parseNumber(value);
      return ['mobile', 'fixed', 'international'].includes(kind) ? undefined : refusal('invalid', 'fieldNumber');
    }
    case 'email':
      return /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/u.test(value) ? undefined : refusal('invalid', 'fieldEmail');
    case 'birthday':
      return isBirthday(value, nowMs) ? undefined : refusal('invalid', 'fieldBirthday');
    default:
      return undefined;
  }
};

const isBirthday = (value: string, nowMs: number): boolean => {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (parts === null) return false;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  // 02-30 becomes another day.
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return false;
  return at.getTime() <= nowMs && year >= new Date(nowMs).getUTCFullYear() - oldestYears;
};

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
