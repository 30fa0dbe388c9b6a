import type { z } from 'zod';
import type { Contract, Port } from '../../../../shared/rpc.ts';

/**
 * Puts hostile text into every string that the desk is told and the contract leaves free (security 21): names, notes, scripts, SIP
 * names, reasons of refusals. What has a form of its own (ids, enumerations, patterns) stays, or the desk would have nothing to show. A
 * text that a later version adds to the contract is hostile here from its first day.
 */
export type Poisoned = {
  readonly port: Port;
  /** Tells the desk everything it was last told again, with other payloads: text i gets payload `n + i`. */
  readonly again: (n: number) => void;
};

/** What the desk looks things up by; another one, and nothing is found. */
const keys = /^(id|key|kind|password|role|language|purpose|tree|next|queue)$|(Id|Ids|Key)$/;
/** Looked up by and shown: the same text stays the same text within one telling. */
const both = /^(name|number)$|Number$/;

type Def = {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly check: string; readonly maximum?: number } };
  }[];
};

export const poisonWith = (
  payloads: readonly string[],
): ((schema: z.ZodType, value: unknown, n: number, isAnswer?: boolean) => unknown) => {
  const textFor = (def: Def, was: string, n: number): string => {
    const checks = (def.checks ?? []).map((check) => check._zod.def);
    if (was === '' || checks.some(({ check }) => check === 'string_format')) return was;
    const longest = Math.min(
      Infinity,
      ...checks.map(({ check, maximum }) => (check === 'max_length' ? (maximum ?? Infinity) : Infinity)),
    );
    return (payloads[n % payloads.length] ?? '').slice(0, longest);
  };
  /** What is told again and again is of the same kind each time. */
  const optionOf = new WeakMap<object, z.ZodType>();
  return (schema, value, n, isAnswer = false) => {
    let at = n;
    const walk = (type: z.ZodType, here: unknown, name: string): unknown => {
      const def = type.def as unknown as Def;
      if (def.innerType !== undefined)
        return here === null || here === undefined ? here : walk(def.innerType, here, name);
      if (typeof here === 'string') {
        if (def.type !== 'string' || (keys.test(name) && !(isAnswer && name === 'queue'))) return here;
        at += 1;
        return textFor(def, here, both.test(name) ? n + sumOf(here) : at);
      }
      if (Array.isArray(here))
        return def.element === undefined ? here : here.map((item) => walk(def.element as z.ZodType, item, name));
      if (typeof here !== 'object' || here === null) return here;
      if (def.type === 'union') {
        const option = optionOf.get(here) ?? def.options?.find((each) => each.safeParse(here).success);
        if (option !== undefined) optionOf.set(here, option);
        return option === undefined ? here : walk(option, here, name);
      }
      const fields = Object.entries(here).map(([key, field]) => {
        const inner = def.shape?.[key] ?? def.valueType;
        // What an agent signs in with is asked for again as it was told.
        if ('password' in here && key === 'agentNumber') return [key, field];
        return [key, inner === undefined ? field : walk(inner, field, def.shape === undefined ? name : key)];
      });
      return Object.fromEntries(fields);
    };
    return walk(schema, value, '');
  };
};

const sumOf = (text: string): number =>
  Array.from(text).reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 9_973, 7);

type Message = {
  readonly t: string;
  readonly id?: number;
  readonly name?: string;
  readonly ok?: boolean;
  readonly body?: unknown;
};

export const poisoned = (contract: Contract, port: Port, payloads: readonly string[]): Poisoned => {
  const poison = poisonWith(payloads);
  const asked = new Map<number, string>();
  const events = new Map<string, Message>();
  const listeners = new Set<(message: unknown) => void>();
  let from = 0;
  const hostile = (message: Message): Message => {
    const name = message.t === 'event' ? message.name : asked.get(message.id ?? -1);
    const spec = message.t === 'event' ? contract.events[name ?? ''] : contract.calls[name ?? '']?.response;
    if (message.ok === false) return refusedWith(message, payloads[from % payloads.length] ?? '');
    return spec === undefined ? message : { ...message, body: poison(spec, message.body, from, message.t !== 'event') };
  };
  const tell = (message: unknown): void => {
    for (const listener of listeners) listener(message);
  };
  port.onMessage((message) => {
    const told = message as Message;
    if (told.t === 'event' && told.name !== undefined && told.name !== 'displaced') events.set(told.name, told);
    tell(hostile(told));
  });
  return {
    port: {
      send: (message) => {
        const { t, id, name } = message as Message;
        if (t === 'call' && id !== undefined && name !== undefined) asked.set(id, name);
        port.send(message);
      },
      onMessage: (listener) => void listeners.add(listener),
      onClose: (listener) => port.onClose(listener),
      close: () => port.close(),
    },
    again: (n) => {
      from = n;
      for (const event of events.values()) tell(hostile(event));
    },
  };
};

/** What a server says of itself when it refuses: parameters of the sentence, and a reason nobody has words for. */
const refusedWith = (message: Message, payload: string): Message => ({
  ...message,
  body: { ...(message.body as object), params: { name: payload, number: payload, count: payload, untilMs: 1 } },
});
