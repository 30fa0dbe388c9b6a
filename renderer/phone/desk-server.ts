import type { Diagnostics } from '../../shared/diagnostics.ts';
import { CallId, type NewId } from '../../shared/ids.ts';
import { phoneContract, type PhoneContract } from '../../shared/phone.ts';
import { ok, refused } from '../../shared/result.ts';
import { type Handlers, type Port, serve } from '../../shared/rpc.ts';
import type { EchoTest } from './echo-test.ts';
import type { HeadsetLink } from './headset.ts';
import { type Phone, whyNotDial } from './phone.ts';
import type { SeatLink } from './seat-link.ts';
import { secondParty } from './second-party.ts';

/** What stands beside the telephone. */
export type Beside = { readonly headset: HeadsetLink; readonly echo: EchoTest };

/**
 * Serves the phone contract to the desk. Dialling goes to the engine first: only what it permits is ever dialled (R21).
 * `onFault` is told of faults by name.
 */
export const createDeskServer = (
  phone: Phone,
  seat: Pick<SeatLink, 'authorise'>,
  beside: Beside,
  newId: NewId,
  onFault: (name: string) => void,
  diagnostics: () => Diagnostics,
): ((port: Port) => void) => {
  const { headset } = beside;
  const handlers = handlersOf(phone, seat, beside, newId, diagnostics);
  return (port) => {
    const desk = serve(phoneContract, handlers, port, { role: 'desk' }, (name) => onFault(name));
    const stopState = phone.onState((state) => desk.emit('phone', state));
    const stopLevels = phone.onLevels((levels) => desk.emit('levels', levels));
    const stopQuality = phone.onQuality((quality) => desk.emit('quality', quality));
    const stopTrouble = phone.onTrouble((trouble) => desk.emit('trouble', trouble));
    const stopDevices = phone.onDevices((view) => desk.emit('devices', view));
    const stopHeadset = headset.onView((view) => desk.emit('headset', view));
    const stopMute = headset.onMute((mute) => desk.emit('mute', mute));
    port.onClose(() => {
      stopDevices();
      stopHeadset();
      stopMute();
      // Nobody looks at the meter any more.
      void phone.testDevice('none');
      stopState();
      stopLevels();
      stopQuality();
      stopTrouble();
    });
    desk.emit('phone', phone.state());
  };
};

const handlersOf = (
  phone: Phone,
  seat: Pick<SeatLink, 'authorise'>,
  beside: Beside,
  newId: NewId,
  diagnostics: () => Diagnostics,
): Handlers<PhoneContract, { readonly role: string }> => ({
  dial: async ({ what }) => {
    // Asked before the engine opens a contact for a call that cannot be made.
    const why = whyNotDial(phone.state());
    if (why !== undefined) return refused(why);
    const callId = CallId.parse(newId());
    const permitted = await seat.authorise('dial.authorise', { callId, what, purpose: 'service' });
    if (!permitted.ok) return permitted;
    const { contactId, dial, colleague } = permitted.value;
    const aside = colleague === undefined ? {} : { aside: { kind: 'colleague', number: colleague } as const };
    const dialled = await phone.dial({ callId, contactId, dial, ...aside });
    return dialled.ok ? ok({ callId }) : dialled;
  },
  ...secondParty(phone, seat, newId),
  answer: ({ callId }) => phone.answer(callId),
  reject: ({ callId }) => phone.reject(callId),
  hangUp: ({ callId }) => phone.hangUp(callId),
  mute: ({ callId, muted }) => phone.mute(callId, muted),
  hold: ({ callId, held }) => phone.hold(callId, held),
  sendDigits: ({ callId, digits }) => phone.sendDigits(callId, digits),
  checkDevices: async () => ok(await phone.checkDevices()),
  devices: () => ok({ devices: phone.devices(), headset: beside.headset.view(), mute: beside.headset.mute() }),
  chooseDevice: ({ use, id }) => phone.chooseDevice(use, id),
  testDevice: ({ what }) => phone.testDevice(what),
  connectHeadset: () => beside.headset.connect(),
  testEcho: () => beside.echo.start(),
  state: () => ok(phone.state()),
  diagnostics: () => ok(diagnostics()),
  reconnect: () => {
    phone.reconnect();
    return ok({});
  },
});
