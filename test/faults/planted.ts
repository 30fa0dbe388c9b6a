/**
 * A fault planted on purpose, to see that the checker finds it: what a broken seat or central would do. On the wire, once each; what
 * is only told to the seat happens more often, for the telling may be lost as well.
 *
 *   swallow  said to be taken, never taken                    alter  another note than the agent wrote
 *   double   sent again under another id                      swap   taken behind the one that came after it
 *   silence  central refuses, the seat is told "applied"
 */
export const planted = ['swallow', 'alter', 'double', 'swap', 'silence'] as const;
export type Planted = (typeof planted)[number];

type PushedOp = { readonly id: string; readonly body: { readonly name: string; note?: string } };
type Push = { readonly seatId: string; ops: PushedOp[] };
type Results = { results: { opId: string; outcome: string; kind?: string; reason?: string }[] };

/** What becomes of one push. */
export type Tampered = {
  /** Instead of the push; undefined: central never sees it. */
  readonly forward: Buffer | undefined;
  /** Pushes that follow, unanswered. */
  readonly after: readonly Buffer[];
  readonly answer: (answer: Buffer) => Buffer;
};

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const applied = (ids: readonly string[]) => ids.map((opId) => ({ opId, outcome: 'applied' }));
const same = (answer: Buffer): Buffer => answer;

const mostSwallows = 3;
/** @returns undefined when nothing of this push fits a fault that is still to be planted */
export const makeTamper = (plant: readonly Planted[]): ((body: Buffer) => Tampered | undefined) => {
  const left = new Set(plant);
  const take = (kind: Planted): boolean => left.delete(kind);
  let swallows = mostSwallows;
  return (body) => {
    if (left.size === 0) return undefined;
    const push = JSON.parse(String(body)) as Push;
    const [first, second, third] = push.ops;
    const wrapped = push.ops.find((op) => op.body.note !== undefined);
    if (wrapped !== undefined && left.has('swallow')) {
      swallows -= 1;
      if (swallows === 0) take('swallow');
      return {
        forward: undefined,
        after: [],
        answer: () => bytes({ results: applied(push.ops.map(({ id }) => id)) }),
      };
    }
    if (wrapped !== undefined && left.has('alter') && take('alter')) {
      wrapped.body.note = 'not what the agent wrote';
      return { forward: bytes(push), after: [], answer: same };
    }
    if (first !== undefined && left.has('double') && take('double')) {
      const again = { ...first, id: first.id.replace(/.{12}$/, 'd0d0d0d0d0d0') };
      return { forward: body, after: [bytes({ ...push, ops: [again] })], answer: same };
    }
    if (first !== undefined && second !== undefined && third !== undefined && left.has('swap') && take('swap'))
      return {
        forward: bytes({ ...push, ops: push.ops.slice(1) }),
        after: [bytes({ ...push, ops: [first] })],
        answer: (answer) => {
          const told = JSON.parse(String(answer)) as Results;
          return bytes({ results: [...applied([first.id]), ...(told.results ?? [])] });
        },
      };
    if (left.has('silence'))
      return {
        forward: body,
        after: [],
        answer: (answer) => {
          const told = JSON.parse(String(answer)) as Partial<Results>;
          const refused = told.results?.find(({ outcome }) => outcome === 'refused');
          if (told.results === undefined || refused === undefined) return answer;
          return bytes({
            results: told.results.map((one) =>
              one.outcome === 'refused' ? { opId: one.opId, outcome: 'applied' } : one,
            ),
          });
        },
      };
    return undefined;
  };
};
