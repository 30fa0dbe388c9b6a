import { useState } from 'react';
import { mayDial } from '../../../shared/dial-policy.ts';
import { groupNumber } from '../../../shared/phone-number.ts';
import { parseNumber } from '../../../shared/phone-number.ts';
import type { DialWhat } from '../../../shared/phone.ts';
import type { Policy } from '../../../shared/policy.ts';
import type { Refusal } from '../../../shared/result.ts';
import { useMinute, useWords } from '../context.tsx';
import type { Words } from '../i18n.ts';
import { Button } from '../parts/button.tsx';
import { useFocusWish } from '../parts/use-focus-wish.ts';

/** A number typed by hand: may it be dialled, in words, before and after asking (R21). */
export const DialPanel = (props: {
  readonly policy: Policy;
  /** A sentence why no call can be made now, or null. */
  readonly blocked: string | null;
  readonly onDial: (what: DialWhat) => Promise<Refusal | null>;
}) => {
  const words = useWords();
  const { t } = words;
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const field = useFocusWish<HTMLInputElement>('dial');
  const verdict = verdictOf(text, props.policy, useMinute(), words);
  const dial = async (): Promise<void> => {
    const why = await props.onDial({ text });
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
    </section>
  );
};

type Verdict = { readonly may: boolean; readonly tone: 'plain' | 'accent' | 'danger'; readonly sentence: string };

/** The engine decides again with the customer at hand; this is the same rule on the number alone. */
const verdictOf = (text: string, policy: Policy, nowMs: number, words: Words): Verdict => {
  if (text.trim() === '') return { may: false, tone: 'plain', sentence: words.t('dial.hint') };
  const at = new Date(nowMs);
  const answer = mayDial(
    { text, purpose: 'service', customer: undefined, localMinute: at.getHours() * 60 + at.getMinutes() },
    policy,
  );
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
