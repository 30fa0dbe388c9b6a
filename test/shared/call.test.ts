import { describe, expect, it } from 'vitest';
import type { Call, CallEvent, CallState, Hold, Transfer } from '../../shared/call.ts';
import { asksToHold, isCutOff, nextCall } from '../../shared/call.ts';
import { callIn, callStates } from './make.ts';

const events: readonly CallEvent[] = [
  { kind: 'progress', atMs: 5 },
  { kind: 'answerClicked', atMs: 5 },
  { kind: 'established', atMs: 5 },
  { kind: 'mediaFlowing', atMs: 5 },
  { kind: 'mediaLost', atMs: 5 },
  { kind: 'microphone', to: 'muted', atMs: 5 },
  { kind: 'holdAsked', atMs: 5 },
  { kind: 'resumeAsked', atMs: 5 },
  { kind: 'holdAgreed', to: 'held', atMs: 5 },
  { kind: 'holdRefused', atMs: 5 },
  { kind: 'earlyMedia', atMs: 5 },
  { kind: 'transferAsked', atMs: 5 },
  { kind: 'transferTrying', atMs: 5 },
  { kind: 'transferFailed', status: 486, atMs: 5 },
  { kind: 'merged', to: true, atMs: 5 },
  { kind: 'merged', to: false, atMs: 5 },
  { kind: 'ended', cause: 'agentHungUp', atMs: 5 },
];

/** Rows: states of `callStates`; columns: `events`. '=' means the same object comes back. */
const matrix: readonly (readonly string[])[] = [
  ['ringingOut', '=', 'talking', '=', '=', '=', '=', '=', '=', '=', 'ringingOut', '=', '=', '=', '=', '=', 'ended'],
  ['=', '=', 'talking', '=', '=', '=', '=', '=', '=', '=', 'ringingOut', '=', '=', '=', '=', '=', 'ended'],
  ['=', 'answering', 'talking', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', 'ended'],
  ['=', '=', 'talking', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', 'ended'],
  [
    '=',
    '=',
    '=',
    'talking',
    '=',
    'talking',
    'talking',
    '=',
    '=',
    '=',
    '=',
    'talking',
    '=',
    '=',
    'talking',
    '=',
    'ended',
  ],
  ['=', '=', '=', '=', 'talking', '=', 'talking', '=', '=', '=', '=', 'talking', '=', '=', 'talking', '=', 'ended'],
  ['=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '=', '='],
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

describe('hold', () => {
  const holds: readonly Hold[] = [
    { kind: 'none' },
    { kind: 'holding', sinceMs: 2 },
    { kind: 'held', sinceMs: 2 },
    { kind: 'resuming', sinceMs: 2 },
    { kind: 'holdFailed', sinceMs: 2 },
    { kind: 'resumeFailed', sinceMs: 2 },
  ];
  const holdEvents: readonly CallEvent[] = [
    { kind: 'holdAsked', atMs: 9 },
    { kind: 'resumeAsked', atMs: 9 },
    { kind: 'holdAgreed', to: 'held', atMs: 9 },
    { kind: 'holdAgreed', to: 'open', atMs: 9 },
    { kind: 'holdRefused', atMs: 9 },
    { kind: 'microphone', to: 'muted', atMs: 9 },
    { kind: 'mediaLost', atMs: 9 },
  ];
  const talkingWith = (hold: Hold) =>
    callIn({ kind: 'talking', sinceMs: 1, microphone: 'open', hold, media: 'flowing' });
  const holdAfter = (hold: Hold, event: CallEvent): Hold => {
    const { state } = nextCall(talkingWith(hold), event);
    if (state.kind !== 'talking') throw new Error(`left talking: ${state.kind}`);
    return state.hold;
  };

  it('follows the full matrix; nothing but an answer to it makes it held, and mute or lost sound leave it alone', () => {
    const seen = holds.map((hold) =>
      holdEvents.map((event) => {
        const after = holdAfter(hold, event);
        return after === hold ? '=' : after.kind;
      }),
    );
    expect(seen).toEqual([
      ['holding', '=', '=', '=', '=', '=', '='],
      ['=', 'resuming', 'held', '=', 'holdFailed', '=', '='],
      ['=', 'resuming', '=', '=', '=', '=', '='],
      ['holding', '=', '=', 'none', 'resumeFailed', '=', '='],
      ['holding', 'none', '=', '=', '=', '=', '='],
      ['held', 'resuming', '=', '=', '=', '=', '='],
    ]);
  });

  it('keeps since when the agent was cut off, through every step until the sound is back', () => {
    expect(holdAfter({ kind: 'none' }, { kind: 'holdAsked', atMs: 9 })).toEqual({ kind: 'holding', sinceMs: 9 });
    for (const hold of holds.slice(1))
      for (const event of holdEvents) {
        const after = holdAfter(hold, event);
        if (after.kind !== 'none') expect(after.sinceMs).toBe(2);
      }
  });

  it('cuts the sound off in every state but none; asks to be held where the far end is or is to be', () => {
    expect(holds.filter(isCutOff).map(({ kind }) => kind)).toEqual(holds.slice(1).map(({ kind }) => kind));
    expect(holds.filter(asksToHold).map(({ kind }) => kind)).toEqual(['holding', 'held', 'resumeFailed']);
  });

  it('counts the talk time on while held', () => {
    const ended = nextCall(talkingWith({ kind: 'held', sinceMs: 2_000 }), {
      kind: 'ended',
      cause: 'customerHungUp',
      atMs: 61_001,
    });
    expect(ended.state).toMatchObject({ kind: 'ended', talkMs: 61_000 });
  });
});

describe('announcements before the answer', () => {
  it('are heard from the first on; ringing that is told later changes nothing (RFC 3960)', () => {
    const early = nextCall(callIn({ kind: 'dialling', sinceMs: 1 }), { kind: 'earlyMedia', atMs: 4 });
    expect(early.state).toEqual({ kind: 'ringingOut', sinceMs: 4, earlyMedia: true });
    expect(nextCall(early, { kind: 'progress', atMs: 6 })).toBe(early);
    expect(nextCall(early, { kind: 'earlyMedia', atMs: 6 })).toBe(early);
    const ringing = nextCall(callIn({ kind: 'ringingOut', sinceMs: 2 }), { kind: 'earlyMedia', atMs: 4 });
    expect(ringing.state).toMatchObject({ sinceMs: 2, earlyMedia: true });
  });
});

describe('transfer', () => {
  const asked = { kind: 'asked', sinceMs: 2 } as const;
  const trying = { kind: 'trying', sinceMs: 2 } as const;
  const failed = { kind: 'failed', status: 486, sinceMs: 2 } as const;
  const steps: readonly CallEvent[] = [
    { kind: 'transferAsked', atMs: 9 },
    { kind: 'transferTrying', atMs: 9 },
    { kind: 'transferFailed', status: 603, atMs: 9 },
  ];
  const after = (transfer: Transfer | undefined, event: CallEvent): string => {
    const before = callIn({
      kind: 'talking',
      sinceMs: 1,
      microphone: 'open',
      hold: { kind: 'none' },
      media: 'flowing',
      ...(transfer === undefined ? {} : { transfer }),
    });
    const next = nextCall(before, event);
    if (next === before) return '=';
    return next.state.kind === 'talking' ? (next.state.transfer?.kind ?? 'absent') : next.state.kind;
  };

  it('follows the full matrix', () => {
    expect([undefined, asked, trying, failed].map((one) => steps.map((event) => after(one, event)))).toEqual([
      ['asked', '=', '='],
      ['=', 'trying', 'failed'],
      ['=', '=', 'failed'],
      ['asked', '=', '='],
    ]);
  });
});

describe('who is there', () => {
  const talking = {
    kind: 'talking',
    sinceMs: 1,
    microphone: 'open',
    hold: { kind: 'none' },
    media: 'flowing',
  } as const;
  const colleague = { ...callIn(talking), number: '1001', aside: { kind: 'colleague', number: '1001' } as const };
  const customer = { kind: 'identified', number: '13800138000', display: '', atMs: 9 } as const;

  it('a colleague who hands a customer over makes it the customer’s call, with what the exchange says of it', () => {
    const exchangeId = callIn(talking).contactId;
    const next = nextCall(colleague, { ...customer, exchangeId, queue: 'vip' });
    expect(next).toMatchObject({ number: '13800138000', queue: 'vip', exchangeId, contactId: colleague.contactId });
    expect(next.aside).toBeUndefined();
    expect(next.state).toBe(colleague.state);
  });

  it('the colleague named again stays a colleague; nothing new is nothing', () => {
    const named = nextCall(colleague, { ...customer, number: '1001', display: 'Ann' });
    expect(named).toMatchObject({ display: 'Ann', aside: { kind: 'colleague' } });
    expect(nextCall(named, { ...customer, number: '1001', display: 'Ann' })).toBe(named);
  });

  it('a withheld number does not make one forget; an ended call is over', () => {
    expect(nextCall(colleague, { ...customer, number: '' }).number).toBe('1001');
    const ended = callIn({ kind: 'ended', atMs: 1, cause: 'customerHungUp', talkMs: 0 });
    expect(nextCall(ended, customer)).toBe(ended);
  });
});

describe('a call taken over by a lead (R35)', () => {
  const talking: CallState = {
    kind: 'talking',
    sinceMs: 1,
    microphone: 'open',
    hold: { kind: 'none' },
    media: 'flowing',
  };
  const leg: Call = { ...callIn(talking), number: '1001', display: '林小禾', aside: { kind: 'supervision', id: 's' } };
  const { contactId: exchangeId } = leg;
  const tookOver: CallEvent = { kind: 'tookOver', number: '+8613800000001', exchangeId, queue: 'service', atMs: 9 };

  it('the leg is the customer’s call from then on; what it does goes on', () => {
    const { aside: _, ...own } = leg;
    expect(nextCall(leg, tookOver)).toEqual({
      ...own,
      number: '+8613800000001',
      display: '',
      queue: 'service',
      exchangeId,
    });
  });

  it('means nothing to any other call, nor to one that does not talk', () => {
    const colleague: Call = { ...leg, aside: { kind: 'colleague', number: '1001' } };
    for (const call of [colleague, callIn(talking), ...callStates.map(callIn)])
      expect(nextCall(call, tookOver)).toBe(call);
    const ringing: Call = { ...callIn({ kind: 'ringing', sinceMs: 1 }), aside: { kind: 'supervision', id: 's' } };
    expect(nextCall(ringing, tookOver)).toBe(ringing);
  });
});
