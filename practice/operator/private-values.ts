import type { PrivateValues } from '../../central/customers.ts';
import { idCheckCharacter, passwordMark } from '../../central/answers.ts';
import type { Secrets } from '../../central/secrets.ts';
import type { QueryClass } from '../../shared/customer.ts';
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

export const secretOf = (
  seed: number,
  index: number,
  name: PersonName,
  area: Text,
  looksMale: boolean,
): SampleSecret => {
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

/** What the fields are made of. */
export type Facts = {
  readonly secret: SampleSecret;
  readonly area: Text;
  readonly tariff: SamplePackage;
  readonly bill: number;
  readonly memberSince: string;
};

/** A field with its full value and what a seat is shown of it; class 1 is shown as it is. */
export type FullField = {
  readonly key: string;
  readonly class: QueryClass;
  readonly value: string;
  readonly shown: string;
};

export const fieldsOf = (seed: number, index: number, facts: Facts): readonly FullField[] => {
  const chance = chanceOf(seed, 'fields', index);
  const { secret, tariff, bill } = facts;
  const calls = Array.from(
    { length: 3 },
    () => `${masked(mobileAt(chance.below(600_000), 'second'))} ${chance.between(1, 15)}:${two(chance.below(60))}`,
  );
  const hidden = (text: string): string => '*'.repeat(text.length - 2) + text.slice(-2);
  return [
    field('memberSince', 1, facts.memberSince, facts.memberSince),
    chance.happens(0.7) ? field('network', 1, '5G', '5G') : field('network', 1, '4G', '4G'),
    field('fullName', 2, secret.name.full, secret.name.masked),
    field('package', 2, tariff.name.zh, '****'),
    field('lastBill', 2, `¥${bill.toFixed(2)}`, '¥***'),
    field('balance', 2, `¥${(chance.below(30_000) / 100).toFixed(2)}`, '¥***'),
    field('dataLeft', 2, `${(tariff.data * chance.next()).toFixed(1)} GB`, '*** GB'),
    field('points', 2, String(chance.below(40_000)), '*****'),
    field('idNumber', 3, secret.idNumber, hidden(secret.idNumber)),
    field('address', 3, secret.address, `${facts.area.zh}******`),
    field('contactPhone', 3, secret.contactPhone, hidden(secret.contactPhone)),
    field('birthday', 3, secret.birthday, '****-**-**'),
    field('callDetails', 3, calls.join('; '), '******'),
  ];
};

const field = (key: string, queryClass: QueryClass, value: string, shown: string): FullField => ({
  key,
  class: queryClass,
  value,
  shown,
});

export const privateValues = (
  salt: string,
  facts: Facts,
  fields: readonly FullField[],
  mark: Secrets['mark'],
): PrivateValues => ({
  fields: Object.fromEntries(fields.map(({ key, class: queryClass, value }) => [key, { class: queryClass, value }])),
  bill: facts.bill,
  packageNames: [facts.tariff.name.zh, facts.tariff.name.en, ...facts.tariff.synonyms],
  password: { salt, mark: passwordMark(mark, salt, facts.secret.servicePassword) },
});

const two = (value: number): string => String(value).padStart(2, '0');
