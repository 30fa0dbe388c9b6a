import { z } from 'zod';

/**
 * One microphone, three hands on it: the agent at the desk, the headset's button, the system. They resolve into one state that is
 * shown, and the customer hears the agent only when none of the three says no.
 *
 * - MUTE-1 What is shown is what the customer hears: `open` only when desk, headset and system are open.
 * - MUTE-2 A headset that reports by toggle has no state of its own: its button acts as the desk's key does.
 * - MUTE-3 A headset that reports its state is believed, between calls as well: the desk follows. What the desk decides the headset is
 *   told by its light; it counts as having followed until it says otherwise. One without that light cannot be told.
 * - MUTE-4 Pulling the headset out, or plugging it in, never opens the microphone.
 * - MUTE-5 The system's mute is nobody's wish: it changes what is shown and leaves what the agent wanted alone.
 * - MUTE-6 A call begins open, unless the headset says that it is muted.
 */
export type Mute = {
  /** What agent or headset button asked for last. */
  readonly wanted: 'open' | 'muted';
  /** What the headset said of itself; `silent` when it has no state or there is none. */
  readonly headset: 'silent' | 'open' | 'muted';
  readonly system: 'open' | 'muted';
};

/** `isTold`: the headset there has a light that tells it of mute. */
export type MuteEvent =
  | { readonly kind: 'callBegan' }
  | { readonly kind: 'callOver'; readonly isTold: boolean }
  | { readonly kind: 'desk'; readonly to: 'open' | 'muted'; readonly isTold: boolean }
  | { readonly kind: 'headsetToggled' }
  | { readonly kind: 'headsetSaid'; readonly to: 'open' | 'muted' }
  | { readonly kind: 'headsetGone' }
  | { readonly kind: 'system'; readonly to: 'open' | 'muted' };

export const unmuted: Mute = { wanted: 'open', headset: 'silent', system: 'open' };

export const nextMute = (mute: Mute, event: MuteEvent): Mute => {
  switch (event.kind) {
    case 'callBegan':
      return changed(mute, { wanted: mute.headset === 'muted' ? 'muted' : 'open' });
    case 'callOver':
      return changed(mute, { wanted: 'open', headset: told(mute, 'open', event.isTold) });
    case 'desk':
      return changed(mute, { wanted: event.to, headset: told(mute, event.to, event.isTold) });
    case 'headsetToggled':
      return changed(mute, { wanted: mute.wanted === 'open' ? 'muted' : 'open' });
    case 'headsetSaid':
      return changed(mute, { wanted: event.to, headset: event.to });
    case 'headsetGone':
      return changed(mute, { headset: 'silent' });
    case 'system':
      return changed(mute, { system: event.to });
  }
};

/** MUTE-3 */
const told = ({ headset }: Mute, to: 'open' | 'muted', isTold: boolean): Mute['headset'] =>
  headset === 'silent' || !isTold ? headset : to;

const changed = (mute: Mute, part: Partial<Mute>): Mute => {
  const next = { ...mute, ...part };
  const isSame = next.wanted === mute.wanted && next.headset === mute.headset && next.system === mute.system;
  return isSame ? mute : next;
};

/** MUTE-1. `by` names the hand that must let go; of several the one the desk can least do something about. */
export const ShownMute = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('muted'), by: z.enum(['system', 'headset', 'agent']) }),
]);
export type ShownMute = z.infer<typeof ShownMute>;

export const shownMute = ({ wanted, headset, system }: Mute): ShownMute => {
  if (system === 'muted') return { kind: 'muted', by: 'system' };
  if (headset === 'muted') return { kind: 'muted', by: 'headset' };
  return wanted === 'muted' ? { kind: 'muted', by: 'agent' } : { kind: 'open' };
};
