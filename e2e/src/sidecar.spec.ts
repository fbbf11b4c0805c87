import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort, stopChild } from '@sluice/embedded';
import { testFolder, type TestSystem, type TestUser } from '@sluice/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { carried } from './carried.js';
import { echo, Resource } from './resource.js';
import { sharedSystem } from './system.js';

const root = path.join(import.meta.dirname, '..', '..');

interface Container {
  readonly command: string[];
  readonly args: string[];
  readonly startupProbe: { readonly exec: { readonly command: string[] } };
}

let system: TestSystem;
let user: TestUser;
let resource: Resource;
let folder: string;
const agents: ChildProcess[] = [];

beforeAll(async () => {
  system = await sharedSystem();
  user = await system.addUser();
  resource = await Resource.serve(echo);
  folder = testFolder('sidecar');
});
afterAll(async () => {
  for (const agent of agents) await stopChild(agent, 'SIGTERM', 10_000);
  await user.leave();
  resource.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the commands of an example's container until its startup probe succeeds: the command on the PATH and the mounted password, as there. */
async function runUntilReady({ command, args, startupProbe }: Container, own: Record<string, string>): Promise<void> {
  const home = path.join(folder, String(agents.length));
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    path.join(bin, 'sluice'),
    `#!/bin/sh\nexec "${process.execPath}" "${path.join(root, 'apps', 'agent', 'bin', 'sluice.mjs')}" "$@"\n`,
  );
  chmodSync(path.join(bin, 'sluice'), 0o755);
  const env = {
    ...own,
    PATH: `${bin}:${process.env['PATH']}`,
    SLUICE_CONFIG_HOME: path.join(home, 'config'),
    SLUICE_SERVER: system.handle.url,
    SLUICE_EMAIL: user.email,
  };
  const here = (word: string) => word.replaceAll('/run/sluice/password', user.passwordFile);
  const run = ([file = '', ...rest]: string[]) => spawn(file, rest.map(here), { env, stdio: 'ignore' });
  agents.push(run([...command, ...args]));
  const probe = async () => (await once(run(startupProbe.exec.command), 'exit'))[0] as number | null;
  await expect.poll(probe, { timeout: 60_000, interval: 500 }).toBe(0);
}

async function expectRecord(server: Awaited<ReturnType<TestSystem['addServer']>>): Promise<void> {
  const [record] = await system.recordsWhen(server.id, (all) => all.some(({ state }) => state === 'final'));
  expect(record).toMatchObject({ bytesUp: 5, bytesDown: 5, sharedListener: true });
}

const example = (name: string) =>
  parseAllDocuments(readFileSync(path.join(root, 'deploy', 'examples', name), 'utf8'))[0]?.toJS() as {
    readonly spec: {
      readonly initContainers: Container[];
      readonly template: { readonly spec: { readonly containers: Container[] } };
    };
  };

it("has a server at 127.0.0.1 by the commands of the sidecar's own container, and is ready when it has", async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const [container] = example('agent-sidecar.yaml').spec.initContainers as [Container];
  await runUntilReady(container, { SLUICE_NAME: server.name });
  const socket = await carried(server.portOverride);
  socket.end();
  await once(socket, 'close');
  await expectRecord(server);
}, 120_000);

it("has a server at the pod's own address by the commands of the Deployment, at the port of its Service and not on loopback's", async () => {
  const server = await system.addServer(resource.port);
  await system.grant([user], [server]);
  const port = await freePort();
  const [container] = example('agent-deployment.yaml').spec.template.spec.containers as [Container];
  await runUntilReady(container, { SLUICE_NAME: server.name, SLUICE_PORT: String(port), POD_IP: '127.83.0.1' });
  const socket = await carried(port, '127.83.0.1');
  socket.end();
  await once(socket, 'close');
  await expectRecord(server);
  for (const elsewhere of [port, server.portOverride]) {
    const refused = connect(elsewhere, '127.0.0.1');
    expect(((await once(refused, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNREFUSED');
  }
}, 120_000);
