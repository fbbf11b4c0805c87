// `npm run cluster-test`: a Kubernetes of two nodes on this machine, the chart on it, and what pods that come and go do to connections.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from './build.mjs';
import { removeCluster, startCluster } from './cluster-test/cluster.mjs';
import { buildImages } from './cluster-test/images.mjs';
import { Installation } from './cluster-test/installation.mjs';
import { programs as preparePrograms } from './cluster-test/programs.mjs';
import { loseNode, query, restart, scale, upgrade } from './cluster-test/scenes.mjs';
import { readOptions } from './read-options.mjs';

const USAGE = `usage: npm run cluster-test [-- OPTIONS]

Runs Kubernetes on this machine, installs the chart, and measures connections while pods come and go. It needs root, Go,
and a Docker engine that has the images of docker-compose.yml.

  --write   write the results into docs/kubernetes.md
  --keep    leave the cluster running at the end, and print how to reach it
  --remove  take away what --keep left, and do nothing else`;
const DOCUMENT = 'docs/kubernetes.md';
const RESULTS = /(<!-- results of the cluster test -->\n)[^]*?(<!-- end -->)/;

const boolean = { type: 'boolean', default: false };
const options = readOptions('cluster-test', USAGE, { write: boolean, keep: boolean, remove: boolean });
if (options.remove) {
  await removeCluster();
  process.exit(0);
}

const rows = [];
/** Runs a scene and keeps its row; one that fails does not keep the others from being shown. */
async function scene(what, run) {
  const begun = Date.now();
  let result;
  try {
    result = await run();
  } catch (error) {
    result = { shown: '', wrong: [error.message.split('\n')[0]] };
  }
  const seconds = Math.round((Date.now() - begun) / 1000);
  rows.push({ what, seconds, ...result });
  console.log(
    `[${new Date().toISOString().slice(11, 19)}] ${result.wrong.length === 0 ? 'ok' : 'FAILED'}  ${what} (${seconds} s): ${result.shown}`,
  );
  for (const line of result.wrong) console.log(`  ${line}`);
  return result.wrong.length === 0;
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void removeCluster().finally(() => process.exit(1)));
let cluster;
let stopBalancing;
try {
  await build();
  const programs = preparePrograms();
  const archive = buildImages(programs);
  await scene('a cluster of two nodes', async () => {
    cluster = await startCluster(programs);
    for (const node of cluster.nodes) await node.ctr('images', 'import', archive.file);
    const version = JSON.parse(await cluster.kubectl('version', '-o', 'json')).serverVersion.gitVersion;
    return { shown: `Kubernetes ${version}: kubelet, containerd and kube-proxy on each`, wrong: [] };
  });
  rmSync(archive.folder, { recursive: true, force: true });
  const installation = cluster && new Installation(cluster, programs.helm);
  const installed = await scene('`helm install`, with the standard `restricted` enforced', async () => {
    stopBalancing = await installation.install();
    return {
      shown: 'every object passes `kubectl apply --dry-run=server`; all pods ready, the administrator signs in',
      wrong: [],
    };
  });
  if (installed) {
    const { client, nodes } = cluster;
    await scene('`psql` through an agent outside the cluster', () => query(installation));
    await scene('`kubectl scale` 1 → 8 → 2 relays', () => scale(installation, client));
    await scene('`kubectl rollout restart` of the relays', () =>
      restart(installation, client, 'deployment/sluice-relay-default', 'relay'),
    );
    await scene('`kubectl rollout restart` of the gateways', () =>
      restart(installation, client, 'statefulset/sluice-gateway', 'gateway'),
    );
    await scene('`helm upgrade` to other images', () => upgrade(installation, client, archive.nextTag));
    await scene('a node lost', () => loseNode(installation, client, nodes[1]));
  }
} finally {
  await stopBalancing?.();
  if (options.keep)
    console.log(
      `kept: nsenter --net=/run/netns/sluice-control kubectl --kubeconfig ${cluster?.kubeconfig} ...; logs in ${cluster?.logs}`,
    );
  else {
    await cluster?.client.remove();
    await removeCluster();
  }
}
const failed = rows.filter(({ wrong }) => wrong.length > 0).length;
const cells = rows.map(({ what, seconds, shown, wrong }) => [
  what,
  [shown, ...wrong.map((line) => `**${line}**`)].filter(Boolean).join('; '),
  `${seconds} s`,
]);
const table = [['scene', 'measured', 'took'], ['---', '---', '---'], ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
console.log(`\n${table}\n\n${rows.length - failed} passed, ${failed} failed`);
if (options.write) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim();
  const heading = `On ${new Date().toISOString().slice(0, 10)}, at ${commit}:\n\n`;
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, 'utf8').replace(RESULTS, (_, begin, end) => `${begin}\n${heading}${table}\n\n${end}`),
  );
}
process.exit(failed > 0 ? 1 : 0);
