import { isMoment } from '@sluice/domain';
import { z } from 'zod';

/** Roles of an account in the API. */
export const API_ROLES = ['administrator', 'auditor', 'user'] as const;
/** Role of an account in the API. */
export type ApiRole = (typeof API_ROLES)[number];

/** Who may call an operation; `anybody` needs no login. The service itself restricts callers to what they own. */
export type Callers = readonly ApiRole[] | 'anybody';

export const ADMINISTRATORS = ['administrator'] as const;
export const READERS = ['administrator', 'auditor'] as const;
export const EVERYONE = ['administrator', 'auditor', 'user'] as const;

/** The services that handle operations. */
export type Owner = 'registry' | 'audit' | 'health';

/**
 * An operation of the API. The HTTP route, the NATS subject, the check of the caller, the OpenAPI document and the typed client
 * all follow from this one definition.
 */
export interface Operation<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  /** `noun.verb`; also the last part of the NATS subject. */
  readonly id: string;
  readonly owner: Owner;
  readonly callers: Callers;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path under `/api/v1`, with `{name}` for path parameters. GET and DELETE take the other inputs from the query, other methods from the body. */
  readonly path: string;
  readonly input: I;
  readonly output: O;
  /** Whether the HTTP status is 201, and a repeated request with the same `Idempotency-Key` receives the first response. */
  readonly creates?: boolean;
  /** Whether the change may take access away: the response waits briefly for the relays, and its `reach` says which of them have applied it. */
  readonly awaitsRelays?: boolean;
  /** Calls per minute of one account or, if no login is needed, of one address. `budgetOf` has the default. */
  readonly budget?: number;
}

/** Default number of calls per minute of an account or address. Agents poll every five seconds; administrators' scripts call in loops. */
const BUDGETS = { anybody: 600, everyone: 1200, administration: 30_000 } as const;

/** How often an operation may be called per minute by one account or, if no login is needed, from one address. */
export function budgetOf({ callers, budget }: Pick<Operation, 'callers' | 'budget'>): number {
  if (budget !== undefined) return budget;
  if (callers === 'anybody') return BUDGETS.anybody;
  return callers.includes('user') ? BUDGETS.everyone : BUDGETS.administration;
}

/** Declares an operation and keeps the types of its schemas. */
export const operation = <I extends z.ZodObject, O extends z.ZodType>(definition: Operation<I, O>): Operation<I, O> => definition;

/** The input of an operation. */
export type InputOf<T extends Operation> = z.infer<T['input']>;
/** The output of an operation. */
export type OutputOf<T extends Operation> = z.infer<T['output']>;

/** The subject on which an operation is requested. */
export const operationSubject = (of: Operation): string => `rpc.v1.${of.owner}.${of.id}`;

/** The subjects of all operations of a service. */
export const operationsOf = (owner: Owner): string => `rpc.v1.${owner}.>`;

/** Schema of nothing. */
export const Nothing = z.object({}).meta({ id: 'Nothing' });

/** Query parameters of every list: the number of items, and where to continue. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional().meta({ description: 'nextCursor of the previous page' }),
});

/** Size of a page's items, in bytes, after which the page ends, so that a response stays well below the limit for messages of the bus. */
export const PAGE_BYTES = 512 * 1024;

/** A boolean in a query. It is parsed by the gateway and again by the service, so a value that was already parsed is accepted too. */
export const QueryBoolean = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());

/** A query parameter that may be given several times. A single value arrives as a string, several as a list. */
export const several = <T extends z.ZodType<string>>(of: T, max: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(of).max(max));

/** One page of a list. `nextCursor` is absent on the last one. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().optional() });

/** An id that Sluice assigned. */
export const Id = z.uuid();
/** The version of an object that a change is based on. */
export const Version = z.coerce.number().int().min(1);
/** What ISO 8601 allows and PostgreSQL does not: the year 0, and an offset of sixteen hours or more. */
const NOT_STORABLE = /^0000|[+-](1[6-9]|2\d):\d\d$/;
/** A point in time, ISO 8601. */
export const Moment = z.iso
  .datetime({ offset: true })
  .refine((text) => isMoment(Date.parse(text)) && !NOT_STORABLE.test(text), 'is a time of the years 1 to 9999');
