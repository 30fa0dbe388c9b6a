import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Doing,
  type Guard,
  guardTimes,
  Leg,
  nextGuard,
  type Observation,
  wellGuarded,
} from '../../shared/guardian.ts';

const everyMs = 250;
const well: Observation = {
  atMs: 1_000,
  microphone: 'live',
  isFlat: false,
  packetsSent: 1,
  packetsReceived: 1,
  packetsMissed: 0,
  isUnheard: false,
  ice: 'connected',
  expectsSound: true,
  expectsVoice: true,
  isHoldPending: false,
  isOtherMicrophone: false,
  speaksMuted: false,
  isLineOpen: true,
};
type Fault = Partial<Observation> & { readonly stops?: 'sent' | 'received' };
/** Lets time pass with a fault; packets flow unless the fault stops them. */
const pass = (start: Guard, ms: number, fault: Fault = {}, seen?: (guard: Guard, afterMs: number) => void): Guard => {
  const { stops, ...over } = fault;
  let guard = start;
  for (let afterMs = everyMs; afterMs <= ms; afterMs += everyMs) {
    const last = guard.last ?? well;
    guard = nextGuard(guard, {
      ...well,
      packetsSent: last.packetsSent + (stops === 'sent' ? 0 : 12),
      packetsReceived: last.packetsReceived + (stops === 'received' ? 0 : 12),
      ...over,
      atMs: last.atMs + everyMs,
    });
    seen?.(guard, afterMs);
  }
  return guard;
};
const talking = pass(wellGuarded, 5_000);

const faults: Readonly<Record<Leg, Fault>> = {
  microphoneGone: { microphone: 'gone' },
  microphoneMuted: { microphone: 'muted' },
  microphoneSilent: { isFlat: true },
  microphoneChanged: { isOtherMicrophone: true },
  mutedSpeech: { expectsVoice: false, speaksMuted: true },
  hold: { isHoldPending: true },
  path: { ice: 'disconnected' },
  receiving: { stops: 'received' },
  sending: { stops: 'sent' },
};
const ladders: Readonly<Record<Leg, readonly Doing[]>> = {
  microphoneGone: ['replaceTrack', 'checkHeadset'],
  microphoneMuted: ['replaceTrack', 'checkHeadset'],
  microphoneSilent: ['replaceTrack', 'checkHeadset'],
  microphoneChanged: ['tryNewMicrophone'],
  mutedSpeech: ['unmute'],
  hold: ['renew'],
  path: ['restartIce', 'renew', 'callBack'],
  receiving: ['restartIce', 'renew', 'callBack'],
  sending: ['replaceTrack', 'restartIce', 'renew', 'callBack'],
};
const inOrder = (guard: Guard, fault: Fault, ms: number): Doing[] => {
  const steps: Doing[] = [];
  pass(guard, ms, fault, ({ trouble }) => {
    if (trouble !== null && trouble.doing !== steps.at(-1)) steps.push(trouble.doing);
  });
  return steps;
};

describe('the audio guardian', () => {
  it('a call that is well has no trouble', () => {
    pass(talking, 60_000, {}, ({ trouble }) => expect(trouble).toBeNull());
  });
  it.each(Leg.options)('names %s within two seconds, and not before it is sure', (leg) => {
    let namedMs: number | undefined;
    pass(talking, 5_000, faults[leg], ({ trouble }, afterMs) => {
      if (trouble !== null) expect(trouble.leg).toBe(leg);
      if (trouble !== null) namedMs ??= afterMs;
    });
    expect(namedMs).toBeLessThanOrEqual(2_000);
    expect(namedMs).toBeGreaterThanOrEqual(guardTimes.nameAfter[leg]);
  });
  it.each(Leg.options)('walks the ladder of %s in order, stays on its last step', (leg) => {
    expect(inOrder(talking, faults[leg], 60_000)).toEqual(ladders[leg]);
  });
  it.each(Leg.options)('%s that comes back alive is over after a second, not at the first sign', (leg) => {
    const broken = pass(talking, 3_000, faults[leg]);
    expect(pass(broken, 750).trouble?.leg).toBe(leg);
    expect(pass(broken, 1_500).trouble).toBeNull();
  });
  it.each(Leg.options)('%s that comes and goes is one trouble and goes on where it was', (leg) => {
    let guard = talking;
    let switches = 0;
    const steps = new Set<Doing>();
    for (let turn = 0; turn < 8; turn += 1) {
      const before = guard.trouble === null;
      guard = pass(guard, 2_500, faults[leg]);
      if (before !== (guard.trouble === null)) switches += 1;
      if (guard.trouble !== null) steps.add(guard.trouble.doing);
      guard = pass(guard, 500);
    }
    expect(switches).toBe(1);
    const again = pass(pass(guard, 3_000), guardTimes.habit.nameAfter + 1_000, faults[leg]);
    expect(again.trouble?.doing).toBe(ladders[leg].at(-1));
  });
  it('after a quiet minute the same leg begins anew', () => {
    const healed = pass(pass(talking, 30_000, faults.receiving), 60_000);
    expect(pass(healed, 2_000, faults.receiving).trouble?.doing).toBe('restartIce');
  });

  it.each([
    [
      'muted by choice: no microphone is missed',
      { expectsVoice: false, microphone: 'muted', isFlat: true, stops: 'sent' },
    ],
    ['muted by choice and unheard', { expectsVoice: false, isUnheard: true }],
    ['on hold: nothing is expected of the customer', { expectsSound: false, expectsVoice: false, stops: 'received' }],
    ['a path still being looked for', { ice: 'checking' }],
  ] as const)('%s', (_, fault) => {
    pass(talking, 20_000, fault, ({ trouble }) => expect(trouble).toBeNull());
  });
  it('packets that leave and never arrive are a dead sending leg', () =>
    expect(pass(talking, 2_000, { isUnheard: true }).trouble?.leg).toBe('sending'));
  it('a call without a single packet from the customer is named as well', () =>
    expect(pass(wellGuarded, 2_000, { packetsReceived: 0 }).trouble?.leg).toBe('receiving'));
  it('the cause is named, not what follows from it', () => {
    const fault: Fault = { ice: 'failed', stops: 'received', isUnheard: true };
    expect(pass(talking, 2_000, fault).trouble?.leg).toBe('path');
    expect(pass(talking, 2_000, { microphone: 'gone', isFlat: true, stops: 'sent' }).trouble?.leg).toBe(
      'microphoneGone',
    );
  });
  it('a cause that shows later takes over without starting the ladder again', () => {
    const silent = pass(talking, 8_000, faults.receiving);
    expect(silent.trouble?.doing).toBe('renew');
    const known = pass(silent, 2_000, { ice: 'disconnected', stops: 'received' });
    expect(known.trouble).toMatchObject({ leg: 'path', doing: 'renew' });
  });
  it('without a line nothing can be asked: waits, and asks when it is back', () => {
    const cut: Fault = { ...faults.receiving, isLineOpen: false };
    expect(inOrder(talking, cut, 60_000)).toEqual(['waitLine']);
    const waiting = pass(talking, 20_000, cut);
    expect(inOrder(waiting, faults.receiving, 20_000)).toEqual(['restartIce', 'renew', 'callBack']);
  });
  it('a customer who is quiet and sends comfort noise every 400 ms is no dead leg', () => {
    let guard = talking;
    let received = talking.last?.packetsReceived ?? 0;
    for (let ms = everyMs; ms <= 20_000; ms += everyMs) {
      if (Math.floor(ms / 400) > Math.floor((ms - everyMs) / 400)) received += 1;
      guard = nextGuard(guard, {
        ...well,
        atMs: (guard.last?.atMs ?? 0) + everyMs,
        packetsSent: (guard.last?.packetsSent ?? 0) + 12,
        packetsReceived: received,
      });
      expect(guard.trouble).toBeNull();
    }
  });
  it('a headset that gives zeros between sentences is believed after three of them, and named when it stays silent', () => {
    let guard = talking;
    for (let sentence = 0; sentence < 3; sentence += 1) guard = pass(pass(guard, 750, faults.microphoneSilent), 2_000);
    pass(guard, 9_000, faults.microphoneSilent, ({ trouble }) => expect(trouble).toBeNull());
    expect(pass(guard, 11_000, faults.microphoneSilent).trouble?.leg).toBe('microphoneSilent');
  });
  it('a customer whose gateway sends nothing between sentences is believed after three pauses; packets lost are no pause', () => {
    let guard = talking;
    let lossy = talking;
    for (let pause = 1; pause <= 3; pause += 1) {
      guard = pass(pass(guard, 750, faults.receiving), 2_000);
      lossy = pass(pass(lossy, 750, { ...faults.receiving, packetsMissed: 37 * (pause - 1) }), 2_000, {
        packetsMissed: 37 * pause,
      });
    }
    pass(guard, 9_000, faults.receiving, ({ trouble }) => expect(trouble).toBeNull());
    expect(pass(guard, 11_000, faults.receiving).trouble?.leg).toBe('receiving');
    expect(pass(lossy, 2_000, { ...faults.receiving, packetsMissed: 111 }).trouble?.leg).toBe('receiving');
  });
  it('pauses that were named are believed sooner: no call has more than two false alarms', () => {
    let guard = talking;
    const alarms: number[] = [];
    for (let pause = 1; pause <= 6; pause += 1) {
      guard = pass(guard, 3_000, faults.receiving);
      if (guard.trouble !== null) alarms.push(pause);
      guard = pass(guard, 4_000);
      expect(guard.trouble).toBeNull();
    }
    expect(alarms).toEqual([1, 2]);
  });
  it('zeros while the agent listens on hold or muted are no habit of the headset', () => {
    let guard = talking;
    for (let turn = 0; turn < 5; turn += 1)
      guard = pass(pass(guard, 5_000, { ...faults.microphoneSilent, expectsVoice: false }), 1_000);
    expect(guard.gaps).toBe(0);
  });
  it('an observation from the past changes nothing', () =>
    expect(nextGuard(talking, { ...well, atMs: talking.last?.atMs ?? 0 })).toBe(talking));

  it('whatever is seen, trouble is only ever a leg that was dead lately, with a step of its ladder', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            microphone: fc.constantFrom('live' as const, 'muted' as const, 'gone' as const),
            isFlat: fc.boolean(),
            sends: fc.boolean(),
            receives: fc.boolean(),
            isUnheard: fc.boolean(),
            packetsMissed: fc.nat({ max: 10 }),
            ice: fc.constantFrom('connected' as const, 'disconnected' as const, 'failed' as const),
            expectsSound: fc.boolean(),
            expectsVoice: fc.boolean(),
            isHoldPending: fc.boolean(),
            isOtherMicrophone: fc.boolean(),
            speaksMuted: fc.boolean(),
            isLineOpen: fc.boolean(),
          }),
          { maxLength: 200 },
        ),
        (looks) => {
          let guard = wellGuarded;
          let lastDeadMs: Partial<Record<Leg, number>> = {};
          for (const { sends, receives, ...look } of looks) {
            const last = guard.last ?? well;
            const atMs = last.atMs + everyMs;
            const packetsSent = last.packetsSent + (sends ? 12 : 0);
            const packetsReceived = last.packetsReceived + (receives ? 12 : 0);
            guard = nextGuard(guard, { ...look, atMs, packetsSent, packetsReceived });
            for (const leg of Leg.options)
              if (guard.deadSinceMs[leg] !== undefined) lastDeadMs = { ...lastDeadMs, [leg]: atMs };
            const { trouble } = guard;
            if (trouble === null) continue;
            expect([...ladders[trouble.leg], 'waitLine']).toContain(trouble.doing);
            expect(atMs - (lastDeadMs[trouble.leg] ?? -1)).toBeLessThanOrEqual(guardTimes.wellAfter + everyMs);
          }
        },
      ),
    ));
});
