import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { filesOf, hasHelm, HELM_MS, podsOf, render } from './rendered-chart.js';

const root = path.join(import.meta.dirname, '..', '..');

describe.skipIf(!hasHelm())('three servers of NATS in the chart', { timeout: HELM_MS }, () => {
  const manifests = hasHelm() ? render('minimal', 'nats.replicas=3') : []; // the tests below are collected in any case
  const nats = podsOf(manifests).find(({ component }) => component === 'nats');

  it('have a configuration that nats-server accepts, and a certificate with the names by which they reach each other', async () => {
    const { findNats } = await import('@sluice/embedded'); // what else imports it does so after a build
    const folder = mkdtempSync(path.join(tmpdir(), 'sluice-nats-chart-'));
    try {
      const job = podsOf(manifests).find(({ component }) => component === 'secrets');
      const hosts = (job?.pod.containers[0]?.args?.slice(3) ?? []).map((host) => host.replace('$(NAMESPACE)', 'access'));
      execFileSync(process.execPath, ['tools/setup.mjs', 'secrets', folder, ...hosts], { cwd: root, stdio: 'ignore' });
      const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'sluice-nats');
      const config = map?.data?.['cluster.conf'] ?? '';
      const certificate = new X509Certificate(readFileSync(path.join(folder, 'bus-server.pem')));
      const routes = [...config.matchAll(/tls:\/\/([^:]+):6222/g)].map(([, host = '']) => host);
      expect(routes).toEqual([0, 1, 2].map((n) => `sluice-nats-${n}.sluice-nats-routes`));
      for (const host of routes) expect(certificate.checkHost(host), host).toBe(host);
      const mounted = new Set(filesOf(nats?.pod as NonNullable<typeof nats>['pod']).map(({ path: file }) => file));
      for (const [, file = ''] of config.matchAll(/"\/run\/secrets\/([^"]+)"/g)) expect(mounted, file).toContain(file);
      writeFileSync(path.join(folder, 'cluster.conf'), config.replaceAll('/run/secrets', folder));
      const own = readFileSync(path.join(folder, 'nats.conf'), 'utf8');
      rmSync(path.join(folder, 'nats.conf'));
      writeFileSync(path.join(folder, 'nats.conf'), own.replaceAll('/run/secrets', folder).replaceAll('/data/', `${folder}/`));
      const env = { ...process.env, POD_NAME: 'sluice-nats-0' };
      const said = spawnSync(findNats(undefined).file, ['-t', '--config', path.join(folder, 'cluster.conf')], {
        env,
        encoding: 'utf8',
      });
      expect([said.status, said.stderr]).toEqual([0, expect.stringContaining('configuration file')]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('keep every stream and bucket at all of them, and are restarted one at a time', () => {
    expect(nats?.pod.containers[0]?.args).toContain('/run/secrets/cluster.conf');
    for (const component of ['registry', 'audit', 'health'])
      expect(podsOf(manifests).find((one) => one.component === component)?.pod.containers[0]?.env).toContainEqual({
        name: 'SLUICE_BUS_REPLICAS',
        value: '3',
      });
    expect(manifests.some(({ kind, metadata }) => kind === 'PodDisruptionBudget' && metadata.name === 'sluice-nats')).toBe(true);
    expect(() => render('minimal', 'nats.replicas=2')).toThrow('replicas');
  });
});
