import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../main/engine/log.ts';
import { profileKey } from '../../main/web/profile-key.ts';
import type { Change } from '../../shared/central-api.ts';
import type { FakeCentral } from '../main/fake-central.ts';
import { startFakeCentral } from '../main/fake-central.ts';
import type { SeatUnderTest } from '../main/harness.ts';
import { ended, endSeats, inbound, startSeat, talking, uuid, value } from '../main/harness.ts';
import { plainBytes } from '../main/plain-bytes.ts';
import { customer, feedOf, past } from '../main/sample.ts';
import { formsOf, scan } from './scan.ts';

/**
 * Security 26, 38: a thousand personal values are planted in what a seat is given and in what its agent types; after a day's work every
 * byte of the profile, of the log at its most talkative and of the temporary files is searched for every one of them. `npm run test:canary`
 * works a longer day.
 */
const calls = Number(process.env['ZUOXI_CANARY_CALLS'] ?? 14);
const customers = 190;

let folder: string;
let central: FakeCentral;
let log: Log;
const temporary = process.env['TMPDIR'];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zuoxi-canary-'));
  for (const part of ['profile', 'logs', 'tmp']) mkdirSync(join(folder, part));
  // SQLite and Node ask for it whenever they make a file.
  process.env['TMPDIR'] = join(folder, 'tmp');
  log = fileLog(join(folder, 'logs', 'seat.log'));
});
afterEach(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  await endSeats();
  await central.close();
  rmSync(folder, { recursive: true, force: true });
});

const fileLog = (path: string): Log => {
  const line =
    (level: string) =>
    (what: string, fields: object = {}): void =>
      appendFileSync(path, `${JSON.stringify({ level, what, ...fields })}\n`);
  return { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
};

/** Five values per customer, and those an agent types. */
const hanzi = (n: number): string =>
  String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000), 0x4e00 + ((n * 104_729) % 20_000));
const numberOf = (n: number): string => `+8613${String(700_000_000 + n * 1_000_003).slice(0, 9)}`;
const nameOf = (n: number): string => `${hanzi(n)}${hanzi(n + 501)}示`;
const idOf = (n: number): string => `33010019${String(900_101 + n * 37)}${String(1_000 + n * 7)}X`;
const caseOf = (n: number): string => `个案${hanzi(n + 91)}第${n}号砚`;
const pastNoteOf = (n: number): string => `历史${hanzi(n + 17)}第${n}条砚`;
const noteOf = (n: number): string => `备注${hanzi(n + 33)}第${n}条砚台`;
const draftOf = (n: number): string => `草稿${hanzi(n + 77)}第${n}稿墨`;
const callerOf = (n: number): string => `+8615${String(100_000_000 + n * 3_000_017).slice(0, 9)}`;
const all = (count: number, of: (n: number) => string): string[] => Array.from({ length: count }, (_, n) => of(n));

const planted = (): readonly string[] => [
  ...[numberOf, nameOf, idOf, caseOf, pastNoteOf].flatMap((of) => all(customers, of)),
  // Without the country's code as well: that is how most people write it.
  ...all(customers, (n) => numberOf(n).slice(3)),
  ...[noteOf, draftOf, callerOf].flatMap((of) => all(calls, of)),
];

const given = (): Change[] => [
  ...feedOf(
    all(customers, String).map((n) =>
      customer(`c-${n}`, {
        surname: nameOf(Number(n)),
        numbers: [{ key: numberOf(Number(n)), confidence: 'certain' }],
        fields: [{ key: 'idNumber', class: 3, shown: idOf(Number(n)) }],
        area: { zh: caseOf(Number(n)), en: 'East' },
      }),
    ),
  ),
  ...all(customers, String).map((n) => {
    const id = uuid();
    return {
      entity: 'history',
      id,
      row: { customerId: customer(`c-${n}`).id, past: { ...past(id, 5), note: pastNoteOf(Number(n)) } },
    } as const;
  }),
];

const oneCall = async (seat: SeatUnderTest, n: number): Promise<void> => {
  const call = inbound(n % 3 === 0 ? callerOf(n) : numberOf(n % customers));
  const { contactId } = call;
  await seat.report(call);
  await seat.report(talking(call));
  await seat.desk.call('customer.search', { text: nameOf(n), where: 'seat' });
  await seat.desk.call('customer.search', { text: numberOf(n), where: 'central' });
  await seat.desk.call('contact.chooseTopic', { contactId, topicId: 'bill' });
  await seat.desk.call('verification.try', { contactId, factor: 'idNumber', value: idOf(n) });
  await seat.desk.call('field.reveal', { contactId, key: 'idNumber' });
  await seat.desk.call('history.of', { customerId: customer(`c-${n % customers}`).id });
  value(await seat.desk.call('draft.save', { contactId, note: draftOf(n), disposition: [] }));
  await seat.desk.call('customer.setField', { contactId, key: 'contactPhone', value: callerOf(n) });
  await seat.report(ended(call));
  value(await seat.desk.call('contact.wrapUp', { contactId, note: noteOf(n), disposition: ['other'] }));
};

const start = (): SeatUnderTest => {
  const profileDir = join(folder, 'profile');
  const storeKey = profileKey(profileDir, (bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
  return startSeat(central.url, { profileDir, storeKey, log });
};

const signIn = async (seat: SeatUnderTest): Promise<void> => {
  await seat.signIn();
  await seat.synced();
  value(await seat.desk.call('agent.ready', {}));
};

const look = () =>
  scan(
    ['profile', 'logs', 'tmp'].map((part) => join(folder, part)),
    planted(),
  );

describe('security 26, 38: a thousand planted values and a day’s work', () => {
  it('the search finds each form, in a file’s name as well', () => {
    central = { close: () => Promise.resolve() } as FakeCentral;
    for (const { form, bytes } of formsOf(nameOf(3))) {
      writeFileSync(join(folder, 'tmp', 'core.1'), Buffer.concat([Buffer.from('xy'), bytes, Buffer.from('z')]));
      expect(look().hits).toContainEqual({ file: 'core.1', value: nameOf(3), form });
    }
    // Also in the midst of something encoded as a whole.
    for (const before of ['', '{', '{"']) {
      writeFileSync(join(folder, 'tmp', 'core.1'), Buffer.from(`${before}${nameOf(4)}"}`).toString('base64'));
      expect(look().hits.map((hit) => hit.value)).toEqual([nameOf(4)]);
    }
    rmSync(join(folder, 'tmp', 'core.1'));
    writeFileSync(join(folder, 'tmp', `${numberOf(1)}.wav`), '');
    expect(look().hits).toMatchObject([{ value: numberOf(1) }, { value: numberOf(1).slice(3) }]);
  });

  it(
    'none of them lies open anywhere: while the agent works, after central was away, after damage, at the day’s end',
    { timeout: 120_000 + calls * 2_000 },
    async () => {
      expect(planted().length).toBeGreaterThanOrEqual(1_000);
      expect(new Set(planted()).size).toBe(planted().length);
      central = await startFakeCentral(given());
      let seat = start();
      await signIn(seat);
      for (let n = 0; n < calls; n += 1) {
        if (n === Math.floor(calls / 4)) central.fault = 'error500';
        if (n === Math.floor(calls / 2)) central.fault = 'none';
        if (n === Math.floor((3 * calls) / 4)) {
          // The program ends, a file is damaged, and the next one mends it: what was moved aside stays.
          await seat.synced();
          await seat.engine.close();
          const cache = join(folder, 'profile', 'cache.db');
          writeFileSync(cache, Buffer.alloc(64, 1), { flag: 'r+' });
          seat = start();
          await signIn(seat);
        }
        await oneCall(seat, n);
      }
      // They are there for whoever has the key, or the search would prove nothing.
      const open = plainBytes(seat.profileDir, seat.key);
      expect([nameOf(1), idOf(1), pastNoteOf(2), noteOf(calls - 1)].map((one) => open.includes(one))).toEqual([
        true,
        true,
        true,
        true,
      ]);
      const working = look();
      await seat.synced();
      value(await seat.desk.call('session.signOut', {}));
      await vi.waitFor(() => expect(central.applied.length).toBeGreaterThan(calls * 4));
      await seat.engine.close();
      const closed = look();
      expect({ working: working.hits, closed: closed.hits }).toEqual({ working: [], closed: [] });
      expect(readdirSync(join(folder, 'profile')).some((name) => name.includes('damaged'))).toBe(true);
      expect(working.bytes).toBeGreaterThan(500_000);
      process.stdout.write(
        `canaries: ${planted().length} values, ${calls} calls; ${working.files} files, ${working.bytes} bytes while working, ` +
          `${closed.files} files, ${closed.bytes} bytes closed: ${working.hits.length + closed.hits.length} hits\n`,
      );
    },
  );
});
