import type { Customer } from './customer.ts';
import type { Language } from './text.ts';

/** Whom the number points to, from the seat's working set or central's look-up. */
export type Match =
  | { readonly kind: 'none'; readonly why: 'unknown' | 'withheld' | 'malformed' }
  | { readonly kind: 'one'; readonly customer: Customer; readonly certainty: 'certain' | 'low' }
  | { readonly kind: 'several'; readonly customers: readonly Customer[] };

/**
 * What to say first, as a key of the locales (`greeting.<key>`) in the customer's language (R8).
 * One certain match: by surname and title. Uncertain or several: as a question. None: neutral.
 */
export type Greeting = {
  readonly key: 'byName' | 'question' | 'neutral';
  readonly language: Language;
  readonly surname: string;
  readonly title: 'sir' | 'madam' | 'unknown';
};

export const greetingOf = (match: Match, otherwise: Language): Greeting => {
  switch (match.kind) {
    case 'none':
      return { key: 'neutral', language: otherwise, surname: '', title: 'unknown' };
    case 'one':
      return greet(match.customer, match.certainty === 'certain' ? 'byName' : 'question');
    case 'several': {
      const [first, ...others] = match.customers;
      if (first === undefined) return { key: 'neutral', language: otherwise, surname: '', title: 'unknown' };
      // Asking for one surname out of several different ones would be a guess: only ask by name when all share it.
      const shared = others.every((other) => other.surname === first.surname);
      return shared
        ? { ...greet(first, 'question'), title: sameTitle(match.customers) }
        : { ...neutral, language: first.language };
    }
  }
};

const neutral: Greeting = { key: 'neutral', language: 'zh-CN', surname: '', title: 'unknown' };
const titles = { male: 'sir', female: 'madam', unknown: 'unknown' } as const;

const greet = (customer: Customer, key: 'byName' | 'question'): Greeting => ({
  key,
  language: customer.language,
  surname: customer.surname,
  title: titles[customer.gender],
});

const sameTitle = (customers: readonly Customer[]): Greeting['title'] => {
  const first = customers[0]?.gender ?? 'unknown';
  return customers.every((customer) => customer.gender === first) ? titles[first] : 'unknown';
};
