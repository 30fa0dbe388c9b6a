import { createHash, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Refusal } from '../shared/result.ts';
import { refusal } from '../shared/result.ts';
import { proofWindowMs, readProof, signedText } from '../shared/seat-proof.ts';
import type { Clock, Log } from './ambient.ts';
import { audit } from './audit.ts';
import { transaction } from './db.ts';
import { makeRateLimit } from './rate-limit.ts';
import type { Secrets } from './secrets.ts';
import type { Session } from './sessions.ts';

/** Whether a request comes from the seat that has the key; see shared/seat-proof.ts for what is signed. */
export type Proofs = {
  readonly whyNot: (key: string, request: Signed) => ProofFault | undefined;
};

/**
 * `proofMissing`, `proofWrong`, `proofUsed`: whoever asked has not the seat's key. `proofTime`: it was signed with the key, at another
 * time than now: a seat whose clock is wrong, or something kept from before.
 */
export type ProofFault = 'proofMissing' | 'proofWrong' | 'proofUsed' | 'proofTime';

export type Signed = {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body: string;
  readonly proof: string | undefined;
};

/**
 * Which proofs were used is remembered by this instance alone, for as long as they could be used again. With N instances the very same
 * request may be answered N times within the window: a proxy that tries the next instance relies on it, and nothing is asked or changed
 * that had not been asked already; ops are taken once whatever comes twice.
 */
export const openProofs = (nowMs: () => number): Proofs => {
  const keys = new Map<string, KeyObject>();
  const used = rememberFor(2 * proofWindowMs, nowMs);
  return {
    whyNot: (key, { method, path, token, body, proof: told }) => {
      const proof = readProof(told);
      if (proof === undefined) return 'proofMissing';
      const proven = { method, path, tokenDigest: digest(token), bodyDigest: digest(body) };
      const signed = Buffer.from(signedText(proven, proof));
      if (!verify(null, signed, keyOf(keys, key), Buffer.from(proof.signature, 'base64url'))) return 'proofWrong';
      // Before the nonce is remembered: what is too old to be taken needs no remembering.
      if (Math.abs(nowMs() - proof.atMs) > proofWindowMs) return 'proofTime';
      return used.add(`${key} ${proof.nonce}`) ? undefined : 'proofUsed';
    },
  };
};

/** What the wire asks about a request. */
export type Proven = {
  /** Of a seat that names its key. */
  readonly whyNot: (key: string, request: Signed) => Refusal | undefined;
  /** Of a session, which is bound to one. A token in other hands is written down in the audit trail. */
  readonly whyNotOf: (session: Session, request: Signed) => Promise<Refusal | undefined>;
};

type Ports = {
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly count: (fault: ProofFault) => void;
};

export const openProven = ({ clock, log, secrets, count }: Ports): Proven => {
  const proofs = openProofs(clock.nowMs);
  const limit = makeRateLimit(clock.nowMs);
  const faultOf = (key: string, request: Signed): ProofFault | undefined => {
    const fault = proofs.whyNot(key, request);
    if (fault !== undefined) count(fault);
    return fault;
  };
  return {
    whyNot: (key, request) => {
      const fault = faultOf(key, request);
      return fault && refusalOfProof(fault, clock.nowMs());
    },
    whyNotOf: async ({ id, seatKey, seatId, agent, db }, request) => {
      const fault = seatKey === null ? undefined : faultOf(seatKey, request);
      if (fault === undefined) return undefined;
      const nowMs = clock.nowMs();
      // Once a minute for each session: whoever has a token shall not fill the trail with it.
      if (fault !== 'proofTime' && limit.take(id, 1) === undefined) {
        log.warn({ seatId, agentId: agent.id, fault }, 'a token is in other hands than its seat’s');
        await transaction(db, (tx) =>
          audit(tx, secrets.auditKey, [
            {
              ...{ atMs: nowMs, agentId: agent.id, seatId, contactId: null, customerId: null },
              ...refusedEntry(fault),
            },
          ]),
        );
      }
      return refusalOfProof(fault, nowMs);
    },
  };
};

const refusedEntry = (fault: ProofFault) => ({ kind: 'seat' as const, factor: null, result: `tokenRefused ${fault}` });

const refusalOfProof = (fault: ProofFault, nowMs: number): Refusal =>
  fault === 'proofTime' ? refusal('unauthorised', 'proofTime', { nowMs }) : refusal('unauthorised', 'seatProof');

const digest = (text: string): string => (text === '' ? '' : createHash('sha256').update(text).digest('base64url'));

/** Keys that were read before; a centre's seats fit. */
const mostKeys = 20_000;

const keyOf = (keys: Map<string, KeyObject>, x: string): KeyObject => {
  const known = keys.get(x);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  if (keys.size >= mostKeys) keys.clear();
  keys.set(x, key);
  return key;
};

/** At least so long, at most twice. */
const rememberFor = (ms: number, nowMs: () => number) => {
  let [young, old] = [new Set<string>(), new Set<string>()];
  let sinceMs = nowMs();
  return {
    /** @returns whether it is new */
    add: (word: string): boolean => {
      const now = nowMs();
      // A clock set back begins a generation as well: nothing is forgotten earlier for it.
      if (now - sinceMs >= ms || now < sinceMs) {
        [young, old, sinceMs] = [new Set(), young, now];
      }
      if (young.has(word) || old.has(word)) return false;
      young.add(word);
      return true;
    },
  };
};
