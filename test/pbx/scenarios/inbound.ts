import { expect } from 'vitest';
import { endBy, type Ending } from './endings.ts';
import { scenario } from './scenario.ts';

const who: readonly Ending[] = ['agent', 'customer', 'exchange'];
const doors = { queue: '6001', direct: '1001' } as const;

for (const [door, number] of Object.entries(doors))
  for (const ending of who) {
    scenario(`in by ${door}, PCMA, ended by the ${ending}`, `SIPp → ${door} → seat`, async (w, m) => {
      await w.sipp.call(number, { formats: ['PCMA'] });
      const { number: shown, queue } = (
        await w.agent.until('ringing', ({ calls }) => calls[0]?.state.kind === 'ringing')
      ).calls[0] ?? { number: '', queue: '' };
      expect(shown).toBe(w.sipp.number);
      expect(queue).toBe(door === 'queue' ? 'service' : undefined);
      await w.agent.answer();
      await m.bothWays(w.agent, w.sipp);
      expect(await w.agent.codec()).toBe('audio/PCMA');
      await endBy(w, ending, w.sipp);
    });
  }
