import { useState } from 'react';
import { mayDial } from '../../../shared/dial-policy.ts';
import { groupNumber } from '../../../shared/phone-number.ts';
import { parseNumber } from '../../../shared/phone-number.ts';
import type { DialWhat } from '../../../shared/phone.ts';
import { findTargets, type RecentNumber, type Target, targetName } from '../../../shared/directory.ts';
import { type Role, typedNumber } from '../../../shared/dial-policy.ts';
import type { Policy } from '../../../shared/policy.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { Button } from '../parts/button.tsx';
import { DirectoryList } from './directory-list.tsx';
import { RecentNumbers } from './recent-numbers.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

/** A number typed by hand: may it be dialled, in words, before and after asking (R21). */
export const DialPanel = (props: {
  readonly policy: Policy;
  readonly role: Role;
  /** Colleagues and departments are called by name as well. */
  readonly targets: readonly Target[];
  readonly recent: readonly RecentNumber[];
  readonly inCall: Parameters<typeof DirectoryList>[0]['inCall'];
  /** A sentence why no call can be made now, or null. */
  readonly blocked: string | null;
  readonly onDial: (what: DialWhat) => Promise<Refusal | null>;
}) => {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const field = useFocusWish<HTMLInputElement>('dial');
  const inside = insideOf(text, props.targets);
  const verdict = verdictOf(text, { policy: props.policy, role: props.role, inside }, words);
  const dial = async (): Promise<void> => {
    const why = await props.onDial({ text: inside?.number ?? text });
    setRefusal(why);
    if (why === null) setText('');
  };
  return (
    <section className="panel" aria-label={t('dial.title')}>
      <h2>{t('dial.title')}</h2>
      <form
        className="dial-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (verdict.may && props.blocked === null) void dial();
        }}
      >
        <label htmlFor="dial-number">{t('dial.number')}</label>
        <input
          id="dial-number"
          ref={field}
          className="figure dial-number"
          type="tel"
          value={text}
          maxLength={64}
          autoComplete="off"
          aria-describedby="dial-verdict"
          onChange={(event) => {
            setText(event.target.value);
            setRefusal(null);
          }}
        />
        <Button
          label={t('dial.dial')}
          hint="Enter"
          tone="main"
          icon="phone"
          type="submit"
          disabled={!verdict.may || props.blocked !== null}
          onPress={() => undefined}
        />
      </form>
      <p id="dial-verdict" className="outcome" role="status" data-tone={refusal === null ? verdict.tone : 'danger'}>
        {refusal === null ? (props.blocked ?? verdict.sentence) : words.refusal(refusal)}
      </p>
      <DirectoryList targets={props.targets} text={text} inCall={props.inCall} />
      <RecentNumbers
        recent={props.recent}
        disabled={props.blocked !== null}
        onDial={(contactId) => void props.onDial({ contactId }).then(setRefusal)}
      />
    </section>
  );
};

type Verdict = { readonly may: boolean; readonly tone: 'plain' | 'accent' | 'danger'; readonly sentence: string };

/** By number, or the first by that name. Queues are not dialled. */
const insideOf = (text: string, targets: readonly Target[]): Target | undefined => {
  const callable = targets.filter(({ kind }) => kind !== 'queue');
  const number = typedNumber(text);
  if (number !== undefined) return callable.find((target) => target.number === number);
  return /\p{L}/u.test(text) ? findTargets(callable, text)[0] : undefined;
};

type Rule = { readonly policy: Policy; readonly role: Role; readonly inside: Target | undefined };

/** The engine decides again with the customer at hand; this is the same rule on the number alone. */
const verdictOf = (text: string, { policy, role, inside }: Rule, words: Words): Verdict => {
  if (text.trim() === '') return { may: false, tone: 'plain', sentence: words.t('dial.hint') };
  if (inside !== undefined) {
    const kind = words.t(`directory.kind.${inside.kind}`);
    const name = `${targetName(inside, words.language)} ${inside.number}`;
    return { may: true, tone: 'accent', sentence: words.t('directory.may', { kind, name }) };
  }
  const answer = mayDial({ text, purpose: 'service', customer: undefined, role }, policy);
  if (!answer.ok) {
    // Half a number is not yet a mistake: only a rule that says no is told in red.
    const isTyping = answer.error.reason === 'numberMalformed';
    return { may: false, tone: isTyping ? 'plain' : 'danger', sentence: words.refusal(answer.error) };
  }
  const parsed = parseNumber(text);
  const kind = 'key' in parsed ? parsed.kind : 'fixed';
  return {
    may: true,
    tone: 'accent',
    sentence: words.t('dial.may', { number: groupNumber(answer.value.dial), kind: words.t(`number.${kind}`) }),
  };
};
