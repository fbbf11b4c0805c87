// The chart, installed as a user would, with stores on the first node and a server to connect to.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HOST_NAME } from './client.mjs';
import { eventually } from './eventually.mjs';
import { POSTGRES_IMAGE } from './images.mjs';
import { balance, giveAddresses } from './load-balancer.mjs';

const chart = path.join(import.meta.dirname, '..', '..', 'deploy', 'helm', 'sluice');
export const NAMESPACE = 'access';
export const RELAYS = 'deployment/sluice-relay-default';
/** Deadline of what still runs on a relay or gateway that stops. */
export const DRAIN_SECONDS = 40;
const ECHO_PORT = 7000;
const DATABASE_PASSWORD = 'demo';

/** What the test sets; everything else is as the chart has it. */
const VALUES = {
  host: HOST_NAME,
  images: { postgres: POSTGRES_IMAGE },
  gateway: { drainSeconds: DRAIN_SECONDS },
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

  /** Installs it and signs in. @returns what ends the load balancer */
  async install() {
    const { kubectl, folder, nodes, control, client } = this.#cluster;
    const prepared = path.join(folder, 'prepared.json');
    writeFileSync(prepared, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: prerequisites(nodes[0]) }));
    await kubectl('apply', '-f', prepared);
    await this.kubectl('apply', '--dry-run=server', '-f', await this.#rendered());
    const addresses = giveAddresses(kubectl, NAMESPACE);
    await this.helm('install', chart, '--values', this.#values);
    await addresses;
    const stop = balance(kubectl, NAMESPACE, control, nodes);
    await this.settled();
    await this.#signIn(client);
    return stop;
  }

  /** Upgrades to images of another tag. */
  upgrade(tag) {
    return this.helm('upgrade', chart, '--values', this.#values, '--set', `images.tag=${tag}`, '--set', 'relays[0].replicas=2');
  }

  async #rendered() {
    const file = path.join(this.#cluster.folder, 'rendered.yaml');
    writeFileSync(file, await this.helm('template', chart, '--values', this.#values));
    return file;
  }

  /** Waits until every workload has the pods that it should have, each ready, and no old ones. */
  settled(seconds = 480) {
    return eventually(
      'all pods are ready',
      async () => {
        const { items } = await this.json('deployments,statefulsets');
        const unready = items.filter(({ metadata, spec, status }) => {
          const { replicas = 0, readyReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = status;
          const all = [replicas, readyReplicas, updatedReplicas].every((count) => count === spec.replicas);
          return !all || observedGeneration !== metadata.generation;
        });
        if (items.length < 8 || unready.length > 0) throw new Error(unready.map(({ metadata }) => metadata.name).join(', '));
        return true;
      },
      seconds,
      1000,
    );
  }

  async #signIn(client) {
    const decoded = async (secret, key) => Buffer.from((await this.json('secret', secret)).data[key], 'base64');
    writeFileSync(client.file('ca.pem'), await decoded('sluice-ca', 'bus-ca.pem'));
    writeFileSync(client.file('admin-password'), await decoded('sluice-admin', 'admin-password'), { mode: 0o600 });
    const login = ['login', '--server', `https://${HOST_NAME}`, '--email', 'admin@sluice.example'];
    await eventually('the administrator signs in', () =>
      client.sluice(...login, '--password-file', client.file('admin-password')),
    );
    client.measure('echo', ECHO_PORT);
    const servers = { echo: [client.address, ECHO_PORT], database: ['database.demo.svc.cluster.local', 5432] };
    await client.sluice('admin', 'roles', 'add', 'everyone');
    await client.sluice('admin', 'roles', 'assign', 'everyone', 'admin@sluice.example');
    for (const [name, [host, port]] of Object.entries(servers)) {
      await client.sluice('admin', 'servers', 'add', 'tcp', name, '--hostname', host, '--port', String(port));
      await client.sluice('admin', 'roles', 'grant', 'everyone', name);
    }
    await this.relaysOnline(VALUES.relays[0].replicas);
  }

  /** Waits until the registry sees this many relays online. */
  relaysOnline(count) {
    return eventually(
      `${count} relays are online`,
      async () => {
        const nodes = JSON.parse(await this.#cluster.client.sluice('admin', 'nodes', 'list', '--json'));
        const online = nodes.filter(({ kind, state }) => kind === 'relay' && state === 'online').length;
        if (online !== count) throw new Error(`${online} are`);
        return true;
      },
      240,
      2000,
    );
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
    const url = `host=127.0.0.1 port=${await client.connect('database')} user=postgres dbname=postgres connect_timeout=10`;
    return (await client.run(['psql', url, '-Atc', text], { env: { ...process.env, PGPASSWORD: DATABASE_PASSWORD } })).trim();
  }
}

/** Namespaces, volumes for the stores, and a database that users connect to. */
function prerequisites(node) {
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
    namespace('demo'),
    volume(node, 'postgres', '20Gi'),
    volume(node, 'nats', '12Gi'),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'database', namespace: 'demo', labels },
      spec: { containers: [container], nodeSelector: { 'kubernetes.io/hostname': node.name } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'database', namespace: 'demo' },
      spec: { selector: labels, ports: [{ port: 5432 }] },
    },
  ];
}

function volume(node, store, storage) {
  const folder = path.join(node.volumes, store);
  mkdirSync(folder, { recursive: true });
  const here = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] }] }];
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: store },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path: folder },
      claimRef: { namespace: NAMESPACE, name: `data-sluice-${store}-0` },
      nodeAffinity: { required: { nodeSelectorTerms: here } },
    },
  };
}
