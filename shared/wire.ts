import { z } from 'zod';
import { ApiError, LiveMessage, livePath, liveProtocol, routes } from './central-api.ts';

/** JSON Schema 2020-12, as plain data. */
export type JsonSchema = { readonly [key: string]: unknown };
export type WireRoute = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly request: JsonSchema;
  readonly response: JsonSchema;
};
/** Everything that goes over the wire between seat and central, as data: for OpenAPI, and to see when it changes. */
export type WireContract = {
  readonly routes: Readonly<Record<string, WireRoute>>;
  readonly error: JsonSchema;
  readonly live: { readonly path: string; readonly subprotocol: string; readonly message: JsonSchema };
};

export const wireContract = (): WireContract => ({
  routes: Object.fromEntries(
    Object.entries(routes).map(([name, { method, path, request, response }]) => [
      name,
      { method, path, request: schemaOf(request), response: schemaOf(response) },
    ]),
  ),
  error: schemaOf(ApiError),
  live: { path: livePath, subprotocol: liveProtocol, message: schemaOf(LiveMessage) },
});

/** As it is read: both sides leave out fields they do not know, so none is forbidden. */
const schemaOf = (schema: z.ZodType): JsonSchema => {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return made;
};
