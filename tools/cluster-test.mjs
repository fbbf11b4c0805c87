// `npm run cluster-test`: a Kubernetes of two nodes on this machine, the chart on it, and what pods that come and go do to connections.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { build } from './build.mjs';
import { isKept, keptCluster, removeCluster, startCluster } from './cluster-test/cluster.mjs';
import { eventually } from './cluster-test/eventually.mjs';
import { provideImages } from './cluster-test/images.mjs';
import { Installation, NAMESPACE } from './cluster-test/installation.mjs';
import { balance } from './cluster-test/load-balancer.mjs';
import { startNameServer } from './cluster-test/name-server.mjs';
import { programs as preparePrograms } from './cluster-test/programs.mjs';
import { loseNode } from './cluster-test/scenes/lose-node.mjs';
import { policies } from './cluster-test/scenes/policies.mjs';
import { query } from './cluster-test/scenes/query.mjs';
import { restartGateways, restartRelays, upgrade } from './cluster-test/scenes/replace.mjs';
import { scale } from './cluster-test/scenes/scale.mjs';
import { killNats, killPostgres } from './cluster-test/scenes/stores.mjs';
import { checkOutPrevious } from './neighbours/previous.mjs';
import { readOptions } from './read-options.mjs';

/** The scenes on an installation, in their order: what each is in the table, and what it does. */
const SCENES = {
  upgrade: ['`helm upgrade` of the previous release to this one', upgrade],
  query: ['`psql` through an agent outside the cluster', query],
  scale: ['`kubectl scale` of the relays from 1 to many, then to 2', scale],
  policies: ['network policies: connects between all pods', policies],
  relays: ['`kubectl rollout restart` of the relays', restartRelays],
  gateways: ['`kubectl rollout restart` of the gateways', restartGateways],
  nats: ['each server of NATS killed in turn', killNats],
  postgres: ['PostgreSQL killed', killPostgres],
  node: ['a node lost, and back', loseNode],
};
const USAGE = `usage: npm run cluster-test [-- OPTIONS]

Runs Kubernetes on this machine, installs the chart, and measures connections while pods come and go. It needs root, Go,
and a Docker engine that has the images of docker-compose.yml.

  --previous REF  the release that is upgraded to this one: the newest tag before this commit, else a fixed commit
  --relays N      how many relays it scales to (8)
  --rate N        connects a second (20)
  --held N        sessions that run while relays and gateways restart (200)
  --write         write the results into docs/kubernetes.md
  --keep          leave the cluster running at the end, and print how to reach it
  --only SCENES   these alone, on the cluster that --keep left if there is one: ${Object.keys(SCENES).join(',')}
                  (upgrade, which begins with the previous release, needs a cluster of its own)
  --remove        take away what --keep left, and do nothing else`;
/** The previous release while there is no tag: the last one whose authority could not be rotated. */
const BEFORE_THE_FIRST_TAG = '4004686371cbe14b3042fc50b93dea235a93f780';
const DOCUMENT = 'docs/kubernetes.md';
const RESULTS = /(<!-- results of the cluster test -->\n)[^]*?(<!-- end -->)/;

const boolean = { type: 'boolean', default: false };
const number = (value) => ({ type: 'string', default: value });
const options = readOptions('cluster-test', USAGE, {
  relays: number('8'),
  rate: number('20'),
  held: number('200'),
  write: boolean,
  keep: boolean,
  only: { type: 'string' },
  previous: { type: 'string' },
  remove: boolean,
});
const sizes = Object.fromEntries(['relays', 'rate', 'held'].map((name) => [name, Number(options[name])]));
const kept = options.only !== undefined && isKept();
const chosen = options.only?.split(',') ?? Object.keys(SCENES);
const problems = [
  ...Object.entries(sizes).flatMap(([name, value]) =>
    value >= 1 && Number.isInteger(value) ? [] : [`--${name} takes a whole number`],
  ),
  ...chosen.flatMap((name) => (name in SCENES ? [] : [`there is no scene ${name}`])),
  ...(options.only && options.write ? ['--write is for all scenes'] : []),
  ...(kept && chosen.includes('upgrade') ? ['the scene upgrade needs a cluster of its own: --remove the one that is kept'] : []),
];
if (problems.length > 0) {
  console.error(`cluster-test: ${problems.join('; ')}\n${USAGE}`);
  process.exit(2);
}
if (options.remove) {
  await removeCluster();
  process.exit(0);
}

const rows = [];
/** Runs a scene and keeps its row; one that fails does not keep the others from being shown. */
async function scene(what, run) {
  const begun = Date.now();
  const loads = [loadavg()[0]];
  const timer = setInterval(() => loads.push(loadavg()[0]), 10_000);
  let result;
  try {
    result = await run();
  } catch (error) {
    const [first] = error.message.split('\n');
    result = { shown: '', wrong: [`${first} ${error.stderr?.trim().split('\n').at(-1) ?? ''}`.trim()] };
  }
  clearInterval(timer);
  const seconds = Math.round((Date.now() - begun) / 1000);
  const load = [Math.min(...loads), Math.max(...loads)].map((value) => value.toFixed(0)).join(' to ');
  rows.push({ what, seconds, load, ...result });
  const verdict = result.wrong.length === 0 ? 'ok' : 'FAILED';
  console.log(`[${new Date().toISOString().slice(11, 19)}] ${verdict}  ${what} (${seconds} s, load ${load}): ${result.shown}`);
  for (const line of result.wrong) console.log(`  ${line}`);
  return result.wrong.length === 0;
}

/** Starts everything and installs the chart. @returns the installation, if it succeeded */
async function install(programs) {
  await build();
  const started = await scene('a cluster of two nodes', async () => {
    cluster = await startCluster(programs);
    const version = JSON.parse(await cluster.kubectl('version', '-o', 'json')).serverVersion.gitVersion;
    return { shown: `Kubernetes ${version}: both nodes ready`, wrong: [] };
  });
  if (!started) return undefined;
  await provideImages(programs, cluster.nodes, previous?.checkout);
  await startNameServer(cluster);
  const installation = new Installation(cluster, programs.helm);
  const installed = await scene('`helm install`, with the standard `restricted` enforced', async () => {
    await installation.install(previous?.checkout);
    stopBalancing = balance(cluster.control, cluster.kubectlCommand, NAMESPACE, cluster.nodes);
    await installation.settled();
    await installation.signIn();
    return {
      shown:
        'every object passes `kubectl apply --dry-run=server`; all pods ready, three servers of NATS, the administrator signs in',
      wrong: [],
    };
  });
  return installed ? installation : undefined;
}

const previous = chosen.includes('upgrade')
  ? checkOutPrevious(path.join(import.meta.dirname, '..'), options.previous, BEFORE_THE_FIRST_TAG)
  : undefined;
let ending;
const end = () =>
  (ending ??= (async () => {
    previous?.remove();
    if (!options.keep && !kept) await removeCluster();
  })());
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void Promise.resolve(end()).finally(() => process.exit(1)));
let cluster;
let stopBalancing;
try {
  const programs = preparePrograms();
  let installation;
  if (kept) {
    cluster = await keptCluster(programs);
    installation = new Installation(cluster, programs.helm);
    stopBalancing = balance(cluster.control, cluster.kubectlCommand, NAMESPACE, cluster.nodes);
    await eventually('the API answers', () => installation.nodes());
  } else installation = await install(programs);
  if (installation)
    for (const name of chosen) {
      const [what, run] = SCENES[name];
      await scene(what, () => run({ ...cluster, installation, sizes }));
    }
} finally {
  await stopBalancing?.();
  await end();
  if (options.keep)
    console.log(
      `kept: nsenter --net=/run/netns/sluice-control kubectl --kubeconfig ${cluster?.kubeconfig} ...; logs in ${cluster?.logs}`,
    );
}
const failed = rows.filter(({ wrong }) => wrong.length > 0).length;
const cells = rows.map(({ what, seconds, load, shown, wrong }) => [
  what,
  [shown, ...wrong.map((line) => `**${line}**`)].filter(Boolean).join('; '),
  `${seconds} s`,
  load,
]);
const heading = ['scene', 'measured', 'took', 'load'];
const table = [heading, heading.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
console.log(`\n${table}\n\n${rows.length - failed} passed, ${failed} failed`);
if (options.write) {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD']).toString().trim();
  const where = `On ${new Date().toISOString().slice(0, 10)}, at ${commit}, on ${availableParallelism()} cores`;
  const how = `upgraded from ${previous?.subject.split(' ')[0]}, ${sizes.relays} relays at most, ${sizes.rate} connects a second, ${sizes.held} sessions held`;
  writeFileSync(
    DOCUMENT,
    readFileSync(DOCUMENT, 'utf8').replace(RESULTS, (_, begin, close) => `${begin}\n${where}: ${how}.\n\n${table}\n\n${close}`),
  );
}
process.exit(failed > 0 ? 1 : 0);
