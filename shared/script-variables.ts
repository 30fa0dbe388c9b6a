import type { Variables } from './script.ts';
import type { Language } from './text.ts';

/**
 * Every variable a script may use, with what it would be for a made-up customer: the editor offers them, the preview fills them in, and a
 * name that is not here is a fault. The seat computes the real ones (main/engine/variables.ts); names of the locales are `variable.<name>`.
 */
const samples = {
  'agent.name': ['林小满', 'Lin Xiaoman'],
  'agent.number': ['8001', '8001'],
  greeting: ['李先生您好，', 'Hello Mr Li.'],
  'queue.name': ['客户服务', 'Customer service'],
  'customer.surname': ['李', 'Li'],
  'customer.title': ['先生', 'Mr'],
  'customer.area': ['东湖区', 'East Lake'],
  'customer.package': ['畅享 129', 'Easy 129'],
  'customer.memberSince': ['2019-04', '2019-04'],
  'customer.network': ['5G', '5G'],
  'customer.bill': ['128.50', '128.50'],
  'customer.lastBill': ['¥128.50', '¥128.50'],
  'customer.balance': ['¥36.20', '¥36.20'],
  'customer.dataLeft': ['6.2 GB', '6.2 GB'],
  'customer.points': ['3,400', '3,400'],
  'customer.fullName': ['李示例', 'Li Shili'],
  'customer.idNumber': ['330100199001010011', '330100199001010011'],
  'customer.address': ['示例路 1 号', '1 Sample Road'],
  'customer.contactPhone': ['13900139000', '13900139000'],
  'customer.callDetails': ['11 月 21 日 14:05，3 分钟', '21 November 14:05, 3 minutes'],
  'customer.birthday': ['04-05', '04-05'],
} as const satisfies Readonly<Record<string, readonly [zh: string, en: string]>>;

export const knownVariables: readonly string[] = Object.keys(samples);
export const isKnownVariable = (name: string): boolean => Object.hasOwn(samples, name);

/** Values of a made-up customer, for the preview. */
export const sampleVariables = (language: Language): Variables =>
  Object.fromEntries(Object.entries(samples).map(([name, [zh, en]]) => [name, language === 'en' ? en : zh]));
