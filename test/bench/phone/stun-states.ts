import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { type RunningTurn, startTurn } from '../../../scripts/turn-instance.mjs';
import type { IceServer } from './contender.ts';

/**
 * What may stand behind the address a seat was given: nothing to ask, a server that answers, one that is silent, a name nobody knows,
 * a relay that is silent, a relay that works (coturn; answers STUN as well).
 */
export const stunStates = ['none', 'answering', 'dead', 'unresolvable', 'dead-turn', 'turn'] as const;
export type StunState = (typeof stunStates)[number];

export type StunServers = {
  readonly of: (state: StunState) => Promise<readonly IceServer[]>;
  readonly close: () => Promise<void>;
};

const lifeS = 6 * 3_600;

/** Each is started when it is first asked for. */
export const openStunServers = (): StunServers => {
  let hole: Promise<Socket> | undefined;
  let coturn: Promise<RunningTurn> | undefined;
  const holeAddress = async (): Promise<string> => {
    hole ??= digHole();
    return `127.0.0.1:${(await hole).address().port}`;
  };
  const turn = (): Promise<RunningTurn> => (coturn ??= startTurn());
  const of = async (state: StunState): Promise<readonly IceServer[]> => {
    switch (state) {
      case 'none':
        return [];
      case 'answering':
        return [{ urls: (await turn()).stunUrl }];
      case 'dead':
        return [{ urls: `stun:${await holeAddress()}` }];
      case 'unresolvable':
        return [{ urls: 'stun:stun.zuoxi.invalid:3478' }];
      case 'dead-turn':
        return [{ urls: `turn:${await holeAddress()}`, username: 'nobody', credential: 'nothing' }];
      case 'turn': {
        const { url, credentials } = await turn();
        return [{ urls: url, ...credentials('bench', lifeS) }];
      }
    }
  };
  return {
    of,
    close: async () => {
      (await hole)?.close();
      await (await coturn)?.stop();
    },
  };
};

/** A server that is there and never answers. */
const digHole = async (): Promise<Socket> => {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
};
