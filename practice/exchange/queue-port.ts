import { PbxFault, type Pbx } from '../../central/pbx.ts';
import type { Queues } from './queues.ts';

/** Central's port onto the queues of this exchange. Closing it changes nothing here: central may come back with a new one. */
export const openQueuePort = (queues: Queues): Pbx => {
  const stops = new Set<() => void>();
  let isClosed = false;
  const open = (): void => {
    if (isClosed) throw new PbxFault('closed', 'The exchange was closed.');
  };
  return {
    addMember: async ({ sipUser, queues: names }) => {
      open();
      if (!names.every((name) => queues.has(name)))
        throw new PbxFault('unknownQueue', 'The exchange has no such queue.');
      queues.addMember(sipUser, names);
    },
    removeMember: async (sipUser) => {
      open();
      queues.removeMember(sipUser);
    },
    setPaused: async (sipUser, isPaused) => {
      open();
      queues.setPaused(sipUser, isPaused);
    },
    queues: async () => {
      open();
      return queues.states();
    },
    onChange: (listener) => {
      const stop = queues.onChange(listener);
      stops.add(stop);
      return () => {
        stops.delete(stop);
        stop();
      };
    },
    close: async () => {
      isClosed = true;
      for (const stop of stops) stop();
      stops.clear();
    },
  };
};
