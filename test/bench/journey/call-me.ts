import type { Page } from 'playwright-core';

/**
 * Has a customer of practice mode call, by the desk's own line to the engine. An agent who is called has not just pressed a button: the
 * pointer on it, its focus and what its answer draws would fall into the first milliseconds of the ring.
 */
export const callMe = async (page: Page): Promise<void> => {
  const frame = page.frames().find((each) => each.url().endsWith('/desk/'));
  if (frame === undefined) throw new Error('the desk is not open');
  await frame.evaluate(() => {
    const socket = window.zuoxiBenchDesk;
    if (socket === undefined) throw new Error('the desk has no line to the engine');
    const id = 1_000_000_000 + Math.floor(Math.random() * 1_000_000_000);
    socket.send(JSON.stringify({ t: 'call', id, name: 'practice.callMe', args: { callerId: null } }));
  });
};
