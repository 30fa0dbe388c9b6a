/**
 * All a page gets from Electron: the name of its host, and ports. It knows names, not schemas; what is said over the ports is
 * checked at their ends. The page listens for `{zuoxi: …}` messages of its own window and posts nothing.
 */
type Ipc = {
  on(channel: string, listener: (event: { readonly ports: MessagePort[] }, message: unknown) => void): unknown;
  send(channel: string, ...args: unknown[]): void;
};
type Parts = {
  readonly contextBridge: { exposeInMainWorld(name: string, api: unknown): void };
  readonly ipcRenderer: Ipc;
  readonly page: Window;
  readonly platform: string;
};

export const expose = ({ contextBridge, ipcRenderer, page, platform }: Parts): void => {
  contextBridge.exposeInMainWorld('zuoxi', Object.freeze({ host: 'electron', platform }));
  const { origin } = page.location;
  ipcRenderer.on('zuoxi:port', (event, to) => page.postMessage({ zuoxi: 'port', to }, origin, event.ports));
  ipcRenderer.on('zuoxi:tell', (_event, message) => page.postMessage(message, origin));

  page.addEventListener('DOMContentLoaded', () => {
    // Not earlier: module scripts have run by now, so the page listens before the first port can come.
    ipcRenderer.send('zuoxi:ports');
    const root = page.document.documentElement;
    const tellLanguage = (): void => ipcRenderer.send('zuoxi:language', root.lang);
    new MutationObserver(tellLanguage).observe(root, { attributeFilter: ['lang'] });
  });
};
