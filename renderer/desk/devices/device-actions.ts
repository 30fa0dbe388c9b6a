import type { DeviceUse } from '../../../shared/devices.ts';
import type { CallId } from '../../../shared/ids.ts';
import type { Refusal, Result } from '../../../shared/result.ts';
import type { PhoneLink } from '../seat-store.ts';

/** What the device panel does. `told` says a refusal in the status line. */
export const deviceActions = (
  phoneLink: PhoneLink,
  told: (asked: Promise<Result<unknown>>) => Promise<Refusal | null>,
) => ({
  chooseDevice: (use: DeviceUse, id: string | null) => told(phoneLink.call('chooseDevice', { use, id })),
  /** The meter is there when it can be: nobody asked for a sentence about it. */
  testDevice: (what: DeviceUse | 'none'): void => {
    const asked = phoneLink.call('testDevice', { what });
    if (what === 'speaker' || what === 'ring') void told(asked);
  },
  connectHeadset: () => told(phoneLink.call('connectHeadset', {})),
  testEcho: () => told(phoneLink.call('testEcho', {})),
  endEcho: (callId: CallId) => told(phoneLink.call('hangUp', { callId })),
});
