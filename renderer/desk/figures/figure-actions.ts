import type {
  FeedbackAsk,
  FeedbackExportAsk,
  FeedbackListAsk,
  SurveyAsk,
  SurveyExportAsk,
  SurveyListAsk,
} from '../../../shared/feedback-api.ts';
import type {
  FigureExportAsk,
  FigureListAsk,
  FigureListExportAsk,
  FiguresAsk,
  RateSet,
} from '../../../shared/figures-api.ts';
import type { SeatLink } from '../seat-store.ts';

/** What a lead asks of the figures; the seat keeps none of it. */
export const figureActions = (seatLink: SeatLink) => ({
  figures: {
    of: (asked: FiguresAsk) => seatLink.call('figures.of', asked),
    list: (asked: FigureListAsk) => seatLink.call('figures.list', asked),
    file: (asked: FigureExportAsk) => seatLink.call('figures.export', asked),
    listFile: (asked: FigureListExportAsk) => seatLink.call('figures.exportList', asked),
    rates: () => seatLink.call('figures.rates', {}),
    setRate: (rate: RateSet) => seatLink.call('figures.setRate', rate),
  },
  feedback: {
    of: (asked: FeedbackAsk) => seatLink.call('feedback.of', asked),
    list: (asked: FeedbackListAsk) => seatLink.call('feedback.list', asked),
    file: (asked: FeedbackExportAsk) => seatLink.call('feedback.export', asked),
  },
  surveys: {
    all: () => seatLink.call('surveys.all', {}),
    of: (asked: SurveyAsk) => seatLink.call('surveys.of', asked),
    list: (asked: SurveyListAsk) => seatLink.call('surveys.list', asked),
    file: (asked: SurveyExportAsk) => seatLink.call('surveys.export', asked),
  },
});
type Calls = ReturnType<typeof figureActions>;
export type FigureCalls = Calls['figures'];
export type FeedbackCalls = Calls['feedback'];
export type SurveyCalls = Calls['surveys'];
