import { z } from 'zod';
import { DispositionTree } from './disposition.ts';
import { HistoryAnswer, HistoryDetail, HistoryFilter, SoundRequest, SoundResponse } from './history.ts';
import { ContactId, CustomerId } from './ids.ts';
import { noArgs } from './phone.ts';

/** History and recordings on both wires: what a seat asks of central, and a desk of its engine (R33, R34). */
export const historyRoutes = {
  /** R34, by role: own contacts and those of the customer in hand; a lead's team; a tenant's own. Each is in the audit trail. */
  history: { method: 'POST', path: '/v1/history', request: HistoryFilter, response: HistoryAnswer },
  historyContact: {
    method: 'POST',
    path: '/v1/history/contact',
    request: z.object({ contactId: ContactId }),
    response: HistoryDetail,
  },
  /** A stretch of a recording (R33): never a file. */
  recordingSound: { method: 'POST', path: '/v1/recording/sound', request: SoundRequest, response: SoundResponse },
} as const;

const done = z.object({});
const desk = ['desk'] as const;

export const historyCalls = {
  /** R13: a customer of a search was opened. */
  'customer.opened': { request: z.object({ customerId: CustomerId }), response: done, by: desk },
  /** R34. Of this seat at once and off line; of central what the seat does not hold. */
  'history.search': {
    request: z.object({ filter: HistoryFilter, where: z.enum(['seat', 'central']) }),
    response: HistoryAnswer,
    by: desk,
  },
  /** Central's record of it; what this seat holds when central cannot be asked. */
  'history.open': {
    request: z.object({ contactId: ContactId }),
    response: z.object({ detail: HistoryDetail, from: z.enum(['seat', 'central']) }),
    by: desk,
  },
  /** What there is to choose from, and since when this seat holds contacts (null: none). */
  'history.choices': {
    request: noArgs,
    response: z.object({ trees: z.array(DispositionTree).max(50), sinceMs: z.number().nullable() }),
    by: desk,
  },
  /** R33: from central through memory to the desk, and nowhere else. */
  'recording.sound': { request: SoundRequest, response: SoundResponse, by: desk },
  'recording.played': {
    request: SoundRequest.extend({ toMs: z.number().int().min(0).max(86_400_000) }),
    response: done,
    by: desk,
  },
} as const;
