import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Button,
  type ButtonPress,
  type Headset,
  type HeadsetPort,
  type Lights,
  lightsOff,
} from '../../../renderer/phone/headset-port.ts';

/** A headset port and the headset behind it, from outside. */
export type HeadsetLab = {
  readonly port: HeadsetPort;
  readonly press: (button: Button) => void;
  readonly plug: () => void;
  readonly unplug: () => void;
  /** The agent will pick it. */
  readonly permit: () => void;
  /** Messages to the headset since it was plugged in. */
  readonly told: () => number;
  /** How its buttons report. */
  readonly kinds: Readonly<Record<Button, ButtonPress['kind']>>;
};

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const talking: Lights = { ...lightsOff, offHook: true };

/** The contract of `HeadsetPort` (HEADSET-1 to HEADSET-4). `open` gives one that is plugged in and was never permitted. */
export const describeHeadset = (name: string, open: () => HeadsetLab): void => {
  describe(`Headset contract: ${name}`, () => {
    let lab: HeadsetLab;
    let presses: ButtonPress[];
    beforeEach(() => {
      lab = open();
      presses = [];
    });
    const connect = async (): Promise<Headset> => {
      lab.permit();
      const headset = await lab.port.ask();
      if (headset === undefined) throw new Error('no headset');
      headset.onButton((press) => presses.push(press));
      return headset;
    };
    const expected = (button: Button, isOn: boolean): ButtonPress =>
      lab.kinds[button] === 'toggle' ? { button, kind: 'toggle' } : { button, kind: 'state', isOn };

    it('is known without a question only once it was permitted', async () => {
      expect(lab.port.isSupported).toBe(true);
      expect(await lab.port.known()).toEqual([]);
      const headset = await connect();
      expect(await lab.port.known()).toEqual([headset]);
      expect(await lab.port.ask()).toBe(headset);
      expect(headset.name).not.toBe('');
      expect(headset.has).toEqual({ hook: true, mute: true, muteLight: true });
    });

    it('HEADSET-1 each press is told once, as state or as press', async () => {
      await connect();
      lab.press('mute');
      lab.press('mute');
      lab.press('hook');
      lab.press('hook');
      expect(presses).toEqual([
        expected('mute', true),
        expected('mute', false),
        expected('hook', true),
        expected('hook', false),
      ]);
    });

    it('HEADSET-2 what did not change is not sent again', async () => {
      const headset = await connect();
      await headset.show(lightsOff);
      const before = lab.told();
      await headset.show(talking);
      const after = lab.told();
      expect(after).toBeGreaterThan(before);
      await headset.show(talking);
      await headset.show({ ...talking });
      expect(lab.told()).toBe(after);
      await headset.show({ ...talking, mute: true });
      expect(lab.told()).toBe(after + 1);
    });

    it('HEADSET-2 of many changes at once the last one holds', async () => {
      const headset = await connect();
      const shows = [true, false, true, false, true].map((mute) => headset.show({ ...talking, mute }));
      await Promise.all(shows);
      await turn();
      presses.length = 0;
      lab.press('mute');
      // It is muted by its light: a press of one that has a state opens it.
      if (lab.kinds.mute === 'state') expect(presses.at(-1)).toEqual(expected('mute', false));
      const told = lab.told();
      await headset.show({ ...talking, mute: true });
      expect(lab.told()).toBe(told);
    });

    it('HEADSET-3 pulled out it is told of once, and lights and closing do nothing', async () => {
      const headset = await connect();
      let gone = 0;
      headset.onGone(() => (gone += 1));
      lab.unplug();
      lab.unplug();
      expect(gone).toBe(1);
      await expect(headset.show(talking)).resolves.toBeUndefined();
      await expect(headset.close()).resolves.toBeUndefined();
      expect(await lab.port.known()).toEqual([]);
    });

    it('HEADSET-4 plugged in again it comes by itself, is another one, and takes the lights of now', async () => {
      const first = await connect();
      const plugged: Headset[] = [];
      const stop = lab.port.onPlugged((headset) => plugged.push(headset));
      await first.show(talking);
      lab.unplug();
      lab.plug();
      await turn();
      expect(plugged).toHaveLength(1);
      const [again] = plugged;
      expect(again).not.toBe(first);
      await again?.show(talking);
      expect(lab.told()).toBeGreaterThan(0);
      stop();
      lab.unplug();
      lab.plug();
      await turn();
      expect(plugged).toHaveLength(1);
    });

    it('closed it is dark', async () => {
      const headset = await connect();
      await headset.show(talking);
      const before = lab.told();
      await headset.close();
      expect(lab.told()).toBeGreaterThan(before);
    });
  });
};
