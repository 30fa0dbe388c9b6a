import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { PushResponse, routes } from '../../shared/central-api.ts';

/**
 * A fault planted on purpose, to see that the checker finds it: what a broken central would do. Behind the seats' signatures, which nobody
 * on the way can forge.
 *
 *   swallow  said to be taken, never taken              alter  another note than the agent wrote
 *   double   taken twice, under two ids                 swap   taken behind the one that came after it
 *   silence  refused, and the seat is told "applied"
 */
export const planted = ['swallow', 'alter', 'double', 'swap', 'silence'] as const;
export type Planted = (typeof planted)[number];

const Push = z.looseObject({
  ops: z.array(z.looseObject({ id: z.string(), body: z.looseObject({ note: z.string().optional() }) })),
});
type Push = z.infer<typeof Push>;
/** What is only told to the seat: the telling may be lost, and then the seat asks again. */
const mostSwallows = 3;

export const plantIn = (app: FastifyInstance, plant: readonly Planted[]): void => {
  if (plant.length === 0) return;
  const isPush = (url: string): boolean => url === routes.push.path;
  const left = new Set(plant);
  let swallows = mostSwallows;
  const tampered = (push: Push): Push | 'swallow' => {
    const [first, ...rest] = push.ops;
    const wrapped = push.ops.findIndex(({ body }) => body.note !== undefined);
    if (wrapped >= 0 && left.has('swallow')) {
      swallows -= 1;
      if (swallows === 0) left.delete('swallow');
      return 'swallow';
    }
    if (wrapped >= 0 && left.delete('alter')) {
      const other = 'not what the agent wrote';
      const altered = (op: Push['ops'][number]) => ({ ...op, body: { ...op.body, note: other } });
      return { ...push, ops: push.ops.map((op, index) => (index === wrapped ? altered(op) : op)) };
    }
    if (first !== undefined && left.delete('double'))
      return { ...push, ops: [...push.ops, { ...first, id: first.id.replace(/.{12}$/, 'd0d0d0d0d0d0') }] };
    // Not answered for, it is sent once more, when the others are in.
    if (rest.length > 1 && left.delete('swap')) return { ...push, ops: rest };
    return push;
  };
  app.addHook('preHandler', async (request, reply) => {
    const push = Push.safeParse(request.body);
    if (!isPush(request.url) || !push.success) return undefined;
    // What is told to the seat must be readable below.
    delete request.headers['accept-encoding'];
    const changed = tampered(push.data);
    if (changed !== 'swallow') request.body = changed;
    else return reply.send({ results: push.data.ops.map(({ id }) => ({ opId: id, outcome: 'applied' })) });
    return undefined;
  });
  app.addHook('onSend', async (request, _reply, payload) => {
    if (!plant.includes('silence') || !isPush(request.url) || typeof payload !== 'string') return payload;
    const told = PushResponse.safeParse(JSON.parse(payload));
    if (!told.success) return payload;
    return JSON.stringify({
      results: told.data.results.map((one) =>
        one.outcome === 'refused' ? { opId: one.opId, outcome: 'applied' } : one,
      ),
    });
  });
};
