import { createStore, type StoreApi } from 'zustand/vanilla';
import { type DevicesView, type HeadsetView, noDevicesView } from '../../shared/devices.ts';
import type { ShownMute } from '../../shared/mute.ts';
import type { PhoneState, Trouble } from '../../shared/phone.ts';
import { phoneContract, phoneOff, type Levels, type Quality } from '../../shared/phone.ts';
import { type SeatSnapshot, seatContract } from '../../shared/seat.ts';
import type { Clock } from './clock.ts';
import type { Host } from './hosts.ts';
import { keepSame } from './keep-same.ts';
import { keepLinked, type Link, type LinkState } from './link.ts';
import { ringTogether } from './ring-together.ts';
import type { Typing } from './typing.ts';

/** The engine's whole state as last told. `snapshot` stays on view while the connection is away. */
export type Seat = { readonly link: LinkState; readonly snapshot: SeatSnapshot | null };
export type SeatStore = StoreApi<Seat>;
export type SeatLink = Link<typeof seatContract>;

/** Parts of the snapshot that are told again when they change. One of the contract that is missing here does not compile. */
const mirrored: Readonly<Record<keyof SeatSnapshot & keyof (typeof seatContract)['events'], true>> = {
  session: true,
  agent: true,
  phone: true,
  sync: true,
  asOfMs: true,
  contact: true,
  callBack: true,
  recording: true,
  supervision: true,
  supervised: true,
  reference: true,
  refusedOps: true,
  storage: true,
  work: true,
  task: true,
  expected: true,
  day: true,
  forced: true,
};
const mirroredParts = Object.keys(mirrored) as readonly (keyof typeof mirrored)[];

export const linkSeat = (
  host: Host,
  clock: Clock,
  random: () => number,
): { readonly store: SeatStore; readonly link: SeatLink } => {
  const store: SeatStore = createStore<Seat>(() => ({ link: { kind: 'connecting' }, snapshot: null }));
  const link: SeatLink = keepLinked({
    contract: seatContract,
    open: host.engine,
    clock,
    random,
    onState: (state) => store.setState({ link: state }),
    welcome: async (client) => {
      for (const name of mirroredParts)
        client.on(name, (payload) =>
          // Before the first snapshot there is nothing to add to; the port keeps order, so the snapshot is newer.
          store.setState(({ snapshot }) =>
            snapshot === null ? {} : { snapshot: { ...snapshot, [name]: keepSame(snapshot[name], payload) } },
          ),
        );
      client.on('displaced', () => link.stepBack('displaced'));
      const answer = await client.call('seat.snapshot', {});
      if (answer.ok) {
        store.setState({ snapshot: answer.value });
        return 'up';
      }
      const { reason } = answer.error;
      return reason === 'seatOpenElsewhere' || reason === 'callRunningElsewhere' ? reason : 'again';
    },
  });
  return { store, link };
};

/** Line, devices and calls as the phone page says; `link` tells whether it can be asked for anything now. */
export type PhoneView = {
  readonly link: LinkState;
  readonly state: PhoneState;
  readonly trouble: Trouble | null;
  /** The last trouble that went away, and when. */
  readonly mended: (Trouble & { readonly atMs: number }) | null;
  readonly devices: DevicesView;
  readonly headset: HeadsetView;
  /** Whose hand, if any, keeps the customer in front from hearing the agent. */
  readonly mute: ShownMute;
};
export type PhoneStore = StoreApi<PhoneView>;
export type PhoneLink = Link<typeof phoneContract>;
/** Ten changes a second in a call: read by the meters outside React. */
export type LevelsStore = StoreApi<Levels>;

/** Once a second in a call: read by the call bar's quality alone. */
export type QualityStore = StoreApi<Quality | null>;

export const silence: Levels = { callId: null, microphoneDb: -100, customerDb: -100 };

export const linkPhone = (
  host: Host,
  clock: Clock,
  random: () => number,
  /** Whose word a ring waits for, and the keys that meters step beside. */
  { seat, typing }: { readonly seat: SeatStore; readonly typing: Pick<Typing, 'beside'> },
): {
  readonly store: PhoneStore;
  readonly levels: LevelsStore;
  readonly quality: QualityStore;
  readonly link: PhoneLink;
} => {
  const store: PhoneStore = createStore<PhoneView>(() => ({
    link: { kind: 'connecting' },
    state: phoneOff,
    trouble: null,
    mended: null,
    devices: noDevicesView,
    headset: { kind: 'none' },
    mute: { kind: 'open' },
  }));
  const levels: LevelsStore = createStore<Levels>(() => silence);
  const quality: QualityStore = createStore<Quality | null>(() => null);
  const ring = ringTogether({
    shown: () => store.getState().state.calls,
    seat: seat.getState,
    take: (state) => store.setState((before) => ({ state: keepSame(before.state, state) })),
    clock,
  });
  seat.subscribe(ring.told);
  const link: PhoneLink = keepLinked({
    contract: phoneContract,
    open: host.phone,
    clock,
    random,
    // What nobody tells of any more is not known.
    onState: (state) =>
      store.setState(state.kind === 'up' ? { link: state } : { link: state, trouble: null, mended: null }),
    welcome: async (client) => {
      client.on('phone', ring.heard);
      client.on('trouble', (trouble) =>
        store.setState(({ trouble: before, mended }) => ({
          trouble,
          mended: trouble !== null ? null : before === null ? mended : { ...before, atMs: clock.now() },
        })),
      );
      client.on('quality', (now) => typing.beside('quality', () => quality.setState(now, true)));
      client.on('levels', (now) => typing.beside('levels', () => levels.setState(now, true)));
      client.on('devices', (devices) => store.setState({ devices }));
      client.on('headset', (headset) => store.setState({ headset }));
      client.on('mute', (mute) => store.setState({ mute }));
      const [answer, beside] = await Promise.all([client.call('state', {}), client.call('devices', {})]);
      ring.forget();
      if (answer.ok) store.setState({ state: answer.value });
      if (beside.ok) store.setState(beside.value);
      return answer.ok ? 'up' : 'again';
    },
  });
  return { store, levels, quality, link };
};
