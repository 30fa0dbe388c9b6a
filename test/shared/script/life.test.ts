import { describe, expect, it } from 'vitest';
import { AgentId } from '../../../shared/ids.ts';
import type { ScriptLife, ScriptLifeEvent } from '../../../shared/script-life.ts';
import { movesFor, nextScriptLife } from '../../../shared/script-life.ts';

/** Every state × every event: the state after, or why not. */
const writer = AgentId.parse('writer');
const second = AgentId.parse('second');
const at = { by: writer, atMs: 1 };
const states = {
  draft: { kind: 'draft', ...at },
  'sent back': { kind: 'draft', ...at, note: 'shorter' },
  review: { kind: 'review', ...at },
  published: { kind: 'published', ...at },
  superseded: { kind: 'superseded', ...at },
  withdrawn: { kind: 'withdrawn', ...at, note: 'wrong price' },
  discarded: { kind: 'discarded', ...at },
} as const satisfies Record<string, ScriptLife>;

const now = { by: second, atMs: 2 };
const events = {
  edited: { kind: 'edited', ...now },
  'review asked': { kind: 'reviewAsked', faults: 0, ...now },
  'review asked, faulty': { kind: 'reviewAsked', faults: 2, ...now },
  'sent back': { kind: 'sentBack', note: 'shorter', ...now },
  'sent back, no word why': { kind: 'sentBack', note: ' ', ...now },
  'published by the second': { kind: 'published', faults: 0, ...now },
  'published by the writer': { kind: 'published', faults: 0, by: writer, atMs: 2 },
  'published, faulty': { kind: 'published', faults: 1, ...now },
  superseded: { kind: 'superseded', ...now },
  withdrawn: { kind: 'withdrawn', note: 'wrong price', ...now },
  'withdrawn, no word why': { kind: 'withdrawn', note: '', ...now },
  discarded: { kind: 'discarded', ...now },
} as const satisfies Record<string, ScriptLifeEvent>;

const moved = 'scriptMoved';
const table: Record<keyof typeof states, Record<keyof typeof events, string>> = {
  draft: row({
    edited: 'draft',
    'review asked': 'review',
    'review asked, faulty': 'scriptFaults',
    discarded: 'discarded',
  }),
  'sent back': row({
    edited: 'draft',
    'review asked': 'review',
    'review asked, faulty': 'scriptFaults',
    discarded: 'discarded',
  }),
  review: row({
    'sent back': 'draft',
    'sent back, no word why': 'scriptWhy',
    'published by the second': 'published',
    'published by the writer': 'scriptSecondPerson',
    'published, faulty': 'scriptFaults',
    discarded: 'discarded',
  }),
  published: row({ superseded: 'superseded', withdrawn: 'withdrawn', 'withdrawn, no word why': 'scriptWhy' }),
  superseded: row({ withdrawn: 'withdrawn', 'withdrawn, no word why': 'scriptWhy' }),
  withdrawn: row({}),
  discarded: row({}),
};

function row(some: Partial<Record<keyof typeof events, string>>): Record<keyof typeof events, string> {
  const names = Object.keys(events) as (keyof typeof events)[];
  return Object.fromEntries(names.map((name) => [name, some[name] ?? moved])) as Record<keyof typeof events, string>;
}

describe('R14 the life of a version: state × event', () => {
  const cases = Object.entries(table).flatMap(([state, outcomes]) =>
    Object.entries(outcomes).map(([event, outcome]) => [state, event, outcome] as const),
  );
  it.each(cases)('%s, %s: %s', (state, event, outcome) => {
    const life = states[state as keyof typeof states];
    const next = nextScriptLife(life, events[event as keyof typeof events], [writer]);
    expect(next.ok ? next.value.kind : next.error.reason).toBe(outcome);
  });

  it('keeps why it was sent back until it is sent in again', () => {
    const edited = nextScriptLife(states['sent back'], events.edited, [writer]);
    expect(edited).toMatchObject({ ok: true, value: { kind: 'draft', note: 'shorter', by: second } });
    const again = nextScriptLife(states['sent back'], events['review asked'], [writer]);
    expect(again.ok && 'note' in again.value).toBe(false);
  });

  it('offers a person what the rule would let them do', () => {
    for (const [name, life] of Object.entries(states))
      for (const who of [writer, second])
        for (const move of movesFor(life, who, [writer])) {
          const kind = {
            askReview: 'reviewAsked',
            sendBack: 'sentBack',
            publish: 'published',
            withdraw: 'withdrawn',
            discard: 'discarded',
          } as const;
          const event = { kind: kind[move], faults: 0, note: 'why', by: who, atMs: 2 } as ScriptLifeEvent;
          expect(nextScriptLife(life, event, [writer]).ok, `${name} ${who} ${move}`).toBe(true);
        }
    expect(movesFor(states.review, writer, [writer])).not.toContain('publish');
    expect(movesFor(states.review, second, [writer])).toContain('publish');
  });
});
