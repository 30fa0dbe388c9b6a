import type { FigureExportAsk, FigureListAsk, FiguresAsk, RateSet } from '../../../shared/figures-api.ts';
import type { SeatLink } from '../seat-store.ts';

/** What a lead asks of the figures; the seat keeps none of it. */
export const figureActions = (seatLink: SeatLink) => ({
  figures: {
    of: (asked: FiguresAsk) => seatLink.call('figures.of', asked),
    list: (asked: FigureListAsk) => seatLink.call('figures.list', asked),
    file: (asked: FigureExportAsk) => seatLink.call('figures.export', asked),
    rates: () => seatLink.call('figures.rates', {}),
    setRate: (rate: RateSet) => seatLink.call('figures.setRate', rate),
  },
});
export type FigureCalls = ReturnType<typeof figureActions>['figures'];
