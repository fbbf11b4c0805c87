// The chart, installed as a user would, with stores on both nodes and a server to connect to.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HOST_NAME } from './client.mjs';
import { isReady } from './cluster.mjs';
import { eventually } from './eventually.mjs';
import { POSTGRES_IMAGE, VERSION } from './images.mjs';
import { giveAddresses } from './load-balancer.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const CHART = path.join('deploy', 'helm', 'sluice');
export const NAMESPACE = 'access';
/** Has a database that users connect to. */
export const OTHER_NAMESPACE = 'demo';
export const RELAYS = 'deployment/sluice-relay-default';
/** Deadline of what still runs on a relay or gateway that stops. */
export const DRAIN_SECONDS = 40;
export const ECHO_PORT = 7000;
const DATABASE_PASSWORD = 'demo';

/** What the test sets; everything else is as the chart has it. */
const VALUES = {
  host: HOST_NAME,
  images: { postgres: POSTGRES_IMAGE },
  gateway: { drainSeconds: DRAIN_SECONDS },
  nats: { replicas: 3 },
  audit: { env: { SLUICE_AUDIT_PRESUME_SECONDS: '60' } }, // after which the sessions of a relay that is lost are ended
  relays: [
    {
      name: 'default',
      cluster: 'default',
      replicas: 1,
      journal: 'ephemeral',
      drainSeconds: DRAIN_SECONDS,
      resources: { requests: { cpu: '50m', memory: '192Mi' }, limits: { cpu: '2', memory: '1536Mi' } },
    },
  ],
};
/** Which node has the volume of each store: a majority of NATS survives the loss of the second one. */
const STORES = { 'postgres-0': 0, 'nats-0': 0, 'nats-1': 0, 'nats-2': 1 };

export class Installation {
  #cluster;
  #values;
  #helm;

  constructor(cluster, helm) {
    this.#cluster = cluster;
    this.#helm = helm;
    this.#values = path.join(cluster.folder, 'values.json');
    writeFileSync(this.#values, JSON.stringify(VALUES));
  }

  /** kubectl in the namespace of the release. */
  kubectl = (...args) => this.#cluster.kubectl('-n', NAMESPACE, ...args);

  async json(...args) {
    return JSON.parse(await this.kubectl('get', ...args, '-o', 'json'));
  }

  helm(verb, ...args) {
    const command = [this.#helm, verb, 'sluice', ...args, '--namespace', NAMESPACE];
    return this.#cluster.control.run(command, { env: { ...process.env, KUBECONFIG: this.#cluster.kubeconfig } });
  }

  /** Installs it. @param previous a checkout of the release that is installed in place of this one, to be upgraded */
  async install(previous) {
    const { kubectl, folder, nodes } = this.#cluster;
    const prepared = path.join(folder, 'prepared.json');
    writeFileSync(prepared, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: prerequisites(nodes) }));
    await kubectl('apply', '-f', prepared);
    const chart = await this.#chart();
    const file = path.join(folder, 'rendered.yaml');
    writeFileSync(file, await this.helm('template', chart, '--values', this.#values));
    await this.kubectl('apply', '--dry-run=server', '-f', file);
    const addresses = giveAddresses(kubectl, NAMESPACE);
    await this.helm('install', previous === undefined ? chart : path.join(previous, CHART), '--values', this.#values);
    await addresses;
  }

  /** Upgrades the previous release to this one. */
  async upgrade() {
    await this.helm('upgrade', await this.#chart(), '--values', this.#values, '--timeout', '10m');
  }

  /** The chart of this checkout, with the version of its images. @returns the file */
  async #chart() {
    const { folder, control } = this.#cluster;
    const version = ['--version', VERSION, '--app-version', VERSION];
    await control.run([this.#helm, 'package', path.join(root, CHART), ...version, '--destination', folder]);
    return path.join(folder, `sluice-${VERSION}.tgz`);
  }

  /** Waits until every workload has the pods that it should have, each ready, and no old ones. @param but workloads that cannot */
  settled(seconds = 480, but = []) {
    return eventually(
      'all pods are ready',
      async () => {
        const { items } = await this.json('deployments,statefulsets');
        const counted = items.filter(({ metadata }) => !but.includes(metadata.name));
        const unready = counted.filter(({ metadata, spec, status }) => {
          const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = status;
          const all = [replicas, readyReplicas, updatedReplicas].every((count) => count === spec.replicas);
          return !all || observedGeneration !== metadata.generation;
        });
        if (items.length < 8 || unready.length > 0) {
          const names = unready.map(({ metadata }) => metadata.name);
          throw new Error([...names, ...(await this.#unreadyPods())].join(', '));
        }
        return true;
      },
      seconds,
      1000,
    );
  }

  /** Pods that are not ready, each with why. */
  async #unreadyPods() {
    const { items } = await this.json('pods');
    return items.flatMap(({ metadata, status }) => {
      const { conditions = [], containerStatuses = [], phase } = status;
      if (phase === 'Succeeded' || isReady({ status: { conditions } })) return [];
      const waiting = containerStatuses.flatMap(({ state }) => state.waiting?.reason ?? []);
      const messages = conditions.flatMap(({ status: is, message }) => (is === 'False' && message ? [message] : []));
      return [`${metadata.name} (${[phase, ...waiting, ...messages].join(': ')})`];
    });
  }

  /** Signs in, and adds the servers that the scenes connect to. */
  async signIn() {
    const { client } = this.#cluster;
    const decoded = async (secret, key) => Buffer.from((await this.json('secret', secret)).data[key], 'base64');
    writeFileSync(client.file('ca.pem'), await decoded('sluice-ca', 'bus-ca.pem'));
    writeFileSync(client.file('admin-password'), await decoded('sluice-admin', 'admin-password'), { mode: 0o600 });
    const login = ['login', '--server', `https://${HOST_NAME}`, '--email', 'admin@sluice.example'];
    await eventually('the administrator signs in', () =>
      client.sluice(...login, '--password-file', client.file('admin-password')),
    );
    client.serveEcho(ECHO_PORT);
    const servers = { echo: [client.address, ECHO_PORT], database: [`database.${OTHER_NAMESPACE}.svc.cluster.local`, 5432] };
    await client.sluice('admin', 'roles', 'add', 'everyone');
    await client.sluice('admin', 'roles', 'assign', 'everyone', 'admin@sluice.example');
    for (const [name, [host, port]] of Object.entries(servers)) {
      await client.sluice('admin', 'servers', 'add', 'tcp', name, '--hostname', host, '--port', String(port));
      await client.sluice('admin', 'roles', 'grant', 'everyone', name);
    }
    await client.sluice('admin', 'servers', 'update', 'echo', '--proxy-protocol', 'on');
    await this.relaysOnline(VALUES.relays[0].replicas);
  }

  /** Gateways and relays as the registry sees them. */
  async nodes() {
    return JSON.parse(await this.#cluster.client.sluice('admin', 'nodes', 'list', '--json'));
  }

  /** The sessions that would be cut if a gateway or relay were drained now. */
  async preview(node) {
    return JSON.parse(await this.#cluster.client.sluice('admin', 'nodes', 'drain', node, '--preview', '--json'));
  }

  /** Waits until the registry sees this many relays online. */
  relaysOnline(count) {
    return eventually(
      `${count} relays are online`,
      async () => {
        const online = (await this.nodes()).filter(({ kind, state }) => kind === 'relay' && state === 'online').length;
        if (online !== count) throw new Error(`${online} are`);
        return true;
      },
      240,
      2000,
    );
  }

  /** Waits until a component has this many pods, those that stop included. */
  onlyPods(component, count) {
    const selector = `app.kubernetes.io/component=${component}`;
    const all = async () => (await this.json('pods', '-l', selector)).items.length === count;
    return eventually(`${count} pods of ${component} are left`, all, DRAIN_SECONDS + 120, 2000);
  }

  /** Pods whose images are not of this checkout. @returns their names */
  async podsOfOtherReleases() {
    const { items } = await this.json('pods');
    const old = items.filter(({ spec, metadata }) => {
      const { image } = spec.containers[0];
      return !metadata.deletionTimestamp && /^sluice-(?!test|setup)/.test(image) && !image.endsWith(`:${VERSION}`);
    });
    return old.map(({ metadata }) => metadata.name);
  }

  /** Waits until a change of access is stored and published, so until PostgreSQL and NATS work for the registry. */
  changesWork() {
    const change = () => this.#cluster.client.sluice('admin', 'roles', 'add', `role-${Date.now()}`);
    return eventually('a role can be added', change, 120, 1000);
  }

  /** Sessions to the server `echo` since a moment. */
  async records(since) {
    const args = [
      'audit',
      'sessions',
      '--server',
      'echo',
      '--since',
      new Date(since).toISOString(),
      '--limit',
      '100000',
      '--json',
    ];
    return JSON.parse(await this.#cluster.client.sluice(...args));
  }

  async psql(text) {
    const { client } = this.#cluster;
    const url = `host=127.0.0.1 port=${await client.connect('database')} user=postgres dbname=postgres connect_timeout=45`;
    return (await client.run(['psql', url, '-Atc', text], { env: { ...process.env, PGPASSWORD: DATABASE_PASSWORD } })).trim();
  }
}

/** Namespaces, volumes for the stores, and a database that users connect to. */
function prerequisites(nodes) {
  const namespace = (name, labels = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  const labels = { app: 'database' };
  const container = {
    name: 'postgres',
    image: POSTGRES_IMAGE,
    env: [{ name: 'POSTGRES_PASSWORD', value: DATABASE_PASSWORD }],
    ports: [{ containerPort: 5432 }],
  };
  return [
    // `restricted` is enforced, so a pod that breaks the standard is rejected by the server
    namespace(NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' }),
    namespace(OTHER_NAMESPACE),
    ...Object.entries(STORES).map(([store, index]) => volume(nodes[index], store)),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'database', namespace: OTHER_NAMESPACE, labels },
      spec: { containers: [container], nodeSelector: { 'kubernetes.io/hostname': nodes[0].name } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'database', namespace: OTHER_NAMESPACE },
      spec: { selector: labels, ports: [{ port: 5432 }] },
    },
  ];
}

function volume(node, store) {
  const folder = path.join(node.volumes, store);
  mkdirSync(folder, { recursive: true });
  const here = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: store },
    spec: {
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path: folder },
      claimRef: { namespace: NAMESPACE, name: `data-sluice-${store}` },
      nodeAffinity: { required: { nodeSelectorTerms: here } },
    },
  };
}
