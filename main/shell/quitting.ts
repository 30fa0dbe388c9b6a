import type { Log } from '../engine/log.ts';
import { faultFields } from '../engine/log.ts';
import type { ElectronParts, ShellDialog } from './electron-parts.ts';
import type { Glance } from './glance.ts';
import { whenQuitting } from './leaving.ts';
import type { TextKey } from './texts.ts';

export type Sentence = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;
export type Ask = (
  text: TextKey,
  buttons: readonly TextKey[],
  values?: Readonly<Record<string, number>>,
) => Promise<number>;

/** A question with named answers; the first is the safe one, and what Escape means. Resolves with the index chosen. */
export const question =
  (dialog: ShellDialog, sentence: Sentence): Ask =>
  async (text, buttons, values) => {
    const { response } = await dialog.showMessageBox({
      type: 'warning',
      title: sentence('product'),
      message: sentence(text, values),
      buttons: buttons.map((button) => sentence(button)),
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    return response;
  };

export type QuitParts = {
  readonly glance: () => Glance;
  readonly ask: Ask;
  readonly log: Log;
  /** Closes store and windows in order. */
  readonly shutDown: () => Promise<void>;
};

/**
 * Quitting: asked first when something would be lost (security 18), then everything is closed in order, then the process ends. Electron's own quit is always
 * held back, because it would close the windows first and with them the call.
 *
 *   staying ──quit──▶ asking ──stay──▶ staying
 *      │                 └──quit anyway──▶ leaving
 *      └──nothing to lose, or the system goes down──▶ leaving
 */
export const guardQuitting = <P, Image, Menu, Contents>(
  { app, power }: Pick<ElectronParts<P, Image, Menu, Contents>, 'app' | 'power'>,
  { glance, ask, log, shutDown }: QuitParts,
): void => {
  let state: 'staying' | 'asking' | 'leaving' = 'staying';
  const leave = async (): Promise<void> => {
    state = 'leaving';
    await shutDown();
    app.exit(0);
  };
  const asked = async (): Promise<void> => {
    const answer = whenQuitting(glance(), false);
    if (answer.kind === 'quit') return leave();
    state = 'asking';
    const values = answer.why === 'unsynced' ? { count: answer.count } : {};
    const chosen = await ask(`quit.${answer.why}`, ['quit.stay', 'quit.anyway'], values);
    // The system may have begun to go down while the question stood.
    if (state !== 'asking') return;
    if (chosen === 1) return leave();
    state = 'staying';
  };
  const orFault = (step: Promise<void>): void =>
    void step.catch((fault: unknown) => {
      log.error('leaving', faultFields(fault));
      app.exit(1);
    });
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (state === 'staying') orFault(asked());
  });
  power.on('shutdown', () => {
    if (state !== 'leaving') orFault(leave());
  });
  // The tray keeps the product; windows are only hidden.
  app.on('window-all-closed', () => undefined);
};
