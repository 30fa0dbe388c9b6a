import { z } from 'zod';

/**
 * What central may order of a seat whose machine the operator does not own, has lost, or no longer trusts (security 34). Either way nobody
 * is signed in there any more and no customer is shown; `wipe` destroys what the seat holds as well. Work that central does not have yet is
 * delivered first, or sealed so that only central can open it.
 *
 *   open ──lock──▶ locked ──unlock──▶ open
 *     └──────wipe──────┴──▶ wiping ──receipt──▶ wiped     (a wiped seat is none any more: the next start makes a new one)
 */
export const SeatOrder = z.object({
  id: z.string().max(64),
  kind: z.enum(['lock', 'wipe']),
  atMs: z.number(),
  /** X25519 public key of central (SPKI, base64): what cannot be delivered now is sealed to it. */
  sealTo: z.string().max(64),
});
export type SeatOrder = z.infer<typeof SeatOrder>;

export const seatStatuses = ['open', 'locked', 'wiping', 'wiped'] as const;
export type SeatStatus = (typeof seatStatuses)[number];

/** What the seat says when an order was obeyed. */
export const SeatReceipt = z.object({
  orderId: z.string().max(64),
  outcome: z.enum(['locked', 'wiped']),
  /** The seat's own clock. */
  atMs: z.number(),
  /** Ops that were sealed rather than delivered. */
  sealedOps: z.number().int().min(0),
});
export type SeatReceipt = z.infer<typeof SeatReceipt>;

/** Who may order it: whoever administers, not whoever leads. */
export const mayOrderSeats = (role: 'agent' | 'lead' | 'manager' | 'admin'): boolean =>
  role === 'manager' || role === 'admin';
