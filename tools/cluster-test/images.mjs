// The images of the chart, built by the container engine of this machine and given to each node: nothing is pulled.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DNS_IMAGE } from './name-server.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const SERVICES = ['registry', 'audit', 'health', 'gateway', 'relay'];
export const POSTGRES_IMAGE = 'sluice-test-postgres:18';
export const PAUSE_IMAGE = 'sluice-test-pause:1';
/** The version of the release, and of the one that it is upgraded to: the same programs in images that differ by a label. */
export const { version: VERSION } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
export const NEXT_VERSION = `${VERSION}-next`;

/** Builds them and imports them into the nodes. */
export async function provideImages(programs, nodes) {
  const folder = mkdtempSync('/var/tmp/sluice-cluster-images-');
  try {
    const file = path.join(folder, 'images.tar');
    docker('save', '-o', file, ...buildImages(programs, folder));
    for (const node of nodes) await node.ctr('images', 'import', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const docker = (...args) =>
  execFileSync('docker', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], timeout: 1_200_000 });

/** @returns the references of all */
function buildImages(programs, folder) {
  /** An image from a few lines, with files beside them. */
  const small = (reference, lines, files = {}) => {
    const context = mkdtempSync(path.join(folder, 'image-'));
    for (const [name, from] of Object.entries(files)) copyFileSync(from, path.join(context, name));
    writeFileSync(path.join(context, 'Dockerfile'), lines.join('\n'));
    docker('build', '-t', reference, context);
    return reference;
  };
  docker('build', '--target', 'setup', '-t', `sluice-setup:${VERSION}`, '.');
  for (const app of SERVICES) docker('build', '--build-arg', `APP=${app}`, '-t', `sluice-${app}:${VERSION}`, '.');
  const ours = ['setup', ...SERVICES].flatMap((name) => {
    const [is, next] = [VERSION, NEXT_VERSION].map((version) => `sluice-${name}:${version}`);
    return [is, small(next, [`FROM ${is}`, `LABEL sluice.release=${NEXT_VERSION}`])];
  });
  return [
    ...ours,
    small(PAUSE_IMAGE, ['FROM scratch', 'COPY pause /pause', 'USER 65535:65535', 'ENTRYPOINT ["/pause"]'], {
      pause: programs.pause,
    }),
    small(DNS_IMAGE, ['FROM scratch', 'COPY dns /dns', 'ENTRYPOINT ["/dns"]'], { dns: programs.dns }),
    // the chart runs PostgreSQL as user 70, as the official image names its own: an image of another origin may not know that user
    small(POSTGRES_IMAGE, [
      'FROM postgres:18-alpine',
      'RUN getent passwd 70 >/dev/null || echo "postgres70:x:70:70::/var/lib/postgresql:/bin/sh" >>/etc/passwd',
    ]),
    'nats:2.14-alpine',
  ];
}
