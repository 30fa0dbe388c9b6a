import type { Page } from 'playwright-core';

/**
 * The least a pop can take on this machine, ms: one message from the page to the engine's process, one back, and the next frame on
 * the screen. Sent on the desk's own socket, as a request that the engine turns away at once.
 */
export const hopMs = async (page: Page): Promise<number> => {
  const frame = page.frames().find((each) => each.url().endsWith('/desk/'));
  if (frame === undefined) throw new Error('the desk is not open');
  return frame.evaluate(async () => {
    const socket = window.zuoxiBenchDesk;
    if (socket === undefined) throw new Error('the desk has no line to the engine');
    const id = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
    const startMs = performance.now();
    await new Promise<void>((resolve) => {
      const heard = ({ data }: MessageEvent<unknown>): void => {
        if (typeof data !== 'string' || !data.includes(`"id":${id}`)) return;
        socket.removeEventListener('message', heard);
        // After the frame, as the desk itself tells when a pop is on the screen.
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.addEventListener('message', () => resolve(), { once: true });
          channel.port1.start();
          channel.port2.postMessage(null);
        });
      };
      socket.addEventListener('message', heard);
      socket.send(JSON.stringify({ t: 'call', id, name: 'bench.hop', args: {} }));
    });
    return performance.now() - startMs;
  });
};
