import { z } from 'zod';
import { Language } from '../../shared/text.ts';

/** What this machine remembers of its windows. No secrets, nothing about customers or agents. */
const Settings = z.object({
  bounds: z
    .object({ x: z.int(), y: z.int(), width: z.int().min(200).max(20_000), height: z.int().min(200).max(20_000) })
    .optional()
    .catch(undefined),
  language: Language.optional().catch(undefined),
  onClose: z.enum(['hide', 'quit']).catch('quit'),
});
export type Settings = z.infer<typeof Settings>;

/** The part of electron-store used here. */
export type KeptObject = { store: Record<string, unknown> };

export type SettingsStore = { get(): Settings; change(part: Partial<Settings>): void };

/** A damaged value counts as absent: a window of the wrong size must not stop the seat. */
export const createSettings = (kept: KeptObject): SettingsStore => {
  let current = Settings.parse(kept.store);
  return {
    get: () => current,
    change: (part) => {
      current = { ...current, ...part };
      const { bounds, language, onClose } = current;
      kept.store = {
        onClose,
        ...(bounds === undefined ? {} : { bounds }),
        ...(language === undefined ? {} : { language }),
      };
    },
  };
};
