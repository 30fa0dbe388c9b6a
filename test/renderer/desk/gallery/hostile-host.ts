import type { Host } from '../../../../renderer/desk/hosts.ts';
import { phoneContract } from '../../../../shared/phone.ts';
import { seatContract } from '../../../../shared/seat.ts';
import { payloads } from '../payloads.ts';
import { type Poisoned, poisoned } from './poison.ts';

/** A host whose engine and phone tell the desk hostile texts only. */
export const hostileHost = (host: Host): { readonly host: Host; readonly again: (n: number) => void } => {
  const lines = new Set<Poisoned>();
  const through = (
    contract: Parameters<typeof poisoned>[0],
    port: Parameters<typeof poisoned>[1],
  ): Poisoned['port'] => {
    const line = poisoned(contract, port, payloads);
    lines.add(line);
    return line.port;
  };
  return {
    host: {
      engine: async (...given) => through(seatContract, await host.engine(...given)),
      phone: async (...given) => through(phoneContract, await host.phone(...given)),
    },
    again: (n) => {
      for (const line of lines) line.again(n);
    },
  };
};
