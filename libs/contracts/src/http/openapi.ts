import { parseJson } from '@sluice/domain';
import { z } from 'zod';
import { budgetOf, EVERYONE, type Operation } from '../operation.js';
import { Problem } from '../problem.js';
import { Changes, EVENTS_PATH, Resync } from './events.js';
import { logIn } from './logins.js';
import { OPERATIONS } from './operations.js';

type Json = Record<string, unknown>;

/** A schema for the document. A schema with an id becomes a component, to which the document refers. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const whole = z.toJSONSchema(schema, { target: 'openapi-3.0', io, override: openUnknown });
  const { definitions, ...body } = parseJson(JSON.stringify(whole).replaceAll('#/definitions/', '#/components/schemas/')) as Json;
  Object.assign(components, definitions);
  return body;
}

/** Responses allow unknown fields, because they may gain fields within a version. */
const openUnknown = ({ jsonSchema }: { jsonSchema: Json }) => {
  if (jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
};

function parametersOf(operation: Operation): { parameters: Json[]; body: z.ZodObject | undefined } {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const { shape } = operation.input;
  const rest = Object.keys(shape).filter((name) => !inPath.includes(name));
  const asQuery = operation.method === 'GET' || operation.method === 'DELETE';
  const parameter = (name: string, where: 'path' | 'query'): Json => {
    const field = shape[name] as z.ZodType;
    const schema = z.toJSONSchema(field, { target: 'openapi-3.0', io: 'output' });
    return { name, in: where, required: where === 'path' || !field.safeParse(undefined).success, schema };
  };
  const parameters = [
    ...inPath.map((name) => parameter(name, 'path')),
    ...(asQuery ? rest.map((name) => parameter(name, 'query')) : []),
  ];
  const mask = Object.fromEntries(rest.map((name) => [name, true])) as Parameters<typeof operation.input.pick>[0];
  return { parameters, body: asQuery || rest.length === 0 ? undefined : operation.input.pick(mask) };
}

const problem = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** The event stream. It is not an operation: the gateway itself sends it, and it does not end. */
function describeEvents(components: Json): Json {
  const data = { oneOf: [schemaOf(Changes, 'output', components), schemaOf(Resync, 'output', components)] };
  const string = { schema: { type: 'string', maxLength: 200 }, required: false };
  return {
    operationId: 'events.watch',
    summary:
      'Server-sent events: `changes` lists what has changed, at most once per second; `resync` means that everything must be read again',
    'x-sluice-callers': EVERYONE,
    parameters: [
      { name: 'Last-Event-ID', in: 'header', ...string, description: 'Continue after this message' },
      { name: 'lastEventId', in: 'query', ...string, description: 'The same, for clients that cannot set a header' },
    ],
    responses: {
      '200': { description: 'The data of each message', content: { 'text/event-stream': { schema: data } } },
      default: problem,
    },
  };
}

function describe(operation: Operation, components: Json): Json {
  const { parameters, body } = parametersOf(operation);
  const open = operation.callers === 'anybody';
  return {
    operationId: operation.id,
    summary: operation.summary,
    'x-sluice-callers': operation.callers,
    'x-sluice-calls-a-minute': budgetOf(operation),
    ...(open ? { security: [] } : {}),
    parameters: [
      ...parameters,
      ...(operation.creates === true ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
      ...(operation.id === logIn.id ? [{ $ref: '#/components/parameters/SluiceLogin' }] : []),
    ],
    ...(body
      ? {
          requestBody: {
            required: !body.safeParse({}).success,
            content: { 'application/json': { schema: schemaOf(body, 'input', components) } },
          },
        }
      : {}),
    responses: {
      [operation.creates === true ? '201' : '200']: {
        description: 'Done',
        content: { 'application/json': { schema: schemaOf(operation.output, 'output', components) } },
      },
      default: problem,
    },
  };
}

/** The OpenAPI 3.0 document of the API, generated from the operations. */
export function openApiDocument(): Json {
  const components: Json = {};
  schemaOf(Problem, 'output', components);
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    const path = `/api/v1${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation, components) };
  }
  paths[EVENTS_PATH] = { get: describeEvents(components) };
  return {
    openapi: '3.0.3',
    info: {
      title: 'Sluice',
      version: '1',
      description:
        'Brokered access to TCP services. Times are UTC, ISO 8601; errors are RFC 9457 problems; a 429 says in Retry-After when to try again.',
    },
    security: [{ token: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: components,
      parameters: {
        IdempotencyKey: {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', maxLength: 200 },
          description: 'A repeated request with the same key receives the first response',
        },
        SluiceLogin: {
          name: 'sluice-login',
          in: 'header',
          required: false,
          schema: { type: 'string', enum: ['cookie'] },
          description:
            'The token is set as a cookie that no script can read, and is not in the response; only for requests from the same origin',
        },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-sluice',
          description:
            'For browsers; over plain HTTP, which they may use only on their own machine, its name is `sluice-PORT`. Changes are accepted only from the same origin, according to `Origin` and `Sec-Fetch-Site`',
        },
      },
    },
  };
}
