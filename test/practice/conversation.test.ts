import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../practice/clock.ts';
import { nextConversation, pace, type Conversation, type Habits } from '../../practice/customers/conversation.ts';
import { createEar } from '../../practice/customers/ear.ts';
import { levelDb, silentByte, tone, toneLevelDb } from '../../practice/customers/g711.ts';
import { decodeUlaw, encodeUlaw } from '../../shared/ulaw.ts';
import { ruleFor } from '../../practice/customers/numbers.ts';
import { lines, loadVoices } from '../../practice/customers/voices.ts';

const habits: Habits = { request: 'bill', talkMs: 60_000, durationMs: () => 1_000, random: () => 0.1 };

/** Runs in steps of 100 ms; `voice` tells when the agent speaks. Gives what was said, with its time. */
const converse = (durationMs: number, voice: (atMs: number) => boolean, own: Habits = habits): readonly string[] => {
  let state: Conversation = { kind: 'opening', sinceMs: 0 };
  const said: string[] = [];
  for (let nowMs = 0; nowMs <= durationMs; nowMs += 100) {
    const next = nextConversation(state, { nowMs, sinceLastMs: 100, answeredMs: 0, isVoice: voice(nowMs) }, own);
    if (next !== state && next.kind === 'speaking') said.push(`${next.line}@${nowMs}`);
    if (next !== state && next.kind === 'left') said.push(`left@${nowMs}`);
    state = next;
  }
  return said;
};

describe('how a customer takes turns', () => {
  it('greets after a breath, and asks once the agent has paused', () => {
    const voice = (atMs: number): boolean => atMs >= 1_000 && atMs < 4_000;
    expect(converse(5_500, voice)).toEqual([`hello@${pace.breathMs}`, 'bill@4700']);
  });

  it('speaks into the agent only after twelve seconds without a pause', () => {
    expect(converse(30_000, (atMs) => atMs > 1_400)).toEqual(['hello@500', 'bill@13500', 'yes@26500']);
  });

  it('says good-bye in a noisy room too', () => {
    const said = converse(90_000, () => true);
    expect(said.at(-1)).toMatch(/^left@[67]\d{4}$/);
  });

  it('asks by itself when the agent says nothing, and asks whether somebody is there', () => {
    const said = converse(32_000, () => false);
    expect(said).toEqual(['hello@500', 'bill@7500', 'hello@28500']);
  });

  it('answers briefly, and says good-bye at the pause after its talk time', () => {
    const voice = (atMs: number): boolean => atMs % 5_000 < 2_000;
    const said = converse(70_000, voice);
    expect(said.filter((s) => s.startsWith('yes')).length).toBeGreaterThan(5);
    expect(said.at(-2)).toMatch(/^bye@6\d{4}$/);
    expect(said.at(-1)).toMatch(/^left@/);
    expect(converse(20_000, voice, { ...habits, random: () => 0.9 })).toContainEqual(expect.stringMatching(/^no@/));
  });

  it('has left for good', () => {
    const left: Conversation = { kind: 'left' };
    expect(nextConversation(left, { nowMs: 1, sinceLastMs: 1, answeredMs: 0, isVoice: true }, habits)).toBe(left);
  });
});

describe('G.711 and levels', () => {
  it('decodes the ends and the middle as ITU-T G.711 has them', () => {
    expect([...decodeUlaw(new Uint8Array([0x00, 0x80, 0xff, 0x7f]))]).toEqual([-32_124, 32_124, 0, 0]);
    expect(encodeUlaw(0)).toBe(silentByte);
  });

  it('gives every sample back within its step', () => {
    fc.assert(
      fc.property(fc.integer({ min: -32_635, max: 32_635 }), (sample) => {
        const [back = 0] = decodeUlaw(new Uint8Array([encodeUlaw(sample)]));
        return Math.abs(back - sample) <= Math.max(4, Math.abs(sample) / 16);
      }),
    );
    expect(encodeUlaw(99_999)).toBe(encodeUlaw(32_635));
  });

  it('measures level and frequency', () => {
    const samples = decodeUlaw(tone(1_000, 500, -12));
    expect(levelDb(samples)).toBeCloseTo(-15, 0);
    expect(toneLevelDb(samples, 1_000)).toBeCloseTo(-15, 0);
    expect(toneLevelDb(samples, 1_400)).toBeLessThan(-45);
    expect(levelDb(decodeUlaw(new Uint8Array(160).fill(silentByte)))).toBe(-100);
  });

  it('tells voice from the noise of the room', () => {
    const clock = createManualClock();
    const ear = createEar(clock);
    const hear = (db: number, frames: number): void => {
      const sound = tone(440, 20, db);
      for (let i = 0; i < frames; i++) {
        clock.advance(20);
        ear.hear(sound);
      }
    };
    hear(-45, 50);
    expect(ear.heard.isVoice()).toBe(false);
    hear(-20, 5);
    expect(ear.heard.isVoice()).toBe(true);
    hear(-45, 20);
    expect(ear.heard.isVoice()).toBe(false);
  });
});

describe('the recordings', () => {
  it('hold every line in both languages, audible, at most 500 kB in all', () => {
    const voices = loadVoices();
    let total = 0;
    for (const voice of Object.values(voices))
      for (const line of lines) {
        total += voice[line].length;
        expect(voice[line].length).toBeGreaterThan(4_000);
        expect(levelDb(decodeUlaw(voice[line]))).toBeGreaterThan(-35);
      }
    expect(total).toBeLessThanOrEqual(500_000);
  });
});

describe('dialled numbers', () => {
  it.each([
    ['12', 484],
    ['13800000000', 404],
    ['+8613800000001', 486],
    ['010-65540002', 480],
    ['13800000003', 603],
  ])('%s gets %i', (number, status) => {
    expect(ruleFor(number, () => 0)).toMatchObject({ kind: 'refuses', status });
  });

  it('anything else answers after one to two seconds', () => {
    expect(ruleFor('10086', () => 0)).toEqual({ kind: 'answers', afterMs: 1_000 });
    expect(ruleFor('13912345678', () => 0.999)).toEqual({ kind: 'answers', afterMs: 1_999 });
  });
});
