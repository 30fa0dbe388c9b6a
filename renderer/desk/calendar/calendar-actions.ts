import type { CalendarDraft } from '../../../shared/calendar-api.ts';
import type { SeatLink } from '../seat-store.ts';

/** What a lead asks of the working calendar (R24); the seat has its own copy from the next look at its work. */
export const calendarActions = (seatLink: SeatLink) => ({
  calendar: {
    read: () => seatLink.call('calendar.read', {}),
    look: (draft: CalendarDraft) => seatLink.call('calendar.try', { draft }),
    write: (draft: CalendarDraft, mark: string) => seatLink.call('calendar.set', { draft, mark }),
  },
});
export type CalendarCalls = ReturnType<typeof calendarActions>['calendar'];
