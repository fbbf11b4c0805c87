import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@sluice/embedded';
import type { Schemas } from '@sluice/sdk';
import { engineHasImages, testFolder } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
const MINUTES = 60_000;
const MOST = 64 * 1024 * 1024;

/** Debian's docker-compose, or the plugin; undefined if neither is installed. */
function composeCommand(): string[] | undefined {
  return [['docker-compose'], ['docker', 'compose']].find(([command, ...words]) => {
    try {
      execFileSync(command as string, [...words, 'version'], { stdio: 'ignore', timeout: 20_000 });
      return true;
    } catch {
      return false;
    }
  });
}

const compose = composeCommand();
const able = engineHasImages(['node:24-bookworm-slim']) && compose !== undefined;
if (!able) console.log('skipped: no container engine with the images, or no compose');

/** The system of `docker-compose.yml`, with the agent of this machine. */
describe.skipIf(!able)('the system from images', () => {
  const folder = testFolder('compose');
  const secrets = path.join(folder, 'secrets');
  const project = `sluice${process.pid}`;
  let env: NodeJS.ProcessEnv;
  let clientPort: number;

  const docker = async (...args: string[]): Promise<string> => {
    const [command, ...words] = compose as [string, ...string[]];
    const { stdout } = await run(command, [...words, '--project-name', project, ...args], {
      cwd: root,
      env,
      timeout: 15 * MINUTES,
      maxBuffer: MOST,
    });
    return stdout;
  };
  const sluice = async (...args: string[]): Promise<string> =>
    (await run(process.execPath, [path.join(root, 'apps', 'agent', 'bin', 'sluice.mjs'), ...args], { env, timeout: MINUTES }))
      .stdout;
  const psql = async (text: string, port: string | number = clientPort): Promise<string> => {
    const password = readFileSync(path.join(secrets, 'demo-password'), 'utf8').trim();
    const url = `host=127.0.0.1 port=${port} user=postgres dbname=postgres connect_timeout=10`;
    return (await run('psql', [url, '-Atc', text], { env: { ...env, PGPASSWORD: password }, timeout: MINUTES })).stdout.trim();
  };
  const records = async (): Promise<Schemas['AuditRecord'][]> =>
    JSON.parse(await sluice('audit', 'sessions', '--json')) as Schemas['AuditRecord'][];

  beforeAll(async () => {
    const [http, tunnel] = [await freePort(), await freePort()];
    env = {
      ...process.env,
      DOCKER_BUILDKIT: process.env['DOCKER_BUILDKIT'] ?? '0',
      SLUICE_SECRETS: secrets,
      SLUICE_HTTP_PORT: String(http),
      SLUICE_TUNNEL_PORT: String(tunnel),
      SLUICE_CONFIG_HOME: path.join(folder, 'agent'),
      NODE_EXTRA_CA_CERTS: path.join(secrets, 'bus-ca.pem'),
      NO_COLOR: '1',
    };
    await run('docker', ['build', '--target', 'setup', '-t', 'sluice-setup', '.'], {
      cwd: root,
      env,
      timeout: 10 * MINUTES,
      maxBuffer: MOST,
    });
    const mount = `${secrets}:/secrets`;
    await run('docker', ['run', '--rm', '--network', 'none', '-v', mount, 'sluice-setup', 'secrets', '/secrets', 'localhost'], {
      env,
    });
    await docker('up', '-d', '--build');
    await signIn(`https://localhost:${http}`);
    await sluice('admin', 'servers', 'add', 'tcp', 'demo', '--hostname', 'demo', '--port', '5432');
    await sluice('admin', 'roles', 'add', 'everyone');
    await sluice('admin', 'roles', 'grant', 'everyone', 'demo');
    await sluice('admin', 'roles', 'assign', 'everyone', 'admin@sluice.example');
    clientPort = await connectDemo();
  }, 20 * MINUTES);
  afterAll(async () => {
    await sluice('agent', 'stop').catch(() => undefined);
    await docker('down', '--volumes', '--timeout', '20');
    rmSync(folder, { recursive: true, force: true });
  }, 5 * MINUTES);

  async function signIn(server: string): Promise<void> {
    const password = path.join(secrets, 'admin-password');
    const attempt = () => sluice('login', '--server', server, '--email', 'admin@sluice.example', '--password-file', password);
    await eventually(attempt);
  }

  async function connectDemo(): Promise<number> {
    const { results } = JSON.parse(await sluice('connect', 'demo', '--json')) as { results: { address: string }[] };
    return Number(results[0]?.address.split(':').at(-1));
  }

  /** Tries until it works, for at most two minutes: what the system's parts start in is their own affair. */
  async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + 2 * MINUTES;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > deadline) {
          console.log(await docker('ps', '--all').catch(() => ''), await docker('logs', '--tail', '40').catch(() => ''));
          throw error;
        }
        await sleep(1000); // then it tries again: no event reports that a container serves
      }
    }
  }

  it('speaks TLS between its services and PostgreSQL', async () => {
    const connections = 'pg_stat_ssl join pg_stat_activity using (pid)';
    const question = `select usename, bool_and(ssl) from ${connections} where usename ~ '^sluice_' group by 1 order by 1`;
    const answer = await docker('exec', '-T', 'postgres', 'psql', '-U', 'sluice', '-Atc', question);
    expect(answer.trim().split('\n')).toEqual(['sluice_audit|t', 'sluice_registry|t']);
  });

  it('carries psql to the demo, and keeps its record', async () => {
    expect(await eventually(() => psql('select 6 * 7'))).toBe('42');
    const found = await eventually(async () => {
      const one = (await records()).find((record) => record.outcome === 'completed');
      if (!one) throw new Error('no record yet');
      return one;
    });
    // psql sends its termination message and exits; PostgreSQL ends as soon as it has received that
    const endReason = expect.stringMatching(/^(client|resource) closed$/) as string;
    expect(found).toMatchObject({ exactness: 'exact', endReason, resource: { name: 'demo' } });
  });

  it('runs every service as an unprivileged user, on a read-only file system', async () => {
    for (const service of ['registry', 'audit', 'health', 'gateway', 'relay']) {
      const look = `const fs=require('fs');let w='no';try{fs.writeFileSync('/sluice/x','x');w='yes'}catch{};console.log(process.getuid(),w,fs.readdirSync('/run').includes('secrets')?fs.readdirSync('/run/secrets').sort().join():'')`;
      const said = (await docker('exec', '-T', service, 'node', '-e', look)).trim().split(' ');
      expect(said.slice(0, 2), service).toEqual(['1000', 'no']);
      expect(said[2], service).toBe(SECRETS[service]);
    }
  });

  it('serves the agent over TLS, and its image carries connections', { timeout: 10 * MINUTES }, async () => {
    const server = `https://localhost:${env['SLUICE_HTTP_PORT']}`;
    const prefix = path.join(folder, 'installed');
    const url = `${server}/install/sluice-agent.tgz`;
    await run('npm', ['i', '-g', '--cafile', path.join(secrets, 'bus-ca.pem'), '--prefix', prefix, url], {
      env,
      timeout: MINUTES,
    });
    const { stdout: version } = await run(path.join(prefix, 'bin', 'sluice'), ['--version'], { env });

    const engine = async (...args: string[]) =>
      (await run('docker', args, { cwd: root, env, timeout: 10 * MINUTES, maxBuffer: MOST })).stdout;
    await engine('build', '--target', 'agent', '-t', 'sluice-agent', '.');
    expect(await engine('run', '--rm', 'sluice-agent', '--version')).toBe(version);
    const name = `${project}-agent`;
    const file = (secret: string) => ['--volume', `${path.join(secrets, secret)}:/${secret}:ro`];
    const options = [
      ...file('bus-ca.pem'),
      ...file('admin-password'),
      '--volume',
      `${name}:/config`,
      '--network',
      'host',
      '--read-only',
    ];
    const image = ['--env', 'NODE_EXTRA_CA_CERTS=/bus-ca.pem', 'sluice-agent'];
    try {
      const login = ['login', '--server', server, '--email', 'admin@sluice.example', '--password-file', '/admin-password'];
      await engine('run', '--rm', ...options, ...image, ...login);
      await engine('run', '--detach', '--name', name, ...options, ...image, 'agent', 'run', '--allow-user', 'any');
      const port = String(await freePort());
      await eventually(() => engine('exec', name, 'sluice', 'connect', 'demo', '--port', port));
      expect(await psql('select 7 * 6', port)).toBe('42');
    } finally {
      await engine('rm', '--force', '--volumes', name).catch(() => '');
      await engine('volume', 'rm', name).catch(() => '');
    }
  });

  it('is there again with all its state after it was stopped', async () => {
    const before = (await records()).map((record) => record.id);
    await docker('stop', '--timeout', '60');
    await docker('start');
    await eventually(async () => expect(await psql('select 1')).toBe('1'));
    const after = await eventually(records);
    expect(after.map((record) => record.id)).toEqual(expect.arrayContaining(before));
    expect(after.some((record) => record.endReason === 'relay lost')).toBe(false);
  });
});

/** Each container has its own secrets, and no other. */
const SECRETS: Record<string, string> = {
  registry: 'admin-password,bus-ca.pem,bus-readers.json,bus-registry.json,bus-relays-seed,ca-seal-key,registry-database-url',
  audit: 'audit-database-url,bus-audit.json,bus-ca.pem',
  health: 'bus-health.json',
  gateway: 'bus-gateway.json,gateway-key.pem,gateway.pem',
  relay: 'bus-ca.pem',
};
