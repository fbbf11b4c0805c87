// The images of the chart, built by the container engine of this machine and given to each node: nothing is pulled.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DNS_IMAGE } from './name-server.mjs';

const root = path.join(import.meta.dirname, '..', '..');
const SERVICES = ['registry', 'audit', 'health', 'gateway', 'relay'];
export const POSTGRES_IMAGE = 'sluice-test-postgres:18';
export const PAUSE_IMAGE = 'sluice-test-pause:1';
const versionOf = (checkout) => JSON.parse(readFileSync(path.join(checkout, 'package.json'), 'utf8')).version;
/** The version that this checkout is installed as: another one than that of any release. */
export const VERSION = `${versionOf(root)}-test`;

/**
 * Builds them and imports them into the nodes.
 * @param previous a checkout of the release that is upgraded, if one is: its images have its own version
 */
export async function provideImages(programs, nodes, previous) {
  const folder = mkdtempSync('/var/tmp/sluice-cluster-images-');
  try {
    const file = path.join(folder, 'images.tar');
    const ofPrevious = previous === undefined ? [] : buildServices(previous, versionOf(previous));
    docker('save', '-o', file, ...ofPrevious, ...buildServices(root, VERSION), ...buildOthers(programs, folder));
    for (const node of nodes) await node.ctr('images', 'import', file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const docker = (...args) => execFileSync('docker', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 1_200_000 });

/** Builds the images of the chart from a checkout. @returns their references */
const buildServices = (checkout, version) =>
  ['setup', ...SERVICES].map((name) => {
    const reference = `sluice-${name}:${version}`;
    const which = name === 'setup' ? ['--target', name] : ['--build-arg', `APP=${name}`];
    docker('build', ...which, '-t', reference, checkout);
    return reference;
  });

/** Builds the images that the test needs besides. @returns the references of all */
function buildOthers(programs, folder) {
  /** An image from a few lines, with files beside them. */
  const small = (reference, lines, files = {}) => {
    const context = mkdtempSync(path.join(folder, 'image-'));
    for (const [name, from] of Object.entries(files)) copyFileSync(from, path.join(context, name));
    writeFileSync(path.join(context, 'Dockerfile'), lines.join('\n'));
    docker('build', '-t', reference, context);
    return reference;
  };
  return [
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
