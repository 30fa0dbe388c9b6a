import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { languages } from '../../shared/text.ts';
import { createSettings } from '../../main/shell/settings.ts';
import { languageOf, say, textKeys } from '../../main/shell/texts.ts';
import { trayIcon } from '../../main/shell/tray-icon.ts';
import { canProtectContent, visibleBounds, windowOptions } from '../../main/shell/windows.ts';

const options = (page: 'desk' | 'phone') =>
  windowOptions(page, {
    preload: `/dist/preload/${page}.cjs`,
    devTools: false,
    bounds: { width: 1_400, height: 900 },
    title: 'Zuoxi',
  });

describe('windows (security 2)', () => {
  /** The golden list: a change here is a change of the product's security and is reviewed as one. */
  const golden = {
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    experimentalFeatures: false,
    enableBlinkFeatures: '',
    plugins: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    enableWebSQL: false,
    devTools: false,
  };
  it('have exactly the agreed web preferences', () => {
    expect(options('desk').webPreferences).toEqual({
      ...golden,
      preload: '/dist/preload/desk.cjs',
      backgroundThrottling: true,
      autoplayPolicy: 'document-user-activation-required',
    });
    expect(options('phone').webPreferences).toEqual({
      ...golden,
      preload: '/dist/preload/phone.cjs',
      backgroundThrottling: false,
      autoplayPolicy: 'no-user-gesture-required',
    });
  });

  it('are a desk of at least 1366 × 768 and a phone nobody sees', () => {
    expect(options('desk')).toMatchObject({ minWidth: 1_366, minHeight: 768, width: 1_400, show: false });
    expect(options('phone')).toMatchObject({ show: false, skipTaskbar: true, focusable: false });
  });

  it('open where a display shows them', () => {
    const display = { x: 0, y: 0, width: 1_920, height: 1_080 };
    expect(visibleBounds(undefined, [display])).toEqual({ width: 1_366, height: 768 });
    expect(visibleBounds({ x: 5, y: 6, width: 1_500, height: 800 }, [display])).toEqual({
      x: 5,
      y: 6,
      width: 1_500,
      height: 800,
    });
    expect(visibleBounds({ x: 4_000, y: 6, width: 1_500, height: 800 }, [display])).toEqual({
      width: 1_500,
      height: 800,
    });
    expect(visibleBounds({ x: 5, y: -900, width: 100, height: 100 }, [display])).toEqual({ width: 1_366, height: 768 });
    expect(visibleBounds({ x: 5, y: 6, width: 1_500, height: 800 }, [])).toEqual({ width: 1_500, height: 800 });
  });

  it('are kept out of captures where the system can (security 39)', () => {
    expect(['win32', 'darwin', 'linux'].map(canProtectContent)).toEqual([true, true, false]);
  });
});

describe('tray icons', () => {
  const agents = ['offline', 'notReady', 'ready', 'reserved', 'onCall', 'wrapUp'] as const;
  /** Reads a PNG back, checking every chunk; answers the alpha of each pixel. */
  const alphas = (file: Buffer, size: number): string => {
    expect(file.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    const chunks = new Map<string, Buffer>();
    for (let at = 8; at < file.length;) {
      const length = file.readUInt32BE(at);
      const body = file.subarray(at + 4, at + 8 + length);
      expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
      chunks.set(body.subarray(0, 4).toString('latin1'), body.subarray(4));
      at += length + 12;
    }
    expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(chunks.get('IHDR')?.readUInt32BE(0)).toBe(size);
    const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
    expect(rows).toHaveLength(size * (1 + size * 4));
    let picture = '';
    for (let row = 0; row < size; row += 1)
      for (let column = 0; column < size; column += 1)
        picture += (rows[row * (1 + size * 4) + 4 + column * 4] ?? 0) > 127 ? '#' : '.';
    return picture;
  };

  it('differ by shape alone, at both scales', () => {
    for (const size of [16, 32]) {
      const pictures = agents.map((agent) => alphas(trayIcon(agent, size, true), size));
      expect(new Set(pictures).size).toBe(agents.length);
      for (const picture of pictures) expect(picture.split('#').length - 1).toBeGreaterThan(size * size * 0.2);
    }
  });
});

describe("the shell's own words", () => {
  it.each(textKeys)('%s is there in both languages, with the same values', (key) => {
    const [zh, en] = languages.map((language) => say(key, language));
    expect(zh).toMatch(/[\u4e00-\u9fff]/);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
    const values = (text = ''): string[] => (text.match(/\{[a-z]+\}/g) ?? []).sort();
    expect(values(zh)).toEqual(values(en));
  });

  it('follow the chosen language, else the system', () => {
    expect(say('quit.unsynced', 'en', { count: 3 })).toMatch(/^3 changes/);
    expect([languageOf('en', 'zh-CN'), languageOf(undefined, 'zh-Hans-CN'), languageOf(undefined, 'de')]).toEqual([
      'en',
      'zh-CN',
      'en',
    ]);
  });
});

describe('settings', () => {
  it('survive damage: a bad value counts as absent', () => {
    for (const store of [
      {},
      { bounds: 'wide' },
      { bounds: { x: 1e9, y: 0, width: -1, height: 1 } },
      { language: 7, onClose: 'explode' },
    ])
      expect(createSettings({ store }).get().onClose).toBe('quit');
  });
  it('are written as a whole', () => {
    const kept = { store: { junk: 1 } as Record<string, unknown> };
    const settings = createSettings(kept);
    settings.change({ language: 'en' });
    settings.change({ bounds: { x: 1, y: 2, width: 1_400, height: 800 } });
    expect(kept.store).toEqual({ onClose: 'quit', language: 'en', bounds: { x: 1, y: 2, width: 1_400, height: 800 } });
    expect(createSettings(kept).get()).toEqual(settings.get());
  });
});
