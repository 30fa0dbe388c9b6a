import { randomUUID } from 'node:crypto';
import { makeFakeRecorder } from '../../central/fake-recorder.ts';
import { systemClock } from '../../central/pbx.ts';
import { recorderContract } from './recorder-contract.ts';

recorderContract('recordings in memory', async () => {
  const recorder = makeFakeRecorder(systemClock);
  return {
    recorder,
    callRuns: async () => {
      const contactId = randomUUID();
      const end = recorder.callBegins(contactId, `${contactId}_1.wav`);
      return { contactId, hangUp: async () => end() };
    },
    stop: async () => {},
  };
});
