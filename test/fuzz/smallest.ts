import type { Outgoing } from './outgoing.ts';
import type { Scene } from './scenes.ts';
import { listenForUncaught } from './uncaught.ts';

const slowMs = 50;
const mostTries = 2_000;

/** Takes pieces away, halves first, as long as a fresh seat in the same state still fails on what is left. */
export const smallest = async (open: Scene['open'], bytes: Uint8Array, outgoing: Outgoing): Promise<string> => {
  let text = new TextDecoder().decode(bytes);
  let tries = 0;
  const fails = async (candidate: string): Promise<boolean> => {
    tries += 1;
    const { seat } = await open();
    const uncaught = listenForUncaught();
    const before = seat.sent.length;
    const found = seat.receive(new TextEncoder().encode(candidate));
    await uncaught.settle();
    const isBad =
      uncaught.stop().length > 0 ||
      found.kind === 'threw' ||
      found.ms > slowMs ||
      seat.sent.slice(before).some((sent) => outgoing.faultOf(sent) !== undefined);
    await seat.close();
    return isBad;
  };
  if (!(await fails(text))) return text;
  for (let size = text.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at < text.length && tries < mostTries;) {
      const shorter = text.slice(0, at) + text.slice(at + size);
      if (await fails(shorter)) text = shorter;
      else at += size;
    }
  return text;
};
