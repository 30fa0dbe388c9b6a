import { memo } from 'react';
import { classOfField } from '../../../shared/classes.ts';
import type { Customer, Field, QueryClass } from '../../../shared/customer.ts';
import { opens } from '../../../shared/verification.ts';
import type { ContactId } from '../../../shared/ids.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import { Remaining } from '../parts/elapsed.tsx';
import { Icon } from '../parts/icon.tsx';

/**
 * What is known of the customer. Above the level reached a field stays masked, with a lock and the word for what opens it (R11). What
 * the level opens is shown one at a time, for half a minute, and each showing is on record (R44).
 */
export const Fields = memo(
  (props: {
    readonly customer: Customer;
    readonly level: QueryClass;
    readonly revealed: Readonly<Record<string, string>>;
    readonly openUntilMs: Readonly<Record<string, number>>;
    /** Keys that matter for the topic chosen; shown first. */
    readonly wanted: readonly string[];
    /** The call goes on: nothing is shown without one (security 45). */
    readonly mayShow: boolean;
    /** The contact in hand: what was said in it says so. */
    readonly contactId: ContactId;
    readonly onShow: (key: string) => void;
  }) => {
    const { t, named } = useWords();
    const { customer, level, revealed, wanted } = props;
    const rank = (field: Field): number => (wanted.includes(field.key) ? 0 : 1);
    const fields = customer.fields.toSorted((one, other) => rank(one) - rank(other));
    if (fields.length === 0) return null;
    return (
      <section className="block" aria-label={t('field.region')}>
        <h3>{t('field.region')}</h3>
        <dl className="fields">
          {fields.map((field) => {
            const of = classOfField(field.key, field.class);
            const open = opens(level, of);
            const label = named('field', field.key, field.key);
            const full = open ? revealed[field.key] : undefined;
            const untilMs = props.openUntilMs[field.key];
            return (
              <div key={field.key} data-wanted={wanted.includes(field.key)} data-open={open}>
                <dt>{label}</dt>
                <dd>
                  <span className="figure">{full ?? field.shown}</span>
                  {of === 1 ? null : (
                    <span className="lock">
                      <Icon name={open ? 'unlock' : 'lock'} />
                      <span>{open ? t('field.open') : t(of === 2 ? 'field.needs2' : 'field.needs3')}</span>
                    </span>
                  )}
                  {full !== undefined && untilMs !== undefined && of > 1 ? <Remaining untilMs={untilMs} /> : null}
                  {open && of > 1 && full === undefined && props.mayShow ? (
                    <button
                      type="button"
                      className="button quiet small"
                      aria-label={t('field.show', { field: label })}
                      onClick={() => props.onShow(field.key)}
                    >
                      {t('field.show.short')}
                    </button>
                  ) : null}
                  <From field={field} contactId={props.contactId} />
                </dd>
              </div>
            );
          })}
        </dl>
      </section>
    );
  },
);

/** R7: who put it down, when, and whether in this very call. Nothing for what came with the customer's record. */
const From = ({ field, contactId }: { readonly field: Field; readonly contactId: ContactId }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  if (field.from === undefined) return null;
  const { agentName, atMs } = field.from;
  const time = dateTime(atMs, nowMs, language);
  return (
    <span className="field-from quiet">
      {agentName === '' ? t('field.fromHere', { time }) : t('field.from', { agent: agentName, time })}
      {field.from.contactId === contactId ? ` · ${t('field.thisCall')}` : ''}
    </span>
  );
};
