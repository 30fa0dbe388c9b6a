import { protocolHeader, protocolVersion } from '../shared/central-api.ts';
import { keyedProtocol, proofHeader } from '../shared/seat-proof.ts';
import type { JsonSchema, WireRoute } from '../shared/wire.ts';
import { wireContract } from '../shared/wire.ts';
import { routeRules } from './route-rules.ts';

/** Where it is served; open to everybody, as the contract is. */
export const openApiPath = '/v1/openapi.json';

const open = new Set<string>(Object.entries(routeRules).flatMap(([name, { roles }]) => (roles === 'open' ? name : [])));
const json = (schema: JsonSchema) => ({ 'application/json': { schema } });
const errorRef = { $ref: '#/components/schemas/ApiError' };

/** The contract as OpenAPI 3.1, made from the table that central serves and seats call: there is no second one to keep in step. */
export const openApi = (): JsonSchema => {
  const { routes, error, live } = wireContract();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(routes))
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(name, route);
  paths[live.path] = {
    get: {
      operationId: 'live',
      summary: `WebSocket; subprotocols ${live.subprotocol}, bearer.<token> and proof.<as in the header ${proofHeader}>. Messages are LiveMessage, from central only.`,
      responses: { '101': { description: 'Switching protocols' }, default: refusedAnswer },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Zuoxi central',
      version: `${protocolVersion}`,
      description: `What a seat asks of central. A seat tells its protocol version in the header ${protocolHeader}; unknown fields are left out by both sides. From version ${keyedProtocol} on a seat has a key (Ed25519), tells its public half when an agent signs in, and signs each request in the header ${proofHeader}: \`<ms since 1970>.<nonce>.<signature>\`, base64url, over the lines "zuoxi proof 1", method, path with query, SHA-256 of the token, SHA-256 of the body, time, nonce (a digest is empty where there is nothing).`,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', description: 'The token of signIn' },
        seatProof: { type: 'apiKey', in: 'header', name: proofHeader, description: 'Signed with the key of the seat' },
      },
      schemas: { ApiError: error, LiveMessage: live.message },
    },
  };
};

const refusedAnswer = { description: 'Refused; `kind` says why', content: json(errorRef) };

const operationOf = (name: string, { method, request, response }: WireRoute) => ({
  operationId: name,
  // Of a session that began with a key; one of before goes without.
  security: open.has(name) ? [] : [{ session: [], seatProof: [] }, { session: [] }],
  ...(method === 'GET'
    ? { parameters: parametersOf(request) }
    : { requestBody: { required: true, content: json(request) } }),
  responses: { '200': { description: 'Done', content: json(response) }, default: refusedAnswer },
});

const parametersOf = (request: JsonSchema) => {
  const properties = (request['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (request['required'] ?? []) as readonly string[];
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
};
