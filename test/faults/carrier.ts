import type { SmsReply } from '../../central/sms.ts';
import type { Chance } from '../fuzz/chance.ts';
import type { Counts } from './counts.ts';

/** An instance of central, as far as a carrier sees it. */
type Reachable = {
  /** undefined: it is down. */
  readonly port: () => number | undefined;
  readonly bring: (reply: SmsReply) => void;
};

/** A text central sent. */
export type SentText = { readonly number: string; readonly text: string };

/**
 * The carrier between central and the customers' telephones. It outlives every instance of central, brings each reply until one has taken
 * it, to whichever is there, and now and then twice.
 */
export type Carrier = {
  /** Central asks a customer to confirm (R41). */
  readonly asked: (text: SentText) => void;
  readonly answered: (replyId: string, isTaken: boolean) => void;
  /** Every message that was ever written, and those an instance has taken. */
  readonly written: ReadonlySet<string>;
  readonly taken: ReadonlySet<string>;
  /** Resolves when all was taken, or it is late. */
  readonly settled: (isLate: () => boolean) => Promise<void>;
  readonly close: () => void;
};

type Needs = {
  readonly chance: Chance;
  readonly counts: Counts;
  readonly instances: () => readonly Reachable[];
  readonly nowMs: () => number;
};
type Waiting = { readonly reply: SmsReply; notBeforeMs: number };

const lookMs = 40;
/** An instance that was killed with a reply in hand says nothing. */
const againMs = 1_500;

export const makeCarrier = ({ chance, counts, instances, nowMs }: Needs): Carrier => {
  const waiting = new Map<string, Waiting>();
  const written = new Set<string>();
  const taken = new Set<string>();
  const bring = (): void => {
    const atMs = Date.now();
    for (const one of waiting.values()) {
      if (one.notBeforeMs > atMs) continue;
      one.notBeforeMs = atMs + againMs;
      const there = instances().filter((instance) => instance.port() !== undefined);
      const which = chance.below(Math.max(1, there.length));
      there[which]?.bring(one.reply);
      if (!chance.once(5)) continue;
      counts.add('doubledReply');
      there[(which + 1) % there.length]?.bring(one.reply);
    }
  };
  const timer = setInterval(bring, lookMs);
  return {
    written,
    taken,
    asked: ({ number, text }) => {
      const code = /Y(\d{4})/u.exec(text)?.[1] ?? '';
      for (const words of answersOf(chance, code)) {
        const id = `reply-${written.size}`;
        const from = chance.once(12) ? '+8613900000000' : number;
        written.add(id);
        const reply = { id, number: from, text: words, atMs: nowMs() };
        waiting.set(id, { reply, notBeforeMs: Date.now() + chance.below(800) });
      }
    },
    answered: (id, isTaken) => {
      if (!isTaken) return;
      taken.add(id);
      waiting.delete(id);
    },
    settled: async (isLate) => {
      while (waiting.size > 0 && !isLate()) await new Promise((done) => void setTimeout(done, lookMs));
    },
    close: () => clearInterval(timer),
  };
};

const answersOf = (chance: Chance, code: string): readonly string[] =>
  chance.oneOf([
    [`Y${code}`],
    [`Y${code}`],
    [`y ${code}。`],
    [`N${code}`],
    ['这是什么？', `Y${code}`],
    [`Y${code}`, `Y${code}`],
    [`Y${code}`, `N${code}`],
    [],
  ]);
