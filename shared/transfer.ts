import { z } from 'zod';

/**
 * What became of somebody else being brought into a contact. `blind`: handed over without asking first; `attended`: after a
 * consultation; `conference`: all three in one conversation; `divert`: passed on while it rang; `consult`: asked, and nothing more.
 */
export const TransferKind = z.enum(['blind', 'attended', 'conference', 'divert', 'consult']);
export type TransferKind = z.infer<typeof TransferKind>;

export const TransferRecord = z.object({
  kind: TransferKind,
  /** What was dialled: a number of the directory, hence nobody's private one. */
  target: z.string().max(24),
  outcome: z.enum(['done', 'failed', 'cancelled']),
  /** What the target, or the exchange, answered (SIP). */
  status: z.number().int().optional(),
  atMs: z.number(),
});
export type TransferRecord = z.infer<typeof TransferRecord>;

/** More than that in one call is noise. */
export const mostTransfers = 50;

/** SIP's answer to a transfer as words: keys of the locales (`transfer.why.*`). RFC 3261 section 21. */
export const whyNotTransferred = (
  status: number,
): 'busy' | 'noAnswer' | 'notFound' | 'declined' | 'notPossible' | 'server' => {
  if (status === 486 || status === 600) return 'busy';
  if (status === 408 || status === 480 || status === 487) return 'noAnswer';
  if (status === 404 || status === 410 || status === 484 || status === 604) return 'notFound';
  if (status === 403 || status === 603) return 'declined';
  return status >= 500 && status < 600 ? 'server' : 'notPossible';
};
