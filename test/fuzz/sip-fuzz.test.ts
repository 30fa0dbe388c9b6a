import { describe, expect, it } from 'vitest';
import { chanceOf } from './chance.ts';
import { escaped, fuzz } from './fuzz.ts';
import { mutant } from './mutate.ts';
import { watchOutgoing } from './outgoing.ts';
import { scenes } from './scenes.ts';
import { smallest } from './smallest.ts';

describe('mutants against SIP.js behind the guard (security 68, 71; the long form is npm run test:sip-fuzz)', () => {
  it('in every state of a seat: none uncaught, none thrown, none over 50 ms, our headers always the same', async () => {
    const lines: string[] = [];
    const report = await fuzz({ seed: 20_261_122, count: 3_000 }, (line) => lines.push(line));
    expect(report.failures, lines.join('\n')).toEqual([]);
    expect(report.uncaught).toBe(0);
    expect(report.received.threw).toBe(0);
    // Mutants that are all stopped at the door would prove nothing about the house.
    expect(report.received.accepted).toBeGreaterThan(300);
  }, 180_000);

  it('a seed draws the same mutants again, another one others', () => {
    const text = 'INVITE sip:a@b SIP/2.0\r\nVia: x\r\nFrom: y\r\n\r\n';
    const of = (seed: number): string[] =>
      Array.from({ length: 50 }, (_, index) => new TextDecoder().decode(mutant(text, chanceOf(seed, index))));
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(new Set(of(1)).size).toBeGreaterThan(40);
  });

  it('a failing message is made small', async () => {
    const outgoing = { faultOf: (sent: string) => (sent.includes('z9hG4bKodd') ? 'found' : undefined) };
    const whole =
      'OPTIONS sip:agent1@lab.invalid SIP/2.0\r\nVia: SIP/2.0/WS a.invalid;branch=z9hG4bKodd\r\nFrom: <sip:abc@b>;tag=1\r\nTo: <sip:agent1@lab.invalid>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nSubject: long and of no use\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n';
    const small = await smallest(scenes[0].open, new TextEncoder().encode(whole), outgoing);
    expect(small).toContain('z9hG4bKodd');
    expect(small).not.toMatch(/Subject|long|Max-Forwards/);
  });

  it('a header of ours too many is seen', () => {
    const outgoing = watchOutgoing();
    const ok = 'SIP/2.0 200 OK\r\nVia: a\r\nCSeq: 1 OPTIONS\r\nFrom: x\r\n\r\n';
    expect(outgoing.faultOf(ok)).toBeUndefined();
    expect(outgoing.faultOf(ok.replace('Via: a', 'Via: a\r\nVia: b'))).toBeUndefined();
    expect(outgoing.faultOf(ok.replace('From: x', 'From: x\r\nX-Evil: 1'))).toMatch(/x-evil/);
    expect(outgoing.faultOf(ok.replace('From: x', 'From: x\r\n folded'))).toMatch(/folded/);
    expect(outgoing.faultOf(ok.replace('From: x', 'From: x\nX-Evil: 1'))).toMatch(/line end/);
  });

  it('a printed message is one line of plain characters', () =>
    expect(escaped('a\r\n\0"王\u202e')).toBe('"a\\r\\n\\u0000\\"\\u738b\\u202e"'));
});
