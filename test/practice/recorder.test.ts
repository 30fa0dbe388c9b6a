import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../practice/clock.ts';
import { createCustomers, type Customers } from '../../practice/customers.ts';
import { frameSamples, levelDb, silentByte, tone, toneLevelDb } from '../../practice/customers/g711.ts';
import { createExchange, type Exchange } from '../../practice/exchange.ts';
import { createPracticeRecorder, type PracticeRecorder } from '../../practice/recorder.ts';
import { decodeUlaw } from '../../shared/ulaw.ts';
import { recorderContract } from '../central/recorder-contract.ts';
import { openNodePhone } from './node-phone.ts';
import { until } from './stage.ts';

const temp = (): string => mkdtempSync(join(tmpdir(), 'zuoxi-tapes-'));

recorderContract('the recorder of practice mode', async () => {
  const folder = temp();
  const recorder = createPracticeRecorder({ folder, clock: systemClock });
  return {
    recorder,
    callRuns: async () => {
      const contactId = randomUUID();
      recorder.named(contactId, contactId);
      const tape = recorder.tape(contactId);
      return { contactId, hangUp: async () => tape?.end() };
    },
    stop: async () => rmSync(folder, { recursive: true }),
  };
});

describe('R33 a call of practice mode', () => {
  let folder: string;
  let recorder: PracticeRecorder;
  let exchange: Exchange;
  let customers: Customers;
  beforeEach(async () => {
    folder = temp();
    recorder = createPracticeRecorder({ folder, clock: systemClock });
    exchange = await createExchange({
      ...{ port: 0, auth: (user) => user, trunkUser: 'trunk', onContact: recorder.named },
      queues: [{ id: 'service', name: { zh: '客户服务', en: 'Service' } }],
    });
    customers = await createCustomers({
      ...{ exchange, user: 'trunk', password: 'trunk', random: () => 0.5, tape: recorder.tape },
    });
  });
  afterEach(async () => {
    await customers.close();
    await exchange.close();
    rmSync(folder, { recursive: true });
  });

  it('is heard again with both voices under its contact, silent where it was paused', async () => {
    const agent = await openNodePhone({ ...exchange, user: 'agent1', password: 'agent1', sound: tone(700, 1_000) });
    await exchange.pbx.addMember({ sipUser: 'agent1', name: 'One', queues: ['service'] });
    await exchange.pbx.setPaused('agent1', false, 'ready');
    const call = customers.call({ from: { number: '13800138000' }, to: 'service', sound: tone(1_200, 1_000) });
    await until('sound both ways', () => call.heard.frames() > 50 && agent.heard().frames() > 50);
    const { contactId } = agent.headers();
    expect(await recorder.running()).toMatchObject([{ contactId }]);
    await recorder.pause(contactId ?? '');
    const pausedAt = call.heard.frames();
    await until('silence', () => call.heard.frames() > pausedAt + 40);
    await agent.hangUp();
    await call.done;
    await agent.close();
    expect(await recorder.running()).toEqual([]);
    const [file] = readdirSync(folder);
    const sound = await recorder.files.read(file ?? '', 0, 60_000);
    expect(sound?.lengthMs).toBeGreaterThan(1_500);
    const first = decodeUlaw(sound?.ulaw.subarray(4_000, 8_000) ?? new Uint8Array());
    expect(toneLevelDb(first, 700)).toBeGreaterThan(-20);
    expect(toneLevelDb(first, 1_200)).toBeGreaterThan(-20);
    expect(levelDb(decodeUlaw(sound?.ulaw.subarray(-4_000) ?? new Uint8Array()))).toBe(-100);
  });

  it('of nobody it knows is not recorded', () => {
    expect(recorder.tape('unknown')).toBeUndefined();
    const contactId = randomUUID();
    recorder.named('call', contactId);
    const tape = recorder.tape('call');
    tape?.said(new Uint8Array(frameSamples).fill(silentByte));
    expect(recorder.tape('call')).toBeUndefined();
    tape?.end();
    tape?.end();
  });
});

describe('recordings of practice mode', () => {
  it('go when they are old or too many, the oldest first; other files stay', () => {
    const folder = temp();
    const dayMs = 86_400_000;
    const nowMs = 100 * dayMs;
    const name = (n: number, atMs: number): string => `00000000-0000-7000-8000-00000000000${n}_${atMs}.wav`;
    const files = [name(1, nowMs - 3 * dayMs), name(2, nowMs - 2_000), name(3, nowMs - 1_000), name(4, nowMs - 500)];
    for (const file of [...files, 'notes.txt', 'own.wav']) writeFileSync(join(folder, file), 'x'.repeat(100));
    const clock = { ...systemClock, nowMs: () => nowMs };
    const recorder = createPracticeRecorder({ folder, clock, keep: { mostBytes: 250, longestMs: dayMs } });
    expect(readdirSync(folder).sort()).toEqual([files[2], files[3], 'notes.txt', 'own.wav']);
    // And after each call: its own is the newest.
    recorder.named('call', '00000000-0000-7000-8000-000000000009');
    recorder.tape('call')?.end();
    expect(readdirSync(folder)).toContain(name(9, nowMs));
    expect(readdirSync(folder)).toHaveLength(5);
    rmSync(folder, { recursive: true });
  });
});
