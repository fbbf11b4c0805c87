import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRETS } from '../installation-secrets.mjs';
import { filesOf, hasHelm, HELM_MS, podsOf, render, VALUES } from './rendered-chart.js';

const root = path.join(import.meta.dirname, '..', '..');
/** The service that runs in the pods of each component, and its class of configuration. */
const SERVICES: Record<string, [string, string]> = {
  registry: ['registry', 'RegistryConfig'],
  audit: ['audit', 'AuditConfig'],
  health: ['health', 'HealthConfig'],
  api: ['gateway', 'GatewayConfig'],
  gateway: ['gateway', 'GatewayConfig'],
  relay: ['relay', 'RelayConfig'],
  export: ['export', 'ExportConfig'],
};
/** What the image itself sets. */
const OF_IMAGE = { SLUICE_OPERATIONS_ADDRESS: '0.0.0.0:9090', SLUICE_RELAY_HOME: '/data', SLUICE_EXPORT_HOME: '/data' };

/** The variables that docs/configuration.md has for a service. */
function documented(service: string): Set<string> {
  const text = readFileSync(path.join(root, 'docs', 'configuration.md'), 'utf8');
  const all = text.slice(text.indexOf('## Every service'));
  const everywhere = all.slice(0, all.indexOf('| service |')).match(/\b[A-Z][A-Z_]{4,}\b/g) ?? [];
  const rows = all.split('\n').filter((line) =>
    line
      .split('|')[1]
      ?.split(',')
      .some((name) => name.trim() === service),
  );
  const own = rows.flatMap((row) => {
    const names = row.split('|')[2]?.match(/\b[A-Z][A-Z_]{4,}\b/g) ?? [];
    return row.includes('`..._FILE`') ? [...names, ...names.map((name) => `${name}_FILE`)] : names;
  });
  return new Set([...everywhere, ...own, 'NODE_EXTRA_CA_CERTS']);
}

describe.skipIf(!hasHelm())('the environments in the chart', { timeout: HELM_MS }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-environment-'));
  beforeAll(() => {
    execFileSync(process.execPath, ['tools/setup.mjs', 'secrets', path.join(folder, 'all'), 'sluice.example.com'], { cwd: root });
  }, HELM_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(VALUES)('have only variables that the documentation has for the service, with %s', (values) => {
    for (const { name, component, pod } of podsOf(render(values))) {
      const [service] = SERVICES[component] ?? [];
      if (service === undefined) continue;
      const known = documented(service);
      const own = (pod.containers[0]?.env ?? []).filter((variable) => !/^(POD_NAME|POD_INDEX|HOST_ADDRESS)$/.test(variable.name));
      expect(
        own.map((variable) => variable.name).filter((variable) => !known.has(variable)),
        name,
      ).toEqual([]);
      expect(new Set(own.map((variable) => variable.name)).size, name).toBe(own.length);
    }
  });

  it.each(VALUES)(
    'name no volume itself as a folder of the process, which makes it its own and does not own a volume, with %s',
    (values) => {
      for (const { name, pod } of podsOf(render(values))) {
        const { env = [], volumeMounts = [] } = pod.containers[0] ?? {};
        const volumes = volumeMounts.map(({ mountPath }) => mountPath);
        expect(
          env.filter((variable) => /_HOME$/.test(variable.name) && volumes.includes(variable.value ?? '')),
          name,
        ).toEqual([]);
      }
    },
  );

  it.each(VALUES)('are accepted by the services themselves, with the files that the pod mounts, with %s', async (values) => {
    let checked = 0;
    for (const { name, component, pod } of podsOf(render(values))) {
      const [service, className] = SERVICES[component] ?? [];
      if (service === undefined || className === undefined) continue;
      const mounted = path.join(folder, values, name);
      mountSecrets(filesOf(pod), path.join(folder, 'all'), mounted);
      const env: Record<string, string> = { ...OF_IMAGE };
      for (const { name: variable, value, valueFrom } of pod.containers[0]?.env ?? [])
        env[variable] = (value ?? (valueFrom?.['secretKeyRef'] ? 'a token' : 'pod-0'))
          .replaceAll(/\$\((\w+)\)/g, (_, other: string) => env[other] ?? `$(${other})`)
          .replaceAll('/run/secrets', mounted);
      const module = (await import(path.join(root, 'apps', service, 'dist', 'config.js'))) as Record<
        string,
        new (environment: NodeJS.ProcessEnv) => object
      >;
      expect(() => new (module[className] as (typeof module)[string])(env), name).not.toThrow();
      checked += 1;
    }
    expect(checked).toBeGreaterThan(5);
  });
});

/** Lays out the files of Secrets as the kubelet does, from the folder that the set-up wrote. Secrets of others have any content. */
function mountSecrets(files: { secret: string; key: string; path: string }[], all: string, mounted: string): void {
  mkdirSync(mounted, { recursive: true });
  const renamed: Record<string, string> = {
    'tls.crt': 'gateway.pem',
    'tls.key': 'gateway-key.pem',
    'reader.creds': 'siem.creds',
  };
  const ours = new Set(Object.values(SECRETS as Record<string, string[]>).flat());
  for (const { key, path: file } of files.filter((one) => one.key === 'token'))
    writeFileSync(path.join(mounted, file), `a ${key}`);
  for (const { key, path: file } of files.filter((one) => one.key !== 'token'))
    copyFileSync(
      path.join(all, ours.has(key) || key in renamed ? (renamed[key] ?? key) : 'bus-ca.pem'),
      path.join(mounted, file),
    );
}
