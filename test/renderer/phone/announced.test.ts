import { describe, expect, it } from 'vitest';
import { createAnnounced } from '../../../renderer/phone/announced.ts';
import { createManualClock } from './lab/manual-clock.ts';

const id = '01900000-0000-7000-8000-000000000001';
const other = '01900000-0000-7000-8000-000000000002';

describe('PHONE-9 customers whom central called (R25)', () => {
  const rig = () => {
    const clock = createManualClock();
    const looked: string[] = [];
    const announced = createAnnounced<string>(clock, (call) => looked.push(call));
    return { clock, looked, announced };
  };

  it('an announced call is taken once, and no other', () => {
    const { announced } = rig();
    announced.expect(id);
    expect(announced.wordOf(id, 'first')).toBe('announced');
    expect(announced.wordOf('', 'no id')).toBe('unannounced');
    expect(announced.wordOf(id, 'again')).toBe('waits');
  });

  it('a call that comes before the word waits for it', () => {
    const { announced, looked } = rig();
    expect(announced.wordOf(id, 'call')).toBe('waits');
    announced.expect(other);
    expect(looked).toEqual([]);
    announced.expect(id);
    expect(looked).toEqual(['call']);
    expect(announced.wordOf(id, 'call')).toBe('announced');
  });

  it('without a word within a second it is turned away', async () => {
    const { announced, looked, clock } = rig();
    expect(announced.wordOf(id, 'call')).toBe('waits');
    await clock.advance(999);
    expect(looked).toEqual([]);
    await clock.advance(2);
    expect(looked).toEqual(['call']);
    expect(announced.wordOf(id, 'call')).toBe('unannounced');
  });

  it('what was expected and is not any more is not taken', () => {
    const { announced } = rig();
    announced.expect(id);
    announced.expect(null);
    expect(announced.wordOf(id, 'call')).toBe('waits');
  });
});
