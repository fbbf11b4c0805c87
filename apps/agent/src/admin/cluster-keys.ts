import { collect, unwrap } from '@sluice/sdk';
import type { Command } from 'commander';
import { nextPage, type SignedIn } from '../command/api.js';
import { addCommand, addDangerousCommand, type DangerousOptions, run } from '../command/command.js';
import { minor, whole } from '../terminal/fit-columns.js';
import type { OutputOptions } from '../terminal/output.js';
import { showTime } from '../terminal/show.js';

/** Adds `sluice admin cluster-keys ...`. */
export function addClusterKeyCommands(admin: Command, signedIn: SignedIn): void {
  const keys = admin.command('cluster-keys').description('keys with which any number of relays enrol into a cluster');

  addCommand(keys, 'create', {
    summary: 'make a key, which is shown once; a cluster may have several',
    example: 'admin cluster-keys create berlin',
  })
    .argument('<cluster>', 'name or id of the cluster, or `default`: the relays that are in no proxy cluster')
    .action((proxyCluster: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const key = await unwrap(signedIn().POST('/api/v1/cluster-keys', { body: { proxyCluster } }));
        out.done(key, `Key ${key.id} of ${key.proxyCluster}, shown once; any number of relays start with it:`);
        out.line(`SLUICE_ENROLMENT_TOKEN=${key.key}`);
      }),
    );

  addCommand(keys, 'list', {
    summary: 'list keys, newest first; never the keys themselves',
    example: 'admin cluster-keys list --cluster berlin',
  })
    .option('--cluster <name>', 'only those of one cluster, by its name or id, or `default`')
    .action((options: OutputOptions & { cluster?: string }) =>
      run(options, async ({ out }) => {
        const api = signedIn();
        const of = options.cluster === undefined ? {} : { proxyCluster: options.cluster };
        const all = await collect((cursor) =>
          unwrap(api.GET('/api/v1/cluster-keys', { params: { query: { ...nextPage(cursor), ...of } } })),
        );
        out.list(all, {
          head: [
            whole('KEY'),
            'CLUSTER',
            minor('CREATED', 4),
            minor('BY', 3),
            minor('LAST USED', 2),
            minor('AUTHORITY', 1),
            'REVOKED',
          ],
          row: (key) => [
            key.id,
            key.proxyCluster,
            showTime(key.createdAt),
            key.createdBy,
            showTime(key.lastUsedAt),
            key.authority,
            showTime(key.revokedAt),
          ],
          empty: 'There are no cluster keys.',
          csv: ['id', 'proxyCluster', 'createdAt', 'createdBy', 'lastUsedAt', 'authority', 'revokedAt'],
        });
      }),
    );

  addCommand(keys, 'show', {
    summary: 'show who made a key, and when it was used; never the key itself',
    example: 'admin cluster-keys show 0b7f6a52-8a65-4a30-8d7c-6c1d2a6f1f10',
  })
    .argument('<key>', 'id of the key, as `sluice admin cluster-keys list` shows it')
    .action((id: string, options: OutputOptions) =>
      run(options, async ({ out }) => {
        const key = await unwrap(signedIn().GET('/api/v1/cluster-keys/{id}', { params: { path: { id } } }));
        out.value(key, () =>
          out.fields([
            ['Cluster', key.proxyCluster],
            ['Created', showTime(key.createdAt)],
            ['By', key.createdBy],
            ['Last used', showTime(key.lastUsedAt)],
            ['Revoked', showTime(key.revokedAt)],
            ['Authority', key.authority],
            ['Id', key.id],
          ]),
        );
      }),
    );

  addDangerousCommand(keys, 'revoke', {
    summary: 'revoke a key, so that no more relays can enrol with it; enrolled relays stay',
    example: 'admin cluster-keys revoke 0b7f6a52-8a65-4a30-8d7c-6c1d2a6f1f10 --yes',
  })
    .argument('<key>', 'id of the key, as `sluice admin cluster-keys list` shows it')
    .action((id: string, options: DangerousOptions) =>
      run(options, async ({ out, confirm }) => {
        await confirm(options, () =>
          Promise.resolve(`Revoking the key ${id} cannot be undone: no more relays can enrol with it; enrolled relays stay.`),
        );
        const key = await unwrap(signedIn().POST('/api/v1/cluster-keys/{id}/revoke', { params: { path: { id } } }));
        out.done(key, `Revoked ${id}.`);
      }),
    );
}
