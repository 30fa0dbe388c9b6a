import type { EndCause } from '../../shared/call.ts';

/** How a call that was never answered ended, from the final status of its INVITE (RFC 3261 21). Pure. */
export const causeOfStatus = (status: number): EndCause => {
  switch (status) {
    case 486:
    case 600:
      return 'busy';
    case 408:
    case 480:
    case 487:
      return 'noAnswer';
    case 404:
    case 410:
    case 484:
    case 485:
    case 604:
      return 'notFound';
    case 401:
    case 403:
    case 407:
    case 433:
    case 603:
    case 607:
    case 608:
      return 'declined';
    case 415:
    case 488:
    case 606:
      return 'media';
    default:
      return 'server';
  }
};

/** What a re-INVITE's refusal means for a call that is talking. */
export type RenewalVerdict = 'gone' | 'again' | 'keep';

/** 481: the PBX knows no such call any more. 491, 422 (RFC 4028: with more time) and passing faults: once more. Anything else changes nothing (RFC 3261 14.1). */
export const renewalVerdict = (status: number): RenewalVerdict => {
  if (status === 481) return 'gone';
  if ([408, 422, 491, 500, 503, 504].includes(status)) return 'again';
  return 'keep';
};
