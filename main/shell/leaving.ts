import type { Glance } from './glance.ts';
import { isInCall } from './glance.ts';

/** Closing the window and quitting the product, as decisions over what the shell sees of the seat. */
export type OnClose = 'hide' | 'quit';

/** During a call the window only goes out of sight; otherwise the setting decides, and nothing is asked. */
export const whenClosed = (glance: Glance, setting: OnClose): OnClose => (isInCall(glance) ? 'hide' : setting);

export type QuitAnswer =
  | { readonly kind: 'quit' }
  | { readonly kind: 'ask'; readonly why: 'call' }
  | { readonly kind: 'ask'; readonly why: 'unsynced'; readonly count: number };

/** `confirmed`: the agent said so, or the system is shutting down and will not wait for an answer. */
export const whenQuitting = (glance: Glance, confirmed: boolean): QuitAnswer => {
  if (confirmed) return { kind: 'quit' };
  if (isInCall(glance)) return { kind: 'ask', why: 'call' };
  if (glance.unsynced > 0) return { kind: 'ask', why: 'unsynced', count: glance.unsynced };
  return { kind: 'quit' };
};
