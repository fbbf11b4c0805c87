import { collect, type Schemas, type SluiceClient, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import type { AgentConfig } from '../config.js';
import { printDone, printJson, printLine, printTable, showTime } from './output.js';
import { nextPage, signedIn } from './session.js';

type Run = (json: boolean, work: () => Promise<void>) => Promise<void>;
type Json = { json?: boolean };

/** Adds `sluice admin clusters ...`. */
export function addClusterCommands(admin: Command, config: AgentConfig, run: Run): void {
  const clusters = admin.command('clusters').description('proxy clusters: workers for networks that others cannot reach');
  clusters
    .command('add')
    .argument('<name>')
    .option('--json')
    .action((name: string, options: Json) =>
      run(options.json === true, async () => {
        const cluster = await unwrap(signedIn(config).POST('/api/v1/clusters', { body: { name } }));
        printDone(
          options.json,
          cluster,
          `Added ${cluster.name}. Workers enrol with a key: sluice admin cluster-keys create "${cluster.name}"`,
        );
      }),
    );
  clusters
    .command('list')
    .option('--json')
    .action((options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/clusters', { params: { query: nextPage(cursor) } })));
        if (options.json === true) return void printJson(all);
        printTable(
          ['CLUSTER', 'WORKERS', 'ONLINE', 'SERVERS', 'CREATED', 'ID'],
          all.map((c) => [c.name, c.workers, c.workersOnline, c.servers, showTime(c.createdAt), c.id]),
          'There are no proxy clusters: servers are reached by the relays of the default cluster.',
        );
      }),
    );
  clusters
    .command('delete')
    .argument('<name>')
    .description('delete a cluster with its keys; refused while servers or nodes use it')
    .option('--json')
    .action((name: string, options: Json) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const { id, version } = await clusterNamed(api, name);
        await unwrap(api.DELETE('/api/v1/clusters/{id}', { params: { path: { id }, query: { version } } }));
        printDone(options.json, { id, name, deleted: true }, `Deleted ${name}.`);
      }),
    );
}

/** Adds `sluice admin cluster-keys ...`. */
export function addClusterKeyCommands(admin: Command, config: AgentConfig, run: Run): void {
  const keys = admin.command('cluster-keys').description('keys with which workers enrol into a proxy cluster');
  keys
    .command('create')
    .argument('<cluster>')
    .description('make a key; several of a cluster live side by side')
    .option('--json')
    .action((proxyCluster: string, options: Json) =>
      run(options.json === true, async () => {
        const key = await unwrap(signedIn(config).POST('/api/v1/cluster-keys', { body: { proxyCluster } }));
        if (options.json === true) return void printJson(key);
        printLine(`Key ${key.id} of ${key.proxyCluster}, shown once; any number of workers start with it:`);
        printLine(`SLUICE_ENROLMENT_TOKEN=${key.key}`);
      }),
    );
  keys
    .command('list')
    .option('--cluster <name>', 'only those of one cluster')
    .option('--json')
    .action((options: Json & { cluster?: string }) =>
      run(options.json === true, async () => {
        const api = signedIn(config);
        const of = options.cluster === undefined ? {} : { proxyCluster: options.cluster };
        const all = await collect((cursor) =>
          unwrap(api.GET('/api/v1/cluster-keys', { params: { query: { ...nextPage(cursor), ...of } } })),
        );
        if (options.json === true) return void printJson(all);
        printTable(
          ['KEY', 'CLUSTER', 'CREATED', 'BY', 'LAST USED', 'REVOKED'],
          all.map((key) => [
            key.id,
            key.proxyCluster,
            showTime(key.createdAt),
            key.createdBy,
            showTime(key.lastUsedAt),
            showTime(key.revokedAt),
          ]),
          'There are no cluster keys.',
        );
      }),
    );
  keys
    .command('revoke')
    .argument('<key>', 'its id')
    .description('let nobody enrol with a key any more; workers that have enrolled stay')
    .option('--json')
    .action((id: string, options: Json) =>
      run(options.json === true, async () => {
        const key = await unwrap(signedIn(config).POST('/api/v1/cluster-keys/{id}/revoke', { params: { path: { id } } }));
        printDone(options.json, key, `Revoked ${id}.`);
      }),
    );
}

async function clusterNamed(api: SluiceClient, name: string): Promise<Schemas['ProxyCluster']> {
  const { items } = await unwrap(api.GET('/api/v1/clusters', { params: { query: { name, limit: 1 } } }));
  if (!items[0]) throw new Error(`there is no proxy cluster "${name}"`);
  return items[0];
}
