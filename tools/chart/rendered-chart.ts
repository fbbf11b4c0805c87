import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = path.join(import.meta.dirname, '..', '..');

/** The folder of the chart. */
export const CHART = path.join(root, 'deploy', 'helm', 'sluice');
/** The values that are checked, by the name of their file. */
export const VALUES = readdirSync(path.join(CHART, 'ci')).map((file) => path.basename(file, '.yaml'));

/** How long a test that renders may take on a busy machine, in milliseconds. */
export const HELM_MS = 60_000;

/** Whether helm is here. It has no package of its own in npm; `.ci/run` brings it. */
export const hasHelm = (): boolean => {
  const { error, status } = spawnSync('helm', ['version'], { stdio: 'ignore', timeout: 60_000 });
  const found = error === undefined && status === 0;
  if (!found) console.log('skipped: there is no helm on the PATH');
  return found;
};

/** Runs helm in the folder of the chart. @returns what it printed @throws Error if it failed */
export const helm = (...args: string[]): string =>
  execFileSync('helm', args, { cwd: CHART, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });

/** What `helm install` says at its end. helm shows it only with a cluster, so a copy of the chart has it in an object. */
export function renderNotes(values: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-chart-'));
  try {
    cpSync(CHART, folder, { recursive: true });
    const notes = readFileSync(path.join(folder, 'templates', 'NOTES.txt'), 'utf8');
    rmSync(path.join(folder, 'templates', 'NOTES.txt'));
    writeFileSync(path.join(folder, 'templates', '_notes.tpl'), `{{- define "notes" -}}${notes}{{- end -}}`);
    writeFileSync(path.join(folder, 'templates', 'notes.yaml'), 'notes: {{ include "notes" . | toJson }}\n');
    const options = [
      '--namespace',
      'access',
      '--values',
      path.join('ci', `${values}.yaml`),
      '--show-only',
      'templates/notes.yaml',
    ];
    const text = helm('template', 'sluice', folder, ...options);
    return (parseAllDocuments(text)[0]?.toJS() as { notes: string }).notes;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One environment variable of a container. */
export interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Record<string, { name?: string; key?: string; fieldPath?: string }>;
}

/** One container of a pod, as far as it is checked. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: string[];
  readonly env?: Variable[];
  readonly ports?: { name?: string; containerPort: number; hostPort?: number }[];
  readonly resources?: Record<'requests' | 'limits', Record<string, string>>;
  readonly securityContext?: Record<string, unknown>;
  readonly lifecycle?: { preStop: { exec: { command: string[] } } };
  readonly volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  readonly [probe: `${string}Probe`]: { httpGet?: { port: string | number }; exec?: unknown } | undefined;
}

/** The volume of files that a pod mounts, by the Secret that has them. */
interface Source {
  readonly secret?: { name: string; items: { key: string; path: string }[] };
}

/** A pod. */
export interface Pod {
  readonly automountServiceAccountToken?: boolean;
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Record<string, unknown>;
  readonly containers: Container[];
  readonly initContainers?: Container[];
  readonly volumes?: { name: string; emptyDir?: { sizeLimit?: string }; projected?: { sources: Source[] } }[];
  readonly topologySpreadConstraints?: {
    topologyKey: string;
    labelSelector: { matchLabels: Labels };
    matchLabelKeys?: string[];
  }[];
}

/** Labels of an object. */
export type Labels = Record<string, string>;

/** One rule of a network policy. */
export interface PolicyRule {
  readonly from?: PolicyPeer[];
  readonly to?: PolicyPeer[];
  readonly ports?: { port: number; protocol: string }[];
}
/** One peer of such a rule. */
export interface PolicyPeer {
  readonly podSelector?: { matchLabels: Labels };
  readonly namespaceSelector?: { matchLabels?: Labels };
  readonly ipBlock?: { cidr: string };
}

/** An object of Kubernetes, as far as it is checked. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace?: string; labels?: Labels; annotations?: Labels };
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
  readonly rules?: { resources: string[]; verbs: string[]; resourceNames?: string[] }[];
  readonly spec?: {
    readonly type?: string;
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector?: { matchLabels: Labels } & Labels;
    readonly podSelector?: { matchLabels: Labels };
    readonly policyTypes?: string[];
    readonly ingress?: PolicyRule[];
    readonly egress?: PolicyRule[];
    readonly ports?: { name?: string; port: number; targetPort?: string | number; nodePort?: number }[];
    readonly template?: { metadata: { labels: Labels; annotations?: Labels }; spec: Pod };
  } & Partial<Pod>;
}

/** Renders the chart as `helm install sluice` would. @throws Error if a document has a key twice, or is not YAML */
export function render(values: string, ...set: string[]): Manifest[] {
  const options = [
    '--namespace',
    'access',
    '--values',
    path.join('ci', `${values}.yaml`),
    ...set.flatMap((one) => ['--set', one]),
  ];
  const documents = parseAllDocuments(helm('template', 'sluice', '.', ...options), { uniqueKeys: true });
  return documents.flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0] as Error;
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });
}

/** The pods of a rendering: those of workloads and Jobs, and the one of `helm test`. */
export const podsOf = (manifests: readonly Manifest[]): { name: string; component: string; labels: Labels; pod: Pod }[] =>
  manifests.flatMap(({ kind, metadata, spec }) => {
    const template =
      spec?.template ?? (kind === 'Pod' ? { metadata: { labels: metadata.labels ?? {} }, spec: spec as Pod } : undefined);
    if (template === undefined) return [];
    const { labels } = template.metadata;
    return [{ name: metadata.name, component: labels['app.kubernetes.io/component'] ?? '', labels, pod: template.spec }];
  });

/** The files that a pod finds below a folder of Secrets, by the Secret. */
export const filesOf = (pod: Pod): { secret: string; key: string; path: string }[] =>
  (pod.volumes ?? []).flatMap(({ projected }) =>
    (projected?.sources ?? []).flatMap(({ secret }) =>
      (secret?.items ?? []).map((item) => ({ secret: secret?.name ?? '', ...item })),
    ),
  );
