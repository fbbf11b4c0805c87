import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { hasHelm, HELM_MS, type Manifest, render, VALUES } from './rendered-chart.js';

const EXAMPLES = path.join(import.meta.dirname, '..', '..', 'deploy', 'examples');
/** The oldest release of Kubernetes that the chart allows, and the last three. */
const RELEASES = ['1.28', '1.35', '1.36', '1.37'];
/** The package kubernetes-validate, as pip left it, and definitions of operators (CRDs): `.ci/run` brings both. */
const { SLUICE_TEST_KUBERNETES: schemas = '', SLUICE_TEST_CRDS: definitions = '' } = process.env;

/** Whether a kind is defined by an operator: such objects are checked where the definitions are. */
const isDefined = ({ apiVersion }: Manifest) =>
  /^(gateway\.networking\.k8s\.io|cert-manager\.io|keda\.sh|monitoring\.coreos\.com|external-secrets\.io|postgresql\.cnpg\.io)\//.test(
    apiVersion,
  );

describe.skipIf(!hasHelm() || schemas === '')('the objects, by the schemas of Kubernetes', { timeout: 4 * HELM_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sluice-schemas-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What is wrong with objects, one line each. */
  const problemsOf = (manifests: readonly Manifest[], releases: readonly string[] = RELEASES): string[] => {
    const file = path.join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify(manifests));
    const program = path.join(import.meta.dirname, 'validate_objects.py');
    const said = execFileSync('python3', [program, file, definitions || folder, ...releases], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: schemas },
      maxBuffer: 2 ** 26,
    });
    return said.split('\n').filter(Boolean);
  };
  const known = (manifests: readonly Manifest[]) => manifests.filter((manifest) => definitions !== '' || !isDefined(manifest));

  it('are correct in the oldest release that the chart allows, and in the last three', () => {
    const autoscaled = render('production', 'relays[0].autoscaling.prometheus=http://prometheus:9090');
    const older = render('gateway-api', 'gateway.tunnel.gatewayApi.version=v1alpha2');
    const objects = [...VALUES.flatMap((values) => render(values)), ...autoscaled, ...older];
    const distinct = [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
    expect(distinct.length).toBeGreaterThan(120);
    expect(problemsOf(known(distinct))).toEqual([]);
  });

  it('and those of the examples are correct', () => {
    for (const file of readdirSync(EXAMPLES)) {
      const documents = parseAllDocuments(readFileSync(path.join(EXAMPLES, file), 'utf8'), { uniqueKeys: true });
      const objects = known(documents.map((document) => document.toJS() as Manifest));
      expect(problemsOf(objects, RELEASES.slice(1)), file).toEqual([]);
    }
  });

  it('would be reported if they were not', () => {
    const [first] = render('minimal').filter(({ kind }) => kind === 'Deployment');
    const spec = first?.spec;
    const broken = [
      { ...first, spec: { ...spec, replica: 2 } },
      { ...first, spec: { ...spec, replicas: '2' } },
      { ...first, apiVersion: 'apps/v1beta1' },
    ] as unknown as Manifest[];
    const problems = problemsOf(broken);
    expect(problems.filter((problem) => /'replica' was unexpected/.test(problem))).toHaveLength(RELEASES.length);
    expect(problems.filter((problem) => /'2' is not of type/.test(problem))).toHaveLength(RELEASES.length);
    expect(problems.filter((problem) => problem.includes('no schema of apps/v1beta1 Deployment'))).toHaveLength(RELEASES.length);
  });

  it.skipIf(definitions === '')('of operators would be reported too', () => {
    const [route] = render('gateway-api').filter(({ kind }) => kind === 'TCPRoute');
    const broken = [
      { ...route, spec: { ...route?.spec, hostnames: ['sluice.example.com'] } },
      { ...route, spec: { rules: [{ backendRefs: [{ name: 'x', port: 84430 }] }] } },
      { ...route, apiVersion: 'gateway.networking.k8s.io/v1beta1' },
    ] as unknown as Manifest[];
    const problems = problemsOf(broken, ['1.37']);
    for (const text of [
      "'hostnames' was unexpected",
      '84430 is greater than the maximum',
      'no schema of gateway.networking.k8s.io/v1beta1',
    ])
      expect(problems.filter((problem) => problem.includes(text))).toHaveLength(1);
  });
});
