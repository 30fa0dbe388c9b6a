import type { Clock } from './clock.ts';

/**
 * PHONE-9 for customers whom central called (R25). The word of central and the call come by different ways, and the call may be first: it is
 * kept for a moment, unanswered and unseen, and looked at again with the word or without.
 */
export type Announced<Call> = {
  readonly expect: (contactId: string | null) => void;
  readonly wordOf: (contactId: string, call: Call) => 'announced' | 'waits' | 'unannounced';
};

/** The customer waits two seconds at most: a word that comes later is of no use. */
const keptMs = 1_000;

export const createAnnounced = <Call>(clock: Clock, look: (call: Call) => void): Announced<Call> => {
  let expected: string | null = null;
  const kept = new Map<string, { readonly call: Call; readonly cancel: () => void }>();
  const late = new Set<Call>();
  return {
    expect: (contactId) => {
      expected = contactId;
      const waiting = contactId === null ? undefined : kept.get(contactId);
      if (contactId === null || waiting === undefined) return;
      kept.delete(contactId);
      waiting.cancel();
      look(waiting.call);
    },
    wordOf: (contactId, call) => {
      if (contactId !== '' && contactId === expected) {
        expected = null;
        return 'announced';
      }
      if (contactId === '' || late.delete(call) || kept.has(contactId)) return 'unannounced';
      const cancel = clock.after(keptMs, () => {
        kept.delete(contactId);
        late.add(call);
        look(call);
      });
      kept.set(contactId, { call, cancel });
      return 'waits';
    },
  };
};
