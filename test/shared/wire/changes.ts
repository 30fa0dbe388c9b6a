import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema, WireContract, WireRoute } from '../../../shared/wire.ts';

/** `additive`: seats and centrals of before go on as they are; `breaking`: they do not. */
export type WireChange = { readonly at: string; readonly kind: 'additive' | 'breaking'; readonly what: string };
/** Who reads it: central reads requests, so they may widen; seats read answers, so they may narrow; seats skip unknown live messages. */
type Side = 'request' | 'response' | 'live';

/** What is different, and whether it harms whoever has not been updated yet (central is updated before the seats). */
export const wireChanges = (before: WireContract, after: WireContract): readonly WireChange[] => [
  ...keysOf(before.routes, after.routes).flatMap((name) => routeChanges(name, before.routes[name], after.routes[name])),
  ...schemaChanges('error', 'response', before.error, after.error),
  ...schemaChanges('live', 'live', before.live.message, after.live.message),
  ...(before.live.path === after.live.path && before.live.subprotocol === after.live.subprotocol
    ? []
    : [breaking('live', 'address changed')]),
];

const keysOf = (...objects: readonly object[]): readonly string[] => [
  ...new Set(objects.flatMap((one) => Object.keys(one))),
];
const breaking = (at: string, what: string): WireChange => ({ at, kind: 'breaking', what });
const additive = (at: string, what: string): WireChange => ({ at, kind: 'additive', what });

const routeChanges = (
  name: string,
  before: WireRoute | undefined,
  after: WireRoute | undefined,
): readonly WireChange[] => {
  if (before === undefined) return [additive(name, 'new route')];
  if (after === undefined) return [breaking(name, 'route gone')];
  const moved = before.method === after.method && before.path === after.path ? [] : [breaking(name, 'address changed')];
  return [
    ...moved,
    ...schemaChanges(`${name}.request`, 'request', before.request, after.request),
    ...schemaChanges(`${name}.response`, 'response', before.response, after.response),
  ];
};

const schemaChanges = (at: string, side: Side, before: JsonSchema, after: JsonSchema): readonly WireChange[] =>
  keysOf(before, after).flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (isDeepStrictEqual(was, is)) return [];
    const here = `${at}.${key}`;
    if (key === 'properties') return propertyChanges(here, side, was, is, asList(after['required']));
    if (key === 'required') return requiredChanges(here, side, asList(was), asList(is), asSchema(before['properties']));
    if (key === 'oneOf' || key === 'anyOf') return memberChanges(here, side, asList(was), asList(is));
    if (key === 'items' || key === 'additionalProperties')
      return schemaChanges(here, side, asSchema(was), asSchema(is));
    if (key === 'enum')
      return [wider(asList(was), asList(is)) ? grown(here, side, 'new value') : breaking(here, 'changed')];
    if (key.startsWith('max') && typeof was === 'number' && typeof is === 'number')
      return [side === 'request' ? is > was : is < was].map((good) =>
        (good ? additive : breaking)(here, `${was} → ${is}`),
      );
    return [breaking(here, 'changed')];
  });

const propertyChanges = (
  at: string,
  side: Side,
  before: unknown,
  after: unknown,
  required: readonly unknown[],
): readonly WireChange[] => {
  const [was, is] = [asSchema(before), asSchema(after)];
  return keysOf(was, is).flatMap((name) => {
    if (!(name in was))
      return [
        side === 'request' && required.includes(name)
          ? breaking(`${at}.${name}`, 'new and required')
          : additive(`${at}.${name}`, 'new'),
      ];
    // Whoever still sends it is not harmed, whoever still reads it is.
    if (!(name in is))
      return [side === 'request' ? additive(`${at}.${name}`, 'gone') : breaking(`${at}.${name}`, 'gone')];
    return schemaChanges(`${at}.${name}`, side, asSchema(was[name]), asSchema(is[name]));
  });
};

const requiredChanges = (
  at: string,
  side: Side,
  before: readonly unknown[],
  after: readonly unknown[],
  known: JsonSchema,
): readonly WireChange[] => [
  ...after
    .filter((name) => !before.includes(name) && String(name) in known)
    .map((name) => (side === 'request' ? breaking : additive)(`${at}.${String(name)}`, 'now required')),
  ...before
    .filter((name) => !after.includes(name))
    .map((name) => (side === 'request' ? additive : breaking)(`${at}.${String(name)}`, 'no longer required')),
];

/** Members of a union belong together by the literal they begin with, else by their place. */
const memberChanges = (
  at: string,
  side: Side,
  before: readonly unknown[],
  after: readonly unknown[],
): readonly WireChange[] => {
  const named = (members: readonly unknown[]) =>
    Object.fromEntries(members.map((member, n) => [literalOf(asSchema(member)) ?? String(n), asSchema(member)]));
  const [was, is] = [named(before), named(after)];
  return keysOf(was, is).flatMap((name) => {
    const [one, other] = [was[name], is[name]];
    if (one === undefined) return [grown(`${at}.${name}`, side, 'new member')];
    if (other === undefined) return [breaking(`${at}.${name}`, 'member gone')];
    return schemaChanges(`${at}.${name}`, side, one, other);
  });
};

const grown = (at: string, side: Side, what: string): WireChange =>
  side === 'response' || (side === 'live' && what === 'new value') ? breaking(at, what) : additive(at, what);

const literalOf = ({ properties }: JsonSchema): string | undefined => {
  for (const property of Object.values(asSchema(properties))) {
    const literal = asSchema(property)['const'];
    if (typeof literal === 'string') return literal;
  }
  return undefined;
};

const wider = (before: readonly unknown[], after: readonly unknown[]): boolean =>
  before.every((value) => after.includes(value));
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {};
