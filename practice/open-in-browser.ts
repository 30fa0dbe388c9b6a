import { spawn } from 'node:child_process';

/** Opens the address in the user's browser; where that is impossible the printed address is enough. */
export const openInBrowser = (address: string, say: (line: string) => void): void => {
  const [command, args] = opener(address);
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    say('there is no display here: open the address above in a browser of this machine');
    return;
  }
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => say('no browser could be opened: open the address above in Chrome, Edge or Chromium'));
  child.unref();
};

const opener = (address: string): [string, string[]] => {
  if (process.platform === 'darwin') return ['open', [address]];
  if (process.platform === 'win32') return ['explorer.exe', [address]];
  return ['xdg-open', [address]];
};
