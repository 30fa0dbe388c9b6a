import type { Customer } from './customer.ts';
import type { Policy } from './policy.ts';
import { parseNumber } from './phone-number.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

/**
 * R21: one policy for every dial path, with a reason for each no (`reason.<key>` in the locales).
 * `service` covers care, callbacks the customer asked for and obligations (R24), which are not telemarketing.
 */
export type DialPurpose = 'service' | 'marketing';
export type DialRequest = {
  readonly text: string;
  readonly purpose: DialPurpose;
  readonly customer: Customer | undefined;
  /** Minutes since midnight at the callee's place. */
  readonly localMinute: number;
};
export type DialTarget = { readonly key: string; readonly dial: string; readonly warnings: readonly 'roaming'[] };

/** Digits and a leading + only; no host, `?`, `;`, `@` can come through (security 72). Emergency numbers always pass (security 73). */
export const mayDial = (request: DialRequest, policy: Policy): Result<DialTarget> => {
  const parsed = parseNumber(request.text);
  if (parsed.kind === 'withheld') return refused(refusal('policy', 'numberEmpty'));
  if (parsed.kind === 'malformed') return refused(refusal('policy', 'numberMalformed'));
  const target: DialTarget = {
    key: parsed.key,
    dial: parsed.national.replace(/[^\d+]/g, ''),
    warnings: request.customer?.roaming === true ? ['roaming'] : [],
  };
  if (parsed.kind === 'emergency') return ok(target);
  if (parsed.kind === 'international') return refused(refusal('policy', 'numberInternational'));
  if (request.purpose === 'marketing') {
    if (request.customer === undefined) return refused(refusal('policy', 'notOwnCustomer'));
    if (request.customer.list === 'red') return refused(refusal('policy', 'redList'));
    if (request.customer.refusesMarketing) return refused(refusal('policy', 'refusedMarketing'));
    const open = policy.callingHours.some(
      (hours) => request.localMinute >= hours.fromMinute && request.localMinute < hours.toMinute,
    );
    if (!open) return refused(refusal('policy', 'outsideHours'));
  }
  return ok(target);
};
