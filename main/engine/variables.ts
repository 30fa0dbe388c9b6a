import type { Customer } from '../../shared/customer.ts';
import { greetingOf } from '../../shared/greeting.ts';
import type { PopMatch, Session } from '../../shared/seat.ts';
import type { Variables } from '../../shared/script.ts';
import type { Language } from '../../shared/text.ts';
import { inLanguage } from '../../shared/text.ts';
import type { QueryClass } from '../../shared/customer.ts';
import { opens } from '../../shared/verification.ts';

export type VariableSources = {
  readonly match: PopMatch;
  /** The customer the contact belongs to, once that is decided. */
  readonly customer: Customer | undefined;
  readonly level: QueryClass;
  readonly revealed: Readonly<Record<string, string>>;
  readonly agent: Extract<Session, { kind: 'signedIn' }>['agent'];
  readonly queue: string | null;
};

/**
 * Values for `{name}` in script texts, in the customer's language. Only what the level reached opens (R11): anything above it,
 * and anything unknown, is absent, and the desk shows it as missing.
 */
export const variablesFor = (sources: VariableSources): Variables => {
  const { customer, agent, match } = sources;
  const language = customer?.language ?? 'zh-CN';
  const out: Record<string, string> = {
    'agent.name': agent.name,
    'agent.number': agent.number,
    greeting: greetingWords(match, language),
  };
  const queue = agent.queues.find((other) => other.id === sources.queue);
  if (queue !== undefined) out['queue.name'] = inLanguage(queue, language);
  if (customer === undefined) return out;
  const title = titles[language][customer.gender];
  out['customer.surname'] = customer.surname;
  if (title !== undefined) out['customer.title'] = title;
  out['customer.area'] = inLanguage(customer.area, language);
  if (opens(sources.level, 2)) out['customer.package'] = inLanguage(customer.package.name, language);
  const bill = opens(sources.level, 2) ? sources.revealed['lastBill'] : undefined;
  if (bill !== undefined) out['customer.bill'] = bill.replace(/^¥/u, '');
  for (const field of customer.fields) {
    if (!opens(sources.level, field.class)) continue;
    // A class 1 value is plain in the row; above that the row holds a mask, and only central's answer has the value.
    const value = sources.revealed[field.key] ?? (field.class === 1 ? field.shown : undefined);
    if (value !== undefined) out[`customer.${field.key}`] = value;
  }
  return out;
};

const titles = {
  'zh-CN': { male: '先生', female: '女士', unknown: undefined },
  en: { male: 'Mr', female: 'Ms', unknown: undefined },
} as const;

/** R8, as it is spoken, with its own full stop or question mark: a script goes on after it. */
const greetingWords = (match: PopMatch, otherwise: Language): string => {
  const { key, language, surname, title } = greetingOf(match, otherwise);
  const chinese = language === 'zh-CN';
  if (key === 'neutral') return chinese ? '您好，' : 'Hello.';
  const spoken = { sir: titles[language].male, madam: titles[language].female, unknown: chinese ? '先生/女士' : '' }[
    title
  ];
  if (chinese) return key === 'byName' ? `${surname}${spoken}您好，` : `请问是${surname}${spoken}吗？`;
  const name = `${spoken} ${surname}`.trim();
  return key === 'byName' ? `Hello ${name}.` : `Am I speaking to ${name}?`;
};
