import { type CalendarPorts, calendarHandlers } from './calendar.ts';
import { feedbackHandlers } from './feedback.ts';
import { figureExportHandlers } from './figure-export.ts';
import { rateHandlers } from './figure-rates.ts';
import { figureHandlers } from './figures.ts';
import type { Handlers } from './http.ts';
import { missedHandlers } from './missed.ts';
import { surveyHandlers } from './surveys.ts';

/** What leads and managers read and set: figures and the lists behind them (R36), feedback and surveys (R31, R32), missed calls (R38), the working calendar (R24). */
export const leadHandlers = (ports: CalendarPorts & Parameters<typeof figureHandlers>[0]): Partial<Handlers> => ({
  ...figureHandlers(ports),
  ...rateHandlers(ports),
  ...figureExportHandlers(ports),
  ...missedHandlers(ports),
  ...feedbackHandlers(ports),
  ...surveyHandlers(ports),
  ...calendarHandlers(ports),
});
