import type { FastifyInstance } from 'fastify';
import type { WebSocket } from 'ws';
import { livePath } from '../shared/central-api.ts';
import { refusal, SeatFault } from '../shared/result.ts';
import type { HttpOptions } from './http.ts';
import { requireSession, signedOf } from './http.ts';
import { makeRateLimit } from './rate-limit.ts';
import { routeRules } from './route-rules.ts';
import type { Session } from './sessions.ts';

/** The WebSocket of the contract: opened by a session, from its seat. */
export const addLive = (
  app: FastifyInstance,
  { sessionOf, proven, clock }: Pick<HttpOptions, 'sessionOf' | 'proven' | 'clock'>,
  opened: (session: Session, socket: WebSocket) => void,
): void => {
  const { roles, perMinute } = routeRules.live;
  const limit = makeRateLimit(clock.nowMs);
  const allowed = roles === 'open' ? [] : roles;
  app.get(
    livePath,
    {
      websocket: true,
      preValidation: async (request) => {
        const session = await requireSession(request, sessionOf, allowed);
        const why = await proven.whyNotOf(session, signedOf(request));
        if (why !== undefined) throw new SeatFault('not from its seat', why);
        const seconds = limit.take(session.id, perMinute);
        if (seconds !== undefined)
          throw new SeatFault('opened too often', refusal('locked', 'tooManyRequests', { seconds }));
      },
    },
    async (socket, request) => {
      // Read again: the session may have ended while the socket was being opened.
      const session = await requireSession(request, sessionOf, allowed).catch(() => undefined);
      if (session === undefined) socket.close(4_001, 'unauthorised');
      else opened(session, socket);
    },
  );
};
