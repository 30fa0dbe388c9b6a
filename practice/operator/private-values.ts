import type { PrivateValues } from '../../central/customers.ts';
import { idCheckCharacter, passwordMark } from '../../central/answers.ts';
import type { Secrets } from '../../central/secrets.ts';
import type { Field, QueryClass } from '../../shared/customer.ts';
import type { Text } from '../../shared/text.ts';
import { chanceOf } from './chance.ts';
import type { PersonName } from './names.ts';
import { masked, mobileAt } from './numbers.ts';
import type { SamplePackage } from './packages.ts';
import { drawAddress } from './places.ts';

/** What only the customer and central know. */
export type SampleSecret = {
  readonly name: PersonName;
  readonly idNumber: string;
  readonly address: string;
  /** National number. */
  readonly contactPhone: string;
  readonly servicePassword: string;
  readonly birthday: string;
};

export const secretOf = (seed: number, index: number, name: PersonName, area: Text, looksMale: boolean): SampleSecret => {
  const chance = chanceOf(seed, 'secret', index);
  const birthday = `${chance.between(1946, 2007)}-${two(chance.between(1, 12))}-${two(chance.between(1, 28))}`;
  const sequence = chance.below(499) * 2 + (looksMale ? 1 : 0);
  // No province has 00: the number cannot be anyone's, while its check character is right.
  const first17 = `00${two(chance.between(1, 99))}${two(chance.between(1, 99))}${birthday.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  return {
    name,
    idNumber: `${first17}${idCheckCharacter(first17).toUpperCase()}`,
    address: drawAddress(chance, area),
    contactPhone: mobileAt(index, 'contact'),
    servicePassword: String(chance.below(1_000_000)).padStart(6, '0'),
    birthday,
  };
};

type Facts = {
  readonly secret: SampleSecret;
  readonly area: Text;
  readonly tariff: SamplePackage;
  readonly bill: number;
  readonly memberSince: string;
};

type FullField = { readonly key: string; readonly class: QueryClass; readonly value: string; readonly shown: string };

/** Every field with its full value and what a seat is shown of it; class 1 is shown as it is. */
const fieldsOf = (seed: number, index: number, facts: Facts): readonly FullField[] => {
  const chance = chanceOf(seed, 'fields', index);
  const { secret, tariff, bill } = facts;
  const open = (key: string, value: string): FullField => ({ key, class: 1, value, shown: value });
  const calls = Array.from(
    { length: 3 },
    () => `${masked(mobileAt(chance.below(600_000), 'second'))} ${chance.between(1, 15)}:${two(chance.below(60))}`,
  );
  return [
    open('memberSince', facts.memberSince),
    open('network', chance.happens(0.7) ? '5G' : '4G'),
    { key: 'fullName', class: 2, value: secret.name.full, shown: secret.name.masked },
    { key: 'package', class: 2, value: tariff.name.zh, shown: '****' },
    { key: 'lastBill', class: 2, value: `¥${bill.toFixed(2)}`, shown: '¥***' },
    { key: 'balance', class: 2, value: `¥${(chance.below(30_000) / 100).toFixed(2)}`, shown: '¥***' },
    { key: 'dataLeft', class: 2, value: `${(tariff.data * chance.next()).toFixed(1)} GB`, shown: '*** GB' },
    { key: 'points', class: 2, value: String(chance.below(40_000)), shown: '*****' },
    { key: 'idNumber', class: 3, value: secret.idNumber, shown: `${'*'.repeat(16)}${secret.idNumber.slice(-2)}` },
    { key: 'address', class: 3, value: secret.address, shown: `${facts.area.zh}******` },
    { key: 'contactPhone', class: 3, value: secret.contactPhone, shown: masked(secret.contactPhone) },
    { key: 'birthday', class: 3, value: secret.birthday, shown: '****-**-**' },
    { key: 'callDetails', class: 3, value: calls.join('; '), shown: '******' },
  ];
};

export const shownFields = (seed: number, index: number, facts: Facts): Field[] =>
  fieldsOf(seed, index, facts).map(({ key, class: queryClass, shown }) => ({ key, class: queryClass, shown }));

export const privateValues = (seed: number, index: number, facts: Facts, mark: Secrets['mark']): PrivateValues => {
  const salt = `${seed}:${index}`;
  const { tariff, bill, secret } = facts;
  return {
    fields: Object.fromEntries(
      fieldsOf(seed, index, facts).map(({ key, class: queryClass, value }) => [key, { class: queryClass, value }]),
    ),
    bill,
    packageNames: [tariff.name.zh, tariff.name.en, ...tariff.synonyms],
    password: { salt, mark: passwordMark(mark, salt, secret.servicePassword) },
  };
};

const two = (value: number): string => String(value).padStart(2, '0');
