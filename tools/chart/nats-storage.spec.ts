import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasHelm, HELM_MS, podsOf, render } from './rendered-chart.js';

const root = path.join(import.meta.dirname, '..', '..');
const GIB = 1024 ** 3;

/** A variable of the Job that makes the secrets. */
const ofSetup = (name: string, ...set: string[]) =>
  podsOf(render('minimal', ...set))
    .find(({ component }) => component === 'secrets')
    ?.pod.containers[0]?.env?.find((variable) => variable.name === name)?.value ?? '';

describe.skipIf(!hasHelm())('the storage of NATS in the chart', { timeout: HELM_MS }, () => {
  it('is as large as the facts, the OCSF events and the policy may be', () => {
    const bytes = (...set: string[]) => Number(ofSetup('SLUICE_SETUP_JETSTREAM_BYTES', ...set));
    expect(bytes()).toBe(10 * GIB);
    expect(bytes('audit.streamBytes=75000000000', 'nats.storage=100Gi')).toBe(75_000_000_000 + 2 * GIB);
    expect(bytes('audit.env.SLUICE_AUDIT_OCSF_BYTES=4294967296', 'nats.storage=20Gi')).toBe(13 * GIB);
  });

  it.each([
    [['nats.storage=10Gi'], 'nats.storage is 10Gi, too small for audit.streamBytes (8589934592)'],
    [['nats.storage=11000000000'], 'at least 11Gi'],
    [['audit.streamBytes=75000000000'], 'at least 80Gi'],
    [['audit.env.SLUICE_AUDIT_OCSF_BYTES=4294967296'], 'at least 15Gi'],
  ])('fails with %s, and says how much is needed', (set, why) => {
    expect(() => render('minimal', ...set)).toThrow(why);
  });

  it('accepts any unit that is large enough, and asks nothing of a server that is not its own', () => {
    for (const storage of ['11Gi', '12G', '1Ti', '12000000000', '11811160064'])
      expect(() => render('minimal', `nats.storage=${storage}`), storage).not.toThrow();
    expect(() => render('production', 'audit.streamBytes=75000000000')).not.toThrow();
  });

  it('is the limit of the server that reads the configuration, and a change of it restarts the server', async () => {
    const { findNats } = await import('@sluice/embedded'); // what else imports it does so after a build
    const folder = mkdtempSync(path.join(tmpdir(), 'sluice-nats-storage-'));
    const annotations = (...set: string[]) =>
      render('minimal', ...set).find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'sluice-nats')?.spec
        ?.template?.metadata.annotations;
    const larger = ['audit.streamBytes=75000000000', 'nats.storage=100Gi'];
    expect(annotations(...larger)).not.toEqual(annotations());
    const env = { ...process.env, SLUICE_SETUP_JETSTREAM_BYTES: ofSetup('SLUICE_SETUP_JETSTREAM_BYTES', ...larger) };
    execFileSync(process.execPath, ['tools/setup.mjs', 'secrets', folder, 'nats'], { cwd: root, stdio: 'ignore', env });
    const config = readFileSync(path.join(folder, 'nats.conf'), 'utf8');
    writeFileSync(
      path.join(folder, 'here.conf'),
      config.replaceAll('/run/secrets', folder).replaceAll('/data/', `${folder}/`).replace('0.0.0.0:4222', '127.0.0.1:-1'),
    );
    const options = ['--config', path.join(folder, 'here.conf'), '--http_port', '-1', '--ports_file_dir', folder];
    const server = spawn(findNats(undefined).file, options, { stdio: 'ignore' });
    const ended = once(server, 'exit');
    try {
      const portsFile = () => readdirSync(folder).find((name) => name.endsWith('.ports'));
      await expect.poll(portsFile, { timeout: 15_000 }).toBeDefined();
      const ports = JSON.parse(readFileSync(path.join(folder, portsFile() ?? ''), 'utf8')) as { monitoring: string[] };
      const said = (await (await fetch(`${ports.monitoring[0]}/varz`)).json()) as {
        jetstream: { config: { max_storage: number } };
      };
      expect(said.jetstream.config.max_storage).toBe(75_000_000_000 + 2 * GIB);
    } finally {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is a number of bytes', () => {
    const env = { ...process.env, SLUICE_SETUP_JETSTREAM_BYTES: '10GiB' };
    const make = () =>
      execFileSync(process.execPath, ['tools/setup.mjs', 'secrets', path.join(tmpdir(), 'sluice-never-made')], {
        ...{ cwd: root, env, stdio: 'pipe' },
      });
    expect(make).toThrow('SLUICE_SETUP_JETSTREAM_BYTES is a number of bytes (it is "10GiB")');
  });
});
