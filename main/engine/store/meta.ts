import type { AgentState } from '../../../shared/agent.ts';
import type { SignInResponse } from '../../../shared/central-api.ts';
import type { WorkCalendar } from '../../../shared/calendar.ts';
import type { OutcomeUse } from '../../../shared/disposition-search.ts';
import type { PlannedBreak } from '../../../shared/day.ts';
import type { Forced } from '../../../shared/forced-state.ts';
import type { AgentId, ContactId, GrantId, ScriptId, SeatId } from '../../../shared/ids.ts';
import type { SkipReason } from '../../../shared/task.ts';
import type { Keeping } from '../../../shared/keeping.ts';
import type { KeptCall } from '../../../shared/phone.ts';
import type { CacheDb, ReadDb, WriteDb } from './db.ts';

/** Kept while someone is signed in, so that a restart in mid-call finds its agent. SIP credentials are never stored (security 66). */
export type StoredSession = Pick<SignInResponse, 'token' | 'agent' | 'policy' | 'practice'> & {
  readonly sinceMs: number;
  /** The shift-start check; absent before it. */
  readonly shiftCheckedAtMs?: number;
};

/** What central has to be told before it can give a task's customers to others. */
export type KeptTasks = {
  /** Whose wish it was to take tasks. */
  readonly on: string | null;
  readonly unused: readonly { readonly grantId: GrantId; readonly why: SkipReason | 'putBack' }[];
  /** Dialled with; their ops may still be on their way. */
  readonly used: readonly GrantId[];
  /** A customer was asked for and no answer came: central may hold one for this seat that nobody was shown. */
  readonly isUnanswered?: boolean;
};

export type KeptColleague = { readonly number: string; readonly atMs: number; readonly times: number };

type Meta = {
  seatId: SeatId;
  /** What this seat proves itself to central with when nobody is signed in; made once, told at every sign-in. */
  seatSecret: string;
  /** 32 bytes, base64url: the secret half of the seat's key pair (seat-key.ts). */
  seatKey: string;
  /** Central locked this seat; kept until central says that it is open again. `told`: the receipt was taken. */
  lock: { readonly orderId: string; readonly isTold: boolean } | null;
  /** Sequence number of the last op this seat wrote. */
  seq: number;
  agentState: AgentState;
  session: StoredSession | null;
  /** The calls that talk now, for a phone page that comes after this one. */
  keptCalls: readonly KeptCall[];
  /** The cache is not flushed, for a load is under way: in this life of the machine, this file (unflushed.ts). */
  unflushed: { readonly life: string; readonly file: number } | null;
  keeping: Keeping;
  tasks: KeptTasks;
  /** R38: the last order; kept when it was seen, for central may tell it once more before it knows that it is done. */
  forced: { readonly of: AgentId; readonly forced: Forced; readonly isSeen?: boolean } | null;
  /** R18: which versions of library entries the contact in hand began its script with. */
  library: {
    readonly of: ContactId;
    readonly script: { readonly id: ScriptId; readonly version: number };
    readonly entries: readonly { readonly id: ScriptId; readonly version: number }[];
  };
  /** R38: colleagues who rang this agent in vain, the newest first. */
  missedColleagues: { readonly of: AgentId; readonly calls: readonly KeptColleague[] };
  /** R28: how this agent's last calls ended, the newest first. */
  outcomes: { readonly of: AgentId; readonly uses: readonly OutcomeUse[] };
};

/** What belongs to the rows of the cache, and is lost with them. */
type Feed = {
  /** Where the next pull begins; '' for everything. */
  cursor: string;
  /** The first load came to its end once: the working set is whole. */
  loaded: boolean;
  /** For whom the working set was loaded. */
  workingSetOf: AgentId;
  /** Of the answer the rows of `work` came with. */
  workMark: string;
  calendar: WorkCalendar;
  /** When the rows were last all that central knows. */
  asOfMs: number;
  /** What the roster has for this agent. */
  breaks: { readonly of: AgentId; readonly breaks: readonly PlannedBreak[] };
};

export const readMeta = <K extends keyof Meta>(db: ReadDb, name: K): Meta[K] | undefined => {
  const row = db.get<{ doc: string }>('meta', 'SELECT doc FROM meta WHERE name = ?', name);
  return row === undefined ? undefined : (JSON.parse(row.doc) as Meta[K]);
};

export const writeMeta = <K extends keyof Meta>(db: WriteDb, name: K, value: Meta[K]): void =>
  void db.run(
    'put meta',
    'INSERT INTO meta (name, doc) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc',
    name,
    JSON.stringify(value),
  );

export const readFeed = <K extends keyof Feed>(db: ReadDb, name: K): Feed[K] | undefined => {
  const row = db.get<{ doc: string }>('feed', 'SELECT doc FROM feed WHERE name = ?', name);
  return row === undefined ? undefined : (JSON.parse(row.doc) as Feed[K]);
};

export const writeFeed = <K extends keyof Feed>(db: CacheDb, name: K, value: Feed[K]): void =>
  void db.run(
    'put feed',
    'INSERT INTO feed (name, doc) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc',
    name,
    JSON.stringify(value),
  );
