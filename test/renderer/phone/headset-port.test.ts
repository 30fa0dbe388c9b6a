import { describe, expect, it } from 'vitest';
import { createFakeHeadset } from '../../../renderer/phone/fake-headset.ts';
import { createHidPort, hidOf } from '../../../renderer/phone/headset-hid.ts';
import { type ButtonPress, lightsOff } from '../../../renderer/phone/headset-port.ts';
import { heardNothing, layoutOf, readButtons, writeLights } from '../../../renderer/phone/headset-reports.ts';
import { describeHeadset } from './headset-contract.ts';
import { absoluteMute, arrayButtons, createSimulatedHid, relativeMute } from './lab/simulated-hid.ts';

describeHeadset('without wires', () => {
  const fake = createFakeHeadset({ hook: 'state', mute: 'toggle' });
  return { ...fake, permit: () => {}, told: () => fake.told().length, kinds: { hook: 'state', mute: 'toggle' } };
});
describeHeadset('without wires, mute as a state', () => {
  const fake = createFakeHeadset({ mute: 'state' });
  return { ...fake, permit: () => {}, told: () => fake.told().length, kinds: { hook: 'state', mute: 'state' } };
});

for (const [name, model, kinds] of [
  ['WebHID, relative mute', relativeMute, { hook: 'state', mute: 'toggle' }],
  ['WebHID, absolute mute in a nested collection', absoluteMute, { hook: 'state', mute: 'state' }],
  ['WebHID, buttons in an array', arrayButtons, { hook: 'toggle', mute: 'toggle' }],
] as const)
  describeHeadset(name, () => {
    const simulated = createSimulatedHid(model);
    simulated.plug();
    return { ...simulated, port: createHidPort(simulated.hid), told: () => simulated.received().length, kinds };
  });

describe('WebHID', () => {
  const connected = async () => {
    const simulated = createSimulatedHid(relativeMute);
    simulated.plug();
    simulated.permit();
    const headset = await createHidPort(simulated.hid).ask();
    if (headset === undefined) throw new Error('no headset');
    return { simulated, headset };
  };

  it('a browser without it offers nothing and throws nothing', async () => {
    expect(hidOf({})).toBeUndefined();
    const port = createHidPort(undefined);
    expect([port.isSupported, await port.known(), await port.ask()]).toEqual([false, [], undefined]);
  });

  it('one that another program holds is not taken, and is once it is free', async () => {
    const simulated = createSimulatedHid(relativeMute);
    simulated.plug();
    simulated.permit();
    simulated.hold(true);
    const port = createHidPort(simulated.hid);
    expect(await port.ask()).toBeUndefined();
    simulated.hold(false);
    expect((await port.ask())?.name).toBe('Simulated headset');
  });

  it('taken by another program meanwhile: lights fail in silence and are sent with the next change', async () => {
    const { simulated, headset } = await connected();
    await headset.show({ ...lightsOff, ring: true });
    const before = simulated.received().length;
    simulated.hold(true);
    await headset.show({ ...lightsOff, offHook: true });
    simulated.hold(false);
    await headset.show({ ...lightsOff, offHook: true });
    expect(simulated.received().slice(before)).toEqual([[9, 1]]);
  });

  it('lights are the bits of the descriptor', async () => {
    const { simulated, headset } = await connected();
    await headset.show({ offHook: true, ring: false, mute: true, hold: false });
    await headset.show({ offHook: true, ring: false, mute: false, hold: true });
    await headset.show({ offHook: false, ring: true, mute: false, hold: false });
    expect(simulated.received()).toEqual([
      [9, 0b0011],
      [9, 0b1001],
      [9, 0b0100],
    ]);
  });

  it('reports of other parts, shorter ones, and ones that repeat mean nothing', async () => {
    const { simulated, headset } = await connected();
    const presses: ButtonPress[] = [];
    headset.onButton((press) => presses.push(press));
    simulated.say(1, [0xff]);
    simulated.say(7, [0xff, 0xff]);
    simulated.say(8, []);
    simulated.say(8, [0b010]);
    simulated.say(8, [0b010]);
    simulated.say(8, [0b110]);
    simulated.say(8, [0b110]);
    simulated.say(8, [0b010]);
    expect(presses).toEqual([
      { button: 'hook', kind: 'state', isOn: true },
      { button: 'mute', kind: 'toggle' },
    ]);
  });

  it('one that repeats itself does not open the microphone by that', async () => {
    const simulated = createSimulatedHid(absoluteMute);
    simulated.plug();
    simulated.permit();
    const headset = await createHidPort(simulated.hid).ask();
    const presses: ButtonPress[] = [];
    headset?.onButton((press) => presses.push(press));
    simulated.say(0, [0]);
    simulated.say(0, [0]);
    await headset?.show({ ...lightsOff, offHook: true, mute: true });
    presses.length = 0;
    simulated.say(0, [1]);
    simulated.say(0, [1]);
    expect(presses).toEqual([]);
  });

  it('a device without hook or mute is none; descriptors that make no sense do no harm', () => {
    expect(layoutOf([])).toBeUndefined();
    expect(layoutOf([{ usagePage: 0x0c, inputReports: [{ items: [{ usages: [0x0b_0020] }] }] }])).toBeUndefined();
    const strange = layoutOf([
      {
        usagePage: 0x0b,
        inputReports: [
          { items: [{ usages: [0x0b_002f], reportSize: 64, reportCount: 1 }] },
          { reportId: 3, items: [{ usages: [0x0b_0020], reportSize: 1, reportCount: 1 }] },
        ],
        outputReports: [
          {
            reportId: 4,
            items: [{ isRange: true, usageMinimum: 0, usageMaximum: 4_000_000_000, reportSize: 1, reportCount: 9 }],
          },
        ],
      },
    ]);
    expect(strange?.buttons).toHaveLength(1);
    expect(strange?.lights).toEqual([]);
  });

  it('a signed pair tells on from off', () => {
    const layout = layoutOf([
      {
        usagePage: 0x0b,
        inputReports: [
          { reportId: 2, items: [{ usages: [0x0b_002f], isAbsolute: false, reportSize: 2, reportCount: 1 }] },
        ],
      },
    ]);
    if (layout === undefined) throw new Error('no layout');
    const read = (byte: number) =>
      readButtons(layout, heardNothing, {
        reportId: 2,
        data: new DataView(Uint8Array.of(byte).buffer),
      }).presses;
    expect(read(0b11)).toEqual([{ button: 'mute', kind: 'state', isOn: false }]);
    expect(read(0b01)).toEqual([{ button: 'mute', kind: 'toggle' }]);
    expect(read(0b00)).toEqual([]);
    expect([...writeLights(layout, lightsOff)]).toEqual([]);
  });
});
