import type { FakeFarEnd } from '../../../renderer/phone/fake-far.ts';
import { createFakePhone } from '../../../renderer/phone/fake-phone.ts';
import type { FakeDevices } from '../../../renderer/phone/fake-devices.ts';
import { createFakeHeadset, type FakeHeadset } from '../../../renderer/phone/fake-headset.ts';
import { createEchoTest } from '../../../renderer/phone/echo-test.ts';
import { linkHeadset } from '../../../renderer/phone/headset.ts';
import { keepDiagnostics } from '../../../renderer/phone/diagnostics.ts';
import { createDeskServer } from '../../../renderer/phone/desk-server.ts';
import type { Phone } from '../../../renderer/phone/phone.ts';
import type { Host } from '../../../renderer/desk/hosts.ts';
import { isAvailable } from '../../../shared/agent.ts';
import { uuidv7, SeatId, type NewId } from '../../../shared/ids.ts';
import type { Port } from '../../../shared/rpc.ts';
import { createFakeEngine } from './fake-engine.ts';
import type { FakeEngine } from './fake-world.ts';

/** Engine and phone around a desk, in memory, joined as the real ones are. */
export type Stage = {
  readonly host: Host;
  readonly engine: FakeEngine;
  readonly phone: Phone;
  readonly far: FakeFarEnd;
  readonly devices: FakeDevices;
  readonly headset: FakeHeadset;
};

type StageClock = { readonly nowMs: () => number; readonly after: (ms: number, run: () => void) => () => void };

export const realClock: StageClock = {
  nowMs: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const createStage = (clock: StageClock = realClock): Stage => {
  const newId: NewId = () => uuidv7(clock.nowMs(), crypto.getRandomValues(new Uint8Array(10)));
  const { phone, far, devices } = createFakePhone({ clock, newId });
  const headset = createFakeHeadset();
  const echo = createEchoTest({ phone, clock, newId });
  const diagnostics = keepDiagnostics({ clock, userAgent: navigator.userAgent });
  diagnostics.follow(phone);
  const engine = createFakeEngine({ nowMs: clock.nowMs, newId });
  phone.onState((state) => {
    engine.report(state);
    // As the real phone: the line belongs to a session.
    if (engine.snapshot().session.kind === 'signedOut' && state.line.kind !== 'off') void phone.stop();
  });
  phone.onMeasured(engine.measured);
  engine.onAgent((agent) => {
    if (agent.kind === 'notReady' && agent.reason === 'signedIn')
      phone.start({
        credentials: account(clock.nowMs()),
        seatId: SeatId.parse('01900000-0000-7000-8000-0000000000ff'),
      });
    if (agent.kind === 'offline') void phone.stop();
    echo.setAvailable(isAvailable(agent));
    phone.setAvailable(isAvailable(agent));
  });
  engine.world.callMe = ({ number, queue }) => void far.call({ number, queue });
  const server = createDeskServer(
    phone,
    {
      authorise: (name, request) => {
        if (name !== 'dial.authorise') throw new Error(`not here: ${name}`);
        const { what, callId, purpose } = request as { what: { text?: string }; callId: string; purpose: 'service' };
        return Promise.resolve(engine.authorise(what, callId, purpose)) as never;
      },
    },
    { headset: linkHeadset({ port: headset.port, phone, clock }), echo },
    newId,
    (name) => {
      throw new Error(`phone handler failed: ${name}`);
    },
    diagnostics.read,
  );
  return {
    engine,
    phone,
    far,
    devices,
    headset,
    host: {
      engine: async () => linked(engine.connectDesk),
      phone: async () => linked(server),
    },
  };
};

const linked = (serveOn: (port: Port) => void): Port => {
  const [ours, theirs] = portPair();
  serveOn(theirs);
  return ours;
};

/** Two joined ports: messages are cloned and arrive in a later turn, in order, as over a MessagePort. */
export const portPair = (): readonly [Port, Port] => {
  const make = () => ({ listeners: new Set<(message: unknown) => void>(), closers: new Set<() => void>(), open: true });
  const [one, two] = [make(), make()];
  const close = (): void => {
    for (const end of [one, two]) {
      if (!end.open) continue;
      end.open = false;
      for (const closer of end.closers) closer();
    }
  };
  const portOf = (own: typeof one, other: typeof one): Port => ({
    send: (message) => {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        if (other.open) for (const listener of other.listeners) listener(copy);
      });
    },
    onMessage: (listener) => void own.listeners.add(listener),
    onClose: (listener) => void own.closers.add(listener),
    close,
  });
  return [portOf(one, two), portOf(two, one)];
};

const account = (nowMs: number) => ({
  server: 'ws://127.0.0.1:1',
  domain: 'test.invalid',
  user: '8001',
  password: 'secret',
  expiresAtMs: nowMs + 3_600_000,
  iceServers: [],
});
