import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { clusterNamed, nextPage, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice admin clusters ...`. */
export function addClusterCommands(admin: Command, signedIn: SignedIn): void {
  const clusters = admin.command('clusters').description('proxy clusters: workers for networks that others cannot reach');

  addCommand(clusters, 'add', { summary: 'add a proxy cluster', example: 'admin clusters add berlin' })
    .argument('<name>', 'its name')
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const cluster = await unwrap(signedIn().POST('/api/v1/clusters', { body: { name } }));
        out.done(cluster, `Added ${cluster.name}. Workers enrol with a key: sluice admin cluster-keys create "${cluster.name}"`);
      }),
    );

  addCommand(clusters, 'list', { summary: 'list proxy clusters by name', example: 'admin clusters list' }).action(
    (options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const all = await collect((cursor) => unwrap(api.GET('/api/v1/clusters', { params: { query: nextPage(cursor) } })));
        out.list(all, {
          head: ['CLUSTER', minor('WORKERS', 2), 'ONLINE', minor('SERVERS', 3), minor('CREATED', 4), whole('ID')],
          row: (c) => [c.name, c.workers, c.workersOnline, c.servers, showTime(c.createdAt), c.id],
          empty: 'There are no proxy clusters: servers are reached by the relays of the default cluster.',
          csv: ['id', 'version', 'name', 'workers', 'workersOnline', 'servers', 'createdAt'],
        });
      }),
  );

  addCommand(clusters, 'show', { summary: 'show a proxy cluster', example: 'admin clusters show berlin' })
    .argument('<name>', 'name or id of the cluster')
    .action((name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const cluster = await clusterNamed(signedIn(), name);
        out.value(cluster, () =>
          out.fields([
            ['Name', cluster.name],
            ['Workers', `${cluster.workers}, ${cluster.workersOnline} of them online`],
            ['Servers', cluster.servers],
            ['Created', showTime(cluster.createdAt)],
            ['Version', cluster.version],
            ['Id', cluster.id],
          ]),
        );
      }),
    );

  addCommand(clusters, 'rename', {
    summary: 'give a cluster another name; its workers, keys and servers stay',
    example: 'admin clusters rename berlin "Berlin 2"',
  })
    .argument('<cluster>', 'name or id of the cluster')
    .argument('<name>', 'its new name')
    .action((named: string, name: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const { id, version, name: before } = await clusterNamed(api, named);
        const cluster = await unwrap(api.PATCH('/api/v1/clusters/{id}', { params: { path: { id } }, body: { version, name } }));
        out.done(cluster, `The cluster ${before} is ${cluster.name} now.`);
      }),
    );

  addDangerousCommand(clusters, 'delete', {
    summary: 'delete a cluster with its keys; refused while servers or nodes use it',
    example: 'admin clusters delete berlin --yes',
  })
    .argument('<name>', 'name or id of the cluster')
    .action((named: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm }) => {
        const api = signedIn();
        const { id, version, name } = await clusterNamed(api, named);
        await confirm(options, () =>
          Promise.resolve(
            `Deleting the cluster ${name} cannot be undone, and deletes its keys: no more workers can enrol with them.`,
          ),
        );
        await unwrap(api.DELETE('/api/v1/clusters/{id}', { params: { path: { id }, query: { version } } }));
        out.done({ id, name, deleted: true }, `Deleted ${name}.`);
      }),
    );
}
