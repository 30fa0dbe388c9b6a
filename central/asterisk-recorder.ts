import { basename } from 'node:path';
import { ok, refused } from '../shared/result.ts';
import type { AsteriskCalls, Channel } from './asterisk-calls.ts';
import { beside, readChannel } from './asterisk-calls.ts';
import { oneAtATime } from './asterisk-pbx.ts';
import type { Recorder, RecorderEvent, Recording } from './recorder-port.ts';

/** A recording on a leg. `isRunning`: something is being written; before that the leg waits to be connected. */
type Leg = { readonly recording: Recording; readonly isRunning: boolean };

/**
 * MixMonitor, started by the dial plan (extensions.conf, `record`). Nothing is remembered that a restart of central would lose:
 * which legs are recorded is asked of Asterisk, which silences a leg's recording as a whole.
 */
export const recordWithAsterisk = (calls: AsteriskCalls): Recorder => {
  const listeners = new Set<(event: RecorderEvent) => void>();
  const legs = new Map<string, Leg>();
  const inTurn = oneAtATime();
  const tell = (event: RecorderEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const began = (id: string, recording: Recording): void => {
    legs.set(id, { recording, isRunning: true });
    tell({ kind: 'began', recording, atMs: calls.clock.nowMs() });
  };
  const ended = (id: string): void => {
    const leg = legs.get(id);
    legs.delete(id);
    if (leg?.isRunning === true) tell({ kind: 'ended', recording: leg.recording, atMs: calls.clock.nowMs() });
  };

  calls.onEvent((event) => {
    const { id, contactId } = readChannel(event);
    switch (event.get('event')) {
      case 'UserEvent': {
        const file = event.get('file') ?? '';
        if (event.get('userevent') !== 'ZuoxiRecording' || file === '' || contactId === '') return;
        if (event.get('begins') === 'now') began(id, { file, contactId });
        else legs.set(id, { recording: { file, contactId }, isRunning: false });
        return;
      }
      case 'BridgeEnter': {
        const leg = legs.get(id);
        if (leg?.isRunning === false) began(id, leg.recording);
        return;
      }
      case 'MixMonitorStop':
      case 'Hangup':
        return ended(id);
      default:
    }
  });
  calls.onUp(() =>
    beside(
      calls.log,
      async () => {
        legs.clear();
        for (const { channel, recording } of await recorded(calls, await calls.channels()))
          legs.set(channel.id, { recording, isRunning: channel.bridgeId !== '' || isOfLead(channel) });
        tell({ kind: 'synced' });
      },
      'recordings not listed',
    ),
  );

  const setMute = (contactId: string, state: '0' | '1') =>
    inTurn(contactId, async () => {
      const legsOfContact = (await calls.channels()).filter((channel) => channel.contactId === contactId);
      const found = await recorded(calls, legsOfContact);
      for (const { channel } of found)
        await calls.act('MixMonitorMute', { Channel: channel.name, Direction: 'both', State: state });
      return found.length === 0 ? refused('notRecording' as const) : ok(found.map(({ recording }) => recording));
    });

  return {
    pause: (contactId) => setMute(contactId, '1'),
    resume: (contactId) => setMute(contactId, '0'),
    running: async () =>
      (await recorded(calls, await calls.channels()))
        .filter(({ channel }) => channel.bridgeId !== '' || isOfLead(channel))
        .map(({ recording }) => recording),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      listeners.clear();
      calls.close();
    },
  };
};

/** A lead's leg is recorded from the beginning; it is in no bridge while it spies. */
const isOfLead = (channel: Channel): boolean => channel.context === 'supervise';

/** The legs among these that have a recording. */
const recorded = async (
  calls: AsteriskCalls,
  channels: readonly Channel[],
): Promise<readonly { readonly channel: Channel; readonly recording: Recording }[]> => {
  const found = await Promise.all(
    channels
      .filter((channel) => channel.contactId !== '')
      .map(async (channel) => {
        const path = await calls.variable(channel.name, 'MIXMONITOR_FILENAME');
        return { channel, recording: { file: basename(path), contactId: channel.contactId } };
      }),
  );
  return found.filter(({ recording }) => recording.file !== '');
};
