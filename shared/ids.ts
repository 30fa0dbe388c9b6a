import { z } from 'zod';

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'not a UUID');
const name = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._:-]+$/, 'letters, digits and . _ : - only');

/** Client-made ids are UUIDv7 (RFC 9562): sortable by creation, no round trip to central. */
export const ContactId = uuid.brand('ContactId');
export type ContactId = z.infer<typeof ContactId>;
export const OpId = uuid.brand('OpId');
export type OpId = z.infer<typeof OpId>;
/** Our id of a telephone call, made by the phone page. Not SIP's Call-ID. */
export const CallId = uuid.brand('CallId');
export type CallId = z.infer<typeof CallId>;
export const SeatId = uuid.brand('SeatId');
export type SeatId = z.infer<typeof SeatId>;
/** An obligation or a case; made by the seat it was opened at. */
export const WorkId = uuid.brand('WorkId');
export type WorkId = z.infer<typeof WorkId>;
/** One time of a lead with an agent's call; made by the lead's seat, so that it knows the call it is about to be offered. */
export const SupervisionId = uuid.brand('SupervisionId');
export type SupervisionId = z.infer<typeof SupervisionId>;

/** An outbound task. */
export const TaskId = uuid.brand('TaskId');
export type TaskId = z.infer<typeof TaskId>;
/** Central's leave to call one customer once. */
export const GrantId = uuid.brand('GrantId');
export type GrantId = z.infer<typeof GrantId>;

export const CustomerId = name.brand('CustomerId');
export type CustomerId = z.infer<typeof CustomerId>;
export const AgentId = name.brand('AgentId');
export type AgentId = z.infer<typeof AgentId>;
export const TopicId = name.brand('TopicId');
export type TopicId = z.infer<typeof TopicId>;
export const ScriptId = name.brand('ScriptId');
export type ScriptId = z.infer<typeof ScriptId>;
export const TenantId = name.brand('TenantId');
export type TenantId = z.infer<typeof TenantId>;

/**
 * UUIDv7 from a wall clock and ten random bytes (RFC 9562 section 5.7). Pure: the caller supplies both.
 * @param nowMs milliseconds since the epoch
 * @param random at least 10 random bytes
 */
export const uuidv7 = (nowMs: number, random: Uint8Array): string => {
  const bytes = new Uint8Array(16);
  let rest = Math.max(0, Math.floor(nowMs));
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  for (let i = 0; i < 10; i += 1) bytes[6 + i] = random[i] ?? 0;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = (from: number, to: number): string => {
    let text = '';
    for (let i = from; i < to; i += 1) text += hexOf[bytes[i] ?? 0];
    return text;
  };
  return `${hex(0, 4)}-${hex(4, 6)}-${hex(6, 8)}-${hex(8, 10)}-${hex(10, 16)}`;
};
const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Makes ids; a composition root gives it a clock and a random source. */
export type NewId = () => string;
