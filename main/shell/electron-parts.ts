import type { IpcListener } from './channels.ts';
import type { EngineChild } from './engine-host.ts';
import type { NavigatingContents } from './navigation.ts';
import type { PermissionSession } from './permissions.ts';
import type { RequestSession } from './requests.ts';
import type { SafeStorage } from './secrets.ts';
import type { SeatWindow } from './seat-windows.ts';
import type { KeptObject } from './settings.ts';
import type { MenuLine, TrayLike } from './tray.ts';
import type { Bounds, windowOptions } from './windows.ts';

/**
 * Electron as the shell uses it, and no more of it than that: main.ts gives the real one (tsc checks that it fits), the tests one
 * that runs in Node. `Image`, `Menu` and `P` (a port) are opaque here.
 */
export type ShellApp = {
  readonly isPackaged: boolean;
  getAppPath(): string;
  getPath(name: 'userData'): string;
  setPath(name: 'userData', path: string): void;
  setAppUserModelId(id: string): void;
  setAsDefaultProtocolClient(scheme: string): boolean;
  requestSingleInstanceLock(): boolean;
  enableSandbox(): void;
  whenReady(): Promise<void>;
  quit(): void;
  exit(code: number): void;
  /** Starts again once this process has ended. */
  relaunch(): void;
  on(event: 'second-instance', listener: (event: unknown, argv: string[]) => void): unknown;
  on(event: 'open-url', listener: (event: { preventDefault(): void }, url: string) => void): unknown;
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown;
  on(event: 'activate', listener: () => void): unknown;
  on(event: 'window-all-closed', listener: () => void): unknown;
  on(event: 'web-contents-created', listener: (event: unknown, contents: NavigatingContents) => void): unknown;
};

export type ShellSession<Contents> = PermissionSession<Contents> &
  RequestSession & {
    readonly protocol: {
      handle(
        scheme: string,
        handler: (request: { readonly url: string; readonly method: string }) => Promise<Response>,
      ): void;
    };
  };

export type ShellDialog = {
  showErrorBox(title: string, text: string): void;
  showMessageBox(options: {
    type: 'question' | 'warning';
    title: string;
    message: string;
    buttons: string[];
    defaultId: number;
    cancelId: number;
    noLink: boolean;
  }): Promise<{ readonly response: number }>;
};

export type ElectronParts<P, Image, Menu, Contents> = {
  readonly app: ShellApp;
  readonly registerScheme: () => void;
  /** After ready. */
  readonly session: () => ShellSession<Contents>;
  readonly ipc: IpcListener<Contents>;
  readonly dialog: ShellDialog;
  readonly safeStorage: SafeStorage;
  readonly power: {
    /** After ready: `resume` when the machine wakes, `shutdown` when it goes down and will not wait. */
    readonly on: (event: 'resume' | 'shutdown', listener: () => void) => void;
    /** Keeps the machine from sleeping; the answer lets it again. */
    readonly hold: () => () => void;
  };
  readonly openExternal: (url: string) => Promise<void>;
  /** The system's say on the microphone. */
  readonly microphone: () => Promise<boolean>;
  /** After ready. */
  readonly displays: () => readonly Required<Bounds>[];
  readonly newWindow: (options: ReturnType<typeof windowOptions>) => SeatWindow<P>;
  readonly newTray: (image: Image) => TrayLike<Image, Menu>;
  readonly newImage: (png: (size: number) => Buffer, template: boolean) => Image;
  readonly newMenu: (lines: readonly MenuLine[]) => Menu;
  readonly newChannel: () => { readonly port1: P; readonly port2: P };
  readonly newSettings: (folder: string) => KeptObject;
  readonly fork: (modulePath: string, env: Record<string, string>) => EngineChild<P>;
};
