import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../shared/call.ts';
import { nextCall } from '../../shared/call.ts';
import { callIn, callStates } from './make.ts';

const events: readonly CallEvent[] = [
  { kind: 'progress', atMs: 5 },
  { kind: 'answerClicked', atMs: 5 },
  { kind: 'established', atMs: 5 },
  { kind: 'mediaFlowing', atMs: 5 },
  { kind: 'mediaLost', atMs: 5 },
  { kind: 'microphone', to: 'muted', atMs: 5 },
  { kind: 'ended', cause: 'agentHungUp', atMs: 5 },
];

/** Rows: states of `callStates`; columns: `events`. '=' means the same object comes back. */
const matrix: readonly (readonly string[])[] = [
  ['ringingOut', '=', 'talking', '=', '=', '=', 'ended'],
  ['=', '=', 'talking', '=', '=', '=', 'ended'],
  ['=', 'answering', 'talking', '=', '=', '=', 'ended'],
  ['=', '=', 'talking', '=', '=', '=', 'ended'],
  ['=', '=', '=', 'talking', '=', 'talking', 'ended'],
  ['=', '=', '=', '=', 'talking', '=', 'ended'],
  ['=', '=', '=', '=', '=', '=', '='],
];

describe('call state', () => {
  it('follows the full state × event matrix', () => {
    const seen = callStates.map((state) =>
      events.map((event) => {
        const before = callIn(state);
        const after = nextCall(before, event);
        return after === before ? '=' : after.state.kind;
      }),
    );
    expect(seen).toEqual(matrix);
  });

  it('measures talk time from establishment to the end, and keeps the first media mark', () => {
    const talking = nextCall(callIn({ kind: 'answering', sinceMs: 1 }), { kind: 'established', atMs: 1_000 });
    const flowing = nextCall(talking, { kind: 'mediaFlowing', atMs: 1_050 });
    const again = nextCall(nextCall(flowing, { kind: 'mediaLost', atMs: 2_000 }), {
      kind: 'mediaFlowing',
      atMs: 3_000,
    });
    const ended = nextCall(again, { kind: 'ended', cause: 'customerHungUp', atMs: 61_000 });
    expect(ended.state).toMatchObject({ kind: 'ended', talkMs: 60_000, cause: 'customerHungUp' });
    expect(ended.trace).toMatchObject({ establishedMs: 1_000, mediaBothMs: 1_050 });
  });

  it('has no talk time when nobody answered', () => {
    const ended = nextCall(callIn({ kind: 'ringing', sinceMs: 1 }), { kind: 'ended', cause: 'missed', atMs: 20_000 });
    expect(ended.state).toMatchObject({ talkMs: 0, cause: 'missed' });
  });
});
