import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasHelm, HELM_MS, type Manifest, render, VALUES } from './rendered-chart.js';

const root = path.join(import.meta.dirname, '..', '..');
/** Objects of others, which Kubernetes' own types do not have. */
const OF_OTHERS = ['cert-manager.io/v1', 'monitoring.coreos.com/v1', 'gateway.networking.k8s.io/v1'];

/** The module of `kubernetes-types` for a version such as `apps/v1`. A version that Kubernetes no longer has leads to no module. */
function moduleOf(apiVersion: string): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  return `kubernetes-types/${group.replace(/\..*/, '')}/${version}`;
}

/** Compiles each object as a constant of its kind's type: TypeScript rejects unknown fields, wrong types and missing ones. @returns its errors */
function compile(folder: string, manifests: readonly Manifest[]): string {
  const constants = manifests.map(
    (manifest, index) =>
      `export const object${index}: import('${moduleOf(manifest.apiVersion)}').${manifest.kind} = ${JSON.stringify(manifest, undefined, 1)};`,
  );
  writeFileSync(path.join(folder, 'objects.ts'), constants.join('\n'));
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
    '--types',
    'node',
  ];
  try {
    execFileSync(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '--ignoreConfig', ...options, path.join(folder, 'objects.ts')],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe.skipIf(!hasHelm())("the objects of the chart, by Kubernetes' types", { timeout: 4 * HELM_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(root, 'tools', 'chart', 'out-tsc-')); // in the checkout, where TypeScript finds the types
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are correct', () => {
    const manifests = VALUES.flatMap((values) => render(values)).filter(({ apiVersion }) => !OF_OTHERS.includes(apiVersion));
    expect(manifests.length).toBeGreaterThan(100);
    expect(compile(folder, manifests)).toBe('');
  });

  it('would be reported if they were not', () => {
    const [first] = render('minimal').filter(({ kind }) => kind === 'Deployment');
    const broken = [
      { ...first, spec: { ...first?.spec, replica: 2 } },
      { ...first, spec: { ...first?.spec, replicas: '2' } },
      { ...first, apiVersion: 'apps/v1beta1' },
      { ...first, spec: { replicas: 2, template: first?.spec?.template } },
    ] as unknown as Manifest[];
    const errors = compile(folder, broken);
    const expected = [
      'does not exist in type',
      "'string' is not assignable to type 'number'",
      'apps/v1beta1',
      "'selector' is missing",
    ];
    for (const text of expected) expect(errors).toContain(text);
  });
});
