import { z } from 'zod';
import { SeatId } from './ids.ts';
import type { Refusal } from './result.ts';
import { refusal, refusalKinds } from './result.ts';
import { SeatPublicKey } from './seat-proof.ts';

/**
 * Signing in with the account of the agent's company (OpenID Connect, authorization code with PKCE, RFC 7636, 8252). The seat makes the
 * verifier and listens on loopback for the provider's answer; central keeps state and nonce, redeems the code and decides. Neither
 * can finish alone: who has the code lacks the verifier, and who has both lacks the attempt.
 */
export const CompanyBeginRequest = z.object({
  protocol: z.number().int(),
  seatId: SeatId,
  seatSecret: z.string().min(32).max(64).optional(),
  seatKey: SeatPublicKey.optional(),
  /** Where this seat listens, on this machine only. */
  redirectUri: z.string().regex(/^http:\/\/(?:127\.0\.0\.1|localhost):\d{1,5}\/[a-z0-9/-]{0,60}$/),
  /** S256 of the verifier. */
  challenge: z.string().regex(/^[\w-]{43}$/),
});
/** `url` is for the agent's browser; the provider's answer carries `state`. */
export const CompanyBeginResponse = z.object({
  url: z.string().max(4_000),
  state: z.string().max(100),
  expiresAtMs: z.number(),
});
/** Answered as `signIn` is. Refused `signedInElsewhere`: the same again with `takeOver`, within two minutes. */
export const CompanyFinishRequest = z.object({
  protocol: z.number().int(),
  seatId: SeatId,
  seatSecret: z.string().min(32).max(64).optional(),
  seatKey: SeatPublicKey.optional(),
  takeOver: z.boolean().optional(),
  state: z.string().max(100),
  code: z.string().max(4_000),
  verifier: z.string().regex(/^[\w-]{43,128}$/),
});

const Why = z.object({
  kind: z.enum(refusalKinds),
  reason: z.string().optional(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
});

/**
 * At the seat, while nobody is signed in:
 *
 *   offered ──asked──▶ beginning ──begun──▶ waiting ──answered──▶ finishing ──▶ (signed in)
 *      ▲                   └──────refused──────┴── cancelled, timed out ──┴──refused──▶ refused ──asked──▶ beginning
 */
export const CompanySignIn = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('offered') }),
  z.object({ kind: z.literal('beginning') }),
  /** The agent is at the provider's page. `url`: to open it by hand; null where the host opened it. */
  z.object({ kind: z.literal('waiting'), url: z.string().nullable(), untilMs: z.number() }),
  z.object({ kind: z.literal('finishing') }),
  z.object({ kind: z.literal('refused'), why: Why }),
]);
export type CompanySignIn = z.infer<typeof CompanySignIn>;

/** What the desk makes a link of: a page on the web, or of a provider on this machine; whatever else it is told stays text nobody can follow. */
export const isPage = (url: string): boolean =>
  /^(?:https:\/\/[\w.-]+|http:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}))(?::\d{1,5})?(?:[/?][^\s"'<>\\]*)?$/.test(
    url,
  );

export type CompanyEvent =
  | { readonly kind: 'asked' }
  | { readonly kind: 'begun'; readonly url: string | null; readonly untilMs: number }
  | { readonly kind: 'answered' }
  /** Turned away because of another seat, and the agent wants this one. */
  | { readonly kind: 'takenOver' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'signedIn' };

const nextOf: {
  readonly [S in CompanySignIn['kind']]: (state: CompanySignIn, event: CompanyEvent) => CompanySignIn;
} = {
  offered: (state, event) => (event.kind === 'asked' ? { kind: 'beginning' } : state),
  beginning: (state, event) =>
    event.kind === 'begun' ? { kind: 'waiting', url: event.url, untilMs: event.untilMs } : ended(state, event),
  waiting: (state, event) => (event.kind === 'answered' ? { kind: 'finishing' } : ended(state, event)),
  finishing: (state, event) =>
    // Central has the code: what it decides is awaited.
    event.kind === 'cancelled' ? state : ended(state, event),
  refused: (state, event) => {
    if (event.kind === 'asked') return { kind: 'beginning' };
    return event.kind === 'takenOver' ? { kind: 'finishing' } : ended(state, event);
  },
};

const ended = (state: CompanySignIn, event: CompanyEvent): CompanySignIn => {
  if (event.kind === 'refused') return { kind: 'refused', why: { ...event.why, params: { ...event.why.params } } };
  return event.kind === 'cancelled' || event.kind === 'signedIn' ? { kind: 'offered' } : state;
};

export const nextCompanySignIn = (state: CompanySignIn, event: CompanyEvent): CompanySignIn =>
  nextOf[state.kind](state, event);

/** What the provider's answer to the browser means when it is not a code (RFC 6749 section 4.1.2.1). */
export const refusalOfProvider = (error: string): Refusal => {
  if (error === 'access_denied') return refusal('conflict', 'companySignInCancelled');
  if (error === 'temporarily_unavailable' || error === 'server_error') return refusal('offline', 'providerUnavailable');
  return refusal('forbidden', 'providerRefused');
};
