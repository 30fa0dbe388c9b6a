import '../../shared/no-eval.ts';
import { uuidv7 } from '../../shared/ids.ts';
import { pageClock } from './clock.ts';
import { createDeskServer } from './desk-server.ts';
import { keepDiagnostics } from './diagnostics.ts';
import { createEchoTest } from './echo-test.ts';
import { hostOf } from './hosts.ts';
import { linkHeadset } from './headset.ts';
import { createHidPort, hidOf } from './headset-hid.ts';
import { showNotice } from './notice.ts';
import { isLive } from './phone.ts';
import { keepSeatLink } from './seat-link.ts';
import { createSipPhone } from './sip-phone.ts';
import { rehearseInvite } from './sip-rehearsal.ts';
import { createSound } from './sound.ts';

/** Composition root of the phone page. */
const clock = pageClock();
const random = (): number => Math.random();
const newId = (): string => uuidv7(clock.nowMs(), crypto.getRandomValues(new Uint8Array(10)));
const host = hostOf(window);
const diagnostics = keepDiagnostics({ clock, userAgent: navigator.userAgent });
const phone = createSipPhone({
  clock,
  newId,
  random,
  devices: navigator.mediaDevices,
  permissions: navigator.permissions,
  storage: localStorage,
  sound: createSound(document, clock),
  onWire: diagnostics.wire,
  onPath: diagnostics.path,
});
diagnostics.follow(phone);
rehearseInvite(phone, clock);
const headset = linkHeadset({ port: createHidPort(hidOf(navigator)), phone, clock });
const echo = createEchoTest({ phone, clock, newId });
const seat = keepSeatLink({
  open: host.engine,
  phone,
  clock,
  random,
  onAvailable: echo.setAvailable,
  onPlace: (place) => {
    host.showDesk(place.kind === 'here');
    if (place.kind === 'elsewhere') showNotice(document, place.why, 'takeOver', seat.takeOver);
  },
});
host.onDesk(createDeskServer(phone, seat, { headset, echo }, newId, () => {}, diagnostics.read));
host.onResumed(() => phone.reconnect());

window.addEventListener('beforeunload', (event) => {
  // Leaving this page is leaving the call.
  if (phone.state().calls.some(isLive)) event.preventDefault();
});
window.addEventListener('pagehide', () => {
  seat.close();
  headset.close();
  const live = phone.state().calls.filter(isLive);
  // PHONE-10: nobody can tell a reload from an end, and a customer who waits a moment is better off than one who was hung up on.
  // The page that comes next takes the call up; if none comes, the exchange ends it when no sound has arrived for a while.
  if (!live.some(({ state }) => state.kind === 'talking')) return void phone.close();
  for (const { id, state } of live) if (state.kind !== 'talking') phone.hangUp(id);
});
