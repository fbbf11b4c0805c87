import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { SECRETS } from '../installation-secrets.mjs';
import { type Labels, type Manifest, type Pod, podsOf } from './rendered-chart.js';

const EXAMPLES = path.join(import.meta.dirname, '..', '..', 'deploy', 'examples');
const objectsOf = (file: string) =>
  parseAllDocuments(readFileSync(path.join(EXAMPLES, file), 'utf8'), { uniqueKeys: true }).map(
    (document) => document.toJS() as Manifest,
  );

describe('the examples', () => {
  it.each(readdirSync(EXAMPLES))('meet the restricted Pod Security standard, with limits and without secrets: %s', (file) => {
    const objects = objectsOf(file);
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const pods = objects.flatMap((object) =>
      object.kind === 'Pod' ? [object.spec as Pod] : podsOf([object]).map(({ pod }) => pod),
    );
    for (const pod of pods) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const kind of ['requests', 'limits'] as const)
          expect(Object.keys(container.resources?.[kind] ?? {}).sort()).toEqual(['cpu', 'memory']);
      }
    }
  });

  it('select the pods of the agent for a namespace by its Service, budget and policy, and let clients with the label in', () => {
    const objects = objectsOf('agent-deployment.yaml');
    const deployment = objects.find(({ kind }) => kind === 'Deployment');
    const labels = deployment?.spec?.template?.metadata.labels as Labels;
    const selectors = objects.map(
      ({ kind, spec }) => spec?.podSelector?.matchLabels ?? (kind === 'Service' ? spec?.selector : spec?.selector?.matchLabels),
    );
    expect(selectors).toEqual(objects.map(() => labels));
    const [{ ports, env } = { ports: [], env: [] }] = deployment?.spec?.template?.spec.containers ?? [];
    const service = objects.find(({ kind }) => kind === 'Service')?.spec?.ports;
    const policy = objects.find(({ kind }) => kind === 'NetworkPolicy')?.spec;
    expect(service).toMatchObject([{ targetPort: ports?.[0]?.name }]);
    expect(policy?.ingress?.[0]?.ports).toMatchObject([{ port: ports?.[0]?.containerPort }]);
    expect(env).toContainEqual({ name: 'SLUICE_PORT', value: String(ports?.[0]?.containerPort) });
  });

  it("give the registry's Secret exactly its keys, from a store", () => {
    const [registry] = objectsOf('external-secrets.yaml');
    const { data } = registry?.spec as unknown as { data: { secretKey: string }[] };
    expect(registry?.metadata.name).toBe('sluice-registry');
    expect(data.map(({ secretKey }) => secretKey)).toEqual((SECRETS as Record<string, string[]>)['registry']);
  });
});
