import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keepDiagnostics } from '../../../renderer/phone/diagnostics.ts';
import { createFakePhone } from '../../../renderer/phone/fake-phone.ts';
import { Diagnostics, diagnosticsText, mostTransitions } from '../../../shared/diagnostics.ts';
import { CallId, SeatId, uuidv7 } from '../../../shared/ids.ts';
import { productVersion } from '../../../shared/version.ts';
import { createManualClock } from './lab/manual-clock.ts';

const desk = { engine: 'up', agent: 'notReady', sync: 'idle', waiting: 0, practice: true } as const;
const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

const open = () => {
  const clock = createManualClock();
  let count = 0;
  const newId = (): string => {
    count += 1;
    return uuidv7(clock.nowMs(), new Uint8Array(10).fill(count));
  };
  const { phone, far } = createFakePhone({ clock, newId });
  const keeper = keepDiagnostics({ clock, userAgent });
  keeper.follow(phone);
  phone.start({
    seatId: SeatId.parse('01900000-0000-7000-8000-0000000000ff'),
    credentials: {
      server: 'wss://pbx.beispiel.invalid/ws',
      domain: 'pbx.beispiel.invalid',
      user: 'linxiaoman8001',
      password: 'lanqiao-geheim',
      expiresAtMs: clock.nowMs() + 3_600_000,
      iceServers: [],
    },
  });
  return { clock, phone, far, keeper };
};

describe('the diagnostics of the phone page', () => {
  it('tell line, devices, calls, the guardian and how calls sounded', async () => {
    const { clock, phone, far, keeper } = open();
    await clock.advance(200);
    phone.setAvailable(true);
    void far.call({ number: '13800138000' });
    await clock.advance(200);
    const id = phone.state().calls[0]?.id ?? CallId.parse('none');
    void phone.answer(id);
    await clock.advance(5_000);
    keeper.path(id, 'connected');
    keeper.path(id, 'connected');
    far.goSilent(true);
    await clock.advance(3_000);
    far.goSilent(false);
    await clock.advance(3_000);
    phone.hangUp(id);
    await clock.advance(200);
    const read = keeper.read();
    expect(Diagnostics.parse(read)).toEqual(read);
    expect(read).toMatchObject({ chromium: 156, system: 'linux', line: 'registered', version: productVersion });
    const said = read.transitions.map(({ what }) => what);
    for (const what of ['line', 'call', 'ice', 'guardian', 'guardianWell', 'quality', 'callQuality'] as const)
      expect(said).toContain(what);
    expect(said.filter((what) => what === 'ice')).toHaveLength(1);
    expect(diagnosticsText(read, desk)).toContain('leg=receiving doing=restartIce');
  });

  it('hold the last fifty', async () => {
    const { keeper } = open();
    for (let turn = 0; turn < 80; turn += 1) keeper.wire({ kind: 'dropped', why: 'tooLong' });
    expect(keeper.read().transitions).toHaveLength(mostTransitions);
  });

  it('know nothing of fifty personal values that went by', async () => {
    const { clock, phone, far, keeper } = open();
    await clock.advance(200);
    phone.setAvailable(true);
    const numbers = Array.from({ length: 20 }, (_, at) => `1380013${String(8_000 + 37 * at)}`);
    const names = Array.from({ length: 20 }, (_, at) => `王小${'一二三四五六七八九十'[at % 10] ?? ''}${at}`);
    const methods = ['ZHANGSAN', '13911112222', 'LISI', 'x-wangwu', 'NOTE'];
    const others = ['linxiaoman8001', 'lanqiao-geheim', 'pbx.beispiel', '01900000-0000-7000', 'queue-vip-li'];
    for (const [at, number] of numbers.entries()) {
      void far.call({ number, display: names[at] ?? '', queue: 'queue-vip-li' });
      await clock.advance(200);
      const [call] = phone.state().calls;
      if (call === undefined) throw new Error('no call');
      void phone.answer(call.id);
      await clock.advance(2_500);
      keeper.path(call.id, 'connected');
      phone.hangUp(call.id);
      await clock.advance(200);
      phone.setAvailable(true);
      // Ids could be looked up in the PBX's logs.
      others.push(call.id, call.contactId);
    }
    for (const method of methods) keeper.wire({ kind: 'refusedRequest', method });
    const planted = [...numbers, ...names, ...methods, ...others];
    expect(planted.length).toBeGreaterThanOrEqual(50);
    const text = diagnosticsText(keeper.read(), desk);
    expect(planted.filter((value) => text.includes(value))).toEqual([]);
    expect(text.split('\n').length).toBeGreaterThan(40);
  });

  it('the version is the package’s', () => {
    const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ version: productVersion });
  });
});
