import { Core } from 'sip.js';
import { afterEach, expect, it, vi } from 'vitest';
import { judge } from '../../../renderer/phone/sip-guard.ts';
import { madeUpInvite, rehearseInvite } from '../../../renderer/phone/sip-rehearsal.ts';
import { phoneOff, type PhoneState } from '../../../shared/phone.ts';

afterEach(() => void vi.restoreAllMocks());

const setUp = () => {
  const waiting: (() => void)[] = [];
  let state: PhoneState = phoneOff;
  const ears = new Set<(state: PhoneState) => void>();
  const phone = {
    state: () => state,
    onState: (ear: (state: PhoneState) => void) => {
      ears.add(ear);
      return () => void ears.delete(ear);
    },
  };
  const clock = {
    nowMs: () => 0,
    after: (_ms: number, run: () => void) => {
      waiting.push(run);
      return () => {};
    },
  };
  const be = (next: PhoneState): void => {
    state = next;
    for (const ear of ears) ear(next);
  };
  const pass = (): void => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) run();
  };
  const parsed = vi.spyOn(Core.Parser, 'parseMessage');
  rehearseInvite(phone, clock);
  return { be, pass, parsed };
};
const registered: PhoneState = { ...phoneOff, line: { kind: 'registered', sinceMs: 0 } };

it('REHEARSAL the made-up INVITE is one that gets in and can be read', () => {
  expect(judge(madeUpInvite)).toMatchObject({ kind: 'pass', head: { method: 'INVITE' } });
  const logger = new Core.LoggerFactory().getLogger('test');
  expect(Core.Parser.parseMessage(madeUpInvite, logger)).toBeInstanceOf(Core.IncomingRequestMessage);
});

it('REHEARSAL it is read once the line is there, a few times and once per page', () => {
  const { be, pass, parsed } = setUp();
  pass();
  expect(parsed).not.toHaveBeenCalled();
  be(registered);
  pass();
  const { length } = parsed.mock.calls;
  expect(length).toBeGreaterThan(10);
  be(phoneOff);
  be(registered);
  pass();
  expect(parsed).toHaveBeenCalledTimes(length);
});

it('REHEARSAL not while a call lives', () => {
  const { be, pass, parsed } = setUp();
  const id = '01900000-0000-7000-8000-000000000001';
  const call = {
    ...{ id, direction: 'inbound', number: '', display: '', contactId: id, trace: { inviteMs: 0 } },
    state: { kind: 'ringing', sinceMs: 0 },
  } as unknown as PhoneState['calls'][number];
  be({ ...registered, calls: [call] });
  pass();
  expect(parsed).not.toHaveBeenCalled();
});
