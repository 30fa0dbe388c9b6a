import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lowestServedProtocol, protocolVersion, routes } from '../../shared/central-api.ts';
import type { JsonSchema, WireContract } from '../../shared/wire.ts';
import { wireContract } from '../../shared/wire.ts';
import { wireChanges } from './wire/changes.ts';
import type { Frozen } from './wire/frozen.ts';

const frozen = JSON.parse(readFileSync(new URL('./wire/frozen.json', import.meta.url), 'utf8')) as Frozen;
const now = JSON.parse(JSON.stringify(wireContract())) as WireContract;

describe('SYNC the wire contract is frozen', () => {
  it('has not changed unnoticed', () => {
    const told = wireChanges(frozen.contract, now).map(({ kind, at, what }) => `${kind}: ${at}: ${what}`);
    expect(
      told,
      'The contract between seat and central has changed; seats in the field are of older versions.\n' +
        'Additive: run  node test/shared/wire/freeze.ts "what changed, for whom"  and commit frozen.json.\n' +
        'Breaking: make it additive, or raise protocolVersion in shared/central-api.ts before.\n',
    ).toEqual([]);
    expect(now).toEqual(frozen.contract);
    expect(protocolVersion).toBe(frozen.protocolVersion);
  });

  it('names the versions served, and why each change came', () => {
    expect(lowestServedProtocol).toBeLessThanOrEqual(protocolVersion);
    expect(frozen.notes.length).toBeGreaterThan(0);
    expect(Object.keys(frozen.contract.routes)).toEqual(Object.keys(routes));
  });
});

type Changed = { -readonly [Key in keyof WireContract]: WireContract[Key] };
const edited = (edit: (copy: Record<string, Record<string, Record<string, JsonSchema>>>) => void): WireContract => {
  const copy = structuredClone(now) as Changed;
  edit(copy.routes as never);
  return copy;
};
const schema = (copy: unknown, ...path: string[]): Record<string, unknown> => {
  let at = copy as Record<string, unknown>;
  for (const key of path) at = at[key] as Record<string, unknown>;
  return at;
};
const text = { type: 'string' };

describe('what harms seats in the field is told from what does not', () => {
  it.each<[string, 'additive' | 'breaking', WireContract]>([
    ['a new route', 'additive', edited((all) => Object.assign(all, { wipe: all['check'] }))],
    ['a route gone', 'breaking', edited((all) => delete all['check'])],
    ['a path changed', 'breaking', edited((all) => Object.assign(all['check'] ?? {}, { path: '/v2/check' }))],
    [
      'a new field in an answer',
      'additive',
      edited((all) => (schema(all, 'check', 'response', 'properties')['hint'] = text)),
    ],
    [
      'a field of an answer gone',
      'breaking',
      edited((all) => delete schema(all, 'check', 'response', 'properties')['triesLeft']),
    ],
    [
      'a field of an answer that may be absent now',
      'breaking',
      edited((all) => (schema(all, 'check', 'response')['required'] = ['matched'])),
    ],
    [
      'another type in an answer',
      'breaking',
      edited((all) => (schema(all, 'check', 'response', 'properties')['triesLeft'] = text)),
    ],
    [
      'a new optional field in a request',
      'additive',
      edited((all) => (schema(all, 'check', 'request', 'properties')['hint'] = text)),
    ],
    [
      'a new required field in a request',
      'breaking',
      edited((all) => {
        schema(all, 'check', 'request', 'properties')['hint'] = text;
        (schema(all, 'check', 'request')['required'] as string[]).push('hint');
      }),
    ],
    [
      'a request may be longer',
      'additive',
      edited((all) => (schema(all, 'check', 'request', 'properties', 'value')['maxLength'] = 400)),
    ],
    [
      'a request must be shorter',
      'breaking',
      edited((all) => (schema(all, 'check', 'request', 'properties', 'value')['maxLength'] = 20)),
    ],
    [
      'an answer may be longer',
      'breaking',
      edited((all) => (schema(all, 'changes', 'response', 'properties', 'cursor')['maxLength'] = 400)),
    ],
    [
      'a new value in a request',
      'additive',
      edited((all) => (schema(all, 'check', 'request', 'properties', 'factor')['enum'] as string[]).push('voice')),
    ],
    [
      'a new value in an answer',
      'breaking',
      edited((all) =>
        (schema(all, 'recordingState', 'response', 'properties', 'recording')['enum'] as string[]).push('lost'),
      ),
    ],
    [
      'a new kind of row in the feed',
      'breaking',
      edited((all) =>
        (schema(all, 'changes', 'response', 'properties', 'changes', 'items')['oneOf'] as object[]).push({
          properties: { entity: { const: 'x' } },
        }),
      ),
    ],
  ])('%s is %s', (_what, kind, after) => {
    const changes = wireChanges(now, after);
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.some((one) => one.kind === 'breaking')).toBe(kind === 'breaking');
  });

  it('a new live message is additive: a seat skips what it does not know', () => {
    const members = now.live.message['oneOf'] as readonly JsonSchema[];
    const message = { ...now.live.message, oneOf: [{ properties: { t: { const: 'wipe' } } }, ...members] };
    expect(wireChanges(now, { ...now, live: { ...now.live, message } })).toEqual([
      { at: 'live.oneOf.wipe', kind: 'additive', what: 'new member' },
    ]);
  });
});
