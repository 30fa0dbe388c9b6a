import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Mute, type MuteEvent, nextMute, type ShownMute, shownMute, unmuted } from '../../shared/mute.ts';

const sides = ['open', 'muted'] as const;
const states: readonly Mute[] = sides.flatMap((wanted) =>
  (['silent', 'open', 'muted'] as const).flatMap((headset) => sides.map((system) => ({ wanted, headset, system }))),
);
const events: readonly MuteEvent[] = [
  { kind: 'callBegan' },
  { kind: 'callOver', isTold: true },
  { kind: 'callOver', isTold: false },
  ...sides.flatMap((to): MuteEvent[] => [
    { kind: 'desk', to, isTold: true },
    { kind: 'desk', to, isTold: false },
    { kind: 'headsetSaid', to },
    { kind: 'system', to },
  ]),
  { kind: 'headsetToggled' },
  { kind: 'headsetGone' },
];
const named = (value: object): string => JSON.stringify(value);

/** What each event makes of wanted, headset and system, written down on its own. */
const expected = (mute: Mute, event: MuteEvent): Mute => {
  const followed = (to: 'open' | 'muted', isTold: boolean) => (mute.headset !== 'silent' && isTold ? to : mute.headset);
  switch (event.kind) {
    case 'callBegan':
      return { ...mute, wanted: mute.headset === 'muted' ? 'muted' : 'open' };
    case 'callOver':
      return { ...mute, wanted: 'open', headset: followed('open', event.isTold) };
    case 'desk':
      return { ...mute, wanted: event.to, headset: followed(event.to, event.isTold) };
    case 'headsetSaid':
      return { ...mute, wanted: event.to, headset: event.to };
    case 'headsetToggled':
      return { ...mute, wanted: mute.wanted === 'muted' ? 'open' : 'muted' };
    case 'headsetGone':
      return { ...mute, headset: 'silent' };
    case 'system':
      return { ...mute, system: event.to };
  }
};

describe('mute: every state × every event', () => {
  for (const mute of states)
    it.each(events.map((event) => [named(event), event] as const))(`${named(mute)} × %s`, (_name, event) => {
      const next = nextMute(mute, event);
      expect(next).toEqual(expected(mute, event));
      // An event that means nothing gives the same object.
      if (named(next) === named(mute)) expect(next).toBe(mute);
    });
});

describe('what is shown', () => {
  it('MUTE-1 is open only when nobody keeps the microphone silent', () => {
    for (const mute of states) {
      const isHeard = mute.wanted === 'open' && mute.headset !== 'muted' && mute.system === 'open';
      expect(shownMute(mute).kind).toBe(isHeard ? 'open' : 'muted');
    }
  });

  it('names the hand the desk can least do something about', () => {
    const shown = (mute: Mute): ShownMute => shownMute(mute);
    expect(shown({ wanted: 'muted', headset: 'muted', system: 'muted' })).toMatchObject({ by: 'system' });
    expect(shown({ wanted: 'muted', headset: 'muted', system: 'open' })).toMatchObject({ by: 'headset' });
    expect(shown({ wanted: 'muted', headset: 'silent', system: 'open' })).toMatchObject({ by: 'agent' });
  });

  it('MUTE-3 a headset that cannot be told stays muted until it says otherwise', () => {
    const muted = nextMute(unmuted, { kind: 'headsetSaid', to: 'muted' });
    const asked = nextMute(muted, { kind: 'desk', to: 'open', isTold: false });
    expect(shownMute(asked)).toEqual({ kind: 'muted', by: 'headset' });
    expect(shownMute(nextMute(asked, { kind: 'headsetSaid', to: 'open' }))).toEqual({ kind: 'open' });
  });

  it('MUTE-4 coming and going of a headset never opens the microphone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...events)), (past) => {
        const before = past.reduce<Mute>(nextMute, unmuted);
        const after = nextMute(before, { kind: 'headsetGone' });
        if (shownMute(before).kind === 'muted' && before.wanted === 'muted')
          expect(shownMute(after).kind).toBe('muted');
        expect(after.wanted).toBe(before.wanted);
      }),
    );
  });

  it('MUTE-5 what the agent wanted outlives the system’s mute', () => {
    for (const mute of states) {
      const [muted, open] = [{ kind: 'system', to: 'muted' } as const, { kind: 'system', to: mute.system } as const];
      expect(nextMute(nextMute(mute, muted), open)).toEqual(mute);
    }
  });
});
