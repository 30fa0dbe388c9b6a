import type { FakeCustomer } from '../../../central/dialler/fake-dialler.ts';
import { makeFakeDialler } from '../../../central/dialler/fake-dialler.ts';
import { makeManualClock } from '../manual-clock.ts';
import { diallerContract } from './dialler-contract.ts';

const customers: Readonly<Record<string, FakeCustomer>> = {
  '101': { kind: 'answers', afterMs: 500, talksMs: 60_000 },
  '102': { kind: 'ends', afterMs: 300, cause: 17 },
  '103': { kind: 'ends', afterMs: 300, cause: 21 },
  '104': { kind: 'ends', afterMs: 300, cause: 1 },
  '105': { kind: 'ends', afterMs: 300, cause: 34 },
};

diallerContract('the dialler in memory', async () => {
  const clock = makeManualClock();
  const dialler = makeFakeDialler(clock, (number) => customers[number] ?? { kind: 'ringsOut' });
  dialler.telephone('1001', 600);
  return {
    dialler,
    numbers: { answers: '101', busy: '102', rejects: '103', unknown: '104', congested: '105', ringsOut: '106' },
    ...{ agent: '1001', absentAgent: '1004', another: dialler.another, meanwhile: clock.runUntil },
    hangUp: async (id) => dialler.hangUp(id),
    stop: async () => {},
  };
});
