import type { HistoryDetail } from '../../../shared/history.ts';
import {
  byTime,
  historyPage,
  isBehind,
  placeAfter,
  readPlace,
  soundRate,
  soundStretchMs,
} from '../../../shared/history.ts';
import { ok, refusal, refused } from '../../../shared/result.ts';
import type { Handlers } from '../../../shared/rpc.ts';
import type { historyCalls } from '../../../shared/history-api.ts';
import type { SeatContract } from '../../../shared/seat.ts';
import { sampleTree } from './sample.ts';

/** Contacts of before as seat and central would tell them, what one of them sounded like, and what the desk said was heard. */
export type HistoryWorld = {
  here: HistoryDetail[];
  atCentral: HistoryDetail[];
  sound: Uint8Array | null;
  readonly heard: { fromMs: number; toMs: number }[];
};

type Needs = { readonly world: () => HistoryWorld; readonly isAway: () => boolean; readonly nowMs: () => number };

/** A page is what fits on one. */
export const fakeHistory = ({ world, isAway, nowMs }: Needs) => {
  const details = (where: 'seat' | 'central'): HistoryDetail[] => (where === 'seat' ? world().here : world().atCentral);
  return {
    'customer.opened': () => ok({}),
    'history.search': ({ filter, where }) => {
      if (where === 'central' && isAway()) return refused(refusal('offline'));
      const place = readPlace(filter.cursor);
      const rows = details(where)
        .map(({ row }) => row)
        .filter((row) => isBehind(row, place))
        .filter((row) => filter.direction === undefined || row.direction === filter.direction)
        .filter((row) => filter.who === undefined || row.number.endsWith(filter.who.slice(-4)))
        .toSorted(byTime);
      const page = rows.slice(0, historyPage);
      const last = page.at(-1);
      const cursor = rows.length > page.length && last !== undefined ? placeAfter(last) : null;
      return ok({ kind: 'found', rows: page, cursor });
    },
    'history.open': ({ contactId }) => {
      const from = isAway() ? 'seat' : 'central';
      const detail = details(from).find(({ row }) => row.contactId === contactId);
      return detail === undefined ? refused(refusal('notFound', 'contact')) : ok({ detail, from });
    },
    'history.choices': () => ok({ trees: [sampleTree], sinceMs: nowMs() - 14 * 86_400_000 }),
    'recording.sound': ({ fromMs }) => {
      if (isAway()) return refused(refusal('offline'));
      const { sound } = world();
      if (sound === null) return refused(refusal('notFound', 'recordingMissing'));
      const ulaw = sound.subarray((fromMs * soundRate) / 1_000, ((fromMs + soundStretchMs) * soundRate) / 1_000);
      return ok({
        lengthMs: (sound.length * 1_000) / soundRate,
        ulaw: btoa(Array.from(ulaw, (code) => String.fromCodePoint(code)).join('')),
      });
    },
    'recording.played': ({ fromMs, toMs }) => {
      world().heard.push({ fromMs, toMs });
      return ok({});
    },
  } satisfies Pick<Handlers<SeatContract, { readonly role: string }>, keyof typeof historyCalls>;
};
