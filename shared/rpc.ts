import { z } from 'zod';
import type { Refusal, Result } from './result.ts';
import { ok, refusal, refused, SeatFault } from './result.ts';

/**
 * Calls and events over any two-way port (MessagePort, WebSocket, utilityProcess). A contract maps each call name to request and
 * response schemas and each event to its payload; servers and clients derive from it, so a missing handler does not compile.
 */
export type CallSpec = { readonly request: z.ZodType; readonly response: z.ZodType; readonly by: readonly string[] };
export type Contract = {
  readonly calls: Readonly<Record<string, CallSpec>>;
  readonly events: Readonly<Record<string, z.ZodType>>;
};

/** What both hosts give us. Messages are structured-cloneable plain data. `onClose` fires once. */
export interface Port {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

type Request<C extends Contract, K extends keyof C['calls']> = z.input<C['calls'][K]['request']>;
type Parsed<C extends Contract, K extends keyof C['calls']> = z.output<C['calls'][K]['request']>;
type Response<C extends Contract, K extends keyof C['calls']> = z.output<C['calls'][K]['response']>;
export type EventPayload<C extends Contract, K extends keyof C['events']> = z.output<C['events'][K]>;

export type Handlers<C extends Contract, Caller> = {
  readonly [K in keyof C['calls']]: (
    request: Parsed<C, K>,
    caller: Caller,
  ) => Promise<Result<Response<C, K>>> | Result<Response<C, K>>;
};

const CallMessage = z.object({
  t: z.literal('call'),
  id: z.number().int(),
  name: z.string().max(64),
  args: z.unknown(),
  /** Whoever asks this takes several events in one message; an older page does not, and gets them one by one. */
  together: z.literal(true).optional(),
});
const ResultMessage = z.object({ t: z.literal('result'), id: z.number().int(), ok: z.boolean(), body: z.unknown() });
const EventMessage = z.object({ t: z.literal('event'), name: z.string().max(64), body: z.unknown() });
/** What became true at the same time: taken in one turn, so that a page draws it once. */
const EventsMessage = z.object({ t: z.literal('events'), events: z.array(EventMessage).max(64) });

/** One connected peer as its server sees it. */
export type Peer<C extends Contract> = {
  emit<K extends keyof C['events'] & string>(name: K, payload: z.input<C['events'][K]>): void;
  /** In one message, for a peer that takes it. */
  emitTogether(events: readonly EventOf<C>[]): void;
  close(): void;
};
/** Any event of the contract with its payload. */
export type EventOf<C extends Contract> = {
  [K in keyof C['events'] & string]: { readonly name: K; readonly body: z.input<C['events'][K]> };
}[keyof C['events'] & string];

/**
 * Serves a contract on a port to a caller of a given role. Every request is validated; unknown names, wrong roles and bad shapes
 * are refused, never thrown at the peer. `onFault` is told of handler faults (ids and names only).
 */
export const serve = <C extends Contract, Caller extends { readonly role: string }>(
  contract: C,
  handlers: Handlers<C, Caller>,
  port: Port,
  caller: Caller,
  onFault: (name: string, fault: unknown) => void,
): Peer<C> => {
  const answer = (id: number, result: Result<unknown>): void =>
    port.send({ t: 'result', id, ok: result.ok, body: result.ok ? result.value : result.error });
  let takesTogether = false;
  port.onMessage((message) => {
    const parsed = CallMessage.safeParse(message);
    if (!parsed.success) return onFault('message', new Error('not a call message'));
    const { id, name, args, together } = parsed.data;
    if (together === true) takesTogether = true;
    const spec = Object.hasOwn(contract.calls, name) ? contract.calls[name] : undefined;
    if (spec === undefined) return answer(id, refused(refusal('notFound', 'call')));
    if (!spec.by.includes(caller.role)) return answer(id, refused(refusal('forbidden')));
    const request = spec.request.safeParse(args);
    if (!request.success) return answer(id, refused(refusal('invalid')));
    void run(handlers[name as keyof C['calls']], request.data as Parsed<C, keyof C['calls']>, caller).then(
      (result) => answer(id, result),
      (fault: unknown) => {
        onFault(name, fault);
        answer(id, refused(fault instanceof SeatFault ? fault.refusal : refusal('internal')));
      },
    );
  });
  return {
    emit: (name, payload) => port.send({ t: 'event', name, body: payload }),
    emitTogether: (events) => {
      const messages = events.map(({ name, body }) => ({ t: 'event', name, body }));
      if (takesTogether && messages.length > 1) port.send({ t: 'events', events: messages });
      else for (const message of messages) port.send(message);
    },
    close: () => port.close(),
  };
};

const run = async <A, B, R>(handler: (request: A, caller: B) => Promise<R> | R, request: A, caller: B): Promise<R> =>
  handler(request, caller);

export type Client<C extends Contract> = {
  /** Resolves with a Result; a lost port or a garbled answer is a refusal, so callers never need try/catch. */
  call<K extends keyof C['calls'] & string>(name: K, request: Request<C, K>): Promise<Result<Response<C, K>>>;
  on<K extends keyof C['events'] & string>(name: K, listener: (payload: EventPayload<C, K>) => void): () => void;
  onClose(listener: () => void): void;
  close(): void;
};

/** The calling side. Validates what comes back as well: an engine of another version is told apart from a working one. */
export const connect = <C extends Contract>(contract: C, port: Port): Client<C> => {
  const waiting = new Map<number, { settle: (result: Result<never>) => void; spec: CallSpec }>();
  const listeners = new Map<string, Set<(payload: never) => void>>();
  const closers = new Set<() => void>();
  let lastId = 0;
  let closed = false;
  const hear = ({ name, body }: z.infer<typeof EventMessage>): void => {
    const heardBy = listeners.get(name);
    // Whole states: what nobody here listens to is not looked through.
    if (heardBy === undefined || heardBy.size === 0 || !Object.hasOwn(contract.events, name)) return;
    const payload = contract.events[name]?.safeParse(body);
    if (payload?.success === true) for (const listener of heardBy) listener(payload.data as never);
  };
  port.onMessage((message) => {
    const result = ResultMessage.safeParse(message);
    if (result.success) return settle(waiting, result.data);
    const several = EventsMessage.safeParse(message);
    if (several.success) return several.data.events.forEach(hear);
    const event = EventMessage.safeParse(message);
    if (event.success) hear(event.data);
  });
  port.onClose(() => {
    closed = true;
    for (const { settle: give } of waiting.values()) give(refused(refusal('conflict', 'connectionLost')));
    waiting.clear();
    for (const closer of closers) closer();
  });
  return {
    call: (name, request) =>
      new Promise((resolve) => {
        const spec = contract.calls[name];
        if (closed || spec === undefined) return resolve(refused(refusal('conflict', 'connectionLost')));
        lastId += 1;
        waiting.set(lastId, { settle: resolve, spec });
        port.send({ t: 'call', id: lastId, name, args: request, ...(lastId === 1 ? { together: true } : {}) });
      }),
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener);
      return () => set.delete(listener);
    },
    onClose: (listener) => void closers.add(listener),
    close: () => port.close(),
  };
};

const settle = (
  waiting: Map<number, { settle: (result: Result<never>) => void; spec: CallSpec }>,
  message: z.infer<typeof ResultMessage>,
): void => {
  const call = waiting.get(message.id);
  if (call === undefined) return;
  waiting.delete(message.id);
  if (!message.ok) return call.settle(refused(message.body as Refusal));
  const body = call.spec.response.safeParse(message.body);
  call.settle(body.success ? ok(body.data as never) : refused(refusal('garbled')));
};
