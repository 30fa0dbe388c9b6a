import { describe, expect, it } from 'vitest';
import { keepDraft } from '../../../renderer/desk/wrap-up/draft.ts';
import { ContactId } from '../../../shared/ids.ts';
import { ok, refusal, refused, type Result } from '../../../shared/result.ts';
import type { ContactView } from '../../../shared/seat.ts';
import { manualClock } from './manual-clock.ts';

const one = ContactId.parse('01900000-0000-7000-8000-000000000001');
const two = ContactId.parse('01900000-0000-7000-8000-000000000002');
const view = (id: ContactId, note = ''): ContactView =>
  ({ contact: { id }, draft: { note, disposition: [] } }) as unknown as ContactView;

const setUp = () => {
  const clock = manualClock();
  const saved: { id: ContactId; note: string; atMs: number }[] = [];
  let answer: () => Promise<Result<{ savedAtMs: number }>> = async () => ok({ savedAtMs: clock.now() });
  const keeper = keepDraft((id, note) => {
    saved.push({ id, note, atMs: clock.now() });
    return answer();
  }, clock);
  return {
    clock,
    saved,
    keeper,
    setAnswer: (next: typeof answer) => {
      answer = next;
    },
  };
};

describe('DRAFT: what the agent types is stored within a second', () => {
  it('after a pause in typing', async () => {
    const { clock, saved, keeper } = setUp();
    keeper.follow(view(one));
    keeper.edit({ note: 'a' });
    await clock.pass(200);
    keeper.edit({ note: 'ab' });
    await clock.pass(299);
    expect(saved).toHaveLength(0);
    await clock.pass(1);
    expect(saved.map(({ note }) => note)).toEqual(['ab']);
    expect(keeper.store.getState().saving).toMatchObject({ kind: 'saved' });
  });

  it('also when the agent never pauses', async () => {
    const { clock, saved, keeper } = setUp();
    keeper.follow(view(one));
    const startMs = clock.now();
    for (let key = 0; key < 30; key += 1) {
      keeper.edit({ note: 'x'.repeat(key + 1) });
      await clock.pass(100);
    }
    expect((saved[0]?.atMs ?? Infinity) - startMs).toBeLessThanOrEqual(1_000);
    for (const [index, save] of saved.entries())
      if (index > 0) expect(save.atMs - (saved[index - 1]?.atMs ?? 0)).toBeLessThanOrEqual(1_000);
  });

  it('how it stands is told once for a run of keys: what shows it is not drawn at each of them', () => {
    const { keeper } = setUp();
    keeper.follow(view(one));
    const told = new Set<unknown>();
    keeper.store.subscribe(({ saving }) => told.add(saving));
    for (const note of ['a', 'ab', 'abc']) keeper.edit({ note });
    expect(told.size).toBe(1);
    expect(keeper.store.getState()).toMatchObject({ note: 'abc', saving: { kind: 'changed' } });
  });

  it('says saved only for what the engine answered: typing on makes it unsaved again', async () => {
    const { clock, keeper, setAnswer } = setUp();
    let settle: (result: Result<{ savedAtMs: number }>) => void = () => {};
    setAnswer(
      () =>
        new Promise((resolve) => {
          settle = resolve;
        }),
    );
    keeper.follow(view(one));
    keeper.edit({ note: 'a' });
    await clock.pass(300);
    expect(keeper.store.getState().saving.kind).toBe('saving');
    keeper.edit({ note: 'ab' });
    settle(ok({ savedAtMs: 1 }));
    await clock.pass(0);
    expect(keeper.store.getState().saving.kind).toBe('changed');
  });

  it('refused: told, kept, tried again', async () => {
    const { clock, saved, keeper, setAnswer } = setUp();
    setAnswer(async () => refused(refusal('internal')));
    keeper.follow(view(one));
    keeper.edit({ note: 'a' });
    await clock.pass(300);
    expect(keeper.store.getState()).toMatchObject({ note: 'a', saving: { kind: 'failed' } });
    setAnswer(async () => ok({ savedAtMs: 7 }));
    await clock.pass(2_000);
    expect(saved).toHaveLength(2);
    expect(keeper.store.getState().saving).toEqual({ kind: 'saved', atMs: 7 });
  });

  it('the engine’s echo of the same contact never overwrites what is being typed', async () => {
    const { keeper } = setUp();
    keeper.follow(view(one));
    keeper.edit({ note: 'newer' });
    keeper.follow(view(one, 'older'));
    expect(keeper.store.getState().note).toBe('newer');
  });

  it('another contact: the last words of the one before are sent, its own draft is taken up', async () => {
    const { clock, saved, keeper } = setUp();
    keeper.follow(view(one));
    keeper.edit({ note: 'last words' });
    keeper.follow(view(two, 'found again'));
    await clock.pass(5_000);
    expect(saved).toMatchObject([{ id: one, note: 'last words' }]);
    expect(keeper.store.getState()).toMatchObject({ contactId: two, note: 'found again', saving: { kind: 'same' } });
  });

  it('leaving the page sends at once', async () => {
    const { saved, keeper } = setUp();
    keeper.follow(view(one));
    keeper.edit({ note: 'a' });
    keeper.flush();
    expect(saved).toHaveLength(1);
  });
});
