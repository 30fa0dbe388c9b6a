import type { Baseline } from '../measure/metric-line.ts';
import { type CallSample, type Pace, placeCall, takeCall, usualPace } from './calls.ts';
import { extraMs, type Figure, figuresOf, own } from './figures.ts';
import { type ContenderName, contenderNames, type Lab, type Opened } from './lab.ts';
import { statistics } from '../measure/statistics.ts';
import type { StunState } from './stun-states.ts';

/** Calls of one contender, by direction. A call that failed altogether is silent as well. */
export type Taken = { readonly inbound: CallSample[]; readonly outbound: CallSample[]; failed: number };
type Say = (what: string) => void;

const nowIso = (): string => new Date().toISOString();
const noCalls = (): Taken => ({ inbound: [], outbound: [], failed: 0 });
const both = ['p50', 'p95'] as const;

/**
 * So many calls each way for each of them in turn, so that what the machine does meanwhile falls on all alike; `isTogether`: all of
 * them at the same time, which makes the machine busy by itself.
 */
export const alternate = async (
  lab: Lab,
  contenders: readonly Opened[],
  times: number,
  say: Say,
  pace: Pace & { readonly isCold?: boolean; readonly isTogether?: boolean } = usualPace,
): Promise<ReadonlyMap<Opened, Taken>> => {
  const taken = new Map(contenders.map((at) => [at, noCalls()]));
  const heard = (at: Opened, sample: CallSample): CallSample => {
    if (sample.deaf.length > 0)
      say(
        `${at.user}, ${nowIso()}: ${sample.toMediaMs === undefined ? 'a silent call' : `heard after ${Math.round(sample.toMediaMs)} ms`}, nothing in time at ${sample.deaf.join(', ')}`,
      );
    return sample;
  };
  const one = async (at: Opened, into: Taken): Promise<void> => {
    try {
      into.inbound.push(heard(at, await takeCall(lab, at, pace)));
      into.outbound.push(heard(at, await placeCall(lab, at, pace)));
    } catch (fault) {
      into.failed += 1;
      say(`${at.user}, ${nowIso()}: ${String(fault)}`);
      await at
        .frame()
        .evaluate(() => window.contender.hangUp())
        .catch(() => undefined);
    }
  };
  // The first call in a page pays for what is loaded and compiled once.
  if (pace.isCold !== true) for (const at of contenders) await one(at, noCalls());
  for (let round = 0; round < times; round += 1) {
    if (pace.isTogether === true) await Promise.all([...taken].map(([at, into]) => one(at, into)));
    else for (const [at, into] of taken) await one(at, into);
  }
  return taken;
};

export const silentOf = ({ inbound, outbound, failed }: Taken): number =>
  failed + [...inbound, ...outbound].filter(({ toMediaMs }) => toMediaMs === undefined).length;

/** Heard, but later than anybody waits. */
export const lateOf = ({ inbound, outbound }: Taken): number =>
  [...inbound, ...outbound].filter(({ toMediaMs, deaf }) => toMediaMs !== undefined && deaf.length > 0).length;

export const callsOf = ({ inbound, outbound, failed }: Taken): number => inbound.length + outbound.length + failed;

const present = (samples: readonly (number | undefined)[]): number[] =>
  samples.filter((sample): sample is number => sample !== undefined);

type Kind = { readonly metric: string; readonly of: (taken: Taken) => number[] };
const kinds: readonly Kind[] = [
  { metric: 'accept_to_200_ms', of: ({ inbound }) => inbound.map(({ toWireMs }) => toWireMs) },
  { metric: 'answer_to_media_ms', of: ({ inbound }) => present(inbound.map(({ toMediaMs }) => toMediaMs)) },
  { metric: 'invite_to_ring_ms', of: ({ inbound }) => present(inbound.map(({ toRingMs }) => toRingMs)) },
  { metric: 'dial_to_invite_ms', of: ({ outbound }) => outbound.map(({ toWireMs }) => toWireMs) },
  { metric: 'dial_to_media_ms', of: ({ outbound }) => present(outbound.map(({ toMediaMs }) => toMediaMs)) },
];

/** Ours against each of the others, then each of the others alone. */
export const sideBySide = (taken: ReadonlyMap<Opened, Taken>): Figure[] => {
  const by = new Map<ContenderName, Taken>([...taken].map(([at, calls]) => [at.name, calls]));
  return kinds.flatMap(({ metric, of }) => {
    const samplesOf = (name: ContenderName): number[] => of(by.get(name) ?? noCalls());
    const others = contenderNames.filter((name) => name !== own && samplesOf(name).length > 0);
    const baselines: Baseline[] = others.map((name) => ({ name, samples: samplesOf(name) }));
    const figures = samplesOf(own).length === 0 ? [] : [{ contender: own, samples: samplesOf(own), baselines }];
    const rest = others.map((name) => ({ contender: name, samples: samplesOf(name), baselines: [] }));
    return [...figures, ...rest].flatMap(({ contender, samples, baselines: against }) =>
      figuresOf({ metric, unit: 'ms', samples, contender }, both, against),
    );
  });
};

/** Our calls in each state of the STUN server: how many, how many never set up, how many silent, how long until the far end was told. */
export const byStun = (taken: ReadonlyMap<StunState, Taken>): Figure[] =>
  [...taken].flatMap(([stun, its]) => {
    const one = { contender: own, stun };
    const wire = (calls: readonly CallSample[]): number[] => calls.map(({ toWireMs }) => toWireMs);
    return [
      ...figuresOf({ ...one, metric: 'stun_calls', unit: 'calls', samples: [callsOf(its)] }, ['max']),
      ...figuresOf({ ...one, metric: 'stun_failed_calls', unit: 'calls', samples: [its.failed] }, ['max']),
      ...figuresOf({ ...one, metric: 'stun_silent_calls', unit: 'calls', samples: [silentOf(its) - its.failed] }, [
        'max',
      ]),
      ...figuresOf({ ...one, metric: 'stun_late_calls', unit: 'calls', samples: [lateOf(its)] }, ['max']),
      ...(its.inbound.length === 0
        ? []
        : figuresOf({ ...one, metric: 'stun_accept_to_200_ms', unit: 'ms', samples: wire(its.inbound) }, both)),
      ...(its.outbound.length === 0
        ? []
        : figuresOf({ ...one, metric: 'stun_dial_to_invite_ms', unit: 'ms', samples: wire(its.outbound) }, both)),
    ];
  });

/** What a STUN server that never answers costs, per contender: the dearer of answering and dialling. */
export const deadStun = (contender: ContenderName, none: Taken, dead: Taken, isAtLeast: boolean): Figure[] => {
  const wire = (calls: readonly CallSample[]): number => statistics.p50(calls.map(({ toWireMs }) => toWireMs));
  const extras = (['inbound', 'outbound'] as const)
    .filter((way) => dead[way].length > 0 && none[way].length > 0)
    .map((way) => extraMs(wire(dead[way]), wire(none[way])));
  if (extras.length === 0) return [];
  const samples = [Math.max(...extras)];
  return figuresOf({ metric: 'dead_stun_extra_ms', unit: 'ms', samples, contender, isAtLeast }, ['p50']);
};
