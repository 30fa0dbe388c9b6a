import { describe, expect, it } from 'vitest';
import { type Device, type DeviceList, resolveDevice } from '../../shared/devices.ts';

const device = (id: string, label: string, groupId = id): Device => ({ id, label, groupId });
const list = (microphones: readonly Device[], speakers: readonly Device[] = []): DeviceList => ({
  microphones: [...microphones],
  speakers: [...speakers],
  standard: { microphone: microphones[0] ?? null, speaker: speakers[0] ?? null },
});
const builtIn = device('1', 'Built-in');
const headset = device('2', 'Headset X');

describe('DEVICE-1 a remembered device', () => {
  it('is found by its id, also under another name', () => {
    expect(resolveDevice(list([builtIn, { ...headset, label: 'Renamed' }]), 'microphone', headset)).toEqual({
      kind: 'chosen',
      id: '2',
      label: 'Renamed',
    });
  });

  it('is found by its name when ids have changed', () => {
    expect(resolveDevice(list([builtIn, { ...headset, id: '9' }]), 'microphone', headset)).toMatchObject({
      kind: 'chosen',
      id: '9',
    });
  });

  it('of two with one name the one of its group is taken, else the first', () => {
    const twins = [device('7', 'Headset X', 'left'), device('8', 'Headset X', 'right')];
    expect(resolveDevice(list(twins), 'microphone', { ...headset, groupId: 'right' })).toMatchObject({ id: '8' });
    expect(resolveDevice(list(twins), 'microphone', { ...headset, groupId: 'gone' })).toMatchObject({ id: '7' });
    expect(resolveDevice(list(twins), 'microphone', { ...headset, groupId: '' })).toMatchObject({ id: '7' });
  });

  it('is missing when it is not there, and the system’s default serves', () => {
    expect(resolveDevice(list([builtIn]), 'microphone', headset)).toEqual({
      kind: 'missing',
      chosen: 'Headset X',
      label: 'Built-in',
    });
    expect(resolveDevice(list([], [device('5', 'Loud')]), 'microphone', headset)).toEqual({
      kind: 'missing',
      chosen: 'Headset X',
      label: '',
    });
  });

  it('is not called missing while nothing has a name', () => {
    expect(resolveDevice(list([]), 'microphone', headset)).toMatchObject({ kind: 'chosen' });
    const nameless = list([device('1', ''), device('3', '')]);
    expect(resolveDevice(nameless, 'microphone', headset)).toEqual({ kind: 'chosen', id: '2', label: 'Headset X' });
  });

  it('without a name is found by id only', () => {
    const kept = device('2', '');
    expect(resolveDevice(list([builtIn, device('4', '')]), 'microphone', kept)).toMatchObject({ kind: 'missing' });
  });

  it('serves its own use: a speaker is no microphone', () => {
    const both = list([builtIn], [device('5', 'Loud')]);
    expect(resolveDevice(both, 'ring', device('5', 'Loud'))).toMatchObject({ kind: 'chosen', id: '5' });
    expect(resolveDevice(both, 'microphone', device('5', 'Loud'))).toMatchObject({ kind: 'missing' });
    expect(resolveDevice(both, 'speaker', null)).toEqual({ kind: 'standard', label: 'Loud' });
  });
});
