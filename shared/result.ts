/**
 * Expected outcomes are values (`Result`); faults are thrown as `SeatFault` with a kind from one closed list,
 * so that one exhaustive function can turn a fault into the next sync state or into a sentence for the agent.
 */
export type Result<T, E = Refusal> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const refused = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });

/** Why a request was not carried out. Each kind has one sentence per language in the desk's locales (`refusal.*`). */
export const refusalKinds = [
  'offline', // central cannot be reached: the request needs its word
  'unauthorised', // signed out, wrong password, or token over
  'forbidden', // this role or caller may not
  'invalid', // the request does not fit its schema
  'notFound',
  'conflict', // state has moved on (call ended, other window has the seat)
  'policy', // a rule says no; `reason` names it
  'locked', // verification locked (R12)
  'mandatory', // something must be filled first (R28)
  'garbled', // central answered something that is not its contract
  'tooOld', // this seat is older than what central serves
  'phone', // the phone cannot do it now; `reason` names why
  'internal',
] as const;
export type RefusalKind = (typeof refusalKinds)[number];

export type Refusal = {
  readonly kind: RefusalKind;
  /** Key of a more exact sentence in the locales (`reason.<reason>`), never a server's free text. */
  readonly reason?: string;
  /** Values for the sentence: numbers and dates, no personal data. */
  readonly params?: Readonly<Record<string, string | number>>;
};

export const refusal = (kind: RefusalKind, reason?: string, params?: Refusal['params']): Refusal => ({
  kind,
  ...(reason === undefined ? {} : { reason }),
  ...(params === undefined ? {} : { params }),
});

/** A thrown fault: something that should not happen, with the refusal to show when nobody handles it. */
export class SeatFault extends Error {
  readonly refusal: Refusal;
  constructor(message: string, why: Refusal) {
    super(message);
    this.name = 'SeatFault';
    this.refusal = why;
  }
}

/** Exhaustiveness: a switch that forgets a member does not compile. */
export const never = (value: never): never => {
  throw new SeatFault(`unreachable: ${JSON.stringify(value)}`, refusal('internal'));
};
