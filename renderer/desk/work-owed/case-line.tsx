import { isOverdue } from '../../../shared/case.ts';
import type { Escalation } from '../../../shared/case-escalation.ts';
import { useMinute, useWords } from '../context.tsx';
import { dateTime } from '../format.ts';
import type { CaseRow } from './cases.ts';

/** One case in a list: what, whose, where it stands, by when, and who above the agent has it. */
export const CaseLine = ({ row, customer, escalation }: CaseRow) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const overdue = isOverdue(row, nowMs);
  return (
    <span className="owed-line">
      <span className="owed-what">
        <span className="badge" data-tone={overdue ? 'danger' : 'plain'}>
          {t(`case.kind.${row.kind}`)}
        </span>
        <strong>{row.title}</strong>
        <span>{customer ?? t('due.nobody')}</span>
      </span>
      <span className="quiet">
        {t('case.line', {
          status: t(`case.status.${row.state}`),
          department: row.department,
          due:
            row.state === 'closed'
              ? t('case.over')
              : t(overdue ? 'case.overdue' : 'case.due', { time: dateTime(row.dueAtMs, nowMs, language) }),
        })}
      </span>
      {escalation === null ? null : <EscalationLine escalation={escalation} />}
    </span>
  );
};

/** To whom, and by when; late says so in a word as well as by its colour. */
const EscalationLine = ({ escalation }: { readonly escalation: Escalation }) => {
  const { t, language } = useWords();
  const nowMs = useMinute();
  const late = escalation.dueAtMs < nowMs;
  const level = t(`case.level.${escalation.level}`);
  const words = {
    escalated: () =>
      t(escalation.kind === 'escalated' && escalation.by === null ? 'case.up.byItself' : 'case.up.escalated', {
        level,
      }),
    taken: () => t('case.up.taken', { level, name: escalation.kind === 'taken' ? escalation.holderName : '' }),
    handedBack: () => t('case.up.handedBack', { name: escalation.kind === 'handedBack' ? escalation.byName : '' }),
  };
  return (
    <span className="case-up" data-tone={late ? 'danger' : 'attention'}>
      {t(late ? 'case.up.late' : 'case.up.by', {
        what: words[escalation.kind](),
        time: dateTime(escalation.dueAtMs, nowMs, language),
      })}
    </span>
  );
};
