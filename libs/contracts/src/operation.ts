import { z } from 'zod';

/** What an account may be in the API. `anybody` needs no login. */
export const API_ROLES = ['administrator', 'auditor', 'user'] as const;
/** What an account may be in the API. */
export type ApiRole = (typeof API_ROLES)[number];

/** Who may call an operation. Own things are narrowed further by the service that owns them. */
export type Callers = readonly ApiRole[] | 'anybody';

export const ADMINISTRATORS = ['administrator'] as const;
export const READERS = ['administrator', 'auditor'] as const;
export const EVERYONE = ['administrator', 'auditor', 'user'] as const;

/** The services that answer operations. */
export type Owner = 'registry' | 'audit' | 'health';

/**
 * One thing that can be asked of Sluice. From this single definition follow the HTTP route, the NATS subject, the
 * check of who may call it, the OpenAPI document and the typed client.
 */
export interface Operation<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  /** `noun.verb`; also the last part of the NATS subject. */
  readonly id: string;
  readonly owner: Owner;
  readonly callers: Callers;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path under `/api/v1`, with `{name}` for path parameters; GET and DELETE take the rest as query, others as body. */
  readonly path: string;
  readonly input: I;
  readonly output: O;
  /** True where the HTTP answer is 201 and an `Idempotency-Key` makes a repeat give the first answer. */
  readonly creates?: boolean;
  /** True where the change may take access away: the answer waits a moment for the relays, and its `reach` says which of them have applied it. */
  readonly awaitsRelays?: boolean;
  /** Calls a minute, of one account or, where no login is needed, of one address. `budgetOf` has the default. */
  readonly budget?: number;
}

/** What an account or address may call in a minute, where an operation says nothing else: agents ask every five seconds, scripts of administrators in loops. */
const BUDGETS = { anybody: 600, everyone: 1200, administration: 30_000 } as const;

/** How often an operation may be called in a minute by one account, or, where no login is needed, from one address. */
export function budgetOf({ callers, budget }: Pick<Operation, 'callers' | 'budget'>): number {
  if (budget !== undefined) return budget;
  if (callers === 'anybody') return BUDGETS.anybody;
  return callers.includes('user') ? BUDGETS.everyone : BUDGETS.administration;
}

/** Declares an operation, keeping the types of its schemas. */
export const operation = <I extends z.ZodObject, O extends z.ZodType>(definition: Operation<I, O>): Operation<I, O> => definition;

/** What a caller passes. */
export type InputOf<T extends Operation> = z.infer<T['input']>;
/** What comes back. */
export type OutputOf<T extends Operation> = z.infer<T['output']>;

/** The subject on which an operation is answered. */
export const operationSubject = (of: Operation): string => `rpc.v1.${of.owner}.${of.id}`;

/** Schema of nothing. */
export const Nothing = z.object({}).meta({ id: 'Nothing' });

/** Query part of every list: how many, and where to go on. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional().meta({ description: 'nextCursor of the page before' }),
});

/** Bytes of items after which a page ends, so that an answer stays well under what a message of the bus may have. */
export const PAGE_BYTES = 512 * 1024;

/** Yes or no in a query. It is parsed where it enters, and again by the service that answers: what was parsed stays as it is. */
export const Truth = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());

/** A field of a query that may be given several times. One value of it arrives as a text, more as a list. */
export const several = <T extends z.ZodType<string>>(of: T, most: number) =>
  z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(of).max(most));

/** One page of a list. `nextCursor` is absent on the last one. */
export const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().optional() });

/** An id that Sluice gave. */
export const Id = z.uuid();
/** The version of an object that a change is based on. */
export const Version = z.coerce.number().int().min(1);
/** A moment, ISO 8601 in UTC. */
export const Moment = z.iso.datetime({ offset: true });
