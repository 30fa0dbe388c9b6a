import type { Result } from '../shared/result.ts';
import { ok, refused } from '../shared/result.ts';
import type { Keypad, KeypadAsked, KeypadEnd } from './keypad-port.ts';
import type { PbxClock } from './pbx.ts';

/** Keys pressed in memory: for practice mode, and for tests. */
type FakeKeypad = Keypad & {
  /** Contacts whose customer is aside now. */
  readonly aside: () => readonly string[];
};

/**
 * @param presses what the customer of this contact keys in, and how long that takes; digits undefined: nothing at all. A contact nobody
 *   knows is no call.
 */
export const makeFakeKeypad = (
  clock: PbxClock,
  presses: (
    asked: KeypadAsked,
  ) =>
    | { readonly digits: string | undefined; readonly afterMs: number }
    | undefined
    | Promise<{ readonly digits: string | undefined; readonly afterMs: number } | undefined>,
): FakeKeypad => {
  const under = new Map<string, (end: Result<string, KeypadEnd>) => void>();
  return {
    collect: async (asked) => {
      if (under.has(asked.contactId)) return refused('noCall');
      const { promise, resolve } = Promise.withResolvers<Result<string, KeypadEnd>>();
      under.set(asked.contactId, resolve);
      const pressed = await presses(asked);
      if (pressed === undefined) resolve(refused('noCall'));
      else if (pressed.digits !== undefined && pressed.afterMs <= asked.withinMs) {
        const digits = pressed.digits.slice(0, asked.digits);
        clock.after(pressed.afterMs, () => resolve(ok(digits)));
      }
      const cancel = clock.after(asked.withinMs, () => resolve(refused('tooLate')));
      try {
        return await promise;
      } finally {
        cancel();
        under.delete(asked.contactId);
      }
    },
    cancel: (contactId) => under.get(contactId)?.(refused('cancelled')),
    aside: () => [...under.keys()],
    close: async () => {
      for (const end of under.values()) end(refused('hungUp'));
    },
  };
};
