import type { WebSocket } from 'ws';
import type { FarCall, FarRecord } from './far-call.ts';
import { createFarMedia } from './far-media.ts';
import { type Journal, nowMs } from './journal.ts';

/**
 * The far end without SIP: descriptions and their acknowledgement as JSON on one socket, the same media behind it. What is left of
 * a call when no library is in the way.
 */
export type FloorMessage =
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string }
  | { readonly kind: 'acknowledged' | 'bye' };

export const floorWire = (
  raw: WebSocket,
  user: string,
  journal: Journal<FarRecord>,
  calls: Map<string, FarCall>,
): { readonly ring: () => Promise<FarCall> } => {
  const send = (message: FloorMessage): void => raw.send(JSON.stringify(message));
  let serial = 0;
  let current: FarCall | undefined;
  const begin = (ice: 'lite' | 'full'): FarCall => {
    serial += 1;
    const media = createFarMedia(ice);
    const call: FarCall = {
      sipCallId: `floor-${serial}`,
      media,
      wire: { send: () => {} },
      isOver: false,
      inDialog: () => {},
      answered: () => {},
      hangUp: () => {
        if (call.isOver) return;
        call.isOver = true;
        media.close();
        send({ kind: 'bye' });
      },
    };
    calls.set(call.sipCallId, call);
    current = call;
    return call;
  };
  raw.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as FloorMessage;
    const atMs = nowMs();
    if (message.kind === 'bye') {
      if (current !== undefined) current.isOver = true;
      current?.media.close();
    }
    if (message.kind === 'answer' && current !== undefined) {
      const { sipCallId, media } = current;
      journal.add({ kind: 'final', status: 200, user, sipCallId, atMs });
      send({ kind: 'acknowledged' });
      void media.accept('answer', message.sdp);
    }
    if (message.kind === 'offer') {
      const { media, sipCallId } = begin('lite');
      journal.add({ kind: 'called', user, sipCallId, atMs });
      void media
        .accept('offer', message.sdp)
        .then(media.answer)
        .then((sdp) => send({ kind: 'answer', sdp }));
    }
  });
  return {
    ring: async () => {
      const call = begin('full');
      const sdp = await call.media.offer();
      send({ kind: 'offer', sdp });
      return call;
    },
  };
};
