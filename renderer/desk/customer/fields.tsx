import type { Customer, Field, QueryClass } from '../../../shared/customer.ts';
import { opens } from '../../../shared/verification.ts';
import { useWords } from '../context.tsx';
import { Icon } from '../parts/icon.tsx';

/** What is known of the customer. Above the level reached a field stays masked, with a lock and the word for what opens it (R11). */
export const Fields = (props: {
  readonly customer: Customer;
  readonly level: QueryClass;
  readonly revealed: Readonly<Record<string, string>>;
  /** Keys that matter for the topic chosen; shown first. */
  readonly wanted: readonly string[];
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
          const open = opens(level, field.class);
          return (
            <div key={field.key} data-wanted={wanted.includes(field.key)} data-open={open}>
              <dt>{named('field', field.key, field.key)}</dt>
              <dd>
                <span className="figure">{(open ? revealed[field.key] : undefined) ?? field.shown}</span>
                {field.class === 1 ? null : (
                  <span className="lock">
                    <Icon name={open ? 'unlock' : 'lock'} />
                    <span>{open ? t('field.open') : t(field.class === 2 ? 'field.needs2' : 'field.needs3')}</span>
                  </span>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
};
