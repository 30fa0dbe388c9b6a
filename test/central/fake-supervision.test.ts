import { randomUUID } from 'node:crypto';
import { makeFakeSupervision } from '../../central/fake-supervision.ts';
import { supervisionContract } from './supervision-contract.ts';

supervisionContract('supervision in memory', async () => {
  const supervision = makeFakeSupervision();
  const ends: (() => void)[] = [];
  supervision.telephone('1003');
  return {
    supervision,
    agent: '1001',
    lead: '1003',
    absentLead: '1004',
    callRuns: async () => {
      const contactId = randomUUID();
      const end = supervision.callBegins('1001', contactId);
      ends.push(end);
      return { contactId, hangUp: async () => end() };
    },
    leadAnswers: async () => {},
    leadHangsUp: async (id) => supervision.leadHangsUp(id),
    quiet: async () => {
      for (const end of ends.splice(0)) end();
      for (const { id } of await supervision.sessions()) supervision.leadHangsUp(id);
    },
    stop: async () => {},
  };
});
