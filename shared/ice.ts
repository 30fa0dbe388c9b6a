import { z } from 'zod';

/**
 * The way a call's sound takes through the network (RFC 8445), as central allows it to a seat.
 *
 * - ICE-1 Whoever may only be relayed shows no address of its own, not in a single message (security 80).
 * - ICE-2 Credentials of relays live an hour at most (security 66) and are renewed when three quarters of their time are over;
 *   a running call keeps what it has.
 * - ICE-3 Their life is counted by the seat's own clock from when it received them: a seat's clock may be wrong by hours.
 */
export const IcePolicy = z.enum(['all', 'relay']);
export type IcePolicy = z.infer<typeof IcePolicy>;

/** A STUN or TURN server as WebRTC takes it; a TURN server has both words. */
export const IceServer = z.object({
  urls: z.string().max(200),
  username: z.string().max(200).optional(),
  credential: z.string().max(200).optional(),
});
export type IceServer = z.infer<typeof IceServer>;

/** ICE-2. Seconds. */
export const longestTurnTtl = 3_600;

type Dated = { readonly iceExpiresAtMs?: number | undefined; readonly iceTtlMs?: number | undefined };

/** The same, dated by the clock of whoever received it now (ICE-3). */
export const receivedAt = <T extends Dated>(credentials: T, nowMs: number): T =>
  credentials.iceTtlMs === undefined ? credentials : { ...credentials, iceExpiresAtMs: nowMs + credentials.iceTtlMs };

/** When they are to be renewed (ICE-2); undefined for what does not end. */
export const renewIceAtMs = ({ iceExpiresAtMs, iceTtlMs }: Dated): number | undefined =>
  iceExpiresAtMs === undefined ? undefined : iceExpiresAtMs - (iceTtlMs ?? 0) / 4;

/** What of the relay is known at a seat that may not speak without one. */
export const RelayState = z.enum([
  'notNeeded',
  'asking',
  'ready',
  /** A relay answered and did not take the credentials: expired, or another secret than central's. */
  'refused',
  /** None answered, or none is set up. */
  'unreachable',
]);
export type RelayState = z.infer<typeof RelayState>;
