import type { Port } from '../../shared/rpc.ts';

type Listener = (message: unknown) => void;

/** Two ends of one line. Messages are cloned and arrive later, as on a real port. */
export const portPair = (): readonly [Port, Port] => {
  const closers = new Set<() => void>();
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    queueMicrotask(() => {
      for (const closer of closers) closer();
    });
  };
  const end = (): Port & { readonly listeners: Set<Listener>; peer: { readonly listeners: Set<Listener> } | null } => ({
    listeners: new Set<Listener>(),
    peer: null,
    send(message) {
      const copy = JSON.parse(JSON.stringify(message)) as unknown;
      const { peer } = this;
      queueMicrotask(() => {
        if (open) for (const listener of peer?.listeners ?? []) listener(copy);
      });
    },
    onMessage(listener) {
      this.listeners.add(listener);
    },
    onClose: (listener) => void closers.add(listener),
    close,
  });
  const [one, other] = [end(), end()];
  one.peer = other;
  other.peer = one;
  return [bound(one), bound(other)];
};

const bound = (port: Port): Port => ({
  send: (message) => port.send(message),
  onMessage: (listener) => port.onMessage(listener),
  onClose: (listener) => port.onClose(listener),
  close: () => port.close(),
});
