import { z } from 'zod';
import { CallState, EndCause, Hold } from './call.ts';
import { Doing, Leg } from './guardian.ts';
import { Codec, mos, Rating } from './quality.ts';

/**
 * What the phone page went through lately, to be handed to support. Free of personal data by its form: there is no field that could hold
 * a number, a name, an address, a device's name or an id; calls are counted from 1, everything else is a word of ours or a figure.
 */
const at = { atMs: z.number() };
const call = { call: z.number().int().min(1) };
const figures = {
  mos,
  lossPct: z.number().min(0).max(100),
  jitterMs: z.number().min(0),
  rttMs: z.number().min(0).nullable(),
  codec: Codec,
};
const kindsOf = <Kind extends string>(kinds: readonly Kind[]) => z.enum(kinds as [Kind, ...Kind[]]);
const callKinds = kindsOf(CallState.options.map((option) => option.shape.kind.value));
const holdKinds = kindsOf(Hold.options.map((option) => option.shape.kind.value));

export const Transition = z.discriminatedUnion('what', [
  z.object({
    what: z.literal('line'),
    ...at,
    to: z.enum(['off', 'connecting', 'registered', 'lost', 'refused']),
    why: z.enum(['socket', 'noAnswer', 'server']).optional(),
    status: z.number().int().optional(),
  }),
  z.object({
    what: z.literal('devices'),
    ...at,
    to: z.enum(['unchecked', 'checking', 'ready', 'refused', 'absent', 'inUse', 'failed']),
  }),
  z.object({
    what: z.literal('call'),
    ...at,
    ...call,
    direction: z.enum(['inbound', 'outbound']),
    to: callKinds,
    media: z.enum(['connecting', 'flowing', 'lost']).optional(),
    hold: holdKinds.optional(),
    microphone: z.enum(['open', 'muted']).optional(),
    cause: EndCause.optional(),
  }),
  z.object({
    what: z.literal('ice'),
    ...at,
    ...call,
    to: z.enum(['new', 'checking', 'connected', 'completed', 'disconnected', 'failed', 'closed']),
  }),
  z.object({ what: z.literal('guardian'), ...at, ...call, leg: Leg, doing: Doing }),
  z.object({ what: z.literal('guardianWell'), ...at }),
  z.object({ what: z.literal('quality'), ...at, ...call, rating: Rating, ...figures }),
  /** Of a whole call; `mos` is the mean. */
  z.object({ what: z.literal('callQuality'), ...at, ...call, mosWorst: mos, ...figures }),
  /** What the guard kept out. Methods we do not know are `other`: the word is the peer's. */
  z.object({
    what: z.literal('wire'),
    ...at,
    kind: z.enum(['dropped', 'refusedRequest', 'parserThrew', 'weakDigest']),
    detail: z.string().regex(/^[A-Za-z]{0,20}$/),
  }),
]);
export type Transition = z.infer<typeof Transition>;

export const mostTransitions = 50;

export const Diagnostics = z.object({
  atMs: z.number(),
  sinceMs: z.number(),
  version: z.string().regex(/^[\d.]{1,20}$/),
  /** Chromium's major version; null when the browser does not say. */
  chromium: z.number().int().nullable(),
  system: z.enum(['windows', 'macos', 'linux', 'other']),
  line: z.enum(['off', 'connecting', 'registered', 'lost', 'refused']),
  devices: z.enum(['unchecked', 'checking', 'ready', 'refused', 'absent', 'inUse', 'failed']),
  liveCalls: z.number().int(),
  transitions: z.array(Transition).max(mostTransitions),
});
export type Diagnostics = z.infer<typeof Diagnostics>;

/** What the desk knows besides. */
export type DeskDiagnostics = {
  readonly engine: 'up' | 'away';
  readonly agent: string;
  readonly sync: string;
  readonly waiting: number | null;
  readonly practice: boolean;
};

/** Plain text for support, newest last; times are UTC. */
export const diagnosticsText = (phone: Diagnostics | null, desk: DeskDiagnostics): string =>
  [
    'Zuoxi diagnostics',
    `desk: engine ${desk.engine}, agent ${desk.agent}, sync ${desk.sync}, waiting ${desk.waiting ?? '?'}, practice ${desk.practice ? 'yes' : 'no'}`,
    ...(phone === null ? ['phone: away'] : phoneLines(phone)),
    '',
  ].join('\n');

const phoneLines = (phone: Diagnostics): readonly string[] => [
  `version ${phone.version}, Chromium ${phone.chromium ?? '?'}, ${phone.system}`,
  `phone: line ${phone.line}, devices ${phone.devices}, live calls ${phone.liveCalls}`,
  `at ${iso(phone.atMs)}, page since ${iso(phone.sinceMs)}, last ${phone.transitions.length} transitions:`,
  ...phone.transitions.map(({ atMs, what, ...rest }) =>
    [iso(atMs), what, ...Object.entries(rest).map(([key, value]) => `${key}=${value ?? '?'}`)].join(' '),
  ),
];

const iso = (atMs: number): string => new Date(atMs).toISOString();
