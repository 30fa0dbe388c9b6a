import type { ImportedCustomer } from '../../central/customers.ts';
import type { Secrets } from '../../central/secrets.ts';
import type { Customer, Notice } from '../../shared/customer.ts';
import type { DispositionTree } from '../../shared/disposition.ts';
import type { CustomerId } from '../../shared/ids.ts';
import type { Script, Topic } from '../../shared/script.ts';
import { inLanguage } from '../../shared/text.ts';
import type { Factor } from '../../shared/verification.ts';
import type { Target } from '../../shared/directory.ts';
import { directory, queues, sampleAgents } from './agents.ts';
import { chanceOf } from './chance.ts';
import { drawHistory } from './history.ts';
import type { PersonName } from './names.ts';
import { drawName } from './names.ts';
import type { SampleCaller } from './notable.ts';
import { notables, strangers } from './notable.ts';
import { noticesAt } from './notices.ts';
import { fixedAt, keyOf, mobileAt } from './numbers.ts';
import type { Facts } from './private-values.ts';
import { fieldsOf, privateValues, secretOf } from './private-values.ts';
import type { Profile } from './profile.ts';
import { drawProfile } from './profile.ts';
import { accountScripts } from './scripts/account.ts';
import { marketingScripts } from './scripts/marketing.ts';
import { serviceScripts } from './scripts/service.ts';
import { topics } from './topics.ts';
import { trees } from './trees.ts';

/** 岚桥电信, Lanqiao Telecom: an operator that does not exist, the same from the same seed on every machine. */
export type SampleOperator = {
  readonly seed: number;
  /** "Now" of the data: contracts, notices and histories lie around it. */
  readonly nowMs: number;
  readonly count: number;
  readonly queues: typeof queues;
  readonly agents: typeof sampleAgents;
  readonly topics: readonly Topic[];
  readonly scripts: readonly Script[];
  readonly trees: readonly DispositionTree[];
  readonly notices: readonly Notice[];
  /** Whom a customer can be handed to (R37). */
  readonly directory: readonly Target[];
  /** Whose line was changed yesterday (security 58). */
  readonly newSims: readonly CustomerId[];
  /** Situations to practise. */
  readonly callers: readonly SampleCaller[];
  /** The n-th customer with everything central keeps of it; made when asked for. */
  readonly customerAt: (index: number, mark: Secrets['mark']) => ImportedCustomer;
  /** What a customer would answer to each factor; `smsCode` is empty, it comes with the text message. */
  readonly answersOf: (customerId: string) => Readonly<Record<Factor, string>> | undefined;
};

/** Raised whenever the same seed gives other data. */
export const operatorVersion = 5;

export const generateOperator = (options: {
  readonly seed: number;
  readonly nowMs: number;
  /** At least 100. */
  readonly customers: number;
}): SampleOperator => {
  const { seed, nowMs, customers: count } = options;
  return {
    seed,
    nowMs,
    count,
    queues,
    agents: sampleAgents,
    topics,
    scripts: [...serviceScripts, ...accountScripts, ...marketingScripts],
    trees,
    notices: noticesAt(nowMs),
    directory,
    newSims: notables.flatMap(({ risk }, index) => (risk === 'simChanged' ? [idOf(index)] : [])),
    callers: [...notables.flatMap((_notable, index) => callerAt(index)), ...strangers],
    customerAt: (index, mark) => {
      const drawn = draw(seed, index, nowMs);
      const { profile, facts } = drawn;
      const fields = fieldsOf(seed, index, facts);
      return {
        customer: {
          ...customerOf(seed, index, drawn),
          fields: fields.map(({ key, class: queryClass, shown }) => ({ key, class: queryClass, shown })),
        },
        private: privateValues(`${seed}:${index}`, facts, fields, mark),
        history: drawHistory(seed, index, nowMs, profile.language),
        queues: [profile.card === 'gold' || profile.card === 'diamond' ? 'vip' : 'service', 'marketing'],
      };
    },
    answersOf: (customerId) => {
      const index = indexOf(customerId);
      if (index === undefined || index >= count) return undefined;
      const { profile, facts } = draw(seed, index, nowMs);
      const { secret, tariff, bill } = facts;
      return {
        fullName: secret.name.full,
        lastBillRange: String(Math.round(bill)),
        package: inLanguage(tariff.name, profile.language),
        servicePassword: secret.servicePassword,
        smsCode: '',
        idNumber: secret.idNumber,
        address: secret.address,
        contactPhone: secret.contactPhone,
      };
    },
  };
};

/** Everything drawn of a customer but what hangs on it. */
type Drawn = {
  readonly profile: Profile;
  readonly name: PersonName;
  readonly facts: Facts;
  /** Has the number of the customer before as well. */
  readonly isShared: boolean;
};

const draw = (seed: number, index: number, nowMs: number): Drawn => {
  const drawn = drawProfile(seed, index, nowMs);
  const notable = notables[index];
  const chance = chanceOf(seed, 'name', index);
  const profile: Profile =
    notable === undefined ? drawn : { ...drawn, gender: notable.gender, ...notable.change(drawn, nowMs) };
  const name = notable?.name ?? drawName(chance, profile.gender, profile.language);
  const memberSinceMs = nowMs - profile.usage.tenureMonths * 30.44 * 86_400_000;
  return {
    profile,
    name,
    facts: {
      secret: secretOf(seed, index, name, profile.area, profile.gender !== 'female'),
      area: profile.area,
      tariff: profile.tariff,
      bill: profile.usage.lastBill,
      memberSince: new Date(memberSinceMs).toISOString().slice(0, 7),
    },
    isShared: notable === undefined ? chance.happens(0.01) : index === couple,
  };
};

/** Index of the notable customer who shares the number of the one before. */
const couple = 2;

const customerOf = (seed: number, index: number, drawn: Drawn): Omit<Customer, 'fields'> => {
  const { profile, name } = drawn;
  return {
    id: idOf(index),
    surname: name.surname,
    nameMasked: name.masked,
    gender: profile.gender,
    language: profile.language,
    numbers: numbersOf(seed, index, drawn),
    area: profile.area,
    list: profile.list,
    card: profile.card,
    manager: profile.manager,
    usage: profile.usage,
    package: { id: profile.tariff.id, name: profile.tariff.name },
    refusesMarketing: profile.refusesMarketing,
    roaming: profile.roaming,
    lastOffers: profile.lastOffers,
    cases: profile.cases,
  };
};

/** The main mobile, perhaps another number, perhaps the number of the customer before (a couple, a parent's phone). */
const numbersOf = (seed: number, index: number, { profile, isShared }: Drawn): Customer['numbers'] => {
  const chance = chanceOf(seed, 'numbers', index);
  const numbers: Customer['numbers'] = [{ key: keyOf(mobileAt(index, 'main')), confidence: profile.confidence }];
  if (notables[index] === undefined && chance.happens(0.15))
    numbers.push({
      key: keyOf(chance.happens(0.5) ? fixedAt(index) : mobileAt(index, 'second')),
      confidence: 'certain',
    });
  if (isShared && index > 0) numbers.push({ key: keyOf(mobileAt(index - 1, 'main')), confidence: 'certain' });
  return numbers;
};

const callerAt = (index: number): readonly SampleCaller[] => {
  const notable = notables[index];
  // The second of a couple calls from the number of the first: one entry for both.
  if (notable === undefined || index === couple) return [];
  const { label, queue, language, request } = notable;
  return [
    {
      id: `notable-${index}`,
      label,
      queue,
      language,
      request,
      number: notable.callsFrom ?? mobileAt(index, 'main'),
      // From elsewhere the number is nobody's.
      customerId: notable.callsFrom === undefined ? idOf(index) : null,
    },
  ];
};

/** C000017 */
const idOf = (index: number): CustomerId => `C${String(index).padStart(6, '0')}` as CustomerId;
const indexOf = (customerId: string): number | undefined =>
  /^C\d{6,}$/.test(customerId) ? Number(customerId.slice(1)) : undefined;
