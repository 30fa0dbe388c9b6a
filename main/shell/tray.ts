import type { Language } from '../../shared/text.ts';
import type { Glance } from './glance.ts';
import { say } from './texts.ts';

export type MenuLine =
  | { readonly label: string; readonly enabled?: boolean; readonly click?: () => void }
  | { readonly type: 'separator' };

/** The part of Electron's Tray used here; `Image` and `Menu` are whatever it takes. */
export type TrayLike<Image, Menu> = {
  setImage(image: Image): void;
  setToolTip(text: string): void;
  setContextMenu(menu: Menu): void;
  on(event: 'click', listener: () => void): unknown;
};

export type TrayParts<Image, Menu> = {
  readonly tray: TrayLike<Image, Menu>;
  readonly icon: (agent: Glance['agent']) => Image;
  readonly menu: (lines: readonly MenuLine[]) => Menu;
  readonly onShow: () => void;
  readonly onQuit: () => void;
};

/** Returns the painter: called with what the seat looks like now. The menu is rebuilt whole, as Linux asks for. */
export const createTray = <Image, Menu>(
  parts: TrayParts<Image, Menu>,
): ((glance: Glance, language: Language) => void) => {
  const { tray } = parts;
  tray.on('click', parts.onShow);
  let shown: Glance['agent'] | undefined;
  return (glance, language) => {
    if (glance.agent !== shown) tray.setImage(parts.icon(glance.agent));
    shown = glance.agent;
    const state = say(`agent.${glance.agent}`, language);
    const unsynced = glance.unsynced > 0 ? say('unsynced', language, { count: glance.unsynced }) : undefined;
    tray.setToolTip([say('product', language), state, unsynced].filter((part) => part !== undefined).join(' · '));
    tray.setContextMenu(
      parts.menu([
        { label: state, enabled: false },
        ...(unsynced === undefined ? [] : [{ label: unsynced, enabled: false }]),
        { type: 'separator' },
        { label: say('show', language), click: parts.onShow },
        { label: say('quit', language), click: parts.onQuit },
      ]),
    );
  };
};
