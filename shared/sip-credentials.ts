import { z } from 'zod';
import { IcePolicy, IceServer } from './ice.ts';

/** SIP account of a session; kept in memory only, no longer valid after `expiresAtMs` (security 66). */
export const SipCredentials = z.object({
  /** WebSocket address of the PBX (RFC 7118). */
  server: z.string().max(200),
  domain: z.string().max(100),
  user: z.string().max(64),
  password: z.string().max(128),
  expiresAtMs: z.number(),
  iceServers: z.array(IceServer),
  /** `relay`: the sound goes through a TURN server or not at all. Absent: `all`. */
  icePolicy: IcePolicy.optional(),
  /** Until when a TURN server takes them, and how long they live from being handed out (ICE-3). Absent: they do not end. */
  iceExpiresAtMs: z.number().optional(),
  iceTtlMs: z.number().positive().optional(),
});
export type SipCredentials = z.infer<typeof SipCredentials>;
