import { minuteOf } from './calendar.ts';
import { type DialRequest, type DialTarget, mayDial, type Outbound, promiseMs } from './dial-policy.ts';
import { outboundLimits, type Policy } from './policy.ts';
import type { Result } from './result.ts';
import { ok, refusal, refused } from './result.ts';

type Judged = DialRequest & { readonly outbound: Outbound };

/**
 * Central's leave to call one customer once (the life of it: dial-counters.ts). It ends with the hours it was given in and with its
 * task, so that no seat's wrong clock can stretch them.
 */
export const grantDial = (request: Judged, policy: Policy): Result<{ target: DialTarget; ttlMs: number }> => {
  const target = mayDial(request, policy);
  if (!target.ok) return target;
  const { nowMs, task, promisedAtMs } = request.outbound;
  const minute = minuteOf(nowMs);
  const ends = [policy.callingHours, ...(task === null ? [] : [task.hours])].flatMap((hours) =>
    hours.filter((one) => minute >= one.fromMinute && minute < one.toMinute).map((one) => one.toMinute),
  );
  const closesInMs = Math.min(...ends) * 60_000 - (minute * 60_000 + (nowMs % 60_000));
  const askedForMs = promisedAtMs === null ? 0 : promisedAtMs + promiseMs - nowMs;
  const ttlMs = Math.min(
    outboundLimits(policy).grantMinutes * 60_000,
    task === null ? Number.POSITIVE_INFINITY : task.endsAtMs - nowMs,
    // In time because the hours are open, or because the customer asked for it: whichever lasts longer.
    Math.max(ends.length === 0 ? 0 : closesInMs, askedForMs),
  );
  return ok({ target: target.value, ttlMs });
};

/** The seat's last look before it dials with central's leave: its own copy may know of a refusal that central did not. */
export const mayUseGrant = (
  request: Judged,
  grant: { readonly endsAtMs: number; readonly isUsed: boolean },
  policy: Policy,
): Result<DialTarget> => {
  if (grant.isUsed) return refused(refusal('conflict', 'grantUsed'));
  if (request.outbound.nowMs >= grant.endsAtMs) return refused(refusal('conflict', 'grantOver'));
  return mayDial(request, policy);
};
