import { randomBytes } from 'node:crypto';
import { openProofs } from '../../../central/seat-proof.ts';
import { seatKeyOf } from '../../../main/engine/seat-key.ts';
import { type Figure, figuresOf } from './figures.ts';

const times = 2_000;
/** An op with a note; a token is some 250 characters. */
const [bodyBytes, tokenBytes] = [600, 250];

/** What each request costs because it is signed with the seat's key (security 47): at the seat, and at central. */
export const measureProofs = (): Figure[] => {
  const key = seatKeyOf(randomBytes(32).toString('base64url'), randomBytes);
  const proofs = openProofs(Date.now);
  const asked = { method: 'POST', path: '/v1/ops', token: 't'.repeat(tokenBytes), body: 'b'.repeat(bodyBytes) };
  const taken = { sign: [] as number[], check: [] as number[] };
  for (let n = 0; n < times; n += 1) {
    const startMs = performance.now();
    const proof = key.prove({ ...asked, atMs: Date.now() });
    const signedMs = performance.now();
    const why = proofs.whyNot(key.publicKey, { ...asked, proof });
    taken.sign.push((signedMs - startMs) * 1_000);
    taken.check.push((performance.now() - signedMs) * 1_000);
    if (why !== undefined) throw new Error(`not taken: ${why}`);
  }
  return [
    ...figuresOf({ metric: 'proof_sign_us', unit: 'µs', samples: taken.sign }, ['p50', 'p99']),
    ...figuresOf({ metric: 'proof_check_us', unit: 'µs', samples: taken.check }, ['p50', 'p99']),
  ];
};
