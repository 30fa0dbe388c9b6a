import { createFakePhone } from '../../../renderer/phone/fake-phone.ts';
import { SeatId, uuidv7 } from '../../../shared/ids.ts';
import type { Levels, PhoneState } from '../../../shared/phone.ts';
import { createManualClock } from './lab/manual-clock.ts';
import { describeLines } from './lines-contract.ts';
import { describePhone } from './phone-contract.ts';
import type { PhoneLab } from './phone-lab.ts';

const openFake = async (): Promise<PhoneLab> => {
  const clock = createManualClock();
  let serial = 0;
  const newId = (): string => uuidv7(clock.nowMs(), new Uint8Array(10).fill((serial += 1)));
  const { phone, far } = createFakePhone({ clock, newId });
  const published: PhoneState[] = [];
  const levels: Levels[] = [];
  phone.onState((state) => published.push(state));
  phone.onLevels((level) => levels.push(level));
  let lastAnswer = 0;
  /** Time passes while somebody waits. */
  const until: PhoneLab['until'] = async (what, is) => {
    for (let turn = 0; turn < 200; turn += 1) {
      if (is(phone.state())) return phone.state();
      await clock.advance(10);
    }
    throw new Error(`never: ${what}`);
  };
  phone.start({
    seatId: SeatId.parse(newId()),
    credentials: { server: 'ws://fake', domain: 'fake', user: 'a', password: 'b', expiresAtMs: 0, iceServers: [] },
  });
  await until('registered', (state) => state.line.kind === 'registered');
  return {
    number: '13800138000',
    until,
    phone: {
      ...phone,
      state: async () => phone.state(),
      published: async () => published,
      reject: async (id) => phone.reject(id),
      hangUp: async (id) => phone.hangUp(id),
      mute: async (id, isMuted) => phone.mute(id, isMuted),
      hold: async (id, isHeld) => phone.hold(id, isHeld),
      swap: async () => phone.swap(),
      transfer: async (id, dial) => phone.transfer(id, dial),
      completeTransfer: async (id, consultId) => phone.completeTransfer(id, consultId),
      merge: async (id, otherId) => phone.merge(id, otherId),
      part: async () => phone.part(),
      divert: async (id, dial) => phone.divert(id, dial),
      expect: async (supervisionId) => phone.expect(supervisionId),
      expectDialled: async (contactId) => phone.expectDialled(contactId),
      sendDigits: async (id, digits) => phone.sendDigits(id, digits),
      setAvailable: async (isAvailable) => phone.setAvailable(isAvailable),
      levels: async () => {
        await clock.advance(100);
        return levels;
      },
    },
    far: {
      call: async (from) => {
        lastAnswer = far.call(from);
      },
      refusedWith: async () => (lastAnswer === 180 ? undefined : lastAnswer),
      hangUp: async () => far.hangUp(),
      policy: async (next) => far.policy(next),
      pickUp: async () => {
        await clock.advance(50);
        far.pickUp();
      },
      target: async (next) => far.target(next),
      divertedTo: async () => far.divertedTo(),
      takesHold: async (isTaking) => far.takesHold(isTaking),
      cutLine: async () => far.cutLine(),
      restoreLine: async () => far.restoreLine(),
      microphone: async (next) =>
        far.microphone(next === 'ready' ? { kind: 'ready', microphone: 'Fake', speaker: 'Fake' } : { kind: next }),
    },
    close: () => phone.close(),
  };
};

describePhone('fake', openFake);
describeLines('fake', openFake);
