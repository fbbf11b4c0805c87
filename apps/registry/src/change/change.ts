import { createHash, randomUUID } from 'node:crypto';
import { type Operation, type OutputOf, type PolicyKind, ProblemError, type Reach } from '@sluice/contracts';
import { type Mutex, parseJson } from '@sluice/domain';
import type { Call } from '@sluice/messaging/nest';
import { openText, sealText } from '@sluice/identity';
import { Injectable } from '@nestjs/common';
import { Bus } from '@sluice/messaging';
import { DataSource, type EntityManager } from 'typeorm';
import { difference } from '../activity/difference.js';
import { RegistryConfig } from '../config.js';
import { PolicyReach } from '../presence/policy-reach.js';
import { announceObjects, type ChangedObject } from '../events/announce-objects.js';

/** Who makes a change: the caller's account or, without one, a node or the installation itself. */
export interface ChangeActor {
  readonly id: string;
  readonly email: string;
}

/** What an activity is about, with its name as it is at the time. */
export interface Named {
  readonly kind: string;
  readonly id: string;
  readonly name: string | null;
}

/** A change in progress. What it records and touches is committed together with it, or not at all. */
export interface Change {
  readonly tx: EntityManager;
  /** Records an activity: who did what, and what changed. The caller must leave out secrets. @param member the user or server that was added to the object or removed from it */
  record(verb: string, object: Named, before: unknown, after: unknown, member?: Named): Promise<void>;
  /** Names an object whose policy must be published again. */
  touch(kind: PolicyKind | 'cluster', id: string): Promise<void>;
}

/** Collects the effects of a change, for those who must be informed once it is committed. */
interface ChangeNotes {
  /** Receives the ids of the outbox rows, if the response waits until relays have applied them. */
  readonly awaited?: string[] | undefined;
  /** Receives the objects that were changed. */
  readonly changed?: ChangedObject[];
}

function changeIn(tx: EntityManager, actor: ChangeActor, requestId: string, { awaited, changed }: ChangeNotes): Change {
  return {
    tx,
    record: async (verb, object, was, is, member) => {
      const { before, after } = difference(was, is);
      const id = randomUUID();
      changed?.push({ kind: object.kind, id: object.id }, { kind: 'activity', id });
      await tx.query(
        `insert into activity (id, actor_id, actor_email, request_id, verb, object_kind, object_id, object_name, before, after,
                               member_kind, member_id, member_name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          ...[id, actor.id, actor.email, requestId, verb, object.kind, object.id, object.name, json(before), json(after)],
          ...[member?.kind, member?.id, member?.name].map((value) => value ?? null),
        ],
      );
    },
    touch: async (kind, id) => {
      const [row] = await tx.query<{ id: string }[]>(
        'insert into outbox (kind, object_id, awaited) values ($1, $2, $3) returning id',
        [kind, id, awaited !== undefined],
      );
      if (row) awaited?.push(row.id);
    },
  };
}

const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value));

/** Makes a change in a transaction of its own. */
export const makeChange = <T>(
  database: DataSource,
  actor: ChangeActor,
  requestId: string,
  work: (change: Change) => Promise<T>,
  notes: ChangeNotes = {},
): Promise<T> => database.transaction((tx) => work(changeIn(tx, actor, requestId, notes)));

/** Makes a change and rolls it back. Its connection is released, whatever fails. */
export async function previewChange<T>(
  database: DataSource,
  requestId: string,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const runner = database.createQueryRunner();
  try {
    await runner.startTransaction();
    try {
      return await work(changeIn(runner.manager, { id: 'nobody', email: '' }, requestId, {}));
    } finally {
      await runner.rollbackTransaction();
    }
  } finally {
    await runner.release();
  }
}

/** Makes all changes of the registry, each in one transaction together with what it records and touches. */
@Injectable()
export class Changes {
  constructor(
    private readonly database: DataSource,
    private readonly config: RegistryConfig,
    private readonly reach: PolicyReach,
    private readonly bus: Bus,
  ) {}

  /** Makes a change that no account asked for, or that needs no idempotency, and announces it to watchers. */
  async make<T>(actor: ChangeActor, requestId: string, work: (change: Change) => Promise<T>, awaited?: string[]): Promise<T> {
    const changed: ChangedObject[] = [];
    const result = await makeChange(this.database, actor, requestId, work, { awaited, changed });
    announceObjects(this.bus, changed);
    return result;
  }

  /** Makes a change for a caller and rolls it back, to show what it would do or why it is refused. */
  preview<T>(requestId: string, work: (change: Change) => Promise<T>): Promise<T> {
    return previewChange(this.database, requestId, work);
  }

  /**
   * Makes a change for a caller. If the operation creates something and the call has an idempotency key, a repeat of the same
   * request gets the first response, and a different request with the same key is rejected. If the operation may remove
   * access, the response waits a moment for the relays, and lists which of them have applied the change. With a `mutex` the
   * transaction runs under it.
   */
  async makeFor<T extends Operation>(
    operation: T,
    call: Call<T>,
    work: (change: Change) => Promise<OutputOf<T>>,
    mutex?: Mutex,
  ): Promise<OutputOf<T>> {
    const locked = <R>(transaction: () => Promise<R>): Promise<R> => mutex?.run(transaction) ?? transaction();
    const actor = { id: call.actor?.accountId ?? 'nobody', email: call.actor?.email ?? '' };
    if (operation.awaitsRelays === true) {
      const awaited: string[] = [];
      const result = await locked(() => this.make(actor, call.requestId, work, awaited)); // the mutex is free again while relays are awaited
      const reach: Reach = await this.reach.of(awaited);
      return { ...(result as object), reach } as OutputOf<T>;
    }
    const key = operation.creates === true ? call.idempotencyKey : undefined;
    const once = (change: Change): Promise<OutputOf<T>> =>
      key === undefined ? work(change) : this.workOnce(operation, { accountId: actor.id, key, input: call.input }, change, work);
    return locked(() => this.make(actor, call.requestId, once));
  }

  /** Does the work of a request, or returns the stored response if a request with the same idempotency key has done it. */
  private async workOnce<T extends Operation>(
    operation: T,
    { accountId, key, input }: { accountId: string; key: string; input: unknown },
    change: Change,
    work: (change: Change) => Promise<OutputOf<T>>,
  ): Promise<OutputOf<T>> {
    const hash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    await change.tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${accountId} ${operation.id} ${key}`]);
    const stored = await this.storedResponse(change.tx, operation, accountId, key, hash);
    if (stored !== undefined) return operation.output.parse(stored) as OutputOf<T>;
    const result = await work(change);
    const sealed = sealText(JSON.stringify(result), this.config.caSealKey); // a response may contain a secret that is shown only once
    await change.tx.query(
      'insert into idempotency (account_id, operation, key, request_hash, result_sealed) values ($1, $2, $3, $4, $5)',
      [accountId, operation.id, key, hash, sealed],
    );
    return result;
  }

  private async storedResponse(
    tx: EntityManager,
    operation: Operation,
    accountId: string,
    key: string,
    hash: string,
  ): Promise<unknown> {
    await tx.query("delete from idempotency where created_at < now() - interval '1 day'");
    const [stored] = await tx.query<{ request_hash: string; result_sealed: string }[]>(
      'select request_hash, result_sealed from idempotency where account_id = $1 and operation = $2 and key = $3',
      [accountId, operation.id, key],
    );
    if (stored && stored.request_hash !== hash) {
      throw new ProblemError(409, 'idempotency_key_reused', 'this Idempotency-Key was used for another request', {
        field: 'Idempotency-Key',
        value: key,
      });
    }
    return stored === undefined ? undefined : parseJson(openText(stored.result_sealed, this.config.caSealKey));
  }
}

/** The problem that an object has changed since the caller read it. */
export const versionConflict = (what: string, given: number, present: number): ProblemError =>
  new ProblemError(
    409,
    'version_conflict',
    `this ${what} has changed meanwhile: your change is based on version ${given}, but it is at version ${present}`,
    {
      field: 'version',
      value: String(given),
    },
  );
