import { useEffect, useRef, useState } from 'react';
import type { Policy } from '../../../shared/policy.ts';
import { maySaySecret, type Recording } from '../../../shared/recording.ts';
import type { Refusal } from '../../../shared/result.ts';

/** What a field for a secret needs to have the recording silent while it is used. */
export type Silence = {
  readonly recording: Recording;
  readonly policy: Pick<Policy, 'secretsWhileRecorded'>;
  readonly onPause: () => Promise<Refusal | null>;
  readonly onResume: () => void;
};

/**
 * The lock on such a field (R33, security 84): entering it pauses the recording, leaving it, or its going away, lets it go on. A check
 * that did not match leaves the agent in the field, where the customer will say the secret again: it stays silent until the limit.
 */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'silent' }
  /** Nobody has asked; asked; the limit was reached in the middle; could not be paused. */
  | { readonly kind: 'closed'; readonly because: 'notAsked' | 'asking' | 'limit' }
  | { readonly kind: 'failed'; readonly why: Refusal; readonly isLocked: boolean };

type Asked =
  | { readonly kind: 'no' }
  | { readonly kind: 'asking'; readonly n: number }
  | { readonly kind: 'answered'; readonly why: Refusal | null };

/** @param silence null: nothing secret is typed here */
export const useSilence = (
  silence: Silence | null,
): { readonly gate: Gate; readonly isLocked: boolean; readonly enter: () => void; readonly leave: () => void } => {
  const [asked, setAsked] = useState<Asked>({ kind: 'no' });
  const round = useRef(0);
  const latest = useRef(silence);
  useEffect(() => {
    latest.current = silence;
  });
  const enter = (): void => {
    if (silence === null) return;
    round.current += 1;
    const n = round.current;
    setAsked({ kind: 'asking', n });
    void silence.onPause().then((why) => {
      // Left, or entered again, in the meantime: that answer is another one's.
      if (round.current === n) setAsked({ kind: 'answered', why });
    });
  };
  const leave = (): void => {
    if (round.current === 0) return;
    round.current += 1;
    setAsked({ kind: 'no' });
    latest.current?.onResume();
  };
  const isThere = useRef(false);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
      // Taken away with the focus in it: a browser tells nobody of that. A moment later, for an effect may also be run anew.
      queueMicrotask(() => {
        if (!isThere.current && round.current > 0) latest.current?.onResume();
      });
    };
  }, []);
  const gate = silence === null ? open : gateOf(silence, asked);
  return { gate, isLocked: gate.kind === 'closed' || (gate.kind === 'failed' && gate.isLocked), enter, leave };
};

const open: Gate = { kind: 'open' };

const gateOf = ({ recording, policy }: Silence, asked: Asked): Gate => {
  const may = maySaySecret(recording, policy);
  if (recording.kind === 'paused') return { kind: 'silent' };
  if (recording.kind === 'none') return open;
  if (asked.kind === 'answered' && asked.why !== null) return { kind: 'failed', why: asked.why, isLocked: !may };
  if (may) return open;
  return { kind: 'closed', because: asked.kind === 'no' ? 'notAsked' : asked.kind === 'asking' ? 'asking' : 'limit' };
};
