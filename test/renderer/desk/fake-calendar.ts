import { faultIn, merged, shippedCalendar, type WorkCalendar } from '../../../shared/calendar.ts';
import type { CalendarDraft, DueChanges } from '../../../shared/calendar-api.ts';
import { ok, refusal, refused } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import type { SeatContract } from '../../../shared/seat.ts';

type Name = 'calendar.read' | 'calendar.try' | 'calendar.set';
/** Central's calendar in memory. */
export type FakeCalendar = {
  calendar: WorkCalendar;
  /** What a change would do to what is due. */
  changes: DueChanges;
  mayEdit: boolean;
  readonly handlers: Pick<Handlers<SeatContract, { role: string }>, Name>;
};

export const createFakeCalendar = (): FakeCalendar => {
  const mark = (): string => String(fake.calendar.years.length);
  const checked = (draft: CalendarDraft) => {
    const fault = faultIn(draft);
    if (fault === undefined) return ok(fake.changes);
    return refused(refusal('invalid', `calendar.${fault.kind}`, { day: fault.day, year: String(fault.year) }));
  };
  const fake: FakeCalendar = {
    calendar: shippedCalendar,
    changes: { total: 0, shown: [] },
    mayEdit: true,
    handlers: {
      'calendar.read': () => ok({ years: [...fake.calendar.years], mark: mark(), mayEdit: fake.mayEdit }),
      'calendar.try': ({ draft }) => checked(draft),
      'calendar.set': ({ draft, mark: seen }) => {
        const answer = checked(draft);
        if (!answer.ok) return answer;
        if (seen !== mark()) return refused(refusal('conflict', 'calendarChanged'));
        fake.calendar = merged(fake.calendar, { years: [draft] });
        return answer;
      },
    },
  };
  return fake;
};
