import { z } from 'zod';
import { Glance } from './glance.ts';

/**
 * Between the shell and the engine's process. The key travels here and nowhere else: not in argv, not in the environment, where
 * other programs of the same user can read it.
 */
export const ToEngine = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    profileDir: z.string().min(1),
    /** Holds every store and the wrapped key; a wipe clears it of them (security 34). */
    stateDir: z.string().min(1),
    storeKey: z.object({
      key: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 32),
      kept: z.enum(['keyStore', 'memory']),
    }),
    centralUrl: z.url(),
    /** Null: nobody signs in with the company's account here. */
    signInOrigin: z.url().nullable(),
  }),
  /** Comes with a transferred port: a page that wants to talk. */
  z.object({ kind: z.literal('port'), role: z.enum(['desk', 'phone']) }),
  z.object({ kind: z.literal('stop') }),
]);
export type ToEngine = z.infer<typeof ToEngine>;
export type EngineStart = Extract<ToEngine, { kind: 'start' }>;

export const FromEngine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('glance'), glance: Glance }),
  /** Everything this seat held is destroyed, its key as well: it must begin anew. */
  z.object({ kind: z.literal('wiped') }),
  /** The system's browser is to open the page of the company's identity provider. */
  z.object({ kind: z.literal('signInPage'), url: z.string().max(4_000) }),
  /** Ids and kinds only. */
  z.object({ kind: z.literal('log'), level: z.enum(['error', 'warn', 'info', 'debug']), what: z.string().max(500) }),
]);
export type FromEngine = z.infer<typeof FromEngine>;
